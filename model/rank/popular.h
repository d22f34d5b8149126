/* popular.h -- the items that are popular now, without those a user has seen.
 *
 * Order: trend (learn/trend.h) falling, then external id rising by bytes, so
 * that equal scores always come in one order and pages never overlap.
 */
#ifndef FRESHET_MODEL_RANK_POPULAR_H
#define FRESHET_MODEL_RANK_POPULAR_H

#include <stdbool.h>

#include "model/core/table.h"

struct ids;

/* The user's items as bits and a heap of rows: scratch that grows and is
 * reused.  Owned by the caller, zero-initialise, popular_scratch_release. */
struct popular_scratch {
    uint64_t *bits;
    size_t words;
    uint32_t *rows;      /* the heap */
    size_t nrows;
};
void popular_scratch_release(struct popular_scratch *s);

/* Any thread with a pinned table.  Writes up to n items to out, skipping the
 * first `offset` of the order; returns how many in *found.  user: a row or
 * ROW_NONE; exclude_seen: leave out the user's items.  score is the decayed
 * count of ratings at the model's clock.  `half_life_days` as in settings.
 * ERR_NOMEM leaves nothing changed. */
enum err popular_top(const struct table *t, const struct ids *item_ids,
                     double half_life_days, uint32_t user, int exclude_seen,
                     uint32_t offset, uint32_t n,
                     struct popular_scratch *scratch, struct scored *out,
                     uint32_t *found) MUSTCHECK;

#endif
