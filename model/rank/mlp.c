/* mlp.c -- see mlp.h. */
#include "model/rank/mlp.h"

#include <string.h>

#include "model/rank/dot.h"

static void fill_input(float *input, const float *p, const float *q,
                       uint32_t dim)
{
    memcpy(input, p, dim * sizeof *p);
    memcpy(input + dim, q, dim * sizeof *q);
    for (uint32_t d = 0; d < dim; d++)
        input[2 * dim + d] = p[d] * q[d];
}

static float unit(const struct mlp *m, const struct mlp_layer *layer,
                  uint32_t o, const float *in)
{
    const float *weight = m->block + layer->weight + (size_t)o * layer->in;
    return dot_rows(weight, in, layer->in) + m->block[layer->bias + o];
}

float mlp_forward(const struct mlp *m, const float *p, const float *q,
                  struct mlp_work *work)
{
    uint32_t last = m->shape->nlayers - 1;
    fill_input(work->input, p, q, m->shape->dim);
    for (uint32_t l = 0; l < last; l++) {
        const struct mlp_layer *layer = &m->shape->layer[l];
        const float *in = mlp_in(work, l);
        for (uint32_t o = 0; o < layer->out; o++) {
            float z = unit(m, layer, o, in);
            work->hidden[l][o] = z > 0 ? z : m->slope * z;
        }
    }
    return unit(m, &m->shape->layer[last], 0, mlp_in(work, last));
}
