/* arguments.h -- the words of a command: options of options.h, and its own. */
#ifndef FRESHET_SERVER_CLI_ARGUMENTS_H
#define FRESHET_SERVER_CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"

/* An argument of a command's own, and where its value goes. */
struct argument {
    const char *name;       /* "rate" for --rate=4, --rate 4 */
    enum {
        ARGUMENT_FLAG,      /* bool: no value */
        ARGUMENT_TEXT,      /* const char *, borrowed from argv */
        ARGUMENT_NUMBER,    /* double in min .. max */
        ARGUMENT_CHOICE     /* int: index of a word of choices */
    } kind;
    void *at;
    double min, max;
    const char *choices;    /* "time|file" */
};

/* Main thread.  Takes n words apart.  The one word that is no argument (or "-")
 * goes to *file; file NULL: there may be none.  Returns 0, or 64 having said on
 * standard error what is wrong. */
int arguments_take(const char *command, const struct argument *list, size_t n,
                   int nwords, const char *const *words, const char **file);

/* Main thread.  The same for a command that takes --section.name options too:
 * these fill *cfg.  Returns 0, 64 or 78. */
int arguments_load(const char *command, const struct argument *list, size_t n,
                   int argc, char **argv, struct config *cfg,
                   const char **file);

#define ARGUMENTS_N(list) (sizeof(list) / sizeof *(list))

#endif
