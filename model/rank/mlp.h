/* mlp.h -- the neural head: what it adds to the rating of a user and an item.
 *
 *   a_0 = [p, q, p * q]                       * element by element
 *   z_l = W_l a_{l-1} + b_l                   a sum in the lane order of dot.h,
 *                                             then the bias
 *   a_l = z_l * (z_l > 0 ? 1 : slope)         hidden layers: leaky ReLU, with
 *                                             slope 0 plain ReLU
 *   output = z of the last layer, which has one unit
 *
 * p and q are the vectors that the rating's dot product is made of.  Layers lie
 * as core/mlp_shape.h says.  The same bits on every machine.
 * Any thread: pure functions of their arguments.
 */
#ifndef FRESHET_MODEL_RANK_MLP_H
#define FRESHET_MODEL_RANK_MLP_H

#include "model/core/mlp_shape.h"
#include "model/rank/dot.h"

/* What the head computes on its way, 16-byte aligned; of each layer a_{l-1}. */
struct mlp_work {
    _Alignas(16) float input[3 * MLP_DIM_MAX];          /* a_0 */
    float hidden[MLP_HIDDEN_MAX][MLP_UNITS_MAX];        /* a_1, a_2, ... */
};

/* [p, q, p * q], which is (3 dim), to `input`. */
void mlp_input(float *input, const float *p, const float *q, uint32_t dim);

/* The output for p and q, (K) each, 16-byte aligned.  shape: with at least one
 * layer; block: (shape->floats) weights, 16-byte aligned. */
float mlp_forward(const struct mlp_shape *shape, const float *block,
                  const float *p, const float *q, struct mlp_work *work);

/* What goes into layer l. */
static inline const float *mlp_in(const struct mlp_work *work, uint32_t l)
{
    return l ? work->hidden[l - 1] : work->input;
}

/* The activation's slope at each of four units: 1 where v > 0, else `slope`; v
 * may be z or a.  By masks: a branch would be a coin toss. */
static inline dot_half mlp_slopes(dot_half v, float slope)
{
    typedef int32_t mask __attribute__((vector_size(16), may_alias));
    const dot_half zero = {0}, one = {1, 1, 1, 1};
    const dot_half other = {slope, slope, slope, slope};
    mask above = v > zero;
    return (dot_half)((above & (mask)one) | (~above & (mask)other));
}

#endif
