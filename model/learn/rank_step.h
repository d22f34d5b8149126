/* rank_step.h -- one logistic step of the ranking head on an item, for a user
 * whose vector is on its way through scratch memory.
 *
 *   s = rb_i + p . q        g = weight * (label - sigmoid(s))
 *   p    += rate_u (g q   - l2 p)
 *   q_i  += rate_i (g p   - l2 q_i)      from the old p
 *   rb_i += rate_i (g     - l2 rb_i)
 *   er_f += feature_rate rate_i (g w_f p - l2 er_f)   for each feature f
 *
 * q is q_i with its features (rank/compose.h), p the user's with theirs.  All or
 * nothing: what would not be finite is not taken.  Inline: forty-five of these
 * are learned with each event.  Trainer only.
 */
#ifndef FRESHET_MODEL_LEARN_RANK_STEP_H
#define FRESHET_MODEL_LEARN_RANK_STEP_H

#include <stdbool.h>

#include "model/core/table.h"
#include "model/learn/sigmoid.h"
#include "model/rank/compose.h"

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
