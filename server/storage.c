/* storage.c -- see storage.h. */
#include "server/storage.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sysexits.h>

#include "model/learn/quality.h"
#include "server/fold_settings.h"
#include "server/log.h"
#include "server/snapshot_codec.h"
#include "server/mailbox.h"
#include "server/storage_hooks.h"
#include "server/worker.h"

#define PROGRESS_NS 1000000000ll

/* In the order of the words of journal.keep. */
enum { KEEP_ALL, KEEP_SNAPSHOTS };

/* ---- recovery's ---------------------------------------------------------- */

static void on_refused(void *arg, const char *name, const char *why)
{
    struct app *app = arg;
    atomic_fetch_add(&app->snapshot_load_errors, 1);
    log_warn("snapshot_refused", LOG_STR("file", name), LOG_STR("error", why),
             LOG_STR("hint", "an older one, or the whole log, gives the same "
                     "model"));
}

struct watch {
    struct app *app;
    struct signals *signals;
    int64_t logged_ns;
    bool stopped;
};

static bool on_progress(void *arg, uint64_t seq, uint64_t last)
{
    struct watch *w = arg;
    int64_t now = app_now_ns();
    atomic_store_explicit(&w->app->recovered_seq, seq, memory_order_relaxed);
    if (now - w->logged_ns < PROGRESS_NS)
        return true;
    w->logged_ns = now;
    log_info("recovering", LOG_INT("seq", seq), LOG_INT("of", last),
             LOG_INT("percent", last ? 100 * seq / last : 100));
    int sig = signals_wait(w->signals, 0, -1);
    w->stopped = sig == SIGTERM || sig == SIGINT;
    return !w->stopped;
}

/* ---- open ---------------------------------------------------------------- */

static int status_of(enum err err)
{
    switch (err) {
    case ERR_CORRUPT:
        return EX_DATAERR;
    case ERR_CLOSED:
        return EX_TEMPFAIL;
    case ERR_RANGE:
        return EX_CONFIG;
    case ERR_IO:
    case ERR_NOSPACE:
        return EX_CANTCREAT;
    default:
        return EX_OSERR;
    }
}

/* Slots of a model: the workers', the keeper's, those of scan threads. */
static int readers(const struct app *app)
{
    return app->nworkers + 1 + app->nscans;
}

static struct recover_options options_of(struct app *app,
                                         const struct config *cfg)
{
    return (struct recover_options){
        .path = cfg->data_dir,
        .log = {.fsync = (enum log_fsync)cfg->journal_fsync,
                .segment_bytes = (uint64_t)cfg->journal_segment_bytes / 4096 *
                                 4096,
                .reserve_bytes = (uint64_t)cfg->journal_reserve_bytes},
        .dedupe_window = (uint64_t)cfg->journal_dedupe_window,
        .codec = &snapshot_codec,
        .want = &app->settings,
        .nreaders = readers(app),
        .hooks = {app, on_refused, on_progress}};
}

static void tell_found(const struct recovery *r)
{
    if (r->found.torn)
        log_warn("torn_tail", LOG_STR("segment", r->found.at.segment),
                 LOG_INT("offset", r->found.at.offset),
                 LOG_INT("bytes", r->found.at.bytes),
                 LOG_STR("hint", "the last append was cut short by a crash; "
                         "nothing that was acknowledged is lost"));
    if (r->redo.frame_bytes)
        log_info("erasure_finished", LOG_INT("events", r->redo.n));
    if (r->settled)
        log_info("settings_changed", LOG_INT("seq", r->last),
                 LOG_STR("hint", "learning goes on with the new options; what "
                         "was learned before stays (freshet refold learns it "
                         "anew)"));
}

static int open_durable(struct app *app, const struct config *cfg)
{
    struct recovery *r = &app->recovery;
    struct recover_options opt = options_of(app, cfg);
    enum err err = recover_open(r, &opt);
    if (err == ERR_OK)
        err = recover_load(r, &app->serving.model);
    if (err != ERR_OK) {
        log_error(err == ERR_CORRUPT ? "data_corrupt" : "data_refused",
                  LOG_STR("error", r->error));
        return status_of(err);
    }
    tell_found(r);
    if (r->base) {
        atomic_store(&app->snapshot_seq, r->base);
        log_info("snapshot_loaded", LOG_STR("file", r->base_name),
                 LOG_INT("seq", r->base), LOG_INT("bytes", r->info.bytes));
    }
    return 0;
}

static int open_volatile(struct app *app, const struct config *cfg)
{
    struct recovery *r = &app->recovery;
    r->dir = (struct datadir){-1, -1, -1, -1};
    r->dedupe = dedupe_new((uint64_t)cfg->journal_dedupe_window, true);
    if (r->dedupe && model_new(&app->settings, readers(app),
                               &app->serving.model) == ERR_OK)
        return 0;
    log_error("model_failed", LOG_STR("hint", "no address space for "
              "model.max_users x model.rating_dim and model.max_items; "
              "lower them, or raise ulimit -v"));
    return EX_OSERR;
}

static struct keeper_options keeper_options_of(struct app *app,
                                               const struct config *cfg)
{
    return (struct keeper_options){
        .dir = app->recovery.dir,
        .log = app->recovery.log,
        .journal = app->journal,
        .trainer = app->trainer,
        .model = app->serving.model,
        .slot = app->nworkers,
        .codec = &snapshot_codec,
        .every_events = (uint64_t)cfg->snapshot_every_events,
        .every_minutes = cfg->snapshot_every_minutes,
        .keep = (uint32_t)cfg->snapshot_keep,
        .rate = (uint64_t)cfg->snapshot_rate,
        .drop_segments = cfg->journal_keep == KEEP_SNAPSHOTS,
        .dedupe_window = (uint64_t)cfg->journal_dedupe_window,
        .nreaders = readers(app),
        .rank_every = (uint32_t)cfg->evaluation_rank_every,
        .genesis = app->recovery.log ? app->recovery.genesis : app->settings,
        .in_force = app->serving.settings,
        .configured = app->settings};
}

int storage_open(struct app *app, const struct config *cfg)
{
    struct trainer_hooks th = storage_trainer_hooks(app);
    struct journal_hooks jh = storage_journal_hooks(app);
    struct keeper_hooks kh = storage_keeper_hooks(app);
    struct trainer_options topt = {(uint32_t)cfg->publish_max_events,
                                   (uint32_t)cfg->publish_max_ms};
    uint32_t room = (uint32_t)cfg->ingest_queue_events;
    struct recovery *r = &app->recovery;
    app->settings = fold_settings(cfg);
    int status = cfg->data_dir[0] ? open_durable(app, cfg)
                                  : open_volatile(app, cfg);
    if (status != 0)
        return status;
    app->serving.settings = r->log ? r->in_force : app->settings;
    kept_lists_renew(app->kept, model_live(app->serving.model));
    quality_sample(model_quality(app->serving.model),
                   (uint32_t)cfg->evaluation_rank_every, true);
    app->queue = queue_new(room);
    if (app->queue)
        app->trainer = trainer_new(app->serving.model, app->queue,
                                   app->nworkers, &topt, &th);
    if (app->trainer)
        app->journal = journal_new(app->queue, r->log, r->dedupe, r->last, room,
                                   &jh);
    if (app->journal) {
        struct keeper_options ko = keeper_options_of(app, cfg);
        app->keeper = keeper_new(&ko, &kh, r->redo_left ? &r->redo : NULL,
                                 r->base);
    }
    if (app->keeper)
        return 0;
    log_error("out_of_memory", LOG_NONE);
    return EX_OSERR;
}

int storage_recover(struct app *app, struct signals *s, bool *stopped)
{
    struct recovery *r = &app->recovery;
    struct watch w = {.app = app, .signals = s, .logged_ns = app_now_ns()};
    int64_t from = app_now_ns();
    *stopped = false;
    if (!r->log || r->last == r->base)
        return 0;
    r->opt.hooks.arg = &w;
    log_info("recovering", LOG_INT("seq", r->base), LOG_INT("of", r->last));
    enum err err = recover_replay(r, app->serving.model);
    *stopped = w.stopped;
    if (err == ERR_CLOSED)
        return 0;
    if (err != ERR_OK) {
        log_error("data_corrupt", LOG_STR("error", r->error));
        return status_of(err);
    }
    log_info("recovered", LOG_INT("seq", r->last),
             LOG_INT("events", r->last - r->base),
             LOG_INT("ms", (app_now_ns() - from) / 1000000));
    return 0;
}

int storage_start(struct app *app)
{
    enum err err = trainer_start(app->trainer);
    if (err == ERR_OK)
        err = journal_start(app->journal);
    if (err == ERR_OK)
        err = keeper_start(app->keeper);
    if (err != ERR_OK) {
        log_error("threads_failed", LOG_STR("error", strerror(errno)));
        return EX_OSERR;
    }
    struct course c = model_course(app->serving.model);
    if (c.held)
        storage_log_held(&c, model_seq(app->serving.model));
    atomic_store(&app->phase, PHASE_SERVING);
    return 0;
}

/* ---- end ----------------------------------------------------------------- */

void storage_stop(struct app *app, const struct config *cfg, bool snapshot)
{
    if (app->keeper) // then there are the others too
        storage_pause(app, false); // what was accepted is learned
    if (app->keeper)
        keeper_stop(app->keeper);
    if (app->journal)
        journal_stop(app->journal);
    if (app->queue)
        queue_close(app->queue);
    if (app->trainer)
        trainer_stop(app->trainer);
    if (!snapshot || !app->keeper || !cfg->snapshot_on_exit)
        return;
    struct job *job = keeper_last_snapshot(app->keeper);
    if (job)
        storage_log_snapshot(app, job);
    job_free(job);
}

void storage_release(struct app *app)
{
    keeper_free(app->keeper);
    journal_free(app->journal);
    trainer_free(app->trainer);
    if (app->queue)
        queue_free(app->queue);
    model_free(app->serving.model);
    recover_release(&app->recovery);
}

/* Who waits for a seq waits in vain from here on; who waited for room need not
 * any more. */
void storage_pause(struct app *app, bool on)
{
    trainer_pause(app->trainer, on);
    journal_pause(app->journal, on);
    worker_tell_all(app, on ? MAIL_HELD : MAIL_ROOM);
}

uint64_t storage_seq(struct app *app)
{
    struct serving *s = &app->serving;
    pthread_mutex_lock(&s->lock);
    uint64_t seq = live_seq(model_live(s->model));
    pthread_mutex_unlock(&s->lock);
    return seq;
}

const char *storage_trouble(struct app *app, bool *serving, bool *degraded)
{
    *serving = atomic_load(&app->phase) == PHASE_SERVING;
    *degraded = false;
    if (!*serving)
        return "recovering";
    switch ((enum log_state)atomic_load(&app->storage_state)) {
    case LOG_OK:
        return NULL;
    case LOG_FULL:
        *degraded = true;
        return "storage_full";
    case LOG_FAILED:
        break;
    }
    return "storage_failed";
}

const char *storage_in_vain(struct app *app)
{
    if (trainer_held(app->trainer))
        return "the guard holds publishing, because the newest ratings are "
               "predicted worse than by their mean";
    if (trainer_is_paused(app->trainer))
        return "learning is paused (POST /v1/admin/resume)";
    return NULL;
}
