/* rank_kernel.h -- a step of the ranking head, compiled once per width of
 * registers (lanes.h).  A part of rank_step.c, which includes it; the rule stands
 * in rank_step.h.
 */
#include "model/learn/sigmoid_lanes.h"

/* The row of a table of such.  (The promise says nothing new, but without it gcc
 * works out the address of each vector of the row.) */
LANES_INLINE LANES_VEC *LANES_NAME(row)(float *table, uint32_t row, uint32_t n)
{
    return (LANES_VEC *)__builtin_assume_aligned(
        &table[(size_t)row * n * LANES], sizeof(LANES_VEC));
}

/* The k-th item's vector with features, to its place, and its score.  a: the
 * user's vector; n: vectors of a row. */
LANES_INLINE float LANES_NAME(score)(const struct rank_step *s,
                                     const LANES_VEC *a, uint32_t k, uint32_t n)
{
    const struct table *t = s->t;
    const struct brief *brief = &t->items.brief[s->item[k]];
    const LANES_VEC *own = LANES_NAME(row)(t->items.rvec, s->item[k], n);
    float *features = t->features.rvec;
    LANES_VEC *sum = (LANES_VEC *)sum_at(s, k), b[COMPOSE_DIM_MAX / LANES];
    uint32_t nfeatures = brief->n;
    if (nfeatures > BRIEF_FEATURES) {
        compose_sum(s, k);
        own = sum;
        nfeatures = 0;
    }
LANES_UNROLL
    for (uint32_t j = 0; j < n; j++)
        b[j] = own[j];
    for (uint32_t i = 0; i < nfeatures; i++) {
        const LANES_VEC *e = LANES_NAME(row)(features, brief_row(brief, i), n);
LANES_UNROLL
        for (uint32_t j = 0; j < n; j++)
            b[j] += e[j];
    }
LANES_UNROLL
    for (uint32_t j = 0; j < n; j++)
        sum[j] = b[j];
    return t->items.rbias[s->item[k]] + LANES_NAME(lanes_dot)(a, sum, n);
}

/* The errors of all examples, to g. */
LANES_INLINE void LANES_NAME(errors)(const struct rank_step *s,
                                     const LANES_VEC *a, LANES_VEC *g,
                                     uint32_t n)
{
    LANES_VEC label = (LANES_VEC){s->label};
    float *score = (float *)g;
    for (uint32_t k = 0; k < s->n; k++)
        score[k] = LANES_NAME(score)(s, a, k, n);
    for (uint32_t k = s->n; k % LANES; k++)
        score[k] = 0;
    for (uint32_t k = 0; k < s->n; k += LANES, g++, label = (LANES_VEC){0}) {
        LANES_NAME(lanes_sigmoid)(g);
        *g = s->weight * (label - *g);
    }
}

/* False: it would not be finite. */
LANES_INLINE bool LANES_NAME(learn_user)(const struct rank_step *s,
                                         const LANES_VEC *a, const float *g,
                                         uint32_t n)
{
    LANES_VEC sum[COMPOSE_DIM_MAX / LANES], *to = (LANES_VEC *)s->after;
    const LANES_VEC *b = (const LANES_VEC *)sum_at(s, 0);
    LANES_BITS bad = (LANES_BITS){0};
    float keep = user_keep(s);
LANES_UNROLL
    for (uint32_t j = 0; j < n; j++)
        sum[j] = g[0] * b[j];
    for (uint32_t k = 1; k < s->n; k++) {
        b += n;
LANES_UNROLL
        for (uint32_t j = 0; j < n; j++)
            sum[j] += g[k] * b[j];
    }
LANES_UNROLL
    for (uint32_t j = 0; j < n; j++) {
        to[j] = keep * a[j] + s->user_rate * sum[j];
        bad |= (LANES_BITS)(to[j] - to[j]);
    }
    return LANES_NAME(lanes_small)(&bad); // 0 is, what is no number is not
}

/* The item and its features. */
LANES_INLINE void LANES_NAME(learn_item)(const struct rank_step *s,
                                         const LANES_VEC *a, uint32_t item,
                                         float g, uint32_t n)
{
    struct table *t = s->t;
    struct rows *marks = s->f->marks.features;
    const struct brief *brief = &t->items.brief[item];
    float *features = t->features.rvec;
    LANES_VEC *own = LANES_NAME(row)(t->items.rvec, item, n);
    LANES_VEC along[COMPOSE_DIM_MAX / LANES];
    uint32_t nfeatures = brief->n;
    float rate = item_rate(s, item), keep = 1.0f - rate * s->l2;
    float by = rate * g;
LANES_UNROLL
    for (uint32_t j = 0; j < n; j++)
        own[j] = keep * own[j] + by * a[j];
    t->items.rbias[item] = keep * t->items.rbias[item] + by;
    rows_mark(s->f->marks.items, item, ROWS_RANK);
    if (nfeatures > BRIEF_FEATURES) {
        learn_features(s, item, g);
        return;
    }
    rate *= s->feature_rate;
    keep = 1.0f - rate * s->l2;
    by = rate * g;
LANES_UNROLL
    for (uint32_t j = 0; j < n; j++)
        along[j] = by * a[j];
    for (uint32_t i = 0; i < nfeatures; i++) {
        uint32_t row = brief_row(brief, i);
        LANES_VEC *e = LANES_NAME(row)(features, row, n);
LANES_UNROLL
        for (uint32_t j = 0; j < n; j++)
            e[j] = keep * e[j] + along[j];
        rows_mark(marks, row, ROWS_RANK);
    }
}

/* True, and all of it is learned; false, and nothing has happened. */
LANES_INLINE bool LANES_NAME(learn)(const struct rank_step *s, uint32_t n)
{
    const LANES_VEC *p = (const LANES_VEC *)s->p;
    LANES_VEC a[COMPOSE_DIM_MAX / LANES];
    LANES_VEC errors[(RANK_STEP_MAX + LANES - 1) / LANES];
    const float *g = (const float *)errors;
    LANES_BITS all = (LANES_BITS){0};
LANES_UNROLL
    for (uint32_t j = 0; j < n; j++) {
        a[j] = p[j];
        all |= (LANES_BITS)a[j];
    }
    if (!LANES_NAME(lanes_small)(&all))
        return false;
    LANES_NAME(errors)(s, a, errors, n);
    if (!LANES_NAME(learn_user)(s, a, g, n))
        return false;
    for (uint32_t k = 0; k < s->n; k++)
        LANES_NAME(learn_item)(s, a, s->item[k], g[k], n);
    return true;
}

LANES_TARGET static bool LANES_NAME(learn_fast)(const struct rank_step *s)
{
    return s->t->rdim == 32 ? LANES_NAME(learn)(s, 32 / LANES)
                            : LANES_NAME(learn)(s, s->t->rdim / LANES);
}
