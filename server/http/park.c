/* park.c -- requests that wait, without holding the loop.  See request.h.
 *
 * Those that a wake sets free are first moved to w->ready and then resumed one
 * by one: a resume function may park its request again, or drop others with
 * their connection, and neither disturbs a list that is only popped from.
 */
#include "server/http/request.h"
#include "server/http/route.h"
#include "server/storage.h"

static struct request **head_of(struct request *r)
{
    return r->waiting == WAIT_OVER ? &r->w->ready : &r->w->parked;
}

static void link_to(struct request *r, struct request **head)
{
    r->park_prev = NULL;
    r->park_next = *head;
    if (*head)
        (*head)->park_prev = r;
    *head = r;
}

void request_park(struct request *r, enum wait_kind kind, uint64_t seq,
                  request_resume resume)
{
    struct worker *w = r->w;
    r->waiting = kind;
    r->wait_seq = seq;
    r->resume = resume;
    r->wait_deadline = kind == WAIT_JOB ? INT64_MAX
                                        : w->now_ns + w->limits.wait_ns;
    link_to(r, &w->parked);
    if (kind == WAIT_SEQ)
        worker_watch(w, seq);
}

void request_unpark(struct request *r)
{
    if (r->waiting == WAIT_NOTHING)
        return;
    if (r->park_prev)
        r->park_prev->park_next = r->park_next;
    else
        *head_of(r) = r->park_next;
    if (r->park_next)
        r->park_next->park_prev = r->park_prev;
    r->park_prev = r->park_next = NULL;
    r->waiting = WAIT_NOTHING;
}

static void resume_ready(struct worker *w, enum wake why)
{
    while (w->ready) {
        struct request *r = w->ready;
        request_unpark(r);
        r->resume(r, why);
    }
}

static void make_ready(struct request *r)
{
    request_unpark(r);
    r->waiting = WAIT_OVER;
    link_to(r, &r->w->ready);
}

void request_wake(struct worker *w, enum wait_kind kind)
{
    uint64_t seq = live_seq(w->live);
    for (struct request *r = w->parked, *next; r; r = next) {
        next = r->park_next;
        if (r->waiting == kind && (kind != WAIT_SEQ || r->wait_seq <= seq))
            make_ready(r);
    }
    resume_ready(w, WAKE_READY);
}

void request_wake_late(struct worker *w)
{
    for (struct request *r = w->parked, *next; r; r = next) {
        next = r->park_next;
        if (r->wait_deadline <= w->now_ns)
            make_ready(r);
    }
    resume_ready(w, WAKE_TIMEOUT);
}

void request_wake_vain(struct worker *w)
{
    for (struct request *r = w->parked, *next; r; r = next) {
        next = r->park_next;
        if (r->waiting == WAIT_SEQ)
            make_ready(r);
    }
    resume_ready(w, WAKE_TIMEOUT);
}

void request_resume_read(struct request *r, enum wake why)
{
    const char *vain = storage_in_vain(r->w->app);
    if (why == WAKE_READY)
        r->route->handle(r);
    else if (vain)
        request_fail(r, FAIL_publishing_held, "the serving copy stays at event "
                     "%llu: %s", (unsigned long long)live_seq(r->w->live),
                     vain);
    else
        request_fail(r, FAIL_stale, "the serving copy holds event %llu, not "
                     "min_seq %llu yet",
                     (unsigned long long)live_seq(r->w->live),
                     (unsigned long long)r->min_seq);
}
