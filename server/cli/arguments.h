/* arguments.h -- the words of a command that are not options of options.h. */
#ifndef FRESHET_SERVER_CLI_ARGUMENTS_H
#define FRESHET_SERVER_CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stdint.h>

/* Is word "--name=value"?  Its value, else NULL. */
const char *argument_value(const char *word, const char *name);

/* A number in [min, max]; false (and a message on standard error) if not. */
bool argument_number(const char *command, const char *name, const char *value,
                     double min, double max, double *out);

/* "time" or "file"; false (and a message) if neither. */
bool argument_order(const char *command, const char *value, bool *by_time);

#endif
