/* explain.c -- see explain.h. */
#include "model/rank/explain.h"

#include <math.h>

#include "model/learn/session.h"
#include "model/rank/explain_past.h"
#include "model/rank/mlp.h"
#include "model/rank/predict.h"
#include "model/rank/score.h"

#define KIND_NAME(name) #name,
static const char *const names[] = {EXPLAIN_KINDS(KIND_NAME)};

const char *explain_kind_name(enum explain_kind kind)
{
    return names[kind];
}

/* One of the two heads, and who and what is asked about. */
struct asked {
    const float *user_vec, *item_vec;    /* own; NULL: unknown */
    const struct card *user_card, *item_card;
    const float *vec, *bias;             /* of features; bias NULL: have none */
    uint32_t dim;
    float unit;                          /* of the answer per unit inside */
};

static void add(struct explanation *e, enum explain_kind kind, float value)
{
    e->part[e->nparts++] = (struct explain_part){.kind = kind,
                                                 .feature = ROW_NONE,
                                                 .value = value};
}

static void add_unless_zero(struct explanation *e, enum explain_kind kind,
                            float value)
{
    if (value != 0)
        add(e, kind, value);
}

/* The part of each feature of a card, in the order of their size; other: what
 * its vector meets, NULL: nothing. */
static void add_features(struct explanation *e, enum explain_kind kind,
                         const struct asked *a, const struct card *c,
                         const float *other)
{
    uint32_t first = e->nparts;
    for (uint32_t i = 0; c && i < c->nfeatures; i++) {
        uint32_t row = c->feature[i].row;
        float inner = a->bias ? a->bias[row] : 0;
        if (other)
            inner += dot_rows(other, &a->vec[(size_t)row * a->dim], a->dim);
        struct explain_part p = {.kind = kind, .feature = row,
                                 .value = a->unit * c->feature[i].weight *
                                          inner};
        uint32_t at = e->nparts;
        if (p.value == 0)
            continue;
        for (; at > first && fabsf(e->part[at - 1].value) < fabsf(p.value);
             at--)
            e->part[at] = e->part[at - 1];
        e->part[at] = p;
        e->nparts++;
    }
}

/* taste and the features of both sides. */
static void add_meeting(struct explanation *e, const struct asked *a,
                        const float *user)
{
    if (a->user_vec && a->item_vec)
        add(e, EXPLAIN_taste,
            a->unit * dot_rows(a->user_vec, a->item_vec, a->dim));
    add_features(e, EXPLAIN_user_feature, a, a->user_card, a->item_vec);
    add_features(e, EXPLAIN_feature, a, a->item_card, user);
}

static void add_clip(struct explanation *e, const struct settings *s)
{
    double sum = 0;
    for (uint32_t i = 0; i < e->nparts; i++)
        sum += (double)e->part[i].value;
    if (e->answer == s->rating_min || e->answer == s->rating_max)
        add_unless_zero(e, EXPLAIN_clip, (float)((double)e->answer - sum));
}

static void rating_parts(const struct table *t, const struct settings *s,
                         const struct explain_query *q, const struct asked *a,
                         const float *p, const float *item,
                         struct explanation *e)
{
    struct mlp_work work;
    const struct visitor *v = q->visitor;
    add(e, EXPLAIN_mean, predict_from_inner(s, (float)predict_mean(t)));
    if (p)
        add(e, EXPLAIN_user, a->unit * (v ? v->bias : t->users.bias[q->user]));
    if (q->user != ROW_NONE)
        add_unless_zero(e, EXPLAIN_session,
                        a->unit * session_value(&t->users, q->user, q->time_ms,
                                                s));
    if (item)
        add(e, EXPLAIN_item, a->unit * t->items.bias[q->item]);
    add_meeting(e, a, p);
    if (p && item && t->mlp)
        add_unless_zero(e, EXPLAIN_neural,
                        a->unit * mlp_forward(&t->mlp_shape, t->mlp, p, item,
                                              &work));
    e->answer = v ? visitor_rating(v, t, s, q->item, q->time_ms)
                  : predict_rating(t, s, q->user, q->item, q->time_ms);
    add_clip(e, s);
}

/* The cards of both sides, and the vectors of the rows. */
static void ask(const struct table *t, const struct explain_query *q,
                const float *users, const float *items, struct asked *a)
{
    if (q->user != ROW_NONE) {
        a->user_card = t->users.card[q->user];
        a->user_vec = &users[(size_t)q->user * a->dim];
    }
    if (q->item != ROW_NONE) {
        a->item_card = t->items.card[q->item];
        a->item_vec = &items[(size_t)q->item * a->dim];
    }
}

void explain_rating(const struct table *t, const struct settings *s,
                    const struct explain_query *q, struct explanation *out)
{
    struct compose_room proom, qroom;
    const float *p = NULL, *item = NULL;
    struct asked a = {.vec = t->features.vec, .bias = t->features.bias,
                      .dim = t->dim,
                      .unit = (s->rating_max - s->rating_min) / 4};
    ask(t, q, t->users.vec, t->items.vec, &a);
    if (q->visitor)
        a.user_vec = (const float *)q->visitor->vec.v;
    out->nparts = out->npast = 0;
    if (a.user_vec)
        p = compose(a.user_vec, a.user_card, a.vec, a.dim, &proom);
    if (a.item_vec)
        item = compose(a.item_vec, a.item_card, a.vec, a.dim, &qroom);
    rating_parts(t, s, q, &a, p, item, out);
    if (p && item)
        explain_past(t, &(struct past_space){t->items.vec, a.vec, p, item,
                                             a.dim, a.unit}, q, out);
}

void explain_score(const struct table *t, const struct explain_query *q,
                   struct explanation *out)
{
    struct compose_room proom, qroom;
    const float *p = NULL;
    struct asked a = {.vec = t->features.rvec, .dim = t->rdim, .unit = 1};
    ask(t, q, t->users.rvec, t->items.rvec, &a);
    if (q->rvec) {
        a.user_vec = q->rvec;
        a.user_card = NULL; // in it already
    }
    out->nparts = out->npast = 0;
    out->answer = 0;
    if (!a.item_vec)
        return;
    if (a.user_vec)
        p = compose(a.user_vec, a.user_card, a.vec, a.dim, &proom);
    out->answer = t->items.rbias[q->item];
    add(out, EXPLAIN_item, out->answer);
    if (!p)
        return;
    out->answer = score_item(t, p, q->item);
    add_meeting(out, &a, p);
    explain_past(t, &(struct past_space){
        t->items.rvec, a.vec, p,
        compose(a.item_vec, a.item_card, a.vec, a.dim, &qroom), a.dim, 1}, q,
        out);
}

void explain_boosted(struct explanation *e, float score)
{
    add_unless_zero(e, EXPLAIN_boost, score - e->answer);
    e->answer = score;
}
