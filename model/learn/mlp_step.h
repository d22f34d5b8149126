/* mlp_step.h -- the neural head learns: gradients by hand, one SGD step.
 *
 * With e = target - prediction and f = the head's output, the loss e^2 / 2 has
 * the gradient -e df/dw, and df/dw comes from the last layer to the first:
 *
 *   d_L = 1                                          of the one unit at the end
 *   d_l = (W_{l+1}^T d_{l+1}) * a'_l                 a' = 1 where a > 0, else
 *                                                    slope; the sum over units
 *                                                    in their order
 *   df/dW_l = d_l a_{l-1}^T        df/db_l = d_l
 *   g = W_1^T d_1                                    of x = [p, q, p * q]
 *   df/dp = g_p + g_pq * q         df/dq = g_q + g_pq * p
 *
 *   W  = max(0, 1 - rate l2) W + rate c e df/dW    b += rate c e df/db
 *   c  = min(1, MLP_CLIP / (|e| |df/dw|))            the step's gradient is no
 *                                                    longer than MLP_CLIP
 *
 * INVARIANT  Weights are finite.  The length of df/dw is known from the vectors
 * d and a alone (|d a^T| = |d| |a|), so a step is refused before a weight is
 * touched if it is not finite; and what is taken moves no weight by more than
 * rate * MLP_CLIP.  So the check costs as much as a few units, not as all
 * weights.
 *
 * tests/unit/check_mlp.c compares all of it with finite differences.
 * Each operation rounded on its own, in the order written here.  Trainer only.
 */
#ifndef FRESHET_MODEL_LEARN_MLP_STEP_H
#define FRESHET_MODEL_LEARN_MLP_STEP_H

#include "model/rank/mlp.h"

#define MLP_CLIP 4.0f        /* on the inner scale 1..5 */

/* df/d... of one pair; 16-byte aligned. */
struct mlp_gradient {
    _Alignas(16) float input[3 * MLP_DIM_MAX];  /* g */
    float unit[MLP_HIDDEN_MAX][MLP_UNITS_MAX];  /* d_1, d_2, ... */
    float p[MLP_DIM_MAX], q[MLP_DIM_MAX];       /* df/dp, df/dq */
    float squared;                              /* |df/dw|^2, all weights */
};

struct mlp_rates {
    float rate, l2;
};

/* What the seeds of first weights are made from: weights of hidden layers with
 * standard deviation sqrt(2 / in) from random_u64(seed, RANDOM_INIT_MLP, layer,
 * unit * in + input), all else 0: at first the output is 0, and the model
 * what it would be without the head. */
void mlp_init(const struct mlp_shape *shape, uint64_t seed, float *block);

/* Fills *g for the pair that mlp_forward() has left in work. */
void mlp_backward(const struct mlp_shape *shape, const float *block,
                  const struct mlp_work *work, struct mlp_gradient *g);

/* May the step for error e be taken?  False: it would not be finite. */
bool mlp_step_ok(const struct mlp_gradient *g, float e);

/* Takes it. */
void mlp_step(const struct mlp_shape *shape, float *block,
              const struct mlp_work *work, const struct mlp_gradient *g,
              float e, const struct mlp_rates *r);

#endif
