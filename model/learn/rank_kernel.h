/* rank_kernel.h -- a step of the ranking head, compiled once per width of
 * registers (lanes.h).  A part of ranking.c, which includes it; the rule stands
 * in rank_step.h.
 */

/* The example at once, and true; false, and nothing happens: something in it is
 * not small, or the item's features do not stand in its brief.  n: vectors of a
 * row. */
LANES_INLINE bool LANES_NAME(example)(struct pass *s, uint32_t item,
                                      float label, uint32_t n)
{
    struct table *t = s->t;
    const struct brief *brief = &t->items.brief[item];
    uint32_t nfeatures = brief->n;
    float *features = t->features.rvec;
    LANES_VEC *own = (LANES_VEC *)&t->items.rvec[(size_t)item * n * LANES];
    LANES_VEC *a = (LANES_VEC *)s->now->v, b[COMPOSE_DIM_MAX / LANES];
    LANES_BITS all = (LANES_BITS){0};
    float bias = t->items.rbias[item], l2 = s->l2, ru = s->user_rate;
    float rate = s->item_scale * rank_rate_at(s->f, t->items.positives[item]);
    if (nfeatures > BRIEF_FEATURES)
        return false;
LANES_UNROLL
    for (uint32_t j = 0; j < n; j++) {
        b[j] = own[j];
        all |= (LANES_BITS)own[j] | (LANES_BITS)a[j];
    }
    for (uint32_t i = 0; i < nfeatures; i++) {
        const LANES_VEC *e = (const LANES_VEC *)
            &features[(size_t)brief_row(brief, i) * n * LANES];
LANES_UNROLL
        for (uint32_t j = 0; j < n; j++) {
            b[j] += e[j];
            all |= (LANES_BITS)e[j];
        }
    }
    if (!LANES_NAME(lanes_small)(&all) || !lanes_is_rate(rate) ||
        !lanes_is_rate(bias))
        return false;
    float score = bias + LANES_NAME(lanes_dot)(a, b, n);
    float g = s->weight * (label - sigmoid(score));
LANES_UNROLL
    for (uint32_t j = 0; j < n; j++) {
        LANES_VEC x = a[j], along = g * x;
        a[j] = x + ru * (g * b[j] - l2 * x);
        own[j] = own[j] + rate * (along - l2 * own[j]);
        b[j] = along;
    }
    t->items.rbias[item] = bias + rate * (g - l2 * bias);
    rows_mark(s->f->marks.items, item, ROWS_RANK);
    rate *= s->feature_rate;
    for (uint32_t i = 0; i < nfeatures; i++) {
        LANES_VEC *e = (LANES_VEC *)
            &features[(size_t)brief_row(brief, i) * n * LANES];
LANES_UNROLL
        for (uint32_t j = 0; j < n; j++)
            e[j] = e[j] + rate * (b[j] - l2 * e[j]);
        rows_mark(s->f->marks.features, brief_row(brief, i), ROWS_RANK);
    }
    return true;
}

/* The pair's item, then those that it is compared with. */
LANES_TARGET static void LANES_NAME(learn_examples)(struct pass *s,
                                                    const uint32_t *item,
                                                    uint32_t n, float label)
{
    for (uint32_t k = 0; k < n; k++, label = 0.0f) {
        bool done = s->t->rdim == 32
                        ? LANES_NAME(example)(s, item[k], label, 32 / LANES)
                        : LANES_NAME(example)(s, item[k], label,
                                              s->t->rdim / LANES);
        if (!done)
            learn_example(s, item[k], label);
    }
}
