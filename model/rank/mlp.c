/* mlp.c -- see mlp.h. */
#include "model/rank/mlp.h"

#include <string.h>

void mlp_input(float *input, const float *p, const float *q, uint32_t dim)
{
    memcpy(input, p, dim * sizeof *p);
    memcpy(input + dim, q, dim * sizeof *q);
    for (uint32_t d = 0; d < dim; d++)
        input[2 * dim + d] = p[d] * q[d];
}

static const dot_half *halves(const float *p)
{
    return (const dot_half *)__builtin_assume_aligned(p, 16);
}

static float lanes_sum(dot_half low, dot_half high)
{
    dot_half s = low + high;
    return (s[0] + s[2]) + (s[1] + s[3]);
}

/* dot_rows() of each of two rows of weights, one behind the other, with the n
 * inputs, which are read once. */
static void dot_two(const float *weight, const float *in, uint32_t n,
                    float out[2])
{
    const dot_half *a = halves(in), *w = halves(weight);
    const dot_half *x = halves(weight + n);
    dot_half wlow = w[0] * a[0], whigh = w[1] * a[1];
    dot_half xlow = x[0] * a[0], xhigh = x[1] * a[1];
    for (uint32_t j = 2; j < n / 4; j += 2) {
        wlow += w[j] * a[j];
        whigh += w[j + 1] * a[j + 1];
        xlow += x[j] * a[j];
        xhigh += x[j + 1] * a[j + 1];
    }
    out[0] = lanes_sum(wlow, whigh);
    out[1] = lanes_sum(xlow, xhigh);
}

/* A hidden layer, from its inputs. */
static void layer_forward(const float *block, const struct mlp_layer *layer,
                          float slope, const float *in, float *out)
{
    const float *weight = block + layer->weight;
    const float *bias = block + layer->bias;
    for (uint32_t o = 0; o < layer->out; o += 2)
        dot_two(weight + (size_t)o * layer->in, in, layer->in, out + o);
    dot_half *to = (dot_half *)__builtin_assume_aligned(out, 16);
    for (uint32_t j = 0; j < layer->out / 4; j++) {
        dot_half z = to[j] + halves(bias)[j];
        to[j] = z * mlp_slopes(z, slope);
    }
}

float mlp_forward(const struct mlp_shape *shape, const float *block,
                  const float *p, const float *q, struct mlp_work *work)
{
    uint32_t last = shape->nlayers - 1;
    const struct mlp_layer *end = &shape->layer[last];
    mlp_input(work->input, p, q, shape->dim);
    for (uint32_t l = 0; l < last; l++)
        layer_forward(block, &shape->layer[l], shape->slope, mlp_in(work, l),
                      work->hidden[l]);
    return dot_rows(block + end->weight, mlp_in(work, last), end->in) +
           block[end->bias];
}
