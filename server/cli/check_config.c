/* check_config.c -- `freshet check-config`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "config/config.h"
#include "server/cli/command.h"
#include "server/cli/usage.h"

/* A file of options with every default; numbers bare, words quoted. */
static void print_defaults(void)
{
    size_t n;
    const char *section = "";
    const struct config_option *o = config_options(&n);
    fputs("{", stdout);
    for (size_t i = 0; i < n; i++) {
        bool next = strcmp(section, o[i].section) != 0;
        bool quoted = o[i].type == CONFIG_TYPE_STR ||
                      o[i].type == CONFIG_TYPE_ENUM;
        if (next)
            printf("%s\n    \"%s\": {", i ? "\n    }," : "", o[i].section);
        section = o[i].section;
        printf("%s\n        \"%s\": %s%s%s", next ? "" : ",", o[i].key,
               quoted ? "\"" : "", o[i].fallback, quoted ? "\"" : "");
    }
    puts("\n    }\n}");
}

static void print_values(const struct config *cfg)
{
    size_t n;
    const struct config_option *o = config_options(&n);
    for (size_t i = 0; i < n; i++) {
        char value[CONFIG_STR_MAX];
        config_print(cfg, &o[i], value, sizeof value);
        bool same = strcmp(value, o[i].fallback) == 0;
        if (!same && o[i].type == CONFIG_TYPE_REAL)
            same = strtod(value, NULL) == strtod(o[i].fallback, NULL);
        printf("%s %-26s %-20s %s%s\n", same ? " " : "*", o[i].name,
               value[0] ? value : "\"\"", same ? "" : "default ",
               same ? "" : o[i].fallback[0] ? o[i].fallback : "\"\"");
    }
}

int cmd_check_config(int argc, char **argv)
{
    static struct config cfg;
    char error[CONFIG_ERROR_MAX];
    int nrest = 0, status = 0;
    bool defaults = false;
    const char **rest = calloc((size_t)argc + 1, sizeof *rest);
    if (!rest)
        return EX_OSERR;
    if (!config_load(&cfg, argc, argv, rest, &nrest, error)) {
        fprintf(stderr, "freshet check-config: %s\n", error);
        status = EX_CONFIG;
    }
    for (int i = 0; i < nrest && status == 0; i++) {
        if (strcmp(rest[i], "--defaults") == 0)
            defaults = true;
        else
            status = usage_unknown_word("check-config", rest[i]);
    }
    free(rest);
    if (status != 0)
        return status;
    if (defaults)
        print_defaults();
    else {
        print_values(&cfg);
        puts("ok: a daemon would start with these options "
             "(* differs from its default)");
    }
    return 0;
}
