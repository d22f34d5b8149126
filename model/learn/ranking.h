/* ranking.h -- the ranking head: what a positive event teaches it.
 *
 *   score(u, i) = rb_i + p_u . (q_i + sum of w_f er_f)
 *
 * learned by logistic regression: the event's item is an example with label 1,
 * `negatives` items drawn uniformly are examples with label 0.  Then `replay`
 * past positives are learned again, each with negatives of its own.  A negative
 * event (a dislike) is one example with label 0.
 *
 *   rate(n) = rank_rate / (1 + n / rank_half)^(1/4)    n: the row's positives
 *   the k-th negative of the event's j-th step (0: itself, then its replays) is
 *   item random_below(random_u64(seed, RANDOM_NEGATIVE, seq, 64 j + k), items);
 *   the item itself and what the user has seen are passed over (worth .02 of hit
 *   rate on MovieLens-100k)
 *
 * All examples of a step are learned at once, from what was there before it
 * (rank_step.h).  By rating predictions items are ranked worse
 * than by popularity; by this head twice as well (MovieLens-100k: .03, .08, .14
 * hit rate at 10).
 *
 * Binary32, in the order written here and in rank_step.h.  Trainer only.
 */
#ifndef FRESHET_MODEL_LEARN_RANKING_H
#define FRESHET_MODEL_LEARN_RANKING_H

#include "model/learn/fold.h"
#include "model/learn/history.h"

/* Learns the event of that weight: > 0 a positive, which enters the history of
 * positives, < 0 a negative.  The rows exist. */
void ranking_learn(struct fold *f, struct table *t, uint32_t user,
                   uint32_t item, float weight, uint64_t seq);

/* Learns a past positive again, as step `step` (1 ..) of event seq, at `scale` of
 * a fresh one: for training (train.h). */
void ranking_again(struct fold *f, struct table *t,
                   const struct history_entry *e, float scale, uint64_t seq,
                   uint32_t step);

#endif
