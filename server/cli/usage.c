/* usage.c -- see usage.h. */
#include "server/cli/usage.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "config/config.h"
#include "server/cli/command.h"
#include "version.h"

static void print_options(void)
{
    size_t n;
    const char *section = "";
    const struct config_option *o = config_options(&n);
    puts("Options, from the weakest source to the strongest: defaults, the "
         "file of --config\n(JSON: {\"section\":{\"name\":value}}), the "
         "environment (FRESHET_SECTION_NAME),\n--section.name=value. Those "
         "marked * are applied by SIGHUP.");
    for (size_t i = 0; i < n; i++) {
        if (strcmp(section, o[i].section) != 0)
            putchar('\n');
        section = o[i].section;
        printf("  --%s%s=%s", o[i].name, o[i].reloadable ? "*" : "",
               o[i].fallback[0] ? o[i].fallback : "\"\"");
        if (o[i].range[0])
            printf("  (%s)", o[i].range);
        printf("\n        %s\n", o[i].help);
    }
}

static void print_all(void)
{
    size_t n;
    const struct command *c = command_table(&n);
    printf("freshet %s: a recommender that learns from every event while it "
           "serves\n\n", FRESHET_VERSION);
    for (size_t i = 0; i < n; i++)
        printf("  freshet %-13s %s\n", c[i].name, c[i].summary);
    puts("\nfreshet help COMMAND explains one, freshet help options lists "
         "every option.\nTry: freshet demo");
}

int usage_print(const char *command)
{
    size_t n;
    const struct command *c = command_table(&n);
    if (strcmp(command, "help") == 0) {
        print_all();
        return 0;
    }
    if (strcmp(command, "options") == 0) {
        print_options();
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        if (strcmp(c[i].name, command) != 0)
            continue;
        printf("freshet %s %s\n\n%s", c[i].name, c[i].words, c[i].text);
        if (c[i].options) {
            putchar('\n');
            print_options();
        }
        return 0;
    }
    fprintf(stderr, "freshet: there is no command '%s'; see freshet help\n",
            command);
    return EX_USAGE;
}

int usage_unknown_word(const char *command, const char *word)
{
    fprintf(stderr, "freshet %s: unknown argument %s; see freshet help %s\n",
            command, word, command);
    return EX_USAGE;
}
