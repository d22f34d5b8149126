/* users.c -- a person's rights: all that is held about them, and its end.
 *
 * The work is the keeper's; the request is parked until its job comes back.
 */
#include <string.h>

#include "model/core/ids.h"
#include "model/learn/history.h"
#include "model/learn/seen.h"
#include "model/learn/seen_kinds.h"
#include "model/rank/predict.h"
#include "proto/person.h"
#include "server/api/api.h"
#include "server/http/query.h"

static void no_job(struct request *r, enum wake why)
{
    (void)why; // a job has no deadline; the daemon is going down
    request_fail(r, FAIL_unconfirmed, NULL);
}

void api_job_submit(struct request *r, struct job *job)
{
    if (!job) {
        request_fail(r, FAIL_busy, NULL);
        return;
    }
    job->owner = r->w->index;
    job->tag = request_tag(r);
    enum err err = keeper_submit(r->w->app->keeper, job);
    if (err == ERR_OK) {
        request_park(r, WAIT_JOB, 0, no_job);
        return;
    }
    job_free(job);
    request_fail(r, err == ERR_FULL ? FAIL_busy : FAIL_shutting_down, NULL);
}

static struct job *job_about(struct request *r, enum job_kind kind)
{
    struct job *job = job_new(kind);
    if (!job)
        return NULL;
    memcpy(job->user, r->id, r->id_len);
    job->user_len = r->id_len;
    if (kind == JOB_RETRACT) {
        memcpy(job->item, r->id2, r->id2_len);
        job->item_len = r->id2_len;
    }
    return job;
}

void api_user_erase(struct request *r)
{
    api_job_submit(r, job_about(r, JOB_ERASE));
}

void api_rating_retract(struct request *r)
{
    api_job_submit(r, job_about(r, JOB_RETRACT));
}

void api_user_export(struct request *r)
{
    struct query q = {.at = r->query ? r->query : ""};
    struct fail f = {.code = FAIL_NONE, .index = -1};
    uint64_t from = 1;
    while (query_next(&q, &f)) {
        if (strcmp(q.name, "from_seq") != 0 ||
            !query_uint(q.value, INT64_MAX, &from)) {
            request_fail(r, FAIL_bad_query, "this path takes from_seq, a whole "
                         "number");
            return;
        }
    }
    if (f.code != FAIL_NONE) {
        request_reply_fail(r, &f);
        return;
    }
    struct job *job = job_about(r, JOB_EXPORT);
    if (job) {
        job->from_seq = from;
        job->max_events =
            (uint32_t)app_config(r->w->app)->limits_export_events;
    }
    api_job_submit(r, job);
}

/* ---- answers ------------------------------------------------------------- */

/* What the user has done with the item: an object for each day. */
static void write_seen(struct worker *w, const struct table *t, uint32_t user,
                       uint32_t item, bool first)
{
    uint32_t stamp[SEEN_KINDS];
    uint32_t n = seen_stamps_of(t->users.seen[user], t->users.nseen[user],
                                item, stamp);
    for (uint32_t i = 0; i < n; i++) {
        person_seen(&w->body, first && i == 0,
                    ids_name(live_item_ids(w->live), item),
                    stamp[i] >> SEEN_DAY_SHIFT);
        for (uint32_t bit = 0, had = 0; bit < SEEN_KINDS; bit++)
            if (stamp[i] >> bit & 1)
                person_kind(&w->body, had++ == 0,
                            seen_kind_name(&t->totals.kinds, bit));
        person_seen_end(&w->body);
    }
}

static void write_model(struct worker *w, const struct job *job,
                        const struct table *t, uint32_t user)
{
    struct buf *out = &w->body;
    const struct ids *users = live_user_ids(w->live);
    const struct ids *items = live_item_ids(w->live);
    const struct settings *s = &w->settings;
    bool known = user != ROW_NONE;
    if (known) {
        struct person_model m = {
            .first_seq = ids_birth(users, user),
            .ratings = t->users.count[user],
            .positives = t->users.positives[user],
            .bias = t->users.bias[user] * (s->rating_max - s->rating_min) / 4,
            .factors = &t->users.vec[(size_t)user * t->dim],
            .dim = t->dim, .ranking_dim = t->rdim};
        const struct card *card = t->users.card[user];
        if (t->rdim)
            m.ranking_factors = &t->users.rvec[(size_t)user * t->rdim];
        if (card) {
            m.card = table_card_bytes(card);
            m.card_bytes = card->bytes;
        }
        person_model(out, &m);
    } else
        person_model(out, NULL);
    person_seen_begin(out);
    for (uint32_t i = 0; known && i < t->users.nseen[user]; i++)
        if (seen_is_first(t->users.seen[user], i))
            write_seen(w, t, user, t->users.seen[user]->item[i], i == 0);
    person_liked_begin(out);
    for (uint32_t i = 0; known && i < LIKED_ITEMS; i++) {
        uint32_t item = t->users.liked[(size_t)user * LIKED_ITEMS + i];
        if (item)
            person_item(out, i == 0, ids_name(items, item - 1));
    }
    person_replay_begin(out);
    for (uint32_t i = 0; i < job->history.n; i++) {
        const struct history_entry *e = &job->history.entry[i];
        person_replay(out, i == 0, ids_name(items, e->item),
                      predict_from_inner(s, e->inner), e->seq);
    }
    person_positives_begin(out);
    for (uint32_t i = 0; i < job->positives.n; i++) {
        const struct history_entry *e = &job->positives.entry[i];
        person_positive(out, i == 0, ids_name(items, e->item), e->inner,
                        e->seq);
    }
}

static void write_event(struct buf *out, bool first, uint64_t seq,
                        const struct event *e)
{
    struct person_event p = {
        .seq = seq, .item = e->item, .value = e->value,
        .has_second = e->has_second, .second = e->second,
        .time_ms = e->time_ms, .event_id = e->event_id, .payload = e->payload,
        .payload_bytes = e->payload_bytes};
    switch (e->type) {
    case EVENT_RATING:
        person_rating(out, first, &p);
        return;
    case EVENT_TEACHER:
        person_teacher(out, first, &p);
        return;
    case EVENT_BEHAVIOUR:
        person_behaviour(out, first, &p);
        return;
    case EVENT_USER_PUT:
        person_metadata(out, first, &p);
        return;
    default:
        person_vector(out, first, &p);
        return;
    }
}

static uint32_t write_events(struct buf *out, const struct job *job)
{
    const unsigned char *p = job->frames, *end = p + job->frames_bytes;
    uint32_t n = 0;
    person_events_begin(out);
    while (p < end) {
        struct event e;
        uint64_t seq;
        memcpy(&seq, p, sizeof seq);
        p = event_decode(p + 8, end, &e);
        if (!p)
            break; // they were decoded before: cannot happen
        write_event(out, n++ == 0, seq, &e);
    }
    return n;
}

static void export_done(struct request *r, const struct job *job)
{
    struct worker *w = r->w;
    struct id user = {job->user, job->user_len};
    buf_clear(&w->body);
    person_begin(&w->body, user);
    const struct table *t = live_pin(w->live, w->index);
    uint32_t row = ids_find(live_user_ids(w->live), user, t->users.n);
    uint64_t model_seq = t->totals.seq;
    write_model(w, job, t, row);
    live_unpin(w->live, w->index);
    uint32_t events = write_events(&w->body, job);
    person_end(&w->body, job->next_seq, w->app->recovery.log != NULL,
               model_seq);
    if (w->body.failed)
        request_fail(r, FAIL_busy, NULL);
    else if (row == ROW_NONE && events == 0)
        request_fail(r, FAIL_unknown_user, NULL);
    else
        request_reply_json(r, 200, &w->body);
}

static void erase_done(struct request *r, const struct job *job)
{
    struct worker *w = r->w;
    const struct table *t = live_pin(w->live, w->index);
    struct erasure_receipt e = {
        .what = job->kind == JOB_ERASE ? "erased" : "retracted",
        .events = job->events, .seq = job->seq, .exact = job->exact,
        .interim = t->totals.interim, .model_seq = t->totals.seq};
    live_unpin(w->live, w->index);
    buf_clear(&w->body);
    person_erased(&w->body, &e);
    request_reply_json(r, 200, &w->body);
}

static enum fail_code failed(const struct job *job)
{
    switch (job->err) {
    case ERR_RANGE:
        return job->kind == JOB_RETRACT ? FAIL_unknown_rating
                                        : FAIL_unknown_user;
    case ERR_NOSPACE:
        return FAIL_storage_full;
    case ERR_FULL:
        return FAIL_not_applied;
    case ERR_CLOSED:
        return FAIL_shutting_down;
    case ERR_NOMEM:
        return FAIL_busy;
    default:
        return FAIL_storage_failed;
    }
}

void api_job_done(struct request *r, const struct job *job)
{
    request_unpark(r);
    if (job->kind == JOB_SNAPSHOT)
        api_snapshot_done(r, job);
    else if (job->kind == JOB_ROLLBACK)
        api_rollback_done(r, job);
    else if (job->kind == JOB_SETTINGS)
        api_settings_done(r, job);
    else if (job->err != ERR_OK)
        request_fail(r, failed(job), NULL);
    else if (job->kind == JOB_EXPORT)
        export_done(r, job);
    else
        erase_done(r, job);
}
