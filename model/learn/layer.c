/* layer.c -- see layer.h. */
#include "model/learn/layer.h"

#include "model/core/bytes.h"
#include "model/learn/fold_internal.h"

void layer_encode(uint32_t layer, uint32_t first, uint32_t n, uint32_t in,
                  const float *weight, const float *bias,
                  unsigned char *payload)
{
    unsigned char *to = payload + 4;
    payload[0] = (unsigned char)layer;
    payload[1] = 0;
    put_u16(payload + 2, (uint16_t)first);
    for (uint32_t o = 0; o < n; o++) {
        for (uint32_t i = 0; i < in; i++, to += 4)
            put_f32(to, weight[(size_t)o * in + i]);
        put_f32(to, bias[o]);
        to += 4;
    }
}

/* The units that the event sets; *n: how many.  NULL: it does not fit the head,
 * or is not made of numbers. */
static const struct mlp_layer *fits(const struct mlp_shape *shape,
                                    const struct event *e, uint32_t *first,
                                    uint32_t *n)
{
    const unsigned char *p = e->payload;
    if (p[0] >= shape->nlayers)
        return NULL;
    const struct mlp_layer *layer = &shape->layer[p[0]];
    uint32_t each = 4 * (layer->in + 1);
    *first = get_u16(p + 2);
    *n = (e->payload_bytes - 4) / each;
    if ((e->payload_bytes - 4) % each || *first + *n > layer->out)
        return NULL;
    for (uint32_t at = 4; at < e->payload_bytes; at += 4) {
        float v = get_f32(p + at);
        if (v - v != 0)
            return NULL;
    }
    return layer;
}

void layer_event(struct fold *f, struct table *t, const struct event *e)
{
    uint32_t first, n;
    const struct mlp_layer *layer = fits(&t->mlp_shape, e, &first, &n);
    const unsigned char *from = e->payload + 4;
    if (!layer) {
        t->totals.skipped++;
        return;
    }
    for (uint32_t o = first; o < first + n; o++) {
        float *weight = t->mlp + layer->weight + (size_t)o * layer->in;
        for (uint32_t i = 0; i < layer->in; i++, from += 4)
            weight[i] = get_f32(from);
        t->mlp[layer->bias + o] = get_f32(from);
        from += 4;
    }
    *f->marks.mlp = true;
}
