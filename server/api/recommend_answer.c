/* recommend_answer.c -- see recommend_answer.h. */
#include "server/api/recommend_answer.h"

#include <stdlib.h>
#include <string.h>

#include "model/core/ids.h"
#include "server/api/explained.h"
#include "server/api/recommend_named.h"

_Static_assert(RECOMMEND_KEPT <= KEPT_ITEMS &&
               RECOMMEND_PINNED <= RECOMMEND_PINNED_MAX &&
               RECOMMEND_BOOSTS <= RECOMMEND_BOOSTS_MAX &&
               RECOMMEND_DIVERSE <= DIVERSE_MAX, "what may be asked is done");

static const char *const rankers[] = {[RECOMMEND_RANKING] = "ranking",
                                      [RECOMMEND_POPULAR] = "popular",
                                      [RECOMMEND_LATEST] = "latest",
                                      [RECOMMEND_SIMILAR] = "similar"};

void recommend_desk_release(struct recommend_desk *d)
{
    recommend_free(d->scratch);
    free(d->row);
    free(d->named);
    free(d->page);
    memset(d, 0, sizeof *d);
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

static void write_explanation(const struct writing *w, uint32_t k,
                              struct scored s)
{
    const struct named *m = w->m;
    struct explanation e;
    struct explain_query q = {
        .user = m->q.user[k], .item = s.row,
        .rvec = recommend_vector(w->d->scratch, k),
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

/* Of the k-th user. */
static void write_items(const struct writing *w, uint32_t k,
                        const struct recommend_list *list)
{
    // of a list that was kept nobody knows any more
    bool explain = w->req->explain && list->by == RECOMMEND_RANKING &&
                   !w->d->is_found;
    for (uint32_t i = 0; i < list->n; i++) {
        struct scored s = list->items[i];
        recommend_item_begin(w->out, i == 0, ids_name(w->m->items, s.row),
                             s.score, i < list->npinned);
        if (explain)
            write_explanation(w, k, s);
        recommend_item_end(w->out);
    }
}

static void write_list(const struct writing *w,
                       const struct recommend_list *list, uint64_t seq)
{
    uint32_t user = w->m->q.user[0];
    recommend_begin(w->out);
    write_items(w, 0, list);
    recommend_end(w->out, rankers[list->by], seq,
                  w->req->user.len && user == ROW_NONE);
}

static void write_lists(const struct writing *w)
{
    const struct named *m = w->m;
    const struct recommend_request *req = w->req;
    struct recommend_list list;
    recommend_lists_begin(w->out);
    for (uint32_t k = 0; k < req->users.n; k++) {
        recommend_list(w->d->scratch, k, &list);
        recommend_list_open(w->out, k == 0, req->users.id[k]);
        write_items(w, k, &list);
        recommend_list_close(w->out, rankers[list.by],
                             m->q.user[k] == ROW_NONE);
    }
    recommend_lists_end(w->out, m->t->totals.seq);
}

/* ---- lists that are kept ------------------------------------------------ */

static struct kept_key key_of(const struct recommend_source *from,
                              const struct recommend_request *req, uint64_t seq)
{
    return (struct kept_key){kept_lists_question(from->kept, req->question,
                                                 req->question_bytes), seq};
}

/* A page of a list that was kept, without what may not be shown any more: so a
 * page may be shorter, but no later one is moved. */
static bool find_kept(struct recommend_desk *d,
                      const struct recommend_source *from,
                      const struct recommend_request *req)
{
    struct recommend_list *l = &d->found;
    uint32_t n = 0, pinned = 0;
    if (!kept_lists_find(from->kept, from->live,
                         key_of(from, req, req->at_seq), req->offset, req->n,
                         d->page, l))
        return false;
    for (uint32_t i = 0; i < l->n; i++) {
        if (!recommend_may_show(d->named->t, d->page[i].row,
                                req->filter.at_ms))
            continue;
        pinned += i < l->npinned;
        d->page[n++] = d->page[i];
    }
    l->n = n;
    l->npinned = pinned;
    return true;
}

/* All of it is kept; the page is what was asked for. */
static void keep(const struct recommend_source *from,
                 const struct recommend_request *req, uint64_t seq,
                 struct recommend_list *list)
{
    kept_lists_put(from->kept, from->live, key_of(from, req, seq), list);
    recommend_list_cut(list, req->offset, req->n);
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
    return fail_set(f, FAIL_seq_gone, "the model has moved on to event %llu, "
                    "and there is no such list with \"keep\" any more: ask "
                    "for the first page again, or exclude what was shown",
                    (unsigned long long)seq);
}

bool recommend_answer_start(struct recommend_desk *d,
                            const struct recommend_source *from,
                            const struct table *t,
                            const struct recommend_request *req,
                            struct fail *f)
{
    if (!named_reserve(d, req))
        return fail_set(f, FAIL_busy, NULL);
    named_find(d, from, t, req);
    struct recommend_query *q = &d->named->q;
    d->is_found = req->has_at_seq && req->at_seq < t->totals.seq &&
                  !req->batch && find_kept(d, from, req);
    if (d->is_found)
        return true;
    if (!check_seq(req, t->totals.seq, f))
        return false;
    if (req->what == RECOMMEND_THE_LIKE) {
        q->similar_to = ids_find(d->named->items, req->like, t->items.n);
        if (q->similar_to == ROW_NONE)
            return fail_set(f, FAIL_unknown_item, NULL);
    }
    if (req->keep) {
        q->offset = 0;
        q->n = req->diversity > 0 ? RECOMMEND_DIVERSE : RECOMMEND_KEPT;
    }
    return recommend_start(d->scratch, t, d->named->items, q) == ERR_OK ||
           fail_set(f, FAIL_busy, NULL);
}

void recommend_answer_scan(struct recommend_desk *const *d, uint32_t n)
{
    struct recommend *all[RECOMMEND_ANSWERS];
    uint32_t scans = 0;
    for (uint32_t i = 0; i < n; i++)
        if (!d[i]->is_found)
            all[scans++] = d[i]->scratch;
    if (scans)
        recommend_scan(all, scans);
}

bool recommend_answer_finish(struct recommend_desk *d,
                             const struct recommend_source *from,
                             const struct recommend_request *req,
                             struct buf *out, struct fail *f)
{
    struct writing w = {.d = d, .m = d->named, .from = from, .req = req,
                        .out = out};
    struct recommend_list list;
    uint64_t seq = d->named->t->totals.seq;
    buf_clear(out);
    if (d->is_found) {
        write_list(&w, &d->found, req->at_seq);
    } else if (recommend_finish(d->scratch) != ERR_OK) {
        return fail_set(f, FAIL_busy, NULL);
    } else if (req->batch) {
        write_lists(&w);
    } else {
        recommend_list(d->scratch, 0, &list);
        if (req->keep)
            keep(from, req, seq, &list);
        write_list(&w, &list, seq);
    }
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
    if (!named_reserve(d, req))
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
