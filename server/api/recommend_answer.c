/* recommend_answer.c -- see recommend_answer.h. */
#include "server/api/recommend_answer.h"

#include <stdlib.h>
#include <string.h>

#include "model/core/ids.h"
#include "model/learn/seen_kinds.h"
#include "model/rank/recommend.h"
#include "server/api/explained.h"

_Static_assert(RECOMMEND_PINNED <= RECOMMEND_PINNED_MAX &&
               RECOMMEND_BOOSTS <= RECOMMEND_BOOSTS_MAX &&
               RECOMMEND_DIVERSE <= DIVERSE_MAX, "what may be asked is done");

static const char *const rankers[] = {[RECOMMEND_RANKING] = "ranking",
                                      [RECOMMEND_POPULAR] = "popular",
                                      [RECOMMEND_LATEST] = "latest",
                                      [RECOMMEND_SIMILAR] = "similar"};

static const enum recommend_by first_ranker[] = {
    [RECOMMEND_THE_BEST] = RECOMMEND_RANKING,
    [RECOMMEND_THE_POPULAR] = RECOMMEND_POPULAR,
    [RECOMMEND_THE_LATEST] = RECOMMEND_LATEST,
    [RECOMMEND_THE_LIKE] = RECOMMEND_SIMILAR};

void recommend_desk_release(struct recommend_desk *d)
{
    recommend_free(d->scratch);
    free(d->row);
    free(d->named);
    memset(d, 0, sizeof *d);
}

/* ---- ids to rows -------------------------------------------------------- */

/* A request's names as rows of the pinned copy. */
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

static bool reserve(struct recommend_desk *d,
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

static void name_all(struct named *m, const struct recommend_source *from,
                     const struct recommend_request *req)
{
    m->users = live_user_ids(from->live);
    m->items = live_item_ids(from->live);
    m->q = (struct recommend_query){.s = from->settings,
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

/* ---- writing ------------------------------------------------------------ */

/* What an answer is written from. */
struct writing {
    const struct recommend_desk *d;
    const struct named *m;
    const struct recommend_source *from;
    const struct recommend_request *req;
    struct buf *out;
};

static void write_explanation(const struct writing *w, uint32_t user,
                              struct scored s)
{
    const struct named *m = w->m;
    struct explanation e;
    struct explain_query q = {
        .user = user, .item = s.row,
        .rvec = m->q.nhistory ? recommend_vector(w->d->scratch) : NULL,
        .history = m->past, .nhistory = m->q.nhistory,
        .scan = EXPLAINED_SCAN / (w->req->n * m->q.nusers)};
    if (q.scan > EXPLAIN_SCAN)
        q.scan = EXPLAIN_SCAN;
    explain_score(m->t, &q, &e);
    if (m->q.nboosts)
        explain_boosted(&e, s.score);
    buf_puts(w->out, ",\"explanation\":{");
    explained_write(w->out, w->from->live, &e);
    buf_putc(w->out, '}');
}

static void write_items(const struct writing *w, uint32_t user,
                        const struct recommend_list *list)
{
    bool explain = w->req->explain && list->by == RECOMMEND_RANKING;
    for (uint32_t i = 0; i < list->n; i++) {
        struct scored s = list->items[i];
        recommend_item_begin(w->out, i == 0, ids_name(w->m->items, s.row),
                             s.score, i < list->npinned);
        if (explain)
            write_explanation(w, user, s);
        recommend_item_end(w->out);
    }
}

static void write_lists(const struct writing *w)
{
    const struct named *m = w->m;
    const struct recommend_request *req = w->req;
    struct recommend_list list;
    if (!req->batch) {
        recommend_list(w->d->scratch, 0, &list);
        recommend_begin(w->out);
        write_items(w, m->q.user[0], &list);
        recommend_end(w->out, rankers[list.by], m->t->totals.seq,
                      req->user.len && m->q.user[0] == ROW_NONE);
        return;
    }
    recommend_lists_begin(w->out);
    for (uint32_t k = 0; k < req->users.n; k++) {
        recommend_list(w->d->scratch, k, &list);
        recommend_list_open(w->out, k == 0, req->users.id[k]);
        write_items(w, m->q.user[k], &list);
        recommend_list_close(w->out, rankers[list.by],
                             m->q.user[k] == ROW_NONE);
    }
    recommend_lists_end(w->out, m->t->totals.seq);
}

/* ---- answers ------------------------------------------------------------ */

/* Is the copy the one that at_seq names? */
static bool check_seq(const struct recommend_request *req, uint64_t seq,
                      struct fail *f)
{
    if (!req->has_at_seq || req->at_seq == seq)
        return true;
    if (req->at_seq > seq)
        return fail_set(f, FAIL_stale, "the serving copy holds event %llu, "
                        "not at_seq %llu yet", (unsigned long long)seq,
                        (unsigned long long)req->at_seq);
    return fail_set(f, FAIL_seq_gone, "the model has moved on to event %llu: "
                    "ask for the first page again, or exclude what was shown",
                    (unsigned long long)seq);
}

bool recommend_answer_start(struct recommend_desk *d,
                            const struct recommend_source *from,
                            const struct table *t,
                            const struct recommend_request *req,
                            struct fail *f)
{
    if (!reserve(d, req))
        return fail_set(f, FAIL_busy, NULL);
    struct named *m = d->named;
    *m = (struct named){.t = t, .next = d->row};
    if (!check_seq(req, t->totals.seq, f))
        return false;
    name_all(m, from, req);
    if (req->what == RECOMMEND_THE_LIKE) {
        m->q.similar_to = ids_find(m->items, req->like, t->items.n);
        if (m->q.similar_to == ROW_NONE)
            return fail_set(f, FAIL_unknown_item, NULL);
    }
    return recommend_start(d->scratch, t, m->items, &m->q) == ERR_OK ||
           fail_set(f, FAIL_busy, NULL);
}

void recommend_answer_scan(struct recommend_desk *const *d, uint32_t n)
{
    struct recommend *all[RECOMMEND_ANSWERS];
    for (uint32_t i = 0; i < n; i++)
        all[i] = d[i]->scratch;
    if (n)
        recommend_scan(all, n);
}

bool recommend_answer_finish(struct recommend_desk *d,
                             const struct recommend_source *from,
                             const struct recommend_request *req,
                             struct buf *out, struct fail *f)
{
    buf_clear(out);
    if (recommend_finish(d->scratch) != ERR_OK)
        return fail_set(f, FAIL_busy, NULL);
    write_lists(&(struct writing){.d = d, .m = d->named, .from = from,
                                  .req = req, .out = out});
    return !out->failed || fail_set(f, FAIL_busy, NULL);
}

bool recommend_answer_users(struct recommend_desk *d,
                            const struct recommend_source *from,
                            const struct table *t, struct id id,
                            const struct recommend_request *req,
                            struct buf *out, struct fail *f)
{
    const struct ids *users = live_user_ids(from->live);
    struct recommend_list like;
    uint32_t row = ids_find(users, id, t->users.n);
    buf_clear(out);
    if (!reserve(d, req))
        return fail_set(f, FAIL_busy, NULL);
    if (!check_seq(req, t->totals.seq, f))
        return false;
    if (row == ROW_NONE)
        return fail_set(f, FAIL_unknown_user, NULL);
    if (recommend_users(d->scratch, t, users, row, req->offset, req->n) !=
        ERR_OK)
        return fail_set(f, FAIL_busy, NULL);
    recommend_users_begin(out);
    recommend_list(d->scratch, 0, &like);
    for (uint32_t i = 0; i < like.n; i++)
        recommend_user(out, i == 0, ids_name(users, like.items[i].row),
                       like.items[i].score);
    recommend_users_end(out, t->totals.seq);
    return !out->failed || fail_set(f, FAIL_busy, NULL);
}
