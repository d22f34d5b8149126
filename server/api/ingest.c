/* ingest.c -- what is ingested as a JSON document: one thing or an array, all or
 * nothing.  Its kind stands in the route. */
#include "proto/ratings.h"
#include "server/api/api.h"
#include "server/api/intake_kind.h"
#include "server/http/route.h"

static void answer(struct request *r)
{
    struct receipt receipt = {.accepted = r->events,
                              .duplicates = r->duplicates,
                              .seq = r->last_seq,
                              .has_model_seq = r->wait_applied,
                              .model_seq = live_seq(r->w->live)};
    buf_clear(&r->w->body);
    receipt_write(&r->w->body, &receipt);
    request_reply_json(r, r->wait_applied ? 200 : 202, &r->w->body);
}

static void no_ack(struct request *r, enum wake why)
{
    (void)why; // the wait for an ack ends by itself only when it is late
    request_fail(r, FAIL_unconfirmed, NULL);
}

void api_ingest(struct request *r)
{
    const struct intake_kind *kind = r->route->intake;
    struct intake in = {.w = r->w, .path = {r->id, r->id_len}};
    struct fail f;
    worker_proto(r->w); // the clock
    if (!kind->document(&in, r->body.p, r->body.len, &f)) {
        metrics_count(r->w->metrics, kind->rejected, 1);
        batch_free(in.batch);
        request_reply_fail(r, &f);
        return;
    }
    r->events = in.batch->n;
    enum err err = intake_submit(&in, r);
    if (err == ERR_OK) {
        request_park(r, WAIT_ACK, 0, no_ack);
        return;
    }
    batch_free(in.batch);
    intake_refused(r, err);
}

/* The newest event that the answer speaks of: a client that sends an event again
 * gets the seq that it had. */
static uint64_t last_of(const struct ack *a)
{
    uint64_t seq = a->n ? a->first_seq + a->n - 1 : 0;
    return seq > a->duplicate_seq ? seq : a->duplicate_seq;
}

void api_ingest_acked(struct request *r, const struct ack *a)
{
    const struct intake_kind *kind = r->route->intake;
    struct fail f;
    enum fail_code code = intake_failed(a);
    request_unpark(r);
    if (code == FAIL_NONE) {
        metrics_count(r->w->metrics, kind->accepted, a->n);
        metrics_count(r->w->metrics, kind->duplicate, a->duplicates);
        r->events = a->n;
        r->duplicates = a->duplicates;
        r->last_seq = last_of(a);
        intake_finish(r, r->last_seq, answer);
        return;
    }
    fail_set(&f, code, NULL);
    if (code == FAIL_event_id_conflict) {
        metrics_count(r->w->metrics, kind->rejected, 1);
        if (r->events > 1)
            f.index = a->conflict[0];
    }
    request_reply_fail(r, &f);
}
