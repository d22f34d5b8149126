/* train.h -- epochs over the history: training as in batch, inside the fold.
 *
 * An EVENT_TRAIN (core/training.h) has every rating that the history holds
 * learned again, epochs times over, each time in another order.  The stream
 * taught each rating once and moved on; this settles what it knew, as the
 * batch trainers do, and is what `freshet import ratings.csv --epochs=N` ends
 * with.
 *
 *   fresh: the rows that the history names go back to bias 0 and the factors
 *     that a new row gets, but of size `init`
 *   epoch k = 0 .. epochs-1, at the rates times decay^k (a product, epoch by
 *     epoch): every entry of the history learns by the step of step.h, whatever
 *     its rows' counts; the mean stays that of all ratings
 *   the sessions of those users end: their moods were those of another model
 *   what learn.freeze names stays as it is; learn.trust_half counts; weights of
 *     the neural head go on from where they are
 *
 * The order of epoch k is a permutation of the places 0 .. n-1 drawn from
 * (seed, seq of the event, k): a Feistel network over the smallest power of two
 * that holds n, walked until it lands below n.  It needs no memory, however
 * long the history.
 *
 * Then the ranking head learns its history of positives again, epochs times over
 * in such orders, each with negatives of its own, from where it is (ranking.h):
 * at 1.5 / epochs of a fresh step (0.31 at most), times decay^k.
 *
 * What it costs: epochs * n steps, about 10 M/s at K = 16.  For that long the
 * trainer publishes nothing: the copy that serves stays as it was, and events
 * queue up.  Trainer only.
 */
#ifndef FRESHET_MODEL_LEARN_TRAIN_H
#define FRESHET_MODEL_LEARN_TRAIN_H

#include "model/types.h"

struct fold;
struct table;
struct event;

/* Folds an EVENT_TRAIN.  A payload that is none, and a history that is off, are
 * counted in totals.skipped; so is each step that would not be finite. */
void train_event(struct fold *f, struct table *t, const struct event *e,
                 uint64_t seq);

/* Any thread.  The place of step i of n (i < n) in epoch `epoch` of the train
 * event `seq`: a permutation.  For tests; train_event() draws the same. */
uint32_t train_place(uint64_t seed, uint64_t seq, uint32_t epoch, uint32_t n,
                     uint32_t i);

#endif
