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

struct popular_query {
    double half_life_days;   /* as in settings */
    uint32_t user;           /* a row of the table, or ROW_NONE */
    bool exclude_seen;       /* leave out the user's items */
    uint32_t offset;         /* skip the first so many of the order */
    uint32_t n;              /* at most so many after them */
};

/* Any thread with a pinned table.  Writes up to q->n items to out, in order,
 * and how many to *found.  score is the decayed count of ratings at the model's
 * clock.  ERR_NOMEM leaves nothing changed. */
enum err popular_top(const struct table *t, const struct ids *item_ids,
                     const struct popular_query *q,
                     struct popular_scratch *scratch, struct scored *out,
                     uint32_t *found) MUSTCHECK;

#endif
