/* replay.h -- the parts of `freshet replay`.  For server/cli/replay*.c. */
#ifndef FRESHET_SERVER_CLI_REPLAY_H
#define FRESHET_SERVER_CLI_REPLAY_H

#include <stdbool.h>

#include "server/cli/ratings_set.h"

struct replay {
    const char *file, *to, *token;
    double rate;             /* events per second, 0: no limit */
    int connections;
    bool by_time, prequential;
    uint64_t limit;
    struct proto_limits limits;
    struct ratings_set ratings;
};

/* The whole file over one or more streams.  Returns the exit status. */
int replay_stream(struct replay *r);
/* Standard input as it comes. */
int replay_stdin(struct replay *r);
/* Predict, then rate and wait, one by one. */
int replay_prequential(struct replay *r);

/* Waits until the serving copy holds seq and prints what the daemon says. */
int replay_report(struct replay *r, uint64_t seq);

#endif
