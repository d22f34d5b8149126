/* distill.h -- what a teacher says: a larger model, whose ratings are smoother
 * than people's.
 *
 *   EVENT_RATING with `second`: a pair that was rated, and what the teacher says
 *     of it.  The rating is predicted, counted and remembered as ever; what is
 *     learned, now and when it is replayed, is
 *       (1 - distill) * rating + distill * teacher          learn.distill
 *   EVENT_TEACHER: a pair that nobody rated.  Its rows are made when they are
 *     new; then it is one step towards `value`, by the counts of the rows, of
 *     biases and factors alone.  It is no rating: it is not in the progressive
 *     error, the mean, the counts, the trend, the session, the history or what
 *     a user has seen.
 *
 * Measured on MovieLens-100k (teacher: K = 64, trained on the first half in time
 * order; student: K = 16, sees the second half alone): 400,000 pairs that nobody
 * rated take the error on items with less than 5 ratings from 1.012 to .964, on
 * all from .949 to .932.  In ratings a teacher brings nothing there: with .25
 * of its word the error is .0007 worse, with half .003.  So that is the default.
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
