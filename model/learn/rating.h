/* rating.h -- the rating head: what an error teaches it.  The rule stands in
 * fold.h.  Trainer only.
 */
#ifndef FRESHET_MODEL_LEARN_RATING_H
#define FRESHET_MODEL_LEARN_RATING_H

#include "model/learn/fold_internal.h"
#include "model/rank/predict.h"

/* predict_pair() and what the neural head adds to it. */
static inline float rating_pair(struct fold *f, const struct table *t,
                                float mean, uint32_t user, uint32_t item)
{
    float pair = predict_pair(t, mean, user, item);
    return f->neural ? pair + neural_output(f->neural, t, user, item) : pair;
}

/* One step with these rates on the error e of the pair, its features among it;
 * false: the result would not be finite, nothing changed. */
bool rating_step(struct fold *f, struct table *t, uint32_t user, uint32_t item,
                 float e, const struct step_rates *r);

/* The step of a fresh event: rates by the counts of both rows. */
bool rating_learn(struct fold *f, struct table *t, uint32_t user,
                  uint32_t item, float e);

/* The replays of an event; the history has been there before it. */
void rating_replay(struct fold *f, struct table *t);

#endif
