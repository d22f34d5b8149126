/* vector.h -- what another model has learned, taken into rows: EVENT_VECTOR.
 *
 *   user or item   the row, made when it is new, gets this vector and this bias
 *                  in the head that the payload names (a user has none in the
 *                  ranking head); `second`: its count becomes at least that
 *   neither        the mean of all ratings is that of the ratings learned here
 *                  and of `second` (or MEAN_PRIOR) more at `value`, where it was
 *                  MEAN_PRIOR at the middle of the scale
 *
 * Vectors and biases of the rating head, and the mean, are on the inner scale
 * 1..5.  The payload: the head (1 byte, enum event_head), 3 zeros, binary32
 * little endian; none for a mean.
 *
 * They are events like others, so that restarts, replicas, snapshots and a
 * fold of the log from its beginning need nothing more, and the erasure of a
 * person finds the person's.  What is imported is where learning goes on from.
 */
#ifndef FRESHET_MODEL_LEARN_VECTOR_H
#define FRESHET_MODEL_LEARN_VECTOR_H

#include "model/learn/settings.h"
#include "model/store/event.h"

#define VECTOR_DIM_MAX 512u
#define VECTOR_BYTES(n) (4 + 4 * (n))   /* of a payload of n floats */

struct fold;
struct table;

/* Any thread.  Writes the payload of VECTOR_BYTES(n) bytes. */
void vector_encode(enum event_head head, const float *v, uint32_t n,
                   unsigned char *payload);

/* Any thread.  From the units of ratings to the inner scale: of differences of
 * ratings (a bias, a product of factors).  A factor is multiplied by the root. */
float vector_scale(const struct settings *s);

/* Trainer only.  Folds an EVENT_VECTOR.  Another number of floats than the head
 * has, one that is not finite, or a full table: a counted skip. */
void vector_event(struct fold *f, struct table *t, const struct event *e,
                  uint64_t seq);

#endif
