/* storage_hooks.c -- what journal, trainer and keeper have to say: to the workers,
 * to the log, to the metrics.  On their threads. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "server/log.h"
#include "server/mailbox.h"
#include "server/metrics.h"
#include "server/storage_hooks.h"
#include "server/worker.h"

static void on_acked(void *arg, const struct ack *a)
{
    struct app *app = arg;
    mailbox_ack(app->workers[a->owner]->mail, a);
}

static void on_room(void *arg)
{
    worker_tell_all(arg, MAIL_ROOM);
}

static void on_storage(void *arg, enum log_state state, int error)
{
    struct app *app = arg;
    atomic_store(&app->storage_state, (int)state);
    if (state == LOG_OK)
        log_limited(LOG_INFO, "storage_resumed", LOG_STR("hint", "events are taken again"));
    else if (state == LOG_FULL)
        log_limited(LOG_WARN, "storage_full", LOG_STR("error", strerror(error)),
                 LOG_STR("hint", "events are refused (503) until there is room "
                         "in data.dir; predictions go on"));
    else
        log_error("storage_failed", LOG_STR("error", strerror(error)),
                  LOG_STR("hint", "no events are taken until a restart; check "
                          "the disk and the kernel's log first"));
}

static void on_reached(void *arg, int watcher)
{
    struct app *app = arg;
    mailbox_flag(app->workers[watcher]->mail, MAIL_REACHED);
}

static void on_visible(void *arg, uint32_t n, int64_t latency_ns)
{
    struct app *app = arg;
    metrics_visible(app->metrics, n, latency_ns);
}

/* A snapshot's may be older than one that was asked for meanwhile. */
static void keep_hash(struct app *app, uint64_t seq, uint64_t hash)
{
    pthread_mutex_lock(&app->hash.lock);
    if (!app->hash.known || seq >= app->hash.seq) {
        app->hash.known = true;
        app->hash.seq = seq;
        app->hash.hash = hash;
    }
    pthread_mutex_unlock(&app->hash.lock);
}

static void on_hashed(void *arg, uint64_t seq, uint64_t hash)
{
    struct app *app = arg;
    keep_hash(app, seq, hash);
    worker_tell_all(app, MAIL_HASHED);
}

void storage_log_held(const struct course *c, uint64_t seq)
{
    char before[32];
    double n = c->past.n ? (double)c->past.n : 1;
    snprintf(before, sizeof before, "%.6g", sqrt(c->past.squared / n));
    log_error("publishing_held", LOG_INT("good_seq", c->held),
              LOG_INT("seq", seq), LOG_STR("rmse_before", before),
              LOG_STR("hint", "the newest ratings are predicted worse than by "
                      "their mean: what is served stays as it was; when this "
                      "does not end by itself, find what came in since "
                      "good_seq and undo it: POST /v1/admin/rollback"));
}

static void on_settings(void *arg, const struct settings *s)
{
    struct app *app = arg;
    pthread_mutex_lock(&app->serving.lock);
    app->serving.settings = *s;
    pthread_mutex_unlock(&app->serving.lock);
    worker_tell_all(app, MAIL_MODEL);
}

static void on_guarded(void *arg, const struct course *c, uint64_t seq)
{
    struct app *app = arg;
    if (c->held) {
        storage_log_held(c, seq);
        worker_tell_all(app, MAIL_HELD); // who waits for a seq waits in vain
    } else
        log_warn("publishing_resumed", LOG_INT("seq", seq));
}

void storage_log_snapshot(struct app *app, const struct job *job)
{
    char hash[24];
    snprintf(hash, sizeof hash, "%016llx",
             (unsigned long long)job->snapshot.model_hash);
    if (job->err == ERR_OK) {
        atomic_store(&app->snapshot_seq, job->snapshot.seq);
        keep_hash(app, job->snapshot.seq, job->snapshot.model_hash);
        atomic_fetch_add(&app->snapshots, 1);
        log_info("snapshot", LOG_STR("file", job->snapshot.name),
                 LOG_INT("bytes", job->snapshot.bytes),
                 LOG_INT("ms", job->seconds * 1e3),
                 LOG_STR("model_hash", hash));
    } else {
        atomic_fetch_add(&app->snapshot_failures, 1);
        log_warn("snapshot_failed",
                 LOG_STR("step", job->snapshot.failed),
                 LOG_STR("error", job->error ? strerror(job->error) : ""),
                 LOG_STR("hint", "the log is not touched by that; it is tried "
                         "again"));
    }
}

static void log_rollback(struct app *app, const struct job *job)
{
    atomic_store(&app->snapshot_seq, job->snapshot.seq);
    if (job->live)
        log_warn("rolled_back", LOG_INT("to_seq", job->to_seq),
                 LOG_INT("seq", job->seq), LOG_INT("events", job->events));
    else
        log_error("rollback_waits", LOG_INT("to_seq", job->to_seq),
                  LOG_INT("seq", job->seq),
                  LOG_STR("error", job->error ? strerror(job->error) : ""),
                  LOG_STR("hint", "no second model could be built beside this "
                          "one: the next start does it, restart soon"));
}

static void log_job(struct app *app, const struct job *job)
{
    bool well = job->err == ERR_OK;
    switch (job->kind) {
    case JOB_SNAPSHOT:
        storage_log_snapshot(app, job);
        break;
    case JOB_ERASE:
    case JOB_RETRACT:
        if (well)
            log_info(job->kind == JOB_ERASE ? "erased" : "retracted",
                     LOG_INT("seq", job->seq), LOG_INT("events", job->events));
        else if (job->err != ERR_RANGE)
            log_error("erase_failed", LOG_STR("error", job->error
                                                  ? strerror(job->error) : ""));
        break;
    case JOB_ROLLBACK:
        if (well)
            log_rollback(app, job);
        break;
    case JOB_SETTINGS:
        if (well && job->events)
            log_info("settings_changed", LOG_INT("seq", job->seq));
        break;
    case JOB_EXPORT:
        break;
    }
}

static void on_job(void *arg, struct job *job)
{
    struct app *app = arg;
    log_job(app, job);
    if (job->owner < 0)
        job_free(job);
    else
        mailbox_job(app->workers[job->owner]->mail, job);
}

static void on_automatic(void *arg, const struct job *job)
{
    storage_log_snapshot(arg, job);
}

static void on_dropped(void *arg, uint32_t segments)
{
    (void)arg;
    log_info("segments_dropped", LOG_INT("n", segments));
}

/* On the trainer's thread.  A hash that was asked for before is of the model
 * before. */
static void on_model(void *arg, struct model *m)
{
    struct app *app = arg;
    pthread_mutex_lock(&app->serving.lock);
    app->serving.model = m;
    app->serving.behind = app->nworkers + app->serving.scanning;
    pthread_mutex_unlock(&app->serving.lock);
    kept_lists_renew(app->kept, model_live(m));
    pthread_mutex_lock(&app->hash.lock);
    app->hash.known = false;
    pthread_mutex_unlock(&app->hash.lock);
    worker_tell_all(app, MAIL_MODEL);
}

static bool has_moved_on(void *arg)
{
    struct app *app = arg;
    pthread_mutex_lock(&app->serving.lock);
    bool moved = app->serving.behind == 0;
    pthread_mutex_unlock(&app->serving.lock);
    return moved;
}

static void on_date(void *arg, char text[64])
{
    struct tm tm;
    time_t now = time(NULL);
    (void)arg;
    gmtime_r(&now, &tm);
    strftime(text, 64, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

struct trainer_hooks storage_trainer_hooks(struct app *app)
{
    return (struct trainer_hooks){.arg = app,
                                  .reached = on_reached,
                                  .visible = on_visible,
                                  .hashed = on_hashed,
                                  .guarded = on_guarded,
                                  .settings = on_settings};
}

struct journal_hooks storage_journal_hooks(struct app *app)
{
    return (struct journal_hooks){app, on_acked, on_room, on_storage};
}

struct keeper_hooks storage_keeper_hooks(struct app *app)
{
    return (struct keeper_hooks){.arg = app,
                                 .done = on_job,
                                 .automatic = on_automatic,
                                 .date = on_date,
                                 .dropped = on_dropped,
                                 .model = on_model,
                                 .moved_on = has_moved_on};
}
