/* recommend.h -- a list of items for somebody: ranked, exact, n long whenever n
 * items qualify.
 *
 * Rankers, the next one where the one before knows nothing:
 *
 *   ranking   the score of the ranking head (score.h), for whom taste.h knows
 *   popular   trend (learn/trend.h); items without events behind all others,
 *             the newest first
 *   latest    the newest first, while nothing has happened yet
 *
 * and `similar`, the similarity to an item (similar.h), which popular follows.
 * Equal scores are ordered by external id, rising by bytes.  Every item is
 * looked at, so lists are exact: first at what its score cannot exceed (sift.h),
 * then at the bits of its labels, and only where both leave it open at its vector
 * and its card.
 *
 * Lists for several users, of one question or of several, are made in one scan: a
 * block of items is scored for all of them while it is in the cache.
 */
#ifndef FRESHET_MODEL_RANK_RECOMMEND_H
#define FRESHET_MODEL_RANK_RECOMMEND_H

#include "model/core/filter.h"
#include "model/rank/diverse.h"
#include "model/rank/taste.h"

enum recommend_by { RECOMMEND_RANKING, RECOMMEND_POPULAR, RECOMMEND_LATEST,
                    RECOMMEND_SIMILAR };

#define RECOMMEND_PINNED_MAX 100u
#define RECOMMEND_BOOSTS_MAX 16u

/* Rows of items. */
struct recommend_rows {
    const uint32_t *row;
    uint32_t n;
};

/* Items that count for more, or less: the odds of the ranking head, the count of
 * popularity times `by`. */
struct recommend_boost {
    const struct filter *filter;   /* NULL: any */
    const struct recommend_rows *items; /* ascending; NULL: any */
    float by;                      /* > 0 */
};

struct recommend_query {
    const struct settings *s;
    void (*rest)(void);      /* NULL, or called again and again on the way, after
                                a tenth of a millisecond or so */
    enum recommend_by by;    /* the first ranker to try */
    const uint32_t *user;    /* (nusers) rows of the table, or ROW_NONE */
    uint32_t nusers;         /* >= 1 */
    uint32_t similar_to;     /* an item: for RECOMMEND_SIMILAR */
    const struct taste *history; /* (nhistory) what else is known of them */
    uint32_t nhistory;
    bool exclude_seen;       /* leave out the user's items, and the history's; */
    const struct seen_want *seen; /* ... of the user's those with which this was
                                done; NULL: whatever was done */
    uint32_t offset;         /* skip the first so many of the order */
    uint32_t n;              /* at most so many after them */
    const struct filter *filter;
    const struct recommend_rows *include; /* only these; NULL: all */
    struct recommend_rows exclude;
    struct recommend_rows pinned; /* <= RECOMMEND_PINNED_MAX: first, in this
                                order, if they may be shown at all */
    const struct recommend_boost *boost;
    uint32_t nboosts;        /* <= RECOMMEND_BOOSTS_MAX */
    float diversity;         /* 0..1 (diverse.h); above 0 offset + n is at most
                                DIVERSE_MAX */
};

struct recommend_list {
    enum recommend_by by;    /* the ranker it is from */
    const struct scored *items; /* (n) until the next run */
    uint32_t n;
    uint32_t npinned;        /* the first so many of them were pinned */
};

/* Any thread.  The list from its `offset`th item on, at most n of them. */
static inline void recommend_list_cut(struct recommend_list *l, uint32_t offset,
                                      uint32_t n)
{
    uint32_t skip = offset < l->n ? offset : l->n;
    uint32_t pins = skip < l->npinned ? l->npinned - skip : 0;
    l->items += skip;
    l->n = l->n - skip < n ? l->n - skip : n;
    l->npinned = pins < l->n ? pins : l->n;
}

/* Scratch memory that grows and is reused; one thread at a time. */
struct recommend;
struct recommend *recommend_new(void);
void recommend_free(struct recommend *r);

/* Any thread with a pinned table.  ERR_NOMEM: there are no lists. */
enum err recommend_run(struct recommend *r, const struct table *t,
                       const struct ids *items,
                       const struct recommend_query *q) MUSTCHECK;

/* The same in three steps, so that several questions, about the same copy, share
 * one scan: start each, whose *q stays until it is finished; scan for those n >= 1
 * that have started; finish each.  One that could not start goes no further. */
enum err recommend_start(struct recommend *r, const struct table *t,
                         const struct ids *items,
                         const struct recommend_query *q) MUSTCHECK;
void recommend_scan(struct recommend *const *r, uint32_t n);
enum err recommend_finish(struct recommend *r) MUSTCHECK;

/* The ranking vector, features in it, of the k-th user of the last run, whose
 * list is by RECOMMEND_RANKING; borrowed likewise.  NULL: the table's. */
const float *recommend_vector(const struct recommend *r, uint32_t k);

/* The list of the k-th user of the last run. */
void recommend_list(const struct recommend *r, uint32_t k,
                    struct recommend_list *out);

/* Any thread with a pinned table.  Is the item neither hidden nor deleted, and
 * available at that time? */
bool recommend_may_show(const struct table *t, uint32_t item, int64_t at_ms);

/* Any thread with a pinned table.  The n users after the first `offset` who are
 * most like this one, themselves apart: recommend_list() 0. */
enum err recommend_users(struct recommend *r, const struct table *t,
                         const struct ids *users, uint32_t user,
                         uint32_t offset, uint32_t n) MUSTCHECK;

#endif
