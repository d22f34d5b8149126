/* rating_kernel.h -- replays of the rating head, compiled once per width of
 * registers (lanes.h).  A part of rating.c, which includes it; the rule stands
 * in feature_step.c.
 */

/* The rows of a pair: n vectors each, and the item's features as its brief has
 * them. */
struct LANES_PAIR {
    LANES_VEC *p, *q;
    float *bias_p, *bias_q;
    LANES_VEC *features;
    float *feature_bias;
    const struct brief *brief;
    uint32_t n;
};

LANES_INLINE LANES_VEC *LANES_NAME(feature)(const struct LANES_PAIR *x,
                                            uint32_t i)
{
    return &x->features[(size_t)brief_row(x->brief, i) * x->n];
}

/* The item's sum to `sum`, the prediction to *r.  False: something in the rows
 * is not small. */
LANES_INLINE bool LANES_NAME(look_at)(const struct LANES_PAIR *x,
                                      float mean, LANES_VEC *sum, float *r)
{
    LANES_BITS all = (LANES_BITS){0};
    uint32_t n = x->n, nfeatures = x->brief->n;
    float bias = *x->bias_q, far = fabsf(*x->bias_p) + fabsf(bias);
LANES_UNROLL
    for (uint32_t j = 0; j < n; j++) {
        sum[j] = x->q[j];
        all |= (LANES_BITS)x->q[j] | (LANES_BITS)x->p[j];
    }
    for (uint32_t i = 0; i < nfeatures; i++) {
        const LANES_VEC *v = LANES_NAME(feature)(x, i);
        float b = x->feature_bias[brief_row(x->brief, i)];
        bias += b;
        far += fabsf(b);
LANES_UNROLL
        for (uint32_t j = 0; j < n; j++) {
            sum[j] += v[j];
            all |= (LANES_BITS)v[j];
        }
    }
    *r = ((mean + *x->bias_p) + bias) + LANES_NAME(lanes_dot)(x->p, sum, n);
    return LANES_NAME(lanes_small)(&all) && far < LANES_RATE;
}

/* The step along the error e. */
LANES_INLINE void LANES_NAME(learn)(const struct LANES_PAIR *x,
                                    const LANES_VEC *sum, float e,
                                    const struct replay *s,
                                    const struct step_rates *r)
{
    float l2 = s->f->decay.factor_l2, bias_l2 = s->f->decay.bias_l2;
    float rp = r->user_factor, rq = r->item_factor;
    float rate = s->f->s.feature_rate * r->item_factor;
    float bias_rate = s->f->s.feature_bias_rate * r->item_bias;
    uint32_t n = x->n, nfeatures = x->brief->n;
    LANES_VEC along[COMPOSE_DIM_MAX / LANES];
LANES_UNROLL
    for (uint32_t j = 0; j < n; j++) {
        LANES_VEC a = x->p[j], b = x->q[j];
        along[j] = e * a;
        x->p[j] = a + rp * (e * sum[j] - l2 * a);
        x->q[j] = b + rq * (along[j] - l2 * b);
    }
    *x->bias_p += r->user_bias * (e - bias_l2 * *x->bias_p);
    *x->bias_q += r->item_bias * (e - bias_l2 * *x->bias_q);
    for (uint32_t i = 0; i < nfeatures; i++) {
        LANES_VEC *v = LANES_NAME(feature)(x, i);
        uint32_t row = brief_row(x->brief, i);
        float b = x->feature_bias[row];
LANES_UNROLL
        for (uint32_t j = 0; j < n; j++)
            v[j] = v[j] + rate * (along[j] - l2 * v[j]);
        x->feature_bias[row] = b + bias_rate * (e - bias_l2 * b);
        rows_mark(s->f->marks.features, row, ROWS_STEP);
    }
}

/* Predicts the pair and learns its error, and true; false, and nothing happens:
 * it is no pair for this (lanes.h). */
LANES_INLINE bool LANES_NAME(at_once)(const struct replay *s,
                                      const struct history_entry *h,
                                      const struct step_rates *r, uint32_t n)
{
    struct table *t = s->t;
    size_t user = h->user, item = h->item;
    struct LANES_PAIR x = {
        .p = (LANES_VEC *)&t->users.vec[user * n * LANES],
        .q = (LANES_VEC *)&t->items.vec[item * n * LANES],
        .bias_p = &t->users.bias[user], .bias_q = &t->items.bias[item],
        .features = (LANES_VEC *)t->features.vec,
        .feature_bias = t->features.bias,
        .brief = &t->items.brief[item], .n = n};
    LANES_VEC sum[COMPOSE_DIM_MAX / LANES];
    float pair;
    if (n < 8 / LANES) // dim is 8 at least, which compilers cannot know
        return false;
    if (x.brief->n > BRIEF_FEATURES || compose_has(t->users.card[user]) ||
        !LANES_NAME(look_at)(&x, s->mean, sum, &pair))
        return false;
    float e = clip(s->f, h->inner - pair);
    if (!lanes_is_rate(e) || !lanes_is_rate(r->user_factor) ||
        !lanes_is_rate(r->item_factor))
        return false;
    LANES_NAME(learn)(&x, sum, e, s, r);
    rows_mark(s->f->marks.users, h->user, ROWS_STEP);
    rows_mark(s->f->marks.items, h->item, ROWS_STEP);
    return true;
}

LANES_TARGET static void LANES_NAME(replay)(const struct replay *s)
{
    struct fold *f = s->f;
    for (uint32_t j = 0; j < f->s.replay; j++) {
        const struct history_entry *h = picks_next(&f->picks, s->t);
        struct step_rates r = replay_rates(f, s->t, h);
        bool done = !replay_drops(s, h, j) &&
                    (f->s.dim == 16
                         ? LANES_NAME(at_once)(s, h, &r, 16 / LANES)
                         : LANES_NAME(at_once)(s, h, &r, f->s.dim / LANES));
        if (!done)
            replay_step(s, h, &r, j);
    }
}
