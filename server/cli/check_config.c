/* check_config.c -- `freshet check-config`: would a daemon start with these? */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "server/cli/arguments.h"
#include "server/cli/command.h"
#include "server/ingest_rules.h"

static const char *shown(const char *value)
{
    return value[0] ? value : "\"\"";
}

/* All in force, and where they are not the default. */
static void print_values(const struct config *cfg)
{
    static struct config defaults;
    char value[CONFIG_STR_MAX], usual[CONFIG_STR_MAX];
    size_t n;
    const struct config_option *o = config_options(&n);
    config_defaults(&defaults);
    for (size_t i = 0; i < n; i++) {
        config_print(cfg, &o[i], value, sizeof value);
        config_print(&defaults, &o[i], usual, sizeof usual);
        if (strcmp(value, usual) == 0)
            printf("  %-26s %s\n", o[i].name, shown(value));
        else
            printf("* %-26s %-16s  default %s\n", o[i].name, shown(value),
                   shown(usual));
    }
}

int cmd_check_config(int argc, char **argv)
{
    static struct config cfg;
    static char sample[16384];
    bool defaults = false;
    const struct argument list[] = {
        {"defaults", ARGUMENT_FLAG, &defaults, 0, 0, NULL}};
    int status = arguments_load("check-config", list, ARGUMENTS_N(list), argc,
                                argv, &cfg, NULL);
    if (status)
        return status;
    if (!defaults) {
        struct ingest_rules rules;
        char error[CONFIG_ERROR_MAX];
        if (!ingest_rules_set(&rules, &cfg, error)) {
            fprintf(stderr, "freshet check-config: %s\n", error);
            return EX_CONFIG;
        }
        print_values(&cfg);
        puts("ok");
        return 0;
    }
    if (!config_sample(sample, sizeof sample))
        return EX_SOFTWARE;
    fputs(sample, stdout);
    return 0;
}
