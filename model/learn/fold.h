/* fold.h -- what one event does to the model.  THE learning rule.
 *
 *   x      = the rating on the inner scale 1..5
 *   test   = predict_rating(user, item)       before anything is learned
 *   e      = x - predict_inner(user, item)
 *   b_u   += f_b(n_u) (e - bias_l2 b_u)        b_i likewise
 *   p_u   += f_f(n_u) (e q_i - factor_l2 p_u)  q_i likewise, from the old p_u
 *   n_u++, n_i++, running mean, trend, seen
 *   then `replay` past ratings, drawn uniformly, learn again:
 *     biases with replay_rate * bias_rate, factors with replay_rate * f_f(n)
 *   then the rating enters the history.
 *
 * f_b and f_f are the count-scaled steps of step_table.h (count-scaled steps are
 * worth .003 RMSE on MovieLens-100k, replay .008).  A new row starts with
 * factors init / sqrt(K) * z, z a standardised sum of four uniforms drawn from
 * (seed, kind, external id, dimension).
 *
 * Total: an event it cannot take is counted in totals.skipped.  Deterministic:
 * see "The fold" in ARCHITECTURE.md.  Trainer only.
 */
#ifndef FRESHET_MODEL_LEARN_FOLD_H
#define FRESHET_MODEL_LEARN_FOLD_H

#include "model/core/live.h"
#include "model/learn/settings.h"
#include "model/store/event.h"

struct fold;
struct history;

/* Boot only.  live is borrowed. */
struct fold *fold_new(const struct settings *s, struct live *live);
void fold_free(struct fold *f);

/* Learns e as event seq into the shadow t.  *predicted (unless NULL): the test
 * prediction, NAN when the event was skipped. */
void fold_event(struct fold *f, struct table *t, const struct event *e,
                uint64_t seq, float *predicted);

/* For the registry of state (state.h). */
struct history *fold_history(const struct fold *f);
uint64_t fold_seen_hash(const struct fold *f);
uint64_t fold_seen_bytes(const struct fold *f);

#endif
