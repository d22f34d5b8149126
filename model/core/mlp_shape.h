/* mlp_shape.h -- how the weights of the neural head lie in one block of floats.
 *
 * The head is a stack of dense layers on x = [p, q, p * q] (3K numbers, * being
 * element by element): hidden layers of model.hidden units, then one unit
 * without an activation, whose output is added to the rating.  Layer l has
 *
 *   weight   (out, in) row-major: unit o's weights are `in` floats in a row
 *   bias     (out)
 *
 * which is how PyTorch's nn.Linear keeps them.  Each begins at a multiple of 8
 * floats, so that a unit's weights can be multiplied as rows are (rank/dot.h);
 * what lies between is 0 for good.  Any thread, pure.
 */
#ifndef FRESHET_MODEL_CORE_MLP_SHAPE_H
#define FRESHET_MODEL_CORE_MLP_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MLP_HIDDEN_MAX 3     /* hidden layers, */
#define MLP_LAYERS_MAX (MLP_HIDDEN_MAX + 1)
#define MLP_UNITS_MAX  256u  /* ... and units of one: a multiple of 8 */
#define MLP_DIM_MAX    512u  /* K */

struct mlp_layer {
    uint32_t in, out;
    uint32_t weight, bias;   /* where they begin in the block */
};

struct mlp_shape {
    uint32_t dim;            /* K */
    uint32_t nlayers;        /* 0: there is no such head */
    uint32_t floats;         /* of the block */
    float slope;             /* of hidden units below 0 (rank/mlp.h) */
    struct mlp_layer layer[MLP_LAYERS_MAX];
};

/* Are these the units of hidden layers, from the first on, 0 behind the last?
 * None at all (no head) is fine. */
bool mlp_hidden_ok(const uint32_t hidden[MLP_HIDDEN_MAX]);

/* dim: a multiple of 8 up to MLP_DIM_MAX; hidden: as above. */
void mlp_shape_make(struct mlp_shape *s, uint32_t dim,
                    const uint32_t hidden[MLP_HIDDEN_MAX], float slope);

/* Of the block, and 0 without the head. */
static inline size_t mlp_bytes(const struct mlp_shape *s)
{
    return s->floats * sizeof(float);
}

#endif
