/* guard.h -- when the model has become worse than no model, it is not shown.
 *
 * Each rating is predicted before it is learned, by the model and by a baseline
 * that says the running mean.  Every GUARD_EVENTS events the guard looks at the
 * ratings since its last look (at least GUARD_RATINGS, else it waits for more):
 *
 *   trips     error > ratio * baseline + least, while in all windows before the
 *             model was better than the baseline: something broke it
 *   releases  error <= GUARD_RELEASE * ratio * baseline + least
 *
 * with squared errors, ratio = guard.ratio (0: never trips) and `least` that of
 * an error of 1% of the scale, below which nobody cares who is better.
 *
 * All of it is a pure function of the events, looked at when seq % GUARD_EVENTS
 * == 0 and kept in totals.course, so every replica and every replay finds the
 * same windows good.  What follows from it is local:
 *
 * DESIGN  While it holds, the trainer folds on and does not publish: W3 of
 * live.h lasts until the release, W4 comes with that.  The protocol does not
 * know how long W3 takes, so all that was argued for it stands.  What was
 * touched meanwhile is one bit and one place in a list per row, however often;
 * so the memory of a hold is bounded by the rows, and the one publish that ends
 * it costs at most a copy of them.  Readers stay with the last copy before; a
 * wait for a newer seq is told why it is in vain (503).  Events are taken, kept
 * and learned as ever, so when the events are good again and the model with
 * them, the release comes by itself; when not, `rollback` takes them out.
 *
 *   snapshots  none while it holds: rows, lists and history of the newest state
 *              are not to be had from the serving copy.  So each snapshot is of
 *              a model that was shown.
 *   restart    folds what the log has behind the newest snapshot and publishes
 *              on the way (store/recover.h), but nothing that is held: it
 *              serves the last of these copies, a little older than the one
 *              that was served before.
 *   erasure    takes effect: the name goes from the map that both copies share,
 *              so the person is unknown at once; the row of numbers nobody can
 *              ask for goes with the release.
 */
#ifndef FRESHET_MODEL_LEARN_GUARD_H
#define FRESHET_MODEL_LEARN_GUARD_H

#include "model/core/table.h"
#include "model/learn/settings.h"

#define GUARD_EVENTS  1024  /* seqs between two looks */
#define GUARD_RATINGS 256   /* least ratings to judge by */
#define GUARD_RELEASE 0.8   /* hysteresis: a hold ends below this part */
#define GUARD_LEAST   0.01  /* of the scale: an error too small to matter */

/* Trainer only.  A rating was predicted so, by the model and by the running
 * mean as it was before it; all in rating units. */
void guard_add(struct totals *t, float predicted, float mean, float rating);

/* Trainer only.  After event t->seq, when that is a multiple of GUARD_EVENTS. */
void guard_look(struct totals *t, const struct settings *s);

#endif
