/* option.c -- the table of options as data, and one value at a time. */
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/config_internal.h"

struct spec {
    struct config_option public;
    size_t offset;
    double min, max;        /* REAL */
    int64_t least, most;    /* INT */
    const char *words;      /* ENUM */
};

#define AT(s, n) offsetof(struct config, s##_##n)
#define SPEC_STR(s, n, def, r, help)                                           \
    {{#s "." #n, #s, #n, CONFIG_TYPE_STR, def, "", r, help},                   \
     AT(s, n), 0, 0, 0, 0, NULL},
#define SPEC_INT(s, n, def, lo, hi, r, help)                                   \
    {{#s "." #n, #s, #n, CONFIG_TYPE_INT, #def, #lo ".." #hi, r, help},        \
     AT(s, n), 0, 0, lo, hi, NULL},
#define SPEC_REAL(s, n, def, lo, hi, r, help)                                  \
    {{#s "." #n, #s, #n, CONFIG_TYPE_REAL, #def, #lo ".." #hi, r, help},       \
     AT(s, n), lo, hi, 0, 0, NULL},
#define SPEC_ENUM(s, n, def, words, r, help)                                   \
    {{#s "." #n, #s, #n, CONFIG_TYPE_ENUM, def, words, r, help},               \
     AT(s, n), 0, 0, 0, 0, words},

static const struct spec specs[] = {
    OPTIONS(SPEC_STR, SPEC_INT, SPEC_REAL, SPEC_ENUM)
};
#define NSPECS (sizeof specs / sizeof *specs)

const struct config_option *config_options(size_t *n)
{
    static struct config_option list[NSPECS];
    for (size_t i = 0; i < NSPECS; i++)
        list[i] = specs[i].public;
    *n = NSPECS;
    return list;
}

/* ---- names ------------------------------------------------------------- */

static bool same(const char *option, const char *name, bool upper)
{
    if (!upper)
        return strcmp(option, name) == 0;
    for (; *option && *name; option++, name++) {
        char c = *option == '.' ? '_' : *option;
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if (c != *name)
            return false;
    }
    return *option == *name;
}

int option_find(const char *name, bool upper)
{
    for (size_t i = 0; i < NSPECS; i++)
        if (same(specs[i].public.name, name, upper))
            return (int)i;
    return -1;
}

static unsigned distance(const char *a, const char *b)
{
    unsigned row[64];
    size_t n = strlen(a), m = strlen(b);
    if (m >= 64)
        return 64;
    for (size_t j = 0; j <= m; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            unsigned best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            best = row[j] + 1 < best ? row[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            row[j] = best;
        }
    }
    return row[m];
}

void option_unknown(const char *name, const char *where,
                    char error[CONFIG_ERROR_MAX])
{
    unsigned best = 6;
    const char *near = NULL;
    for (size_t i = 0; i < NSPECS; i++) {
        unsigned d = distance(name, specs[i].public.name);
        const char *key = strchr(name, '.');
        if (key && strcmp(key + 1, specs[i].public.key) == 0)
            d = 1; // the right name in the wrong section
        if (d < best) {
            best = d;
            near = specs[i].public.name;
        }
    }
    snprintf(error, CONFIG_ERROR_MAX, near
             ? "%s: there is no option %.100s; did you mean %s?"
             : "%s: there is no option %.100s (freshet help options lists "
               "them)", where, name, near);
}

/* ---- values ------------------------------------------------------------ */

static bool refuse(const struct spec *s, const char *text, const char *where,
                   char error[CONFIG_ERROR_MAX])
{
    const char *what = s->public.type == CONFIG_TYPE_INT ? "a whole number"
                     : s->public.type == CONFIG_TYPE_REAL ? "a number"
                                                          : "one of";
    snprintf(error, CONFIG_ERROR_MAX, "%s: %s is %s %s%s, not \"%.80s\"",
             where, s->public.name, what,
             s->public.type == CONFIG_TYPE_ENUM ? "" : "in ",
             s->public.range, text);
    return false;
}

static bool set_int(const struct spec *s, const char *text, void *at)
{
    char *end;
    errno = 0;
    long long v = strtoll(text, &end, 10);
    if (end == text || *end || errno || v < s->least || v > s->most)
        return false;
    *(int64_t *)at = v;
    return true;
}

static bool set_real(const struct spec *s, const char *text, void *at)
{
    char *end;
    errno = 0;
    double v = strtod(text, &end);
    if (end == text || *end || !isfinite(v) || v < s->min || v > s->max)
        return false;
    *(double *)at = v;
    return true;
}

static bool set_enum(const struct spec *s, const char *text, void *at)
{
    size_t len = strlen(text);
    int i = 0;
    for (const char *w = s->words; *w; i++) {
        size_t n = strcspn(w, "|");
        if (n == len && memcmp(w, text, n) == 0) {
            *(int *)at = i;
            return true;
        }
        w += n + (w[n] == '|');
    }
    return false;
}

bool option_set(struct config *cfg, int i, const char *text, const char *where,
                char error[CONFIG_ERROR_MAX])
{
    const struct spec *s = &specs[i];
    void *at = (char *)cfg + s->offset;
    bool ok = true;
    switch (s->public.type) {
    case CONFIG_TYPE_STR:
        if (strlen(text) >= CONFIG_STR_MAX) {
            snprintf(error, CONFIG_ERROR_MAX, "%s: %s is too long", where,
                     s->public.name);
            return false;
        }
        memcpy(at, text, strlen(text) + 1);
        return true;
    case CONFIG_TYPE_INT:
        ok = set_int(s, text, at);
        break;
    case CONFIG_TYPE_REAL:
        ok = set_real(s, text, at);
        break;
    case CONFIG_TYPE_ENUM:
        ok = set_enum(s, text, at);
        break;
    }
    return ok || refuse(s, text, where, error);
}

void config_print(const struct config *cfg, const struct config_option *opt,
                  char *buf, size_t size)
{
    const struct spec *s = &specs[option_find(opt->name, false)];
    const void *at = (const char *)cfg + s->offset;
    switch (opt->type) {
    case CONFIG_TYPE_STR:
        snprintf(buf, size, "%s", (const char *)at);
        break;
    case CONFIG_TYPE_INT:
        snprintf(buf, size, "%lld", (long long)*(const int64_t *)at);
        break;
    case CONFIG_TYPE_REAL:
        snprintf(buf, size, "%.15g", *(const double *)at);
        break;
    case CONFIG_TYPE_ENUM: {
        const char *w = s->words;
        for (int i = *(const int *)at; i > 0; i--)
            w += strcspn(w, "|") + 1;
        snprintf(buf, size, "%.*s", (int)strcspn(w, "|"), w);
        break;
    }
    }
}
