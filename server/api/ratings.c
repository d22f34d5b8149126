/* ratings.c -- POST /v1/ratings with a JSON document: one rating or an array,
 * all or nothing. */
#include "server/api/api.h"
#include "server/api/intake.h"
#include "server/metrics.h"

static void answer(struct request *r)
{
    struct receipt receipt = {.accepted = r->events,
                              .seq = r->first_seq + r->events - 1,
                              .has_model_seq = r->wait_applied,
                              .model_seq = live_seq(r->w->app->live)};
    buf_clear(&r->w->body);
    receipt_write(&r->w->body, &receipt);
    request_reply_json(r, r->wait_applied ? 200 : 202, &r->w->body);
}

static void no_ack(struct request *r, enum wake why)
{
    (void)why; // the wait for an ack ends by itself only when it is late
    request_fail(r, FAIL_unconfirmed, NULL);
}

void api_ratings(struct request *r)
{
    struct intake in = {.w = r->w};
    struct fail f;
    if (!ratings_parse(r->body.p, r->body.len, worker_proto(r->w),
                       intake_rating, &in, &f)) {
        metrics_count(r->w->metrics, COUNT_ratings_rejected, 1);
        batch_free(in.batch);
        request_reply_fail(r, &f);
        return;
    }
    enum err err = intake_submit(&in, r);
    if (err == ERR_OK) {
        request_park(r, WAIT_ACK, 0, no_ack);
        return;
    }
    batch_free(in.batch);
    intake_refused(r, err);
}

void api_ratings_document_acked(struct request *r, const struct ack *a)
{
    request_unpark(r);
    r->first_seq = a->first_seq;
    r->events = a->n;
    intake_finish(r, a->first_seq + a->n - 1, answer);
}
