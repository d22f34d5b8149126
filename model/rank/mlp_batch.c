/* mlp_batch.c -- see mlp_batch.h. */
#include "model/rank/mlp_batch.h"

#include <stdlib.h>

#include "model/rank/blas.h"

struct mlp_batch {
    struct mlp_shape shape;
    float *input;            /* (MLP_BATCH, 3 dim) */
    float *hidden[2];        /* (MLP_BATCH, MLP_UNITS_MAX), by turns */
};

struct mlp_batch *mlp_batch_new(const struct mlp_shape *shape)
{
    size_t hidden = sizeof(float) * MLP_BATCH * MLP_UNITS_MAX;
    struct mlp_batch *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->shape = *shape;
    b->input = aligned_alloc(64, sizeof(float) * MLP_BATCH * 3 * shape->dim);
    b->hidden[0] = aligned_alloc(64, hidden);
    b->hidden[1] = aligned_alloc(64, hidden);
    if (b->input && b->hidden[0] && b->hidden[1])
        return b;
    mlp_batch_free(b);
    return NULL;
}

void mlp_batch_free(struct mlp_batch *b)
{
    if (!b)
        return;
    free(b->input);
    free(b->hidden[0]);
    free(b->hidden[1]);
    free(b);
}

void mlp_batch_set(struct mlp_batch *b, uint32_t i, const float *p,
                   const float *q)
{
    uint32_t dim = b->shape.dim;
    mlp_input(b->input + (size_t)i * 3 * dim, p, q, dim);
}

/* Bias and activation of n rows of units. */
static void activate(const float *block, const struct mlp_layer *layer,
                     float slope, uint32_t n, float *out)
{
    const dot_half *bias = (const dot_half *)__builtin_assume_aligned(
        block + layer->bias, 16);
    dot_half *to = (dot_half *)__builtin_assume_aligned(out, 16);
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t j = 0; j < layer->out / 4; j++, to++) {
            dot_half z = *to + bias[j];
            *to = z * mlp_slopes(z, slope);
        }
    }
}

void mlp_batch_run(struct mlp_batch *b, const float *block, uint32_t n,
                   float *out)
{
    const struct mlp_layer *layer = b->shape.layer;
    const float *in = b->input;
    for (uint32_t l = 0; l + 1 < b->shape.nlayers; l++, layer++) {
        float *units = b->hidden[l & 1];
        blas_multiply(in, block + layer->weight, units, n, layer->out,
                      layer->in);
        activate(block, layer, b->shape.slope, n, units);
        in = units;
    }
    for (uint32_t i = 0; i < n; i++)
        out[i] = block[layer->bias];
    blas_add_dots(in, block + layer->weight, out, n, layer->in);
}
