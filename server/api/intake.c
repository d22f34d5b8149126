/* intake.c -- see intake.h. */
#include "server/api/intake.h"

#include "model/core/ids.h"
#include "server/metrics.h"
#include "server/storage.h"

/* Is there a row, or room for one, for each side that the event has?  The fold
 * would skip the event otherwise; here the client can still be told. */
static bool has_room(struct worker *w, const struct event *e, struct fail *f)
{
    const char *full = NULL;
    const struct table *t = live_pin(w->live, w->index);
    if (e->user.len && t->users.n >= w->settings.max_users &&
        ids_find(live_user_ids(w->live), e->user, t->users.n) == ROW_NONE)
        full = "user";
    if (e->item.len && t->items.n >= w->settings.max_items &&
        ids_find(live_item_ids(w->live), e->item, t->items.n) == ROW_NONE)
        full = "item";
    live_unpin(w->live, w->index);
    return !full || fail_set(f, FAIL_model_full, "no row is left for a new %s "
                             "(model.max_%ss)", full, full);
}

bool intake_event(struct intake *in, const struct event *e, struct fail *f)
{
    bool gone = e->type == EVENT_ITEM_DELETE;
    if (!gone && !has_room(in->w, e, f))
        return false;
    if (!in->batch)
        in->batch = batch_new(event_size(e));
    if (!in->batch)
        return fail_set(f, FAIL_busy, NULL);
    uint32_t place = in->stream ? (uint32_t)in->line : in->batch->n;
    if (batch_add(in->batch, e, place) != ERR_OK)
        return fail_set(f, FAIL_busy, NULL);
    return true;
}

enum err intake_submit(struct intake *in, struct request *r)
{
    struct worker *w = r->w;
    struct batch *b = in->batch;
    b->whole = !in->stream;
    b->owner = w->index;
    b->tag = request_tag(r);
    b->received_ns = w->now_ns;
    enum err err = mailbox_reserve(w->mail, w->in_flight + 1);
    if (err == ERR_OK)
        err = journal_submit(w->app->journal, b);
    if (err == ERR_OK) {
        in->batch = NULL;
        w->in_flight++;
    } else if (err == ERR_FULL)
        metrics_count(w->metrics, COUNT_queue_refusals, 1);
    return err;
}

void intake_refused(struct request *r, enum err err)
{
    if (err == ERR_FULL)
        request_fail(r, FAIL_queue_full, NULL);
    else if (err == ERR_CLOSED)
        request_fail(r, FAIL_shutting_down, NULL);
    else
        request_fail(r, FAIL_busy, NULL);
}

enum fail_code intake_failed(const struct ack *a)
{
    switch (a->err) {
    case ERR_OK:
        return FAIL_NONE;
    case ERR_RANGE:
        return FAIL_event_id_conflict;
    case ERR_NOSPACE:
        return FAIL_storage_full;
    default:
        return FAIL_storage_failed;
    }
}

static void applied(struct request *r, enum wake why)
{
    if (why == WAKE_READY)
        r->answer_applied(r);
    else {
        const char *vain = storage_in_vain(r->w->app);
        request_fail(r, FAIL_not_applied, "accepted as seq %llu (do not send "
                     "it again), but not in the serving copy%s%s",
                     (unsigned long long)r->wait_seq,
                     vain ? ": " : " after limits.wait_timeout",
                     vain ? vain : "");
    }
}

void intake_finish(struct request *r, uint64_t last_seq,
                   void (*answer)(struct request *r))
{
    if (!r->wait_applied || live_seq(r->w->live) >= last_seq) {
        answer(r);
        return;
    }
    r->answer_applied = answer;
    r->wait_seq = last_seq;
    if (storage_in_vain(r->w->app))
        applied(r, WAKE_TIMEOUT);
    else
        request_park(r, WAIT_SEQ, last_seq, applied);
}
