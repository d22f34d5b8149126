/* visitor.c -- see visitor.h. */
#include "model/rank/visitor.h"

#include <string.h>

#include "model/learn/mlp_step.h"
#include "model/learn/session.h"
#include "model/learn/step.h"
#include "model/learn/step_table.h"
#include "model/rank/predict.h"

/* What one step works with. */
struct turn {
    const struct table *t;
    const struct settings *s;
    const struct card *card;         /* of the user, NULL: none */
    struct compose_room p, q;
    struct mlp_work work;
    struct mlp_gradient gradient;
};

static const struct card *card_of(const struct visitor *v,
                                  const struct table *t)
{
    return v->user == ROW_NONE ? NULL : t->users.card[v->user];
}

static const float *own(const struct visitor *v)
{
    return (const float *)v->vec.v;
}

/* mean + b + b_i, in the order of predict.h. */
static float base(const struct visitor *v, const struct table *t, uint32_t item)
{
    float inner = (float)predict_mean(t) + compose_bias(v->bias, card_of(v, t),
                                                        t->features.bias);
    if (item == ROW_NONE)
        return inner;
    return inner + compose_bias(t->items.bias[item], t->items.card[item],
                                t->features.bias);
}

float visitor_inner(const struct visitor *v, const struct table *t,
                    uint32_t item)
{
    struct compose_room proom, qroom;
    struct mlp_work work;
    float inner = base(v, t, item);
    if (item == ROW_NONE)
        return inner;
    const float *p = compose(own(v), card_of(v, t), t->features.vec, t->dim,
                             &proom);
    const float *q = compose_item(t, item, &qroom);
    inner += dot_rows(p, q, t->dim);
    if (t->mlp)
        inner += mlp_forward(&t->mlp_shape, t->mlp, p, q, &work);
    return inner;
}

float visitor_rating(const struct visitor *v, const struct table *t,
                     const struct settings *s, uint32_t item, int64_t time_ms)
{
    float inner = visitor_inner(v, t, item);
    if (v->user != ROW_NONE)
        inner += session_value(&t->users, v->user, time_ms, s);
    return predict_clip(s, inner);
}

static float clipped(const struct settings *s, float e)
{
    if (s->error_clip > 0 && e > s->error_clip)
        return s->error_clip;
    if (s->error_clip > 0 && e < -s->error_clip)
        return -s->error_clip;
    return e;
}

/* The factors' step along q [+ df/dp], unless the result is not finite. */
static void step_factors(struct visitor *v, struct turn *w, const float *q,
                         float e, float rate)
{
    const float *g = w->t->mlp ? w->gradient.p : NULL;
    const float *p = own(v);
    float *to = (float *)w->p.v, bad = 0;
    for (uint32_t d = 0; d < w->t->dim; d++) {
        float along = g ? q[d] + g[d] : q[d];
        float x = p[d] + rate * (e * along - w->s->factor_l2 * p[d]);
        bad += x - x;
        to[d] = x;
    }
    if (!(bad == 0))
        return;
    step_cap_norm(to, w->t->dim, w->s->norm_cap);
    memcpy(v->vec.v, to, w->t->dim * sizeof *to);
}

static void step(struct visitor *v, struct turn *w,
                 const struct visitor_rating *r, struct step_sizes size)
{
    const struct table *t = w->t;
    const float *q = NULL;
    float inner = base(v, t, r->item);
    if (r->item != ROW_NONE) {
        const float *p = compose(own(v), w->card, t->features.vec, t->dim,
                                 &w->p);
        q = compose_item(t, r->item, &w->q);
        inner += dot_rows(p, q, t->dim);
        if (t->mlp) {
            inner += mlp_forward(&t->mlp_shape, t->mlp, p, q, &w->work);
            mlp_backward(&t->mlp_shape, t->mlp, &w->work, &w->gradient);
        }
    }
    float e = clipped(w->s, r->inner - inner);
    float bias = v->bias + size.bias * (e - w->s->bias_l2 * v->bias);
    if (!(bias - bias == 0)) // a step that is not finite is not taken
        return;
    if (q)
        step_factors(v, w, q, e, size.factor);
    v->bias = bias;
}

void visitor_learn(struct visitor *v, const struct table *t,
                   const struct settings *s, uint32_t user,
                   const struct visitor_rating *ratings, uint32_t n)
{
    struct turn w = {.t = t, .s = s};
    uint32_t had = 0;
    memset(v, 0, sizeof *v);
    v->user = user;
    if (user != ROW_NONE) {
        had = t->users.count[user];
        v->bias = t->users.bias[user];
        memcpy(v->vec.v, &t->users.vec[(size_t)user * t->dim],
               t->dim * sizeof(float));
    }
    w.card = card_of(v, t);
    for (uint32_t i = 0; i < n; i++)
        step(v, &w, &ratings[i], step_table_compute(s, had + i));
}
