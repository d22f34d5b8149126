/* feature_step.c -- step_pair() of a pair with features.
 *
 *   b_u  += rate_bu (e - bias_l2 b_u)          p_u += rate_u (e q - factor_l2 p_u)
 *   b_f  += rate_bf (e w_f - bias_l2 b_f)      e_f += rate_f (e w_f p - factor_l2 e_f)
 *
 * and items likewise, where p and q are the vectors with their features, both
 * from before the step.  A feature's rates are feature_rate times those of the
 * row that it belongs to.  All or nothing, as step.h says.
 */
#include <string.h>

#include "model/core/card.h"
#include "model/core/rows.h"
#include "model/learn/fold_internal.h"
#include "model/rank/compose.h"

/* One side of the pair: its row, and where new values wait. */
struct side {
    float *vec;                  /* (dim) of the row */
    float *bias;
    const struct card *card;
    const float *other;          /* (dim) what it moves along per error */
    float rate, bias_rate;
    unsigned table;              /* FREEZE_... of the row */
    float *room;                 /* (1 + nfeatures, dim + 8) */
};

/* What a row of vec and bias becomes, to `to`: dim floats, then the bias.  0: all
 * of it is finite. */
static float new_row(const struct fold *f, const struct side *s,
                     const float *vec, float bias, float e, bool is_feature,
                     float *to)
{
    float part = is_feature ? f->feature_rate : 1.0f;
    float bias_part = is_feature ? f->s.feature_bias_rate : 1.0f;
    const dot_half *v = (const dot_half *)__builtin_assume_aligned(vec, 16);
    const dot_half *o = (const dot_half *)__builtin_assume_aligned(s->other,
                                                                   16);
    dot_half *out = (dot_half *)__builtin_assume_aligned(to, 16);
    dot_half bad = {0};
    if (f->s.freeze & (is_feature ? FREEZE_FEATURES : s->table)) {
        memcpy(to, vec, f->s.dim * sizeof *to);
        to[f->s.dim] = bias;
        return 0;
    }
    float rate = part * s->rate, l2 = f->decay.factor_l2;
    for (uint32_t j = 0; j < f->s.dim / 4; j++) {
        out[j] = v[j] + rate * (e * o[j] - l2 * v[j]);
        bad += out[j] - out[j];
    }
    bias += bias_part * s->bias_rate * (e - f->decay.bias_l2 * bias);
    to[f->s.dim] = bias;
    return ((bad[0] + bad[1]) + (bad[2] + bad[3])) + (bias - bias);
}

/* The same of the side's i-th feature. */
static float new_feature(const struct fold *f, const struct table *t,
                         const struct side *s, uint32_t i, float e)
{
    const struct card_feature *c = &s->card->feature[i];
    return new_row(f, s, &t->features.vec[(size_t)c->row * t->dim],
                   t->features.bias[c->row], e * c->weight, true,
                   s->room + (i + 1) * (f->s.dim + 8));
}

static float prepare(const struct fold *f, const struct table *t,
                     const struct side *s, float e)
{
    float bad = new_row(f, s, s->vec, *s->bias, e, false, s->room);
    for (uint32_t i = 0; s->card && i < s->card->nfeatures; i++)
        bad += new_feature(f, t, s, i, e);
    return bad;
}

static void store_features(struct fold *f, struct table *t,
                           const struct side *s)
{
    size_t width = f->s.dim + 8, bytes = t->dim * sizeof(float);
    for (uint32_t i = 0; s->card && i < s->card->nfeatures; i++) {
        uint32_t row = s->card->feature[i].row;
        const float *from = s->room + (i + 1) * width;
        memcpy(&t->features.vec[(size_t)row * t->dim], from, bytes);
        t->features.bias[row] = from[t->dim];
        rows_mark(f->marks.features, row, ROWS_STEP);
    }
}

static void store(struct fold *f, struct table *t, const struct side *s)
{
    memcpy(s->vec, s->room, t->dim * sizeof(float));
    *s->bias = s->room[t->dim];
    store_features(f, t, s);
}

bool feature_step_along(struct fold *f, struct table *t, uint32_t user,
                        uint32_t item, float e, const struct step_rates *r,
                        const struct step_along *along)
{
    struct side u = {.vec = &t->users.vec[(size_t)user * t->dim],
                     .bias = &t->users.bias[user],
                     .card = t->users.card[user],
                     .table = FREEZE_USERS,
                     .other = along->user,
                     .rate = r->user_factor, .bias_rate = r->user_bias,
                     .room = f->feature_room};
    struct side i = {.vec = &t->items.vec[(size_t)item * t->dim],
                     .bias = &t->items.bias[item],
                     .card = t->items.card[item],
                     .table = FREEZE_ITEMS,
                     .other = along->item,
                     .rate = r->item_factor, .bias_rate = r->item_bias,
                     .room = f->feature_room +
                             (size_t)(CARD_FEATURES_MAX + 1) * (t->dim + 8)};
    float bad = prepare(f, t, &u, e) + prepare(f, t, &i, e);
    if (!(bad == 0))
        return false;
    store(f, t, &u);
    store(f, t, &i);
    return true;
}

bool feature_step(struct fold *f, struct table *t, uint32_t user, uint32_t item,
                  float e, const struct step_rates *r)
{
    struct compose_room p, q;
    if (feature_is_usual(f, t, user, item))
        return feature_item_step(f, t, user, item, compose_item(t, item, &q), e,
                                 r);
    struct step_along along = {.user = compose_item(t, item, &q),
                               .item = compose_user(t, user, &p)};
    return feature_step_along(f, t, user, item, e, r, &along);
}

bool feature_step_alone(struct fold *f, struct table *t, uint32_t user,
                        uint32_t item, float e, const struct step_rates *r)
{
    struct compose_room p;
    struct side s = {.card = t->items.card[item], // and no row of its own
                     .other = compose_user(t, user, &p),
                     .rate = r->item_factor, .bias_rate = r->item_bias,
                     .room = f->feature_room};
    float bad = 0;
    for (uint32_t i = 0; i < s.card->nfeatures; i++)
        bad += new_feature(f, t, &s, i, e);
    if (!(bad == 0))
        return false;
    store_features(f, t, &s);
    return true;
}

/* ---- the usual pair ----------------------------------------------------- */

/* New vectors of the pair and of the item's features into room: (2 + nfeatures)
 * rows of n halves, user and item first.  0: all of it is finite. */
static inline __attribute__((always_inline)) float
item_vectors(const struct fold *f, const struct table *t, uint32_t user,
             uint32_t item, const dot_half *sum, float e,
             const struct step_rates *r, uint32_t n)
{
    const struct card *c = t->items.card[item];
    const float *features = t->features.vec;
    uint32_t nfeatures = c->nfeatures;
    const dot_half *p = (const dot_half *)__builtin_assume_aligned(
        &t->users.vec[(size_t)user * 4 * n], 16);
    const dot_half *q = (const dot_half *)__builtin_assume_aligned(
        &t->items.vec[(size_t)item * 4 * n], 16);
    dot_half *to = (dot_half *)__builtin_assume_aligned(f->feature_room, 16);
    float l2 = f->decay.factor_l2, rate = f->feature_rate * r->item_factor;
    float rp = r->user_factor, rq = r->item_factor; // not read again below
    dot_half bad = {0};
    for (uint32_t j = 0; j < n; j++) {
        dot_half x = p[j] + rp * (e * sum[j] - l2 * p[j]);
        dot_half y = q[j] + rq * (e * p[j] - l2 * q[j]);
        bad += (x - x) + (y - y);
        to[j] = x;
        to[n + j] = y;
    }
    to += 2 * n;
    for (uint32_t i = 0; i < nfeatures; i++, to += n) {
        const dot_half *v = (const dot_half *)__builtin_assume_aligned(
            &features[(size_t)c->feature[i].row * 4 * n], 16);
        float ew = e * c->feature[i].weight;
        for (uint32_t j = 0; j < n; j++) {
            dot_half x = v[j] + rate * (ew * p[j] - l2 * v[j]);
            bad += x - x;
            to[j] = x;
        }
    }
    return (bad[0] + bad[1]) + (bad[2] + bad[3]);
}

static inline __attribute__((always_inline)) void
item_store(struct fold *f, struct table *t, uint32_t user, uint32_t item,
           uint32_t n)
{
    const struct card *c = t->items.card[item];
    const dot_half *from = (const dot_half *)__builtin_assume_aligned(
        f->feature_room, 16);
    dot_half *p = (dot_half *)__builtin_assume_aligned(
        &t->users.vec[(size_t)user * 4 * n], 16);
    dot_half *q = (dot_half *)__builtin_assume_aligned(
        &t->items.vec[(size_t)item * 4 * n], 16);
    for (uint32_t j = 0; j < n; j++) {
        p[j] = from[j];
        q[j] = from[n + j];
    }
    from += 2 * n;
    for (uint32_t i = 0; i < c->nfeatures; i++, from += n) {
        dot_half *v = (dot_half *)__builtin_assume_aligned(
            &t->features.vec[(size_t)c->feature[i].row * 4 * n], 16);
        for (uint32_t j = 0; j < n; j++)
            v[j] = from[j];
    }
}

/* As new_row() has them. */
static float new_bias(const struct fold *f, float bias, float rate, float e)
{
    return bias + rate * (e - f->decay.bias_l2 * bias);
}

/* The biases of user, item and the item's features, in this order. */
static float item_biases(const struct fold *f, const struct table *t,
                         uint32_t user, uint32_t item, float e,
                         const struct step_rates *r, float *to)
{
    const struct card *c = t->items.card[item];
    float rate = f->s.feature_bias_rate * r->item_bias;
    to[0] = new_bias(f, t->users.bias[user], r->user_bias, e);
    to[1] = new_bias(f, t->items.bias[item], r->item_bias, e);
    float bad = (to[0] - to[0]) + (to[1] - to[1]);
    for (uint32_t i = 0; i < c->nfeatures; i++) {
        float x = new_bias(f, t->features.bias[c->feature[i].row], rate,
                           e * c->feature[i].weight);
        bad += x - x;
        to[2 + i] = x;
    }
    return bad;
}

bool feature_item_step(struct fold *f, struct table *t, uint32_t user,
                       uint32_t item, const float *sum, float e,
                       const struct step_rates *r)
{
    const struct card *c = t->items.card[item];
    const dot_half *q = (const dot_half *)__builtin_assume_aligned(sum, 16);
    uint32_t n = t->dim / 4;
    float bias[2 + CARD_FEATURES_MAX];
    float bad = n == 4 ? item_vectors(f, t, user, item, q, e, r, 4)
                       : item_vectors(f, t, user, item, q, e, r, n);
    bad += item_biases(f, t, user, item, e, r, bias);
    if (!(bad == 0))
        return false;
    if (n == 4)
        item_store(f, t, user, item, 4);
    else
        item_store(f, t, user, item, n);
    t->users.bias[user] = bias[0];
    t->items.bias[item] = bias[1];
    for (uint32_t i = 0; i < c->nfeatures; i++) {
        t->features.bias[c->feature[i].row] = bias[2 + i];
        rows_mark(f->marks.features, c->feature[i].row, ROWS_STEP);
    }
    return true;
}
