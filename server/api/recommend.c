/* recommend.c -- POST /v1/recommend and its short form: what to show somebody.
 *
 * The list is picked and written under one pin: names and rows belong to the
 * copy.
 */
#include "proto/recommend.h"

#include <string.h>

#include "model/core/ids.h"
#include "model/rank/recommend.h"
#include "server/api/api.h"
#include "server/http/query.h"
#include "server/metrics.h"

static const char *const rankers[] = {[RECOMMEND_RANKING] = "ranking",
                                      [RECOMMEND_POPULAR] = "popular",
                                      [RECOMMEND_LATEST] = "latest"};

/* The rows of the history that are known. */
static uint32_t find_history(const struct ids *items, uint32_t nitems,
                             const struct recommend_request *req,
                             struct taste *out)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < req->nhistory; i++) {
        uint32_t row = ids_find(items, req->history[i].item, nitems);
        if (row != ROW_NONE)
            out[n++] = (struct taste){row, req->history[i].weight};
    }
    return n;
}

static void write_list(struct buf *out, const struct ids *items,
                       const struct recommend_list *list)
{
    recommend_begin(out);
    for (uint32_t i = 0; i < list->n; i++) {
        struct scored s = list->items[i];
        recommend_item_begin(out, i == 0, ids_name(items, s.row), s.score);
        recommend_item_end(out);
    }
}

static bool answer(struct worker *w, const struct recommend_request *req)
{
    struct live *live = w->live;
    const struct ids *items = live_item_ids(live);
    struct taste history[RECOMMEND_HISTORY_MAX];
    struct recommend_list list;
    int64_t from = app_now_ns();
    const struct table *t = live_pin(live, w->index);
    struct recommend_query q = {.s = &w->settings,
                                .user = ROW_NONE,
                                .history = history,
                                .exclude_seen = req->exclude_seen,
                                .at_ms = app_now_ms(),
                                .offset = req->offset,
                                .n = req->n};
    if (req->user.len)
        q.user = ids_find(live_user_ids(live), req->user, t->users.n);
    q.nhistory = find_history(items, t->items.n, req, history);
    enum err err = recommend_run(w->recommend, t, items, &q, &list);
    buf_clear(&w->body);
    if (err == ERR_OK) {
        write_list(&w->body, items, &list);
        recommend_end(&w->body, rankers[list.by], t->totals.seq,
                      req->user.len && q.user == ROW_NONE);
    }
    live_unpin(live, w->index);
    metrics_pin(w->metrics, app_now_ns() - from);
    return err == ERR_OK && !w->body.failed;
}

static void recommend(struct request *r, const struct recommend_request *req)
{
    struct worker *w = r->w;
    if (!answer(w, req)) {
        request_fail(r, FAIL_busy, NULL);
        return;
    }
    metrics_count(w->metrics, COUNT_recommendations, 1);
    request_reply_json(r, 200, &w->body);
}

void api_recommend(struct request *r)
{
    struct recommend_request req;
    struct fail f;
    if (recommend_parse(r->body.p, r->body.len, &r->w->proto, &req, &f))
        recommend(r, &req);
    else
        request_reply_fail(r, &f);
}

void api_recommendations(struct request *r)
{
    const struct proto_limits *limits = &r->w->proto;
    struct recommend_request req = {.user = {r->id, r->id_len},
                                    .n = RECOMMEND_N < limits->top_n
                                             ? RECOMMEND_N : limits->top_n,
                                    .exclude_seen = true};
    struct query q = {.at = r->query ? r->query : ""};
    struct fail f;
    while (query_next(&q, &f)) {
        if (strcmp(q.name, "min_seq") == 0)
            continue; // read with the head
        if (!recommend_query(&req, q.name, q.value, limits, &f)) {
            request_reply_fail(r, &f);
            return;
        }
    }
    recommend(r, &req);
}
