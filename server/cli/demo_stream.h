/* demo_stream.h -- ratings with a known hidden structure, without end.
 *
 * DEMO_USERS people and DEMO_ITEMS films.  Each film has a quality and a place
 * among a few tastes, each person a mood and a liking for each taste; a rating
 * is their sum plus noise of standard deviation DEMO_NOISE, rounded to halves
 * and cut to 1..5.  So nobody can predict better than about the noise: the
 * floor that the demo's RMSE falls towards.  People come in sessions, popular
 * films are rated more.  A pure function of the seed.  One thread.
 */
#ifndef FRESHET_SERVER_CLI_DEMO_STREAM_H
#define FRESHET_SERVER_CLI_DEMO_STREAM_H

#include <stdint.h>

#include "model/types.h"

#define DEMO_USERS  400
#define DEMO_ITEMS  120
#define DEMO_TASTES 3
#define DEMO_NOISE  0.45

struct demo_stream {
    uint64_t state;
    double user_mood[DEMO_USERS], user_taste[DEMO_USERS][DEMO_TASTES];
    double item_quality[DEMO_ITEMS], item_taste[DEMO_ITEMS][DEMO_TASTES];
    uint32_t session_user, session_left;
    char user[32], item[64];     /* ids of the current rating */
};

void demo_stream_init(struct demo_stream *s, uint64_t seed);

/* The next rating; its ids are borrowed until the next call. */
struct rating demo_stream_next(struct demo_stream *s);

/* What the pair's rating would be without noise, before rounding. */
double demo_stream_truth(const struct demo_stream *s, uint32_t user,
                         uint32_t item);

/* The RMSE of somebody who knows everything but the noise, measured on a stream
 * of its own. */
double demo_stream_floor(uint64_t seed);

#endif
