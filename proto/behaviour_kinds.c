/* behaviour_kinds.c -- see behaviour_kinds.h. */
#include "proto/behaviour_kinds.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/buf.h"
#include "proto/utf8.h"

const struct behaviour_kind *
behaviour_kinds_find(const struct behaviour_kinds *kinds, const char *name,
                     size_t n)
{
    for (uint32_t i = 0; i < kinds->n; i++)
        if (kinds->kind[i].len == n &&
            memcmp(kinds->kind[i].name, name, n) == 0)
            return &kinds->kind[i];
    return NULL;
}

bool behaviour_kinds_unknown(const struct behaviour_kinds *kinds,
                             const char *what, const char *also,
                             struct id name, struct fail *f)
{
    struct buf list = {0};
    char shown[64];
    utf8_printable(shown, sizeof shown, name.s, name.len);
    for (uint32_t i = 0; i < kinds->n && list.len < 120; i++)
        buf_printf(&list, "%s%s", i ? ", " : "", kinds->kind[i].name);
    fail_set(f, FAIL_unknown_event_type, "%s \"%s\" is not %sone of "
             "events.types: %.*s", what, shown, also, (int)list.len,
             list.p ? list.p : "");
    buf_release(&list);
    return false;
}

/* Exports call these events by other names than their kind's. */
static bool is_reserved(const char *s, size_t n)
{
    static const char *const words[] = {"rating", "metadata", "vector"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == n && memcmp(words[i], s, n) == 0)
            return true;
    return false;
}

static bool is_name(const char *s, size_t n)
{
    static const char bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz0123456789_-.";
    return n > 0 && n <= BEHAVIOUR_NAME_MAX && strspn(s, bytes) >= n &&
           !is_reserved(s, n);
}

/* A decimal number of n bytes and nothing else. */
static bool take_number(const char *s, size_t n, double *out)
{
    char copy[32], *end;
    if (n == 0 || n >= sizeof copy || strspn(s, "0123456789.eE+-") < n)
        return false;
    memcpy(copy, s, n);
    copy[n] = '\0';
    *out = strtod(copy, &end);
    return *end == '\0' && isfinite(*out);
}

/* One kind of n bytes.  NULL: it was taken; else what is wrong. */
static const char *take_kind(struct behaviour_kinds *kinds, const char *s,
                             size_t n)
{
    const char *end = s + n, *colon = memchr(s, ':', n);
    size_t name = colon ? (size_t)(colon - s) : n;
    if (!colon)
        return "is not name:weight or name:weight:full";
    if (!is_name(s, name))
        return "has a name that a kind of event may not have";
    if (behaviour_kinds_find(kinds, s, name))
        return "is there twice";
    if (kinds->n == BEHAVIOUR_KINDS_MAX)
        return "is one kind too many";
    struct behaviour_kind *k = &kinds->kind[kinds->n];
    *k = (struct behaviour_kind){.len = (uint32_t)name};
    memcpy(k->name, s, name);
    const char *weight = colon + 1;
    const char *second = memchr(weight, ':', (size_t)(end - weight));
    if (!take_number(weight, (size_t)((second ? second : end) - weight),
                     &k->weight) ||
        fabs(k->weight) > BEHAVIOUR_WEIGHT_MAX)
        return "has a weight that is not a number in -100..100";
    if (second &&
        (!take_number(second + 1, (size_t)(end - second - 1), &k->full) ||
         k->full <= 0))
        return "has a full value that is not a number above 0";
    kinds->n++;
    return NULL;
}

bool behaviour_kinds_set(struct behaviour_kinds *kinds, const char *text,
                         char error[BEHAVIOUR_ERROR_MAX])
{
    *kinds = (struct behaviour_kinds){.n = 0};
    for (const char *at = text; *at;) {
        size_t n = strcspn(at, ",");
        const char *wrong = take_kind(kinds, at, n);
        if (wrong) {
            char shown[128];
            utf8_printable(shown, sizeof shown, at, n);
            snprintf(error, BEHAVIOUR_ERROR_MAX, "\"%s\" %s", shown, wrong);
            return false;
        }
        at += n + (at[n] == ',');
    }
    return true;
}
