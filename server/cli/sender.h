/* sender.h -- a stream of ratings, or of other lines, to a daemon, over one or
 * more connections.
 *
 * Each connection carries one POST of application/x-ndjson after
 * another, each open for SENDER_SECONDS at most: a request of its own is never
 * too slow for the daemon's limits (limits.body_rate), its receipt tells soon
 * what has been accepted, and little is in doubt when the daemon dies.  With N
 * connections a user's ratings all take the same one (a hash of the id), so
 * each user's order is kept; with one, all order is.  A daemon that is behind
 * stops reading, so sender_put() blocks: that is all the flow control there is.
 *
 * One thread.
 */
#ifndef FRESHET_SERVER_CLI_SENDER_H
#define FRESHET_SERVER_CLI_SENDER_H

#include <stdbool.h>

#include "model/types.h"
#include "proto/buf.h"

#define SENDER_SECONDS     1
#define SENDER_CONNECTIONS 256

struct sender;

struct sender_sums {
    uint64_t sent;            /* ratings handed to the kernel */
    uint64_t accepted;        /* by the receipts so far */
    uint64_t duplicates;      /* accepted before, under the same event_id */
    uint64_t rejected;
    uint64_t seq;             /* of the newest event that the daemon has */
};

/* Does not connect yet.  command: for messages.  NULL: no memory or a bad url,
 * which `error` says. */
struct sender *sender_new(const char *command, const char *url,
                          const char *token, int connections,
                          char error[256]);
void sender_free(struct sender *s);

/* Before the first line: where they go, a string that stays; else /v1/ratings. */
void sender_path(struct sender *s, const char *path);

/* Takes a line, with its newline, on its way: lines of one key stay in order.
 * False: as below. */
bool sender_put_line(struct sender *s, struct id key, const struct buf *line);

/* Takes a rating on its way.  False: the daemon cannot be reached or refuses
 * (said on standard error); sender_finish() has the exit status. */
bool sender_put(struct sender *s, const struct rating *r);

/* Sends what is collected, so that nothing waits here.  False as above. */
bool sender_flush(struct sender *s);

/* Ends requests that are open for their time; flushes them first.  To be called
 * now and then where ratings come slowly.  False as above. */
bool sender_tick(struct sender *s);

/* Ends every request: all that was sent is accepted or told.  Returns 0 or the
 * exit status of what went wrong. */
int sender_finish(struct sender *s);

const struct sender_sums *sender_sums(const struct sender *s);

/* Milliseconds until sender_tick() has something to do; -1: nothing. */
int sender_due_ms(const struct sender *s);

/* With one connection: its socket, readable when the daemon has something to
 * say before its time; else -1. */
int sender_fd(const struct sender *s);

#endif
