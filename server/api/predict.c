/* predict.c -- POST /v1/predict: parse, pin, predict, unpin, reply. */
#include "model/rank/predict_batch.h"

#include <stdlib.h>

#include "model/core/ids.h"
#include "proto/predict.h"
#include "server/api/api.h"
#include "server/api/explained.h"
#include "server/api/visit.h"
#include "server/metrics.h"

/* Room in the worker's scratch for n answers. */
static bool reserve(struct worker *w, size_t n)
{
    if (w->settings.hidden_1 && !w->batch) {
        w->batch = predict_batch_new(&w->settings);
        if (!w->batch)
            return false;
    }
    if (n <= w->nratings)
        return true;
    float *ratings = realloc(w->ratings, n * sizeof *ratings);
    if (ratings)
        w->ratings = ratings;
    unsigned char *cold = ratings ? realloc(w->cold, n) : NULL;
    if (cold)
        w->cold = cold;
    if (ratings && cold)
        w->nratings = n;
    return ratings && cold;
}

/* The i-th pair of a request that says more than who and what. */
static void predict_visit(struct worker *w, const struct table *t,
                          const struct predict_request *req, uint32_t i)
{
    struct visit v;
    struct explanation e;
    visit_begin(&v, w, t, &req->pairs[i]);
    visit_rate(&v, w, t, &req->past);
    w->ratings[i] = visit_rating(&v, w, t);
    w->cold[i] = visit_cold(&v);
    if (!req->explain)
        return;
    visit_explain(&v, w, t, false, EXPLAINED_SCAN / req->n, &e);
    buf_puts(&w->explained, i ? ",{" : "{");
    explained_write(&w->explained, w->live, &e);
    buf_putc(&w->explained, '}');
}

/* The pairs of one that does not; in batches where that is sooner done. */
static void predict_plain(struct worker *w, const struct table *t,
                          const struct predict_request *req)
{
    const struct ids *users = live_user_ids(w->live);
    const struct ids *items = live_item_ids(w->live);
    bool many = w->batch && req->n >= MLP_BATCH_LEAST;
    if (many)
        predict_batch_begin(w->batch, t, &w->settings);
    for (uint32_t i = 0; i < req->n; i++) {
        uint32_t u = ids_find(users, req->pairs[i].user, t->users.n);
        uint32_t v = ids_find(items, req->pairs[i].item, t->items.n);
        if (many)
            predict_batch_add(w->batch, u, v, req->pairs[i].time_ms,
                              &w->ratings[i]);
        else
            w->ratings[i] = predict_rating(t, &w->settings, u, v,
                                           req->pairs[i].time_ms);
        w->cold[i] = (unsigned char)((u == ROW_NONE ? PREDICT_COLD_USER : 0) |
                                     (v == ROW_NONE ? PREDICT_COLD_ITEM : 0));
    }
    if (many)
        predict_batch_end(w->batch);
}

/* All pairs from one copy of the model, so that they belong together. */
static uint64_t predict_pairs(struct worker *w,
                              const struct predict_request *req)
{
    struct live *live = w->live;
    bool plain = !req->explain && !req->past.n && req->pairs[0].user.len;
    int64_t from = req->n > 1 || !plain ? app_now_ns() : 0;
    const struct table *t = live_pin(live, w->index);
    buf_clear(&w->explained);
    for (uint32_t i = 0; !plain && i < req->n; i++)
        predict_visit(w, t, req, i);
    if (plain)
        predict_plain(w, t, req);
    uint64_t seq = t->totals.seq;
    live_unpin(live, w->index);
    if (from)
        metrics_pin(w->metrics, app_now_ns() - from);
    return seq;
}

static void count(struct worker *w, const struct predict_request *req)
{
    uint64_t ncold = 0;
    for (uint32_t i = 0; i < req->n; i++)
        ncold += w->cold[i] != 0;
    metrics_count(w->metrics, COUNT_predictions, req->n);
    if (ncold)
        metrics_count(w->metrics, COUNT_predictions_cold, ncold);
    if (req->explain)
        metrics_count(w->metrics, COUNT_explanations, req->n);
}

void api_predict(struct request *r)
{
    struct worker *w = r->w;
    struct predict_request req;
    struct fail f;
    if (!predict_parse(r->body.p, r->body.len, worker_proto(w), &req, &f)) {
        request_reply_fail(r, &f);
        return;
    }
    if (!reserve(w, req.n) || !visit_reserve(w, req.past.n)) {
        request_fail(r, FAIL_busy, NULL);
        return;
    }
    struct predict_answer answer = {.ratings = w->ratings, .cold = w->cold,
                                    .explained = &w->explained};
    answer.model_seq = predict_pairs(w, &req);
    count(w, &req);
    buf_clear(&w->body);
    predict_write(&w->body, &req, &answer);
    if (w->body.failed)
        request_fail(r, FAIL_busy, NULL);
    else
        request_reply_json(r, 200, &w->body);
}
