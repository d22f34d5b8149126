/* server_says.h -- what the daemon answered, for the commands. */
#ifndef FRESHET_SERVER_CLI_SERVER_SAYS_H
#define FRESHET_SERVER_CLI_SERVER_SAYS_H

#include "proto/answer.h"
#include "server/cli/client.h"

/* GET /v1/stats; waits until the serving copy holds min_seq (0: does not).
 * Returns 0, or an exit status, having said on standard error what is wrong. */
int server_stats(const char *command, struct client *c, uint64_t min_seq,
                 struct answer *out);

/* Says on standard error what went wrong with a call: the error of the answer,
 * or of the connection (status 0).  Returns the exit status: 65 when the daemon
 * refused what was sent, 69 otherwise. */
int server_failed(const char *command, const struct client *c, int status,
                  const struct buf *answer);

#endif
