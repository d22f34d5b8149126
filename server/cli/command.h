/* command.h -- the commands of freshet, each declared once.
 *
 * Exit statuses (sysexits.h): 0 done; 64 words that make no sense; 65 data that
 * cannot be read, or that the daemon refused; 69 a daemon that cannot be
 * reached; 70 a fault of ours; 71 what the system refused; 78 options that
 * cannot be.  `health` says 1 for "no".
 */
#ifndef FRESHET_SERVER_CLI_COMMAND_H
#define FRESHET_SERVER_CLI_COMMAND_H

#include <stddef.h>

/* Main thread.  argv: the words after the command's name.  The exit status. */
int cmd_serve(int argc, char **argv);
int cmd_demo(int argc, char **argv);
int cmd_evaluate(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_import(int argc, char **argv);
int cmd_distill(int argc, char **argv);
int cmd_check_config(int argc, char **argv);
int cmd_check_log(int argc, char **argv);
int cmd_refold(int argc, char **argv);
int cmd_health(int argc, char **argv);
int cmd_version(int argc, char **argv);
int cmd_help(int argc, char **argv);

/* Which --section.name options a command takes, and so its help shows. */
enum command_options { OPTIONS_NONE, OPTIONS_TAKEN, OPTIONS_LISTED };

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *words;      /* after the name in a usage line */
    const char *summary;    /* one line */
    const char *text;       /* what it does, with examples */
    enum command_options options;
};

/* Any thread. */
const struct command *command_table(size_t *n);

#endif
