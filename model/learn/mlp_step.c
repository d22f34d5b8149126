/* mlp_step.c -- see mlp_step.h. */
#include "model/learn/mlp_step.h"

#include <math.h>
#include <string.h>

#include "model/core/random.h"

/* ---- first weights ----------------------------------------------------- */

void mlp_init(const struct mlp_shape *shape, uint64_t seed, float *block)
{
    memset(block, 0, mlp_bytes(shape));
    for (uint32_t l = 0; l + 1 < shape->nlayers; l++) {
        const struct mlp_layer *layer = &shape->layer[l];
        float scale = sqrtf(2.0f / (float)layer->in) / RANDOM_BELL_SD;
        for (uint32_t i = 0; i < layer->in * layer->out; i++) {
            uint64_t r = random_u64(seed, RANDOM_INIT_MLP, l, i);
            block[layer->weight + i] = (float)random_bell(r) * scale;
        }
    }
}

/* ---- rows of floats, four at a time ------------------------------------ */

/* to = c * row, n a multiple of 4. */
static void set_row(float *to, float c, const float *row, uint32_t n)
{
    dot_half *t = (dot_half *)__builtin_assume_aligned(to, 16);
    const dot_half *r = (const dot_half *)__builtin_assume_aligned(row, 16);
    for (uint32_t j = 0; j < n / 4; j++)
        t[j] = c * r[j];
}

/* to += c[0] * row 0, += c[1] * row 1, ...: four rows, n apart. */
static void add_four(float *to, const float *c, const float *row, uint32_t n)
{
    dot_half *t = (dot_half *)__builtin_assume_aligned(to, 16);
    const dot_half *r = (const dot_half *)__builtin_assume_aligned(row, 16);
    const dot_half *s = r + n / 4, *u = s + n / 4, *v = u + n / 4;
    for (uint32_t j = 0; j < n / 4; j++)
        t[j] = (((t[j] + c[0] * r[j]) + c[1] * s[j]) + c[2] * u[j]) +
               c[3] * v[j];
}

/* w = keep * w + c * in, n a multiple of 4. */
static void step_row(float *w, float keep, float c, const float *in,
                     uint32_t n)
{
    dot_half *t = (dot_half *)__builtin_assume_aligned(w, 16);
    const dot_half *a = (const dot_half *)__builtin_assume_aligned(in, 16);
    for (uint32_t j = 0; j < n / 4; j++)
        t[j] = keep * t[j] + c * a[j];
}

/* ---- backward ---------------------------------------------------------- */

/* W^T d of a layer, to its inputs. */
static void back(const float *block, const struct mlp_layer *layer,
                 const float *d, float *to)
{
    const float *row = block + layer->weight;
    if (layer->out == 1) {
        set_row(to, d[0], row, layer->in);
        return;
    }
    memset(to, 0, layer->in * sizeof *to);
    for (uint32_t o = 0; o < layer->out; o += 4)
        add_four(to, d + o, row + (size_t)o * layer->in, layer->in);
}

/* From the outputs of n units back to what they were before the activation. */
static void through(float *d, const float *out, float slope, uint32_t n)
{
    dot_half *t = (dot_half *)__builtin_assume_aligned(d, 16);
    const dot_half *a = (const dot_half *)__builtin_assume_aligned(out, 16);
    for (uint32_t j = 0; j < n / 4; j++)
        t[j] *= mlp_slopes(a[j], slope);
}

/* What a layer adds to |df/dw|^2. */
static float square(const struct mlp_layer *layer, const float *d,
                    const float *in)
{
    float units = layer->out == 1 ? d[0] * d[0] : dot_rows(d, d, layer->out);
    return units * (dot_rows(in, in, layer->in) + 1.0f); // 1: of the bias
}

/* Of p and q, from those of [p, q, p * q]. */
static void split(struct mlp_gradient *g, const float *input, uint32_t dim)
{
    const float *p = input, *q = input + dim;
    const float *both = g->input + 2 * dim;
    for (uint32_t d = 0; d < dim; d++) {
        g->p[d] = g->input[d] + both[d] * q[d];
        g->q[d] = g->input[dim + d] + both[d] * p[d];
    }
}

void mlp_backward(const struct mlp_shape *shape, const float *block,
                  const struct mlp_work *work, struct mlp_gradient *g)
{
    static const float one[1] = {1.0f};
    const float *d = one;
    g->squared = 0;
    for (uint32_t l = shape->nlayers; l-- > 0;) {
        const struct mlp_layer *layer = &shape->layer[l];
        const float *in = mlp_in(work, l);
        g->squared += square(layer, d, in);
        float *to = l ? g->unit[l - 1] : g->input;
        back(block, layer, d, to);
        if (l)
            through(to, in, shape->slope, layer->in);
        d = to;
    }
    split(g, work->input, shape->dim);
}

/* ---- the step ---------------------------------------------------------- */

bool mlp_step_ok(const struct mlp_gradient *g, float e)
{
    float length = e * e * g->squared;
    return length - length == 0;
}

void mlp_step(const struct mlp_shape *shape, float *block,
              const struct mlp_work *work, const struct mlp_gradient *g,
              float e, const struct mlp_rates *r)
{
    static const float one[1] = {1.0f};
    float length = sqrtf(e * e * g->squared);
    float keep = 1.0f - r->rate * r->l2;
    keep = keep > 0 ? keep : 0;
    float c = r->rate * e;
    if (length > MLP_CLIP)
        c *= MLP_CLIP / length;
    for (uint32_t l = 0; l < shape->nlayers; l++) {
        const struct mlp_layer *layer = &shape->layer[l];
        const float *d = l + 1 < shape->nlayers ? g->unit[l] : one;
        const float *in = mlp_in(work, l);
        float *row = block + layer->weight;
        for (uint32_t o = 0; o < layer->out; o++, row += layer->in) {
            step_row(row, keep, c * d[o], in, layer->in);
            block[layer->bias + o] += c * d[o];
        }
    }
}
