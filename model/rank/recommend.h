/* recommend.h -- a list of items for somebody: ranked, exact, n long whenever n
 * items qualify.
 *
 * Three rankers, the next one where the one before knows nothing:
 *
 *   ranking   the score of the ranking head (score.h), for whom taste.h knows
 *   popular   trend (learn/trend.h); items without events behind all others,
 *             the newest first
 *   latest    the newest first, while nothing has happened yet
 *
 * Equal scores are ordered by external id, rising by bytes.  Every item is
 * looked at, so lists are exact; whether one qualifies, which costs more than
 * its score, is asked only when it would be kept.
 */
#ifndef FRESHET_MODEL_RANK_RECOMMEND_H
#define FRESHET_MODEL_RANK_RECOMMEND_H

#include "model/rank/taste.h"

enum recommend_by { RECOMMEND_RANKING, RECOMMEND_POPULAR, RECOMMEND_LATEST };

struct recommend_query {
    const struct settings *s;
    enum recommend_by by;    /* the first ranker to try */
    uint32_t user;           /* a row of the table, or ROW_NONE */
    const struct taste *history; /* (nhistory) what else is known of them */
    uint32_t nhistory;
    bool exclude_seen;       /* leave out the user's items, and the history's */
    int64_t at_ms;           /* the time items must be available at */
    uint32_t offset;         /* skip the first so many of the order */
    uint32_t n;              /* at most so many after them */
};

struct recommend_list {
    enum recommend_by by;    /* the ranker it is from */
    const struct scored *items; /* (n) until the next list */
    uint32_t n;
};

/* Scratch memory that grows and is reused; one thread at a time. */
struct recommend;
struct recommend *recommend_new(void);
void recommend_free(struct recommend *r);

/* Any thread with a pinned table.  ERR_NOMEM: nothing is in *out. */
enum err recommend_run(struct recommend *r, const struct table *t,
                       const struct ids *items,
                       const struct recommend_query *q,
                       struct recommend_list *out) MUSTCHECK;

#endif
