/* rank_step.c -- see rank_step.h. */
#include "model/learn/rank_step.h"

#include <string.h>

#include "model/core/rows.h"
#include "model/learn/fold_internal.h"
#include "model/learn/lanes.h"
#include "model/learn/sigmoid.h"

/* (R) The place of the k-th item's vector with features, before the step. */
static inline float *sum_at(const struct rank_step *s, uint32_t k)
{
    return &s->f->rank_sums[(size_t)k * s->t->rdim];
}

static inline float item_rate(const struct rank_step *s, uint32_t item)
{
    return s->item_scale * rank_rate_at(s->f, s->t->items.positives[item]);
}

/* What l2 leaves of the user's vector. */
static inline float user_keep(const struct rank_step *s)
{
    return 1.0f - s->user_rate * ((float)s->n * s->l2);
}

/* ---- with care ----------------------------------------------------------- */

static void compose_sum(const struct rank_step *s, uint32_t k)
{
    struct compose_room room;
    const float *q = compose_rank_item(s->t, s->item[k], &room);
    memcpy(sum_at(s, k), q, s->t->rdim * sizeof *q);
}

static inline bool is_finite(dot_half zeros)
{
    return (zeros[0] + zeros[1]) + (zeros[2] + zeros[3]) == 0;
}

/* (1 - rate l2) v + rate g p, into the scratch.  False: it would not be finite. */
static bool next_row(const struct rank_step *s, const float *v, float rate,
                     float g)
{
    const dot_half *own = (const dot_half *)__builtin_assume_aligned(v, 16);
    const dot_half *p = (const dot_half *)__builtin_assume_aligned(s->p, 16);
    dot_half *to = s->f->rank_room.v, zeros = {0};
    float keep = 1.0f - rate * s->l2, by = rate * g;
    for (uint32_t j = 0; j < s->t->rdim / 4; j++) {
        to[j] = keep * own[j] + by * p[j];
        zeros += to[j] - to[j];
    }
    return is_finite(zeros);
}

static void learn_features(const struct rank_step *s, uint32_t item, float g)
{
    struct table *t = s->t;
    const struct card *c = t->items.card[item];
    float rate = item_rate(s, item) * s->feature_rate;
    if (!compose_has(c) || s->f->s.freeze & FREEZE_FEATURES)
        return;
    for (uint32_t i = 0; i < c->nfeatures; i++) {
        uint32_t row = c->feature[i].row;
        float *e = &t->features.rvec[(size_t)row * t->rdim];
        if (!next_row(s, e, rate, g * c->feature[i].weight))
            continue;
        memcpy(e, s->f->rank_room.v, t->rdim * sizeof *e);
        rows_mark(s->f->marks.features, row, ROWS_RANK);
    }
}

/* False: it would not be finite, and neither it nor its features have changed. */
static bool learn_item(const struct rank_step *s, uint32_t item, float g)
{
    struct table *t = s->t;
    float *own = &t->items.rvec[(size_t)item * t->rdim];
    float rate = item_rate(s, item);
    float bias = (1.0f - rate * s->l2) * t->items.rbias[item] + rate * g;
    if (!next_row(s, own, rate, g) || !(bias - bias == 0))
        return false;
    if (!(s->f->s.freeze & FREEZE_ITEMS)) {
        memcpy(own, s->f->rank_room.v, t->rdim * sizeof *own);
        t->items.rbias[item] = bias;
        rows_mark(s->f->marks.items, item, ROWS_RANK);
    }
    learn_features(s, item, g);
    return true;
}

/* False: it would not be finite. */
static bool learn_user(const struct rank_step *s, const float *g)
{
    const dot_half *p = (const dot_half *)__builtin_assume_aligned(s->p, 16);
    const dot_half *b = (const dot_half *)__builtin_assume_aligned(sum_at(s, 0),
                                                                   16);
    dot_half *to = (dot_half *)__builtin_assume_aligned(s->after, 16);
    dot_half zeros = {0};
    float keep = user_keep(s);
    uint32_t halves = s->t->rdim / 4;
    for (uint32_t j = 0; j < halves; j++) {
        dot_half sum = g[0] * b[j];
        for (uint32_t k = 1; k < s->n; k++)
            sum += g[k] * b[k * halves + j];
        to[j] = keep * p[j] + s->user_rate * sum;
        zeros += to[j] - to[j];
    }
    return is_finite(zeros);
}

static void learn_carefully(const struct rank_step *s)
{
    float g[RANK_STEP_MAX];
    for (uint32_t k = 0; k < s->n; k++) {
        compose_sum(s, k);
        float score = s->t->items.rbias[s->item[k]] +
                      dot_rows(s->p, sum_at(s, k), s->t->rdim);
        g[k] = s->weight * ((k ? 0.0f : s->label) - sigmoid(score));
    }
    if (!learn_user(s, g)) {
        memcpy(s->after, s->p, s->t->rdim * sizeof *s->after);
        s->t->totals.skipped++;
        return;
    }
    for (uint32_t k = 0; k < s->n; k++)
        if (!learn_item(s, s->item[k], g[k]))
            s->t->totals.skipped++;
}

/* ---- the same, fast ------------------------------------------------------ */

#define LANES 4
#define LANES_TARGET
#include "model/learn/rank_kernel.h"
#undef LANES
#undef LANES_TARGET
#ifdef __x86_64__
#define LANES 8
#define LANES_TARGET __attribute__((target("avx2")))
#include "model/learn/rank_kernel.h"
#else
#define learn_fast8 learn_fast4
#endif

/* Whatever is learned stays finite, so that the kernels need not look: l2 leaves
 * a part of 0 to 1 of a row, which is finite, and what is added is below 1e19
 * where the user's vector is small (lanes.h), less than what the largest number
 * is rounded by. */
static bool is_usual(const struct rank_step *s)
{
    float rate = s->item_scale * s->f->rank_rates[0]; // none is larger
    return s->f->simd != SIMD_CAREFUL && !s->f->s.freeze &&
           lanes_is_rate(s->user_rate) && lanes_is_rate(rate) &&
           lanes_is_rate(s->weight) && lanes_is_rate(s->feature_rate) &&
           rate * s->l2 <= 1 && rate * s->feature_rate * s->l2 <= 1;
}

void rank_step_learn(const struct rank_step *s)
{
    bool done = is_usual(s) && (s->f->simd == SIMD_32 ? learn_fast8(s)
                                                      : learn_fast4(s));
    if (!done)
        learn_carefully(s);
}
