/* recommend_named.c -- see recommend_named.h. */
#include "server/api/recommend_named.h"

#include <stdlib.h>

#include "model/core/ids.h"
#include "model/learn/seen_kinds.h"

static const enum recommend_by first_ranker[] = {
    [RECOMMEND_THE_BEST] = RECOMMEND_RANKING,
    [RECOMMEND_THE_POPULAR] = RECOMMEND_POPULAR,
    [RECOMMEND_THE_LATEST] = RECOMMEND_LATEST,
    [RECOMMEND_THE_LIKE] = RECOMMEND_SIMILAR};

bool named_reserve(struct recommend_desk *d,
                   const struct recommend_request *req)
{
    size_t n = (size_t)req->users.n + req->include.n + req->exclude.n +
               req->pinned.n + 1;
    for (uint32_t i = 0; i < req->nboosts; i++)
        n += req->boost[i].items.n;
    if (!d->scratch)
        d->scratch = recommend_new();
    if (!d->named)
        d->named = malloc(sizeof *d->named);
    if (n > d->rows) {
        uint32_t *row = malloc(n * sizeof *row);
        if (!row)
            return false;
        free(d->row);
        d->row = row;
        d->rows = n;
    }
    if (req->n > d->page_room) {
        struct scored *page = malloc(req->n * sizeof *page);
        if (!page)
            return false;
        free(d->page);
        d->page = page;
        d->page_room = req->n;
    }
    return d->scratch && d->named;
}

/* The rows of the items that are known. */
static struct recommend_rows find_items(struct named *m,
                                        const struct id_list *list)
{
    struct recommend_rows rows = {m->next, 0};
    for (uint32_t i = 0; i < list->n; i++) {
        uint32_t row = ids_find(m->items, list->id[i], m->t->items.n);
        if (row != ROW_NONE)
            m->next[rows.n++] = row;
    }
    m->next += rows.n;
    return rows;
}

static void find_users(struct named *m, const struct recommend_request *req)
{
    uint32_t n = req->batch ? req->users.n : 1;
    m->q.user = m->next;
    m->q.nusers = n;
    for (uint32_t i = 0; i < n; i++) {
        struct id id = req->batch ? req->users.id[i] : req->user;
        m->next[i] = id.len ? ids_find(m->users, id, m->t->users.n) : ROW_NONE;
    }
    m->next += n;
}

static void find_history(struct named *m, const struct recommend_request *req)
{
    for (uint32_t i = 0; i < req->nhistory; i++) {
        const struct recommend_past *past = &req->history[i];
        uint32_t row = ids_find(m->items, past->item, m->t->items.n);
        if (row == ROW_NONE)
            continue;
        m->past[m->q.nhistory] = row;
        m->history[m->q.nhistory++] = (struct taste){row, past->weight};
    }
    m->q.history = m->history;
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* at_ms: availability is the list's own matter, so a boost's filter shall not
 * know another time. */
static void find_boosts(struct named *m, const struct recommend_request *req)
{
    for (uint32_t i = 0; i < req->nboosts; i++) {
        const struct recommend_factor *b = &req->boost[i];
        uint32_t *row = m->next;
        m->filter[i] = b->filter;
        m->filter[i].at_ms = req->filter.at_ms;
        m->boosted[i] = find_items(m, &b->items);
        qsort(row, m->boosted[i].n, sizeof *row, ascending);
        m->boost[i] = (struct recommend_boost){
            .filter = b->has_filter ? &m->filter[i] : NULL,
            .items = b->has_items ? &m->boosted[i] : NULL,
            .by = b->by};
    }
    m->q.boost = m->boost;
    m->q.nboosts = req->nboosts;
}

/* Days are whole ones: that of the list and as many before it. */
static void find_seen(struct named *m, const struct recommend_request *req)
{
    uint32_t day = seen_day_of(req->filter.at_ms), kinds = 0;
    if (!req->exclude_kinds.n && !req->exclude_days)
        return;
    for (uint32_t i = 0; i < req->exclude_kinds.n; i++) {
        struct id kind = req->exclude_kinds.id[i];
        kinds |= recommend_is_rating(kind)
                     ? SEEN_RATING
                     : seen_kind_bit(&m->t->totals.kinds, kind.s, kind.len);
    }
    m->seen = (struct seen_want){
        .kinds = (uint16_t)(req->exclude_kinds.n ? kinds : SEEN_ANY),
        .day = (uint16_t)(req->exclude_days && day > req->exclude_days
                              ? day - req->exclude_days : 0)};
    m->q.seen = &m->seen;
}

void named_find(struct recommend_desk *d, const struct recommend_source *from,
                const struct table *t, const struct recommend_request *req)
{
    struct named *m = d->named;
    *m = (struct named){.t = t, .next = d->row};
    m->users = live_user_ids(from->live);
    m->items = live_item_ids(from->live);
    m->q = (struct recommend_query){.s = from->settings,
                                    .rest = from->rest,
                                    .by = first_ranker[req->what],
                                    .exclude_seen = req->exclude_seen,
                                    .offset = req->offset,
                                    .n = req->n,
                                    .filter = &req->filter,
                                    .diversity = req->diversity};
    find_users(m, req);
    find_history(m, req);
    m->include = find_items(m, &req->include);
    m->q.include = req->has_include ? &m->include : NULL;
    m->q.exclude = find_items(m, &req->exclude);
    m->q.pinned = find_items(m, &req->pinned);
    find_boosts(m, req);
    find_seen(m, req);
}
