/* option.c -- the table of options as data, and one value at a time. */
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config_internal.h"

/* Twice from the one list: what anybody may see, and what setting needs. */
#define PUBLIC_STR(s, n, def, r, help)                                         \
    {#s "." #n, #s, #n, CONFIG_TYPE_STR, def, "", r, help},
#define PUBLIC_INT(s, n, def, lo, hi, r, help)                                 \
    {#s "." #n, #s, #n, CONFIG_TYPE_INT, #def, #lo ".." #hi, r, help},
#define PUBLIC_REAL(s, n, def, lo, hi, r, help)                                \
    {#s "." #n, #s, #n, CONFIG_TYPE_REAL, #def, #lo ".." #hi, r, help},
#define PUBLIC_ENUM(s, n, def, words, r, help)                                 \
    {#s "." #n, #s, #n, CONFIG_TYPE_ENUM, def, words, r, help},

static const struct config_option options[] = {
    OPTIONS(PUBLIC_STR, PUBLIC_INT, PUBLIC_REAL, PUBLIC_ENUM)
};
#define NOPTIONS (sizeof options / sizeof *options)

struct place {
    size_t offset, size;    /* in struct config */
    int64_t least, most;    /* INT */
    double min, max;        /* REAL */
};

#define AT(s, n) offsetof(struct config, s##_##n),                             \
                 sizeof ((struct config *)0)->s##_##n
#define PLACE_STR(s, n, def, r, help)          {AT(s, n), 0, 0, 0, 0},
#define PLACE_INT(s, n, def, lo, hi, r, help)  {AT(s, n), lo, hi, 0, 0},
#define PLACE_REAL(s, n, def, lo, hi, r, help) {AT(s, n), 0, 0, lo, hi},
#define PLACE_ENUM(s, n, def, words, r, help)  {AT(s, n), 0, 0, 0, 0},

static const struct place places[] = {
    OPTIONS(PLACE_STR, PLACE_INT, PLACE_REAL, PLACE_ENUM)
};

const struct config_option *config_options(size_t *n)
{
    *n = NOPTIONS;
    return options;
}

/* ---- names ------------------------------------------------------------- */

static void spell(const char *option, enum option_form form,
                  char out[OPTION_NAME_MAX])
{
    const char *head = form == OPTION_FLAG ? "--"
                     : form == OPTION_ENV  ? "FRESHET_" : "";
    snprintf(out, OPTION_NAME_MAX, "%s%s", head, option);
    for (char *c = out; form == OPTION_ENV && *c; c++) {
        if (*c == '.')
            *c = '_';
        else if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
    }
}

int option_find(const char *name, enum option_form form)
{
    char spelled[OPTION_NAME_MAX];
    for (size_t i = 0; i < NOPTIONS; i++) {
        spell(options[i].name, form, spelled);
        if (strcmp(spelled, name) == 0)
            return (int)i;
    }
    return -1;
}

/* Insertions, removals and replacements from a to b (Levenshtein). */
static unsigned distance(const char *a, const char *b)
{
    unsigned row[OPTION_NAME_MAX];
    size_t n = strlen(a), m = strlen(b);
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

/* Nearest to `name`, if any is near enough to be meant. */
static bool nearest(const char *name, enum option_form form,
                    char out[OPTION_NAME_MAX])
{
    char other[OPTION_NAME_MAX];
    const char *key = strchr(name, '.');
    unsigned best = 6;
    for (size_t i = 0; i < NOPTIONS; i++) {
        spell(options[i].name, form, other);
        unsigned d = distance(name, other);
        if (key && strcmp(key + 1, options[i].key) == 0)
            d = 1; // the right name in the wrong section
        if (d < best) {
            best = d;
            memcpy(out, other, sizeof other);
        }
    }
    return best < 6;
}

bool option_unknown(const char *name, enum option_form form, const char *where,
                    char error[CONFIG_ERROR_MAX])
{
    char near[OPTION_NAME_MAX];
    if (nearest(name, form, near))
        snprintf(error, CONFIG_ERROR_MAX, "%.120s: there is no option %.100s; "
                 "did you mean %s?", where, name, near);
    else
        snprintf(error, CONFIG_ERROR_MAX, "%.120s: there is no option %.100s "
                 "(freshet help options lists them)", where, name);
    return false;
}

/* ---- values ------------------------------------------------------------ */

static bool set_int(const struct place *p, const char *text, void *at)
{
    char *end;
    errno = 0;
    long long v = strtoll(text, &end, 10);
    if (end == text || *end || errno || v < p->least || v > p->most)
        return false;
    *(int64_t *)at = v;
    return true;
}

static bool set_real(const struct place *p, const char *text, void *at)
{
    char *end;
    double v = strtod(text, &end);
    if (end == text || *end || !isfinite(v) || v < p->min || v > p->max)
        return false;
    *(double *)at = v;
    return true;
}

static bool set_enum(const char *words, const char *text, void *at)
{
    size_t len = strlen(text);
    for (int i = 0; *words; i++) {
        size_t n = strcspn(words, "|");
        if (n == len && memcmp(words, text, n) == 0) {
            *(int *)at = i;
            return true;
        }
        words += n + (words[n] == '|');
    }
    return false;
}

bool option_set(struct config *cfg, int i, const char *text, const char *where,
                char error[CONFIG_ERROR_MAX])
{
    const struct config_option *o = &options[i];
    void *at = (char *)cfg + places[i].offset;
    const char *what = "";
    bool ok = true;
    switch (o->type) {
    case CONFIG_TYPE_STR:
        ok = strlen(text) < CONFIG_STR_MAX;
        if (ok)
            memcpy(at, text, strlen(text) + 1);
        what = "at most 1023 bytes long";
        break;
    case CONFIG_TYPE_INT:
        ok = set_int(&places[i], text, at);
        what = "a whole number in ";
        break;
    case CONFIG_TYPE_REAL:
        ok = set_real(&places[i], text, at);
        what = "a number in ";
        break;
    case CONFIG_TYPE_ENUM:
        ok = set_enum(o->range, text, at);
        what = "one of ";
        break;
    }
    if (!ok)
        snprintf(error, CONFIG_ERROR_MAX, "%.120s: %s must be %s%s, not "
                 "\"%.80s\"", where, o->name, what, o->range, text);
    return ok;
}

void option_copy(struct config *to, const struct config *from, int i)
{
    memcpy((char *)to + places[i].offset,
           (const char *)from + places[i].offset, places[i].size);
}

bool option_equal(const struct config *a, const struct config *b, int i)
{
    const void *x = (const char *)a + places[i].offset;
    const void *y = (const char *)b + places[i].offset;
    if (options[i].type == CONFIG_TYPE_STR)
        return strcmp(x, y) == 0;
    return memcmp(x, y, places[i].size) == 0;
}

/* A text that reads back as the same number, as short as people write it: 0.1,
 * not 0.10000000000000001. */
static void print_real(double v, char *buf, size_t size)
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(buf, size, "%.*g", digits, v);
        if (strtod(buf, NULL) == v)
            return;
    }
}

void config_print(const struct config *cfg, const struct config_option *opt,
                  char *buf, size_t size)
{
    const struct place *p = &places[opt - options];
    const void *at = (const char *)cfg + p->offset;
    const char *word = opt->range;
    switch (opt->type) {
    case CONFIG_TYPE_STR:
        snprintf(buf, size, "%s", (const char *)at);
        break;
    case CONFIG_TYPE_INT:
        snprintf(buf, size, "%lld", (long long)*(const int64_t *)at);
        break;
    case CONFIG_TYPE_REAL:
        print_real(*(const double *)at, buf, size);
        break;
    case CONFIG_TYPE_ENUM:
        for (int i = *(const int *)at; i > 0; i--)
            word += strcspn(word, "|") + 1;
        snprintf(buf, size, "%.*s", (int)strcspn(word, "|"), word);
        break;
    }
}
