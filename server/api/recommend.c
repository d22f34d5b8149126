/* recommend.c -- POST /v1/recommend and its short forms: what to show somebody.
 *
 * What is small is answered at once, under a pin of a millisecond or so; what
 * would take longer goes to a scan thread, and the request waits, parked.
 */
#include "server/api/recommend_ask.h"

#include "server/api/api.h"
#include "server/auth.h"
#include "server/metrics.h"
#include "server/scans.h"

/* Would the loop stand still for it?  By the numbers a scan has to read. */
static bool is_long(struct worker *w, enum ask_kind kind)
{
    int64_t most = app_config(w->app)->recommend_scan_from;
    const struct table *t = live_pin(w->live, w->index);
    int64_t rows = kind == ASK_SIMILAR_USERS ? t->users.n : t->items.n;
    int64_t width = t->rdim ? t->rdim : t->dim;
    live_unpin(w->live, w->index);
    return w->app->scans && rows * width > most;
}

/* May a cache keep it?  One that others share only what is the same for all, and
 * for everybody to read. */
static void let_cache(struct request *r, const struct ask *ask, bool personal)
{
    struct app *app = r->w->app;
    if (ask->kind == ASK_RECOMMEND)
        return;
    r->max_age = (uint32_t)app_config(app)->recommend_max_age;
    r->is_public = !personal && ask->kind != ASK_SIMILAR_USERS &&
                   !auth_required(app->auth);
}

static void reply(struct request *r, bool ok, struct buf *out,
                  const struct fail *f)
{
    if (!ok) {
        request_reply_fail(r, f);
        return;
    }
    metrics_count(r->w->metrics, COUNT_recommendations, 1);
    request_reply_json(r, 200, out);
}

static void answer_now(struct request *r, const struct ask *ask)
{
    struct worker *w = r->w;
    struct ask_turn *turn = &w->ask;
    struct recommend_source from = {w->live, w->index, &w->settings,
                                    w->app->kept, NULL};
    struct fail f = {.code = FAIL_NONE, .index = -1};
    int64_t from_ns = app_now_ns();
    turn->ask = ask;
    turn->limits = worker_proto(w);
    turn->out = &w->body;
    turn->fail = &f;
    ask_answer(&turn, 1, &from);
    metrics_pin(w->metrics, app_now_ns() - from_ns);
    let_cache(r, ask, turn->req.user.len > 0);
    reply(r, turn->ok, &w->body, &f);
}

static void no_scan(struct request *r, enum wake why)
{
    (void)why; // a scan has no deadline; the daemon is going down
    request_fail(r, FAIL_shutting_down, NULL);
}

static void answer_later(struct request *r, const struct ask *ask)
{
    struct worker *w = r->w;
    struct scan *scan = scan_new(ask, ask->body ? &r->body : NULL);
    if (!scan) {
        request_fail(r, FAIL_busy, NULL);
        return;
    }
    scan->owner = w->index;
    scan->tag = request_tag(r);
    scan->limits = *worker_proto(w);
    enum err err = scans_submit(w->app->scans, scan);
    if (err == ERR_OK) {
        request_park(r, WAIT_JOB, 0, no_scan);
        return;
    }
    scan_free(scan);
    if (err == ERR_FULL)
        request_fail(r, FAIL_busy, "limits.scans lists are waiting to be made");
    else
        request_fail(r, FAIL_shutting_down, NULL);
}

void api_scanned(struct request *r, struct scan *scan)
{
    request_unpark(r);
    metrics_count(r->w->metrics, COUNT_scans, 1);
    let_cache(r, &scan->ask, scan->personal);
    reply(r, scan->ok, &scan->answer, &scan->fail);
}

static void ask(struct request *r, enum ask_kind kind)
{
    struct ask a = {.kind = kind,
                    .id = {r->id, r->id_len},
                    .query = r->query};
    if (kind == ASK_RECOMMEND) {
        a.body = r->body.p;
        a.bytes = r->body.len;
    }
    if (is_long(r->w, kind))
        answer_later(r, &a);
    else
        answer_now(r, &a);
}

void api_recommend(struct request *r)
{
    ask(r, ASK_RECOMMEND);
}

void api_recommendations(struct request *r)
{
    ask(r, ASK_RECOMMENDATIONS);
}

void api_popular(struct request *r)
{
    ask(r, ASK_POPULAR);
}

void api_latest(struct request *r)
{
    ask(r, ASK_LATEST);
}

void api_similar_items(struct request *r)
{
    ask(r, ASK_SIMILAR_ITEMS);
}

void api_similar_users(struct request *r)
{
    ask(r, ASK_SIMILAR_USERS);
}
