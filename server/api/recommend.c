/* recommend.c -- what to show a user: popular items that are new to them. */
#include "proto/recommend.h"

#include <stdlib.h>
#include <string.h>

#include "model/core/ids.h"
#include "server/api/api.h"
#include "server/http/query.h"
#include "server/metrics.h"

static bool reserve(struct worker *w, size_t n)
{
    if (n <= w->ntop)
        return true;
    struct scored *top = realloc(w->top, n * sizeof *top);
    if (!top)
        return false;
    w->top = top;
    w->ntop = n;
    return true;
}

/* The list is picked and written under one pin: the names belong to the copy. */
static bool write_list(struct worker *w, const struct recommend_request *req)
{
    struct live *live = w->live;
    const struct ids *items = live_item_ids(live);
    uint32_t found = 0;
    int64_t from = app_now_ns();
    const struct table *t = live_pin(live, w->index);
    uint32_t user = ids_find(live_user_ids(live), req->user, t->users.n);
    struct popular_query q = {w->settings.half_life_days, user,
                              req->exclude_seen, req->offset, req->n};
    enum err err = popular_top(t, items, &q, &w->popular, w->top, &found);
    buf_clear(&w->body);
    recommend_begin(&w->body);
    for (uint32_t i = 0; err == ERR_OK && i < found; i++)
        recommend_item(&w->body, i == 0, ids_name(items, w->top[i].row),
                       w->top[i].score);
    recommend_end(&w->body, t->totals.seq, user == ROW_NONE);
    live_unpin(live, w->index);
    metrics_pin(w->metrics, app_now_ns() - from);
    return err == ERR_OK && !w->body.failed;
}

static void recommend(struct request *r, const struct recommend_request *req)
{
    struct worker *w = r->w;
    if (!reserve(w, req->n) || !write_list(w, req)) {
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
