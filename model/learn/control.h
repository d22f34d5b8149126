/* control.h -- what the events that are no ratings do to the model.
 *
 *   void      nothing; its seq passes
 *   rollback  begins an epoch; what it undid was passed over (voids.h)
 *   settings  the options of the fold change (settings.h)
 *   erase     the user whose row was born at that seq is taken out: vector,
 *             bias, count, list of seen items, history, id
 *   retract   the pair's rating is taken out of the history and of the user's
 *             list of seen items
 *
 * An erasure voids the person's frames in the log before it counts, so a fold of
 * the log never finds the row: there an erase only begins an epoch.  In the
 * model that had learned from the frames it takes out what is the person's own
 * and marks the copy `interim`: what items and others learned from the person
 * goes with the next fold of the log.
 *
 * Called by fold_event(); trainer only.
 */
#ifndef FRESHET_MODEL_LEARN_CONTROL_H
#define FRESHET_MODEL_LEARN_CONTROL_H

#include "model/learn/fold_internal.h"

void control_event(struct fold *f, struct table *t, const struct event *e,
                   uint64_t seq);

#endif
