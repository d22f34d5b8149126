/* arguments.c -- see arguments.h. */
#include "server/cli/arguments.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *argument_value(const char *word, const char *name)
{
    size_t n = strlen(name);
    if (strncmp(word, "--", 2) != 0 || strncmp(word + 2, name, n) != 0 ||
        word[2 + n] != '=')
        return NULL;
    return word + n + 3;
}

bool argument_number(const char *command, const char *name, const char *value,
                     double min, double max, double *out)
{
    char *end;
    double v = strtod(value, &end);
    if (end != value && *end == '\0' && isfinite(v) && v >= min && v <= max) {
        *out = v;
        return true;
    }
    fprintf(stderr, "freshet %s: --%s is a number from %g to %g, not \"%s\"\n",
            command, name, min, max, value);
    return false;
}

bool argument_order(const char *command, const char *value, bool *by_time)
{
    *by_time = strcmp(value, "time") == 0;
    if (*by_time || strcmp(value, "file") == 0)
        return true;
    fprintf(stderr, "freshet %s: --order is time or file, not \"%s\"\n",
            command, value);
    return false;
}
