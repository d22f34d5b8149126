/* neural.h -- the neural head in the fold: its scratch, its part of a
 * prediction and its part of a step.
 *
 *   inner = mean + b_u + b_i + p . q + f(p, q)          f: rank/mlp.h
 *   p_u  += rate (e (q + df/dp) - factor_l2 p_u)        q_i, features likewise
 *   weights: learn/mlp_step.h, at learn.mlp_rate; replays at replay_rate of it
 *
 * With learn.freeze "all", or learn.mlp_rate 0, the weights stay as they are.
 *
 * p and q are the vectors with their features (rank/compose.h), all from before
 * the step; the step is taken whole or not at all.  Trainer only.
 */
#ifndef FRESHET_MODEL_LEARN_NEURAL_H
#define FRESHET_MODEL_LEARN_NEURAL_H

#include <stdbool.h>

#include "model/core/table.h"
#include "model/learn/settings.h"
#include "model/learn/step.h"

struct fold;
struct neural;

/* Boot only.  NULL: no memory. */
struct neural *neural_new(void);
void neural_free(struct neural *n);

/* f(p, q) of two rows of t. */
float neural_output(struct neural *n, const struct table *t, uint32_t user,
                    uint32_t item);

/* step_pair() with the head; soonest behind neural_output() of the pair. */
bool neural_step(struct fold *f, struct table *t, uint32_t user, uint32_t item,
                 float e, const struct step_rates *r);

#endif
