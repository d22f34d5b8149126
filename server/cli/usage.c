/* usage.c -- see usage.h. */
#include "server/cli/usage.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "config/config.h"
#include "server/cli/command.h"
#include "version.h"

#define LINE_MAX_TEXT 68 /* of name, default and range together */
#define FALLBACK_MAX 40 /* characters of a default that fit a line */

static void print_options(void)
{
    size_t n;
    const struct config_option *o = config_options(&n);
    puts("Options come from these sources, later ones winning: the defaults; "
         "the file of\n--config, {\"section\": {\"name\": value}}; the "
         "environment, FRESHET_SECTION_NAME;\nthe command line, "
         "--section.name=value.  SIGHUP applies those marked *, the\nothers "
         "need a restart.");
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || strcmp(o[i].section, o[i - 1].section) != 0)
            putchar('\n');
        bool cut = strlen(o[i].fallback) > FALLBACK_MAX;
        printf("%c --%s=%.*s%s", o[i].reloadable ? '*' : ' ', o[i].name,
               FALLBACK_MAX, o[i].fallback[0] ? o[i].fallback : "\"\"",
               cut ? "..." : "");
        bool wide = strlen(o[i].name) + strlen(o[i].fallback) +
                    strlen(o[i].range) > LINE_MAX_TEXT;
        if (o[i].range[0])
            printf("%s(%s)", wide ? "\n      " : "  ", o[i].range);
        printf("\n      %s\n", o[i].help);
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

static void print_command(const struct command *c)
{
    printf("freshet %s%s%s\n\n%s", c->name, c->words[0] ? " " : "", c->words,
           c->text[0] ? c->text : c->summary);
    if (!c->text[0])
        putchar('\n');
    if (c->options == OPTIONS_TAKEN)
        puts("\nThe options --section.name=value are those of the daemon: "
             "freshet help options");
    if (c->options == OPTIONS_LISTED) {
        putchar('\n');
        print_options();
    }
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
        print_command(&c[i]);
        return 0;
    }
    fprintf(stderr, "freshet: there is no command '%.60s'; see freshet help\n",
            command);
    return EX_USAGE;
}

int usage_unknown_word(const char *command, const char *word)
{
    fprintf(stderr, "freshet %s: unknown argument %.200s; see freshet help "
            "%s\n", command, word, command);
    return EX_USAGE;
}
