/* server_says.h -- reading numbers out of the daemon's answers.
 *
 * The commands need a handful of members of flat JSON objects that this very
 * program writes; proto/ keeps jansson to itself, so this goes through it.
 */
#ifndef FRESHET_SERVER_CLI_SERVER_SAYS_H
#define FRESHET_SERVER_CLI_SERVER_SAYS_H

#include <stdbool.h>

#include "proto/answer.h"
#include "server/cli/client.h"

/* GET /v1/stats.  False: client_error(), or an error that was printed. */
bool server_stats(struct client *c, struct buf *scratch, struct answer *out);

/* Prints what went wrong with a call: the error of the answer, or of the
 * connection.  Returns the exit status. */
int server_failed(const char *command, const struct client *c, int status,
                  const struct buf *answer);

#endif
