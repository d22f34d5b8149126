/* explain.c -- POST /v1/explain: why a prediction is what it is. */
#include "proto/explain.h"

#include "server/api/api.h"
#include "server/api/explained.h"
#include "server/api/visit.h"
#include "server/metrics.h"

/* Made and written under one pin: the names belong to the copy. */
static bool write_answer(struct worker *w, const struct explain_request *req)
{
    struct live *live = w->live;
    struct visit v;
    struct explanation e;
    int64_t from = app_now_ns();
    const struct table *t = live_pin(live, w->index);
    visit_begin(&v, w, t, &req->pair);
    visit_rate(&v, w, t, &req->past);
    bool ok = req->ranking && req->nliked == 0
                  ? visit_recall(&v, w, t)
                  : visit_like(&v, w, t, req->liked, req->nliked);
    if (ok)
        visit_explain(&v, w, t, req->ranking, EXPLAIN_SCAN, &e);
    buf_clear(&w->body);
    if (ok) {
        explain_begin(&w->body, req->ranking, e.answer);
        explained_write(&w->body, live, &e);
        explain_end(&w->body, t->totals.seq, visit_cold(&v));
    }
    live_unpin(live, w->index);
    metrics_pin(w->metrics, app_now_ns() - from);
    return ok && !w->body.failed;
}

void api_explain(struct request *r)
{
    struct worker *w = r->w;
    struct explain_request req;
    struct fail f;
    if (!explain_parse(r->body.p, r->body.len, worker_proto(w), &req, &f)) {
        request_reply_fail(r, &f);
        return;
    }
    if (req.ranking && w->settings.rdim == 0) {
        request_fail(r, FAIL_invalid_head,
                     "there is no ranking head (model.ranking_dim is 0)");
        return;
    }
    if (!visit_reserve(w, req.past.n > req.nliked ? req.past.n : req.nliked) ||
        !write_answer(w, &req)) {
        request_fail(r, FAIL_busy, NULL);
        return;
    }
    metrics_count(w->metrics, COUNT_explanations, 1);
    request_reply_json(r, 200, &w->body);
}
