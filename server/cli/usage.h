/* usage.h -- what `freshet help` prints.  Main thread. */
#ifndef FRESHET_SERVER_CLI_USAGE_H
#define FRESHET_SERVER_CLI_USAGE_H

/* Prints how to use a command (or "options") to standard output; returns 0, or
 * 64 when there is no such command. */
int usage_print(const char *command);

/* Says on standard error that `word` makes no sense to `command`; returns
 * 64. */
int usage_unknown_word(const char *command, const char *word);

#endif
