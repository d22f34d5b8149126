/* command.h -- the commands of freshet, each declared once.
 *
 * Exit statuses: 0 done; 64 words that make no sense; 65 data that cannot be
 * read; 69 a daemon that cannot be reached; 70 a fault of ours; 71 what the
 * system refused; 78 options that cannot be (sysexits.h).
 */
#ifndef FRESHET_SERVER_CLI_COMMAND_H
#define FRESHET_SERVER_CLI_COMMAND_H

#include <stddef.h>

/* argv: the words after the command's name. */
int cmd_serve(int argc, char **argv);
int cmd_demo(int argc, char **argv);
int cmd_evaluate(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_check_config(int argc, char **argv);
int cmd_health(int argc, char **argv);
int cmd_version(int argc, char **argv);
int cmd_help(int argc, char **argv);

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *words;      /* after the name in a usage line */
    const char *summary;    /* one line */
    const char *text;       /* what it does, with examples */
    int options;            /* takes --section.name options */
};

const struct command *command_table(size_t *n);

#endif
