/* mlp_shape.c -- see mlp_shape.h. */
#include "model/core/mlp_shape.h"

#include <string.h>

bool mlp_hidden_ok(const uint32_t hidden[MLP_HIDDEN_MAX])
{
    for (uint32_t l = 0; l < MLP_HIDDEN_MAX; l++)
        if (hidden[l] % 8 || hidden[l] > MLP_UNITS_MAX ||
            (l > 0 && hidden[l] && !hidden[l - 1]))
            return false;
    return true;
}

/* Places n floats; returns where they begin. */
static uint32_t place(struct mlp_shape *s, uint32_t n)
{
    uint32_t at = s->floats;
    s->floats += (n + 7) & ~7u;
    return at;
}

static void add_layer(struct mlp_shape *s, uint32_t in, uint32_t out)
{
    struct mlp_layer *layer = &s->layer[s->nlayers++];
    layer->in = in;
    layer->out = out;
    layer->weight = place(s, in * out);
    layer->bias = place(s, out);
}

void mlp_shape_make(struct mlp_shape *s, uint32_t dim,
                    const uint32_t hidden[MLP_HIDDEN_MAX], float slope)
{
    uint32_t in = 3 * dim;
    memset(s, 0, sizeof *s);
    s->dim = dim;
    s->slope = slope;
    for (uint32_t l = 0; l < MLP_HIDDEN_MAX && hidden[l]; l++) {
        add_layer(s, in, hidden[l]);
        in = hidden[l];
    }
    if (s->nlayers)
        add_layer(s, in, 1);
}
