/* recommend.c -- POST /v1/recommend and its short forms: what to show somebody.
 *
 * Each makes a struct recommend_request of what came; the answer to it is the
 * same, whichever form that was.
 */
#include "proto/recommend.h"

#include <string.h>

#include "server/api/api.h"
#include "server/http/query.h"
#include "server/metrics.h"

static struct recommend_source source_of(struct worker *w)
{
    return (struct recommend_source){w->live, w->index, &w->settings};
}

static void reply(struct request *r, bool ok, const struct fail *f,
                  int64_t from_ns)
{
    struct worker *w = r->w;
    metrics_pin(w->metrics, app_now_ns() - from_ns);
    if (!ok) {
        request_reply_fail(r, f);
        return;
    }
    metrics_count(w->metrics, COUNT_recommendations, 1);
    request_reply_json(r, 200, &w->body);
}

static void recommend(struct request *r, const struct recommend_request *req)
{
    struct worker *w = r->w;
    struct recommend_source from = source_of(w);
    struct fail f;
    int64_t from_ns = app_now_ns();
    bool ok = recommend_answer(&w->recommend, &from, req, &w->body, &f);
    reply(r, ok, &f, from_ns);
}

void api_recommend(struct request *r)
{
    struct recommend_request req;
    struct fail f;
    if (recommend_parse(r->body.p, r->body.len, worker_proto(r->w), &req, &f))
        recommend(r, &req);
    else
        request_reply_fail(r, &f);
}

/* ---- short forms -------------------------------------------------------- */

/* The parameters after '?'; user: may they name one? */
static bool take_query(struct request *r, bool user,
                       struct recommend_request *req)
{
    struct query q = {.at = r->query ? r->query : ""};
    struct fail f = {.code = FAIL_NONE, .index = -1};
    while (query_next(&q, &f)) {
        if (strcmp(q.name, "min_seq") == 0)
            continue; // read with the head
        if (!user && strcmp(q.name, "user_id") == 0)
            fail_set(&f, FAIL_bad_query, "the path names the user");
        if (f.code != FAIL_NONE ||
            !recommend_query(req, q.name, q.value, &r->w->proto, &f))
            break;
    }
    if (f.code == FAIL_NONE)
        return true;
    request_reply_fail(r, &f);
    return false;
}

void api_recommendations(struct request *r)
{
    struct recommend_request req;
    recommend_short(&req, RECOMMEND_THE_BEST, worker_proto(r->w));
    req.user = (struct id){r->id, r->id_len};
    if (take_query(r, false, &req))
        recommend(r, &req);
}

void api_popular(struct request *r)
{
    struct recommend_request req;
    recommend_short(&req, RECOMMEND_THE_POPULAR, worker_proto(r->w));
    if (take_query(r, true, &req))
        recommend(r, &req);
}

void api_latest(struct request *r)
{
    struct recommend_request req;
    recommend_short(&req, RECOMMEND_THE_LATEST, worker_proto(r->w));
    if (take_query(r, true, &req))
        recommend(r, &req);
}

void api_similar_items(struct request *r)
{
    struct recommend_request req;
    recommend_short(&req, RECOMMEND_THE_LIKE, worker_proto(r->w));
    req.like = (struct id){r->id, r->id_len};
    if (take_query(r, true, &req))
        recommend(r, &req);
}

void api_similar_users(struct request *r)
{
    struct worker *w = r->w;
    struct recommend_source from = source_of(w);
    struct recommend_request req;
    struct fail f;
    recommend_short(&req, RECOMMEND_THE_BEST, worker_proto(w));
    if (!take_query(r, false, &req))
        return;
    int64_t from_ns = app_now_ns();
    bool ok = recommend_answer_users(&w->recommend, &from,
                                     (struct id){r->id, r->id_len}, &req,
                                     &w->body, &f);
    reply(r, ok, &f, from_ns);
}
