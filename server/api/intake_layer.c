/* intake_layer.c -- see intake_layer.h. */
#include "server/api/intake_layer.h"

#include <math.h>

#include "model/learn/layer.h"
#include "model/learn/vector.h"

/* The layer that is meant; what the fold would skip is refused here, so that
 * the client is told. */
static const struct mlp_layer *find(const struct mlp_shape *shape,
                                    const struct vector *v, struct fail *f)
{
    if (v->layer >= shape->nlayers) {
        fail_set(f, FAIL_invalid_vector, "there is no layer %u: the neural "
                 "head has %u (model.hidden)", v->layer, shape->nlayers);
        return NULL;
    }
    if (v->layers && v->layers != shape->nlayers) {
        fail_set(f, FAIL_invalid_vector, "a model of %u layers: the neural "
                 "head has %u (model.hidden, and the last)", v->layers,
                 shape->nlayers);
        return NULL;
    }
    const struct mlp_layer *layer = &shape->layer[v->layer];
    if (v->unit >= layer->out) {
        fail_set(f, FAIL_invalid_vector, "there is no unit %u: layer %u has "
                 "%u (model.hidden)", v->unit, v->layer, layer->out);
        return NULL;
    }
    if (v->n == layer->in || (v->layer > 0 && v->n < layer->in))
        return layer;
    fail_set(f, FAIL_invalid_vector, "%u weights: a unit of layer %u has %u%s",
             v->n, v->layer, layer->in,
             v->layer ? " (model.hidden)" : ", 3 x model.rating_dim");
    return NULL;
}

/* From rating units to the inner scale: the factors that come in are larger by
 * the root of `by`, their products by all of it, and so is what goes out. */
static void scale(const struct mlp_shape *shape, const struct vector *v,
                  float by, float *weight, float *bias)
{
    float root = sqrtf(by);
    for (uint32_t i = 0; i < v->n; i++)
        weight[i] = v->at[i];
    for (uint32_t i = 0; v->layer == 0 && i < v->n; i++)
        weight[i] /= i < 2 * shape->dim ? root : by;
    if (v->layer + 1 < shape->nlayers)
        return;
    for (uint32_t i = 0; i < v->n; i++)
        weight[i] *= by;
    *bias *= by;
}

bool intake_layer(struct intake *in, const struct vector *v, struct fail *f)
{
    const struct settings *s = &in->w->settings;
    uint32_t hidden[MLP_HIDDEN_MAX];
    struct mlp_shape shape;
    unsigned char payload[LAYER_BYTES(3 * MLP_DIM_MAX, 1)];
    float weight[3 * MLP_DIM_MAX] = {0}, bias = v->bias;
    settings_hidden(s, hidden);
    mlp_shape_make(&shape, s->dim, hidden, s->hidden_slope);
    const struct mlp_layer *layer = find(&shape, v, f);
    if (!layer)
        return false;
    scale(&shape, v, vector_scale(s), weight, &bias);
    layer_encode(v->layer, v->unit, 1, layer->in, weight, &bias, payload);
    struct event e = {.type = EVENT_LAYER, .time_ms = TIME_UNSET,
                      .payload = payload,
                      .payload_bytes = (uint32_t)LAYER_BYTES(layer->in, 1)};
    return intake_event(in, &e, f);
}
