/* rank_step.h -- one step of the ranking head: an event's item and those that it
 * is compared with, learned at once for its user.
 *
 *   s_k  = rb_k + p . b_k         g_k = weight * (label_k - sigmoid(s_k))
 *   p    = (1 - rate_u (n l2)) p + rate_u (g_0 b_0 + g_1 b_1 + ...)
 *   q_k  = (1 - rate_k l2) q_k   + (rate_k g_k) p
 *   rb_k = (1 - rate_k l2) rb_k  + rate_k g_k
 *   er_f = (1 - rate_f l2) er_f  + (rate_f (g_k w_f)) p
 *                                 for each feature f; rate_f = rate_k feature_rate
 *
 * for the examples k = 0 .. n-1.  b_k is q_k with its features (rank/compose.h), p
 * the user's with theirs; these and the scores are from before the step.  Items
 * learn in the order of k, a row that is met again from what it has become by
 * then.  A user's vector that would not be finite is not taken, and nothing is
 * with it; nor is an item, with its features, or a feature.
 *
 * DESIGN  When each example started from what the one before had left of p, it
 * waited for all of that one's arithmetic.  At once they rank as well: hit rate
 * at 10 of .1614, before .1607, on MovieLens-100k, .177 and .176 on
 * MovieTweetings-100k (standard error .001 and .003).  With 64 negatives it is
 * less on the first, .133 and .141.
 *
 * Trainer only.
 */
#ifndef FRESHET_MODEL_LEARN_RANK_STEP_H
#define FRESHET_MODEL_LEARN_RANK_STEP_H

#include "model/core/table.h"
#include "model/learn/settings.h"

#define RANK_STEP_MAX (1 + SETTINGS_NEGATIVES_MAX) /* examples */

struct fold;

/* Vectors are aligned to 32 bytes. */
struct rank_step {
    struct fold *f;
    struct table *t;
    const uint32_t *item;    /* (n) */
    uint32_t n;              /* 1 .. RANK_STEP_MAX */
    float label;             /* of the first item; the others have 0 */
    const float *p;          /* (R) the user's vector with features, */
    float *after;            /* (R) and what it becomes: the caller stores it */
    float user_rate;
    float item_scale;        /* of the items' rates, with trust (influence.h) */
    float weight;            /* >= 0 */
    float l2, feature_rate;  /* of the settings */
};

/* Items and features learn; steps that are passed over count as skipped. */
void rank_step_learn(const struct rank_step *s);

/* A row of the pair's will be learned soon. */
static inline __attribute__((always_inline)) void
rank_expect_item(const struct table *t, uint32_t item)
{
    for (uint32_t d = 0; d < t->rdim && d < 64; d += 16) // a cache line
        __builtin_prefetch(&t->items.rvec[(size_t)item * t->rdim + d], 1);
    __builtin_prefetch(&t->items.rbias[item], 1);
    __builtin_prefetch(&t->items.positives[item]);
    __builtin_prefetch(&t->items.brief[item]);
}

static inline __attribute__((always_inline)) void
rank_expect(const struct table *t, uint32_t user, uint32_t item)
{
    for (uint32_t d = 0; d < t->rdim && d < 64; d += 16)
        __builtin_prefetch(&t->users.rvec[(size_t)user * t->rdim + d], 1);
    __builtin_prefetch(&t->users.seen[user]);
    __builtin_prefetch(&t->users.nseen[user]);
    __builtin_prefetch(&t->users.positives[user]);
    __builtin_prefetch(&t->users.card[user]);
    rank_expect_item(t, item);
}

#endif
