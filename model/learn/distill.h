/* distill.h -- what a teacher says: a larger model, whose ratings are smoother
 * than people's.
 *
 *   EVENT_RATING with `second`: a pair that was rated, and what the teacher says
 *     of it.  The rating is predicted, counted and remembered as ever; what is
 *     learned, now and when it is replayed, is
 *       (1 - distill) * rating + distill * teacher          learn.distill
 *   EVENT_TEACHER: a pair that nobody rated.  Its rows are made when they are
 *     new; then it is one step towards `value`, by the counts of the rows and
 *     learn.distill of that, of biases and factors alone.  It is no rating: it
 *     is not in the progressive error, the mean, the counts, the trend, the
 *     session, the history or what a user has seen.
 */
#ifndef FRESHET_MODEL_LEARN_DISTILL_H
#define FRESHET_MODEL_LEARN_DISTILL_H

#include "model/learn/settings.h"
#include "model/store/event.h"

struct fold;
struct table;

/* Any thread, pure.  What is learned from a rating (inner scale).  A teacher who
 * says what no rating can be is not heard. */
float distill_target(const struct settings *s, const struct event *e);

/* Trainer only.  Folds an EVENT_TEACHER; out of range or a full table: a counted
 * skip. */
void distill_event(struct fold *f, struct table *t, const struct event *e,
                   uint64_t seq);

#endif
