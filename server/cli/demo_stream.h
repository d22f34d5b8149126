/* demo_stream.h -- ratings with a known hidden structure, without end.
 *
 * DEMO_USERS people and DEMO_ITEMS films.  A film has a quality and a place
 * among DEMO_TASTES tastes, a person a mood and a liking for each taste; what a
 * person would give a film is
 *
 *     3.4 + mood + quality + likings . tastes + noise (normal, sd DEMO_NOISE)
 *
 * rounded to halves and cut to 1..5.  Nobody can foresee the noise, so there is
 * a best possible RMSE, and it is computed here, not measured.  A few people
 * rate much and a few films are rated much; each person leaves two films in
 * five alone for ever, so that there is always something to recommend.
 *
 * A function of the seed alone.  One thread.
 */
#ifndef FRESHET_SERVER_CLI_DEMO_STREAM_H
#define FRESHET_SERVER_CLI_DEMO_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "model/types.h"

#define DEMO_USERS  300
#define DEMO_ITEMS  120
#define DEMO_TASTES 2
#define DEMO_NOISE  0.5

struct demo_stream;

/* NULL: no memory. */
struct demo_stream *demo_stream_new(uint64_t seed);
void demo_stream_free(struct demo_stream *s);

/* The next rating, without a time; its ids are borrowed from s. */
struct rating demo_stream_next(struct demo_stream *s);

/* The RMSE of somebody who knows everything but the noise, over the pairs that
 * the stream draws. */
double demo_stream_best(const struct demo_stream *s);

/* The mean of what this person gives this film, noise, rounding and cutting
 * included: the best prediction. */
double demo_stream_expected(const struct demo_stream *s, uint32_t user,
                            uint32_t item);

/* Does this person ever rate this film? */
bool demo_stream_rates(const struct demo_stream *s, uint32_t user,
                       uint32_t item);

/* Ids are in lower case, of letters, digits and hyphens.  Borrowed from s. */
const char *demo_stream_user(const struct demo_stream *s, uint32_t user);
const char *demo_stream_item(const struct demo_stream *s, uint32_t item);

/* The most active person, and the most popular film that they never rate. */
void demo_stream_example(const struct demo_stream *s, uint32_t *user,
                         uint32_t *item);

#endif
