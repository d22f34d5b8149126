/* arguments.c -- see arguments.h. */
#include "server/cli/arguments.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "server/cli/usage.h"

/* The argument that `word` names; *value: behind its "=", or NULL. */
static const struct argument *find(const struct argument *list, size_t n,
                                   const char *word, const char **value)
{
    size_t len = strcspn(word, "=");
    if (strncmp(word, "--", 2) != 0)
        return NULL;
    *value = word[len] == '=' ? word + len + 1 : NULL;
    for (size_t i = 0; i < n; i++)
        if (strlen(list[i].name) == len - 2 &&
            memcmp(list[i].name, word + 2, len - 2) == 0)
            return &list[i];
    return NULL;
}

static bool take_number(const struct argument *a, const char *value)
{
    char *end;
    double v = strtod(value, &end);
    if (end == value || *end || !(v >= a->min && v <= a->max))
        return false;
    *(double *)a->at = v;
    return true;
}

static bool take_choice(const struct argument *a, const char *value)
{
    const char *c = a->choices;
    for (int i = 0; *c; i++) {
        size_t n = strcspn(c, "|");
        if (strlen(value) == n && memcmp(value, c, n) == 0) {
            *(int *)a->at = i;
            return true;
        }
        c += n + (c[n] == '|');
    }
    return false;
}

static int take_value(const char *command, const struct argument *a,
                      const char *value)
{
    bool ok = true;
    if (a->kind == ARGUMENT_TEXT)
        *(const char **)a->at = value;
    else if (a->kind == ARGUMENT_NUMBER)
        ok = take_number(a, value);
    else
        ok = take_choice(a, value);
    if (ok)
        return 0;
    if (a->kind == ARGUMENT_NUMBER)
        fprintf(stderr, "freshet %s: --%s must be a number in %.10g..%.10g, "
                "not \"%.80s\"\n", command, a->name, a->min, a->max, value);
    else
        fprintf(stderr, "freshet %s: --%s must be one of %s, not \"%.80s\"\n",
                command, a->name, a->choices, value);
    return EX_USAGE;
}

/* Takes words[0], and words[1] if that is its value; *used of them. */
static int take_word(const char *command, const struct argument *a,
                     const char *value, const char *next, int *used)
{
    *used = 1;
    if (a->kind == ARGUMENT_FLAG && !value) {
        *(bool *)a->at = true;
        return 0;
    }
    if (a->kind == ARGUMENT_FLAG) {
        fprintf(stderr, "freshet %s: --%s takes no value\n", command, a->name);
        return EX_USAGE;
    }
    if (!value && next) {
        value = next;
        *used = 2;
    }
    if (value && (*value || a->kind != ARGUMENT_TEXT))
        return take_value(command, a, value);
    fprintf(stderr, "freshet %s: --%s needs a value\n", command, a->name);
    return EX_USAGE;
}

int arguments_take(const char *command, const struct argument *list, size_t n,
                   int nwords, const char *const *words, const char **file)
{
    int status = 0;
    for (int i = 0, used; i < nwords && status == 0; i += used) {
        const char *value = NULL, *word = words[i];
        const struct argument *a = find(list, n, word, &value);
        bool bare = word[0] != '-' || word[1] == '\0';
        used = 1;
        if (a)
            status = take_word(command, a, value,
                               i + 1 < nwords ? words[i + 1] : NULL, &used);
        else if (bare && file && !*file)
            *file = word;
        else
            status = usage_unknown_word(command, word);
    }
    return status;
}

int arguments_load(const char *command, const struct argument *list, size_t n,
                   int argc, char **argv, struct config *cfg,
                   const char **file)
{
    char error[CONFIG_ERROR_MAX] = "out of memory";
    const char **rest = calloc((size_t)argc + 1, sizeof *rest);
    int nrest, status = EX_CONFIG;
    if (!rest || !config_load(cfg, argc, argv, rest, &nrest, error))
        fprintf(stderr, "freshet %s: %s\n", command, error);
    else
        status = arguments_take(command, list, n, nrest, rest, file);
    free(rest);
    return status;
}
