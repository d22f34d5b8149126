/* replay.h -- a file of ratings on its way to a daemon: `freshet replay`, and
 * the first half of `freshet import`. */
#ifndef FRESHET_SERVER_CLI_REPLAY_H
#define FRESHET_SERVER_CLI_REPLAY_H

#include <signal.h>
#include <stdbool.h>

#include "server/cli/client.h"
#include "server/cli/ratings_set.h"
#include "server/cli/ratings_source.h"

struct replay {
    const char *command;        /* for messages */
    /* the words */
    const char *file, *to;
    double rate;                /* ratings per second; 0: no limit */
    int connections;
    bool by_time, prequential;
    uint64_t limit;             /* 0: all */
    char token[CLIENT_TOKEN_MAX];
    struct proto_limits limits; /* with the daemon's range of ratings */
    /* the ratings: a set when they are sorted, else a source */
    struct ratings_set set;
    struct ratings_source *source;
    bool opened;
    uint64_t taken;             /* handed out so far */
    uint64_t bad;               /* lines left out */
    double part;                /* of the file that is done; -1: not known */
};

/* Ctrl-C was pressed: send no more, say what became of the rest. */
extern volatile sig_atomic_t replay_stopped;

/* What is not said in words; the rest is 0. */
struct replay replay_default(const char *command);

/* Asks the daemon of c which ratings it takes, opens the file, and sends all of
 * it.  *seq: of the last accepted rating.  The exit status; EX_UNAVAILABLE: it
 * cannot be asked more. */
int replay_run(struct replay *r, struct client *c, uint64_t *seq);
void replay_release(struct replay *r);

/* Waits until the daemon serves what it knew at seq, and prints what it says of
 * itself. */
int replay_report(const struct replay *r, struct client *c, uint64_t seq);

/* For replay*.c.  The next rating, in order; its ids are borrowed until the next call.  Lines
 * that are wrong are told on standard error, counted and left out.  False:
 * there is none, or Ctrl-C. */
bool replay_next(struct replay *r, struct rating *out);

/* Send everything as streams; or predict, rate and wait, one by one.  Each puts
 * the seq of the last accepted rating into *seq and returns the exit status. */
int replay_stream(struct replay *r, uint64_t *seq);
int replay_prequential(struct replay *r, uint64_t *seq);

#endif
