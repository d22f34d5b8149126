/* recommend_named.h -- a request for recommendations with its names as rows of
 * the copy that it is answered from.  Parts of recommend_answer.c.
 */
#ifndef FRESHET_SERVER_API_RECOMMEND_NAMED_H
#define FRESHET_SERVER_API_RECOMMEND_NAMED_H

#include "model/rank/recommend.h"
#include "server/api/recommend_answer.h"

/* Borrowed from the request and from the desk. */
struct named {
    const struct table *t;
    const struct ids *users, *items;
    uint32_t *next;          /* where the next rows go */
    struct taste history[RECOMMEND_HISTORY];
    uint32_t past[RECOMMEND_HISTORY]; /* its rows alone */
    struct recommend_rows include, boosted[RECOMMEND_BOOSTS];
    struct recommend_boost boost[RECOMMEND_BOOSTS];
    struct filter filter[RECOMMEND_BOOSTS]; /* of the boosts */
    struct seen_want seen;
    struct recommend_query q;
};

/* Room at the desk for what the request names, and for a page of items.  False:
 * no memory. */
bool named_reserve(struct recommend_desk *d,
                   const struct recommend_request *req);

/* The request in rows of t, which is pinned, to d->named; after
 * named_reserve(). */
void named_find(struct recommend_desk *d, const struct recommend_source *from,
                const struct table *t, const struct recommend_request *req);

#endif
