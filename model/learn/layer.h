/* layer.h -- weights of the neural head that another model has learned:
 * EVENT_LAYER.
 *
 * The payload is the layer (1 byte, from 0), a zero, its first unit that is
 * meant (2 bytes), and for each unit from there on its `in` weights and its
 * bias: binary32, little endian.  A layer that is too large for one event is
 * sent as several.  Weights stand as in core/mlp_shape.h: those of PyTorch's
 * nn.Linear are that already, a Keras kernel is (in, out) and is transposed
 * first.  The first layer's inputs are [p, q, p * q]; what the last one gives is
 * on the inner scale 1..5 (in rating units, multiply its weights and bias by
 * 4 / (rating_max - rating_min)).
 *
 * A model with fewer units than model.hidden is the same model with units whose
 * weights, in and out, are 0.
 */
#ifndef FRESHET_MODEL_LEARN_LAYER_H
#define FRESHET_MODEL_LEARN_LAYER_H

#include "model/core/mlp_shape.h"
#include "model/store/event.h"

struct fold;
struct table;

/* Any thread.  Bytes of the payload for n units with so many inputs; how many
 * units fit into one event. */
#define LAYER_BYTES(in, n)  (4 + 4 * (size_t)(n) * ((size_t)(in) + 1))
#define LAYER_UNITS_MAX(in) ((EVENT_PAYLOAD_MAX - 4) / (4 * ((size_t)(in) + 1)))

/* Any thread.  The payload that sets units first .. first + n - 1 of the layer:
 * weight (n, in) and bias (n). */
void layer_encode(uint32_t layer, uint32_t first, uint32_t n, uint32_t in,
                  const float *weight, const float *bias,
                  unsigned char *payload);

/* Trainer only.  Folds an EVENT_LAYER.  Where there is no such layer or unit,
 * with another number of floats, or one that is not finite: a counted skip. */
void layer_event(struct fold *f, struct table *t, const struct event *e);

#endif
