/* status.c -- what the daemon says of itself: stats, metrics, health. */
#include <math.h>

#include "proto/stats.h"
#include "model/learn/pace.h"
#include "model/learn/quality.h"
#include "model/rank/predict.h"
#include "server/api/api.h"
#include "server/metrics.h"
#include "server/storage.h"
#include "version.h"

#define HASH_TRIES 3

static double rmse(const struct error_sums *s)
{
    return s->n ? sqrt(s->squared / (double)s->n) : (double)NAN;
}

static double mae(const struct error_sums *s)
{
    return s->n ? s->absolute / (double)s->n : (double)NAN;
}

static struct error_sums recent(const struct totals *t)
{
    struct error_sums sum = {0};
    for (int i = 0; i < RECENT_BLOCKS; i++) {
        sum.n += t->recent[i].n;
        sum.squared += t->recent[i].squared;
        sum.absolute += t->recent[i].absolute;
    }
    return sum;
}

/* Everything that belongs to one copy of the model, under one pin. */
static void read_model(struct worker *w, struct stats *s)
{
    const struct table *t = live_pin(w->live, w->index);
    struct error_sums r = recent(&t->totals);
    s->model_seq = t->totals.seq;
    s->users = t->users.n;
    s->items = t->items.n;
    s->events = t->totals.events;
    s->skipped = t->totals.skipped;
    s->rmse = rmse(&t->totals.all);
    s->mae = mae(&t->totals.all);
    s->rmse_recent = rmse(&r);
    s->mae_recent = mae(&r);
    s->mean = (double)predict_from_inner(&w->settings,
                                         (float)predict_mean(t));
    s->users -= t->totals.erased;
    s->epoch = t->totals.epoch;
    s->pace = (double)pace_now(&t->totals.course, &w->settings);
    s->interim = t->totals.interim;
    live_unpin(w->live, w->index);
}

/* Of that copy, or of a newer one. */
static void read_evaluation(struct worker *w, struct stats *s)
{
    struct quality_sums all, recent;
    quality_read_sums(model_quality(w->model), &all, &recent);
    struct quality_top m = quality_top_of(&all.ranks.model, all.ranks.n);
    struct quality_top p = quality_top_of(&all.ranks.popular, all.ranks.n);
    s->rmse_mean = quality_errors_of(&all.all).rmse_mean;
    s->rmse_cold_items = quality_errors_of(&all.cold_items).rmse;
    s->rmse_cold_users = quality_errors_of(&all.cold_users).rmse;
    s->rank_samples = all.ranks.n;
    s->hr10 = m.hr10;
    s->hr10_popularity = p.hr10;
    s->ndcg10 = m.ndcg10;
    s->ndcg10_popularity = p.ndcg10;
}

static void read_store(struct app *app, struct stats *s)
{
    static const char *const names[] = {"ok", "storage_full",
                                        "storage_failed"};
    struct log_stats l;
    s->durable = app->recovery.log != NULL;
    if (!s->durable)
        return;
    log_stats(app->recovery.log, &l);
    s->storage = names[l.state];
    s->durable_seq = l.durable_seq;
    s->log_bytes = l.bytes;
    s->log_segments = l.segments;
    s->snapshot_seq = atomic_load(&app->snapshot_seq);
}

static void write_stats(struct worker *w)
{
    struct app *app = w->app;
    struct trainer_stats trainer;
    struct live_stats live;
    struct stats s = {.rating_min = w->settings.rating_min,
                      .rating_max = w->settings.rating_max,
                      .rating_dim = w->settings.dim,
                      .ranking_dim = w->settings.rdim,
                      .version = FRESHET_VERSION};
    read_model(w, &s);
    read_evaluation(w, &s);
    read_store(app, &s);
    s.seq = journal_last(app->journal);
    if (s.seq < s.model_seq) // read a moment apart
        s.seq = s.model_seq;
    trainer_stats(app->trainer, &trainer);
    live_stats(w->live, &live);
    s.queue_depth = (uint64_t)journal_depth(app->journal) + trainer.queued;
    s.publishes = trainer.publishes;
    s.guard = trainer.held ? "held" : w->settings.guard_ratio > 0 ? "ok"
                                                                    : "off";
    s.held_since_seq = trainer.held;
    s.folded_seq = trainer.folded_seq;
    s.paused = trainer.paused;
    s.memory_bytes = live.bytes;
    s.visible_p50 = metrics_visible_quantile(app->metrics, 0.5);
    s.visible_p99 = metrics_visible_quantile(app->metrics, 0.99);
    s.connections = (uint64_t)atomic_load_explicit(&app->connections,
                                                   memory_order_relaxed);
    s.uptime = (double)(w->now_ns - app->started_ns) * 1e-9;
    pthread_mutex_lock(&app->hash.lock);
    s.hash_known = app->hash.known;
    s.hash = app->hash.hash;
    s.hash_seq = app->hash.seq;
    pthread_mutex_unlock(&app->hash.lock);
    buf_clear(&w->body);
    stats_write(&w->body, &s);
}

/* Is the hash that is known that of the serving copy, or while that is held of
 * what was learned? */
static bool hash_is_fresh(struct app *app)
{
    uint64_t newest = trainer_folded(app->trainer);
    pthread_mutex_lock(&app->hash.lock);
    bool fresh = app->hash.known && app->hash.seq == newest;
    pthread_mutex_unlock(&app->hash.lock);
    return fresh;
}

/* Only the trainer can hash the model; ask, unless what is known is new.  While
 * ratings stream in the model has moved on when the hash comes: after a few
 * tries the last one is given, with its seq. */
static void answer_stats(struct request *r, enum wake why)
{
    struct app *app = r->w->app;
    if (why == WAKE_READY && r->tries++ < HASH_TRIES && !hash_is_fresh(app)) {
        request_park(r, WAIT_HASH, 0, answer_stats);
        trainer_ask_hash(app->trainer);
        return;
    }
    write_stats(r->w);
    request_reply_json(r, 200, &r->w->body);
}

void api_stats(struct request *r)
{
    answer_stats(r, WAKE_READY);
}

void api_metrics(struct request *r)
{
    struct worker *w = r->w;
    buf_clear(&w->body);
    metrics_write(w->app, w->model, &w->body);
    request_reply(r, 200, "text/plain; version=0.0.4; charset=utf-8",
                  &w->body);
}

void api_health_live(struct request *r)
{
    buf_clear(&r->w->body);
    health_write(&r->w->body, "live", NULL);
    request_reply_json(r, 200, &r->w->body);
}

void api_health_ready(struct request *r)
{
    struct app *app = r->w->app;
    struct buf *out = &r->w->body;
    bool serving, degraded;
    const char *trouble = storage_trouble(app, &serving, &degraded);
    bool draining = atomic_load_explicit(&app->draining,
                                         memory_order_relaxed);
    buf_clear(out);
    if (draining)
        health_write(out, "not ready", "shutting down");
    else if (!serving)
        health_recovering_write(out, atomic_load(&app->recovered_seq),
                                app->recovery.last);
    else if (trouble)
        health_write(out, degraded ? "degraded" : "not ready", trouble);
    else
        health_write(out, "ready", NULL);
    bool ready = !draining && serving && (!trouble || degraded);
    request_reply_json(r, ready ? 200 : 503, out);
}
