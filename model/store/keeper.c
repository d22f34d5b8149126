/* keeper.c -- the keeper's thread, and snapshots.  See keeper.h. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "model/store/keeper_internal.h"
#include "model/store/snapshot_dir.h"

#define JOBS_MAX    64
#define SECOND_NS   1000000000ll
#define BACKOFF_MAX (64 * SECOND_NS)

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * SECOND_NS + t.tv_nsec;
}

struct keeper *keeper_new(const struct keeper_options *opt,
                          const struct keeper_hooks *hooks,
                          struct redo *unfinished, uint64_t base_seq)
{
    struct keeper *k = calloc(1, sizeof *k);
    pthread_condattr_t clock;
    if (!k)
        return NULL;
    k->opt = *opt;
    k->hooks = *hooks;
    k->last = &k->first;
    k->snapshot_seq = base_seq;
    k->snapshot_ns = now_ns();
    if (unfinished) {
        k->unfinished = *unfinished;
        k->redo_left = true;
        memset(unfinished, 0, sizeof *unfinished);
    }
    pthread_mutex_init(&k->lock, NULL);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&k->some, &clock);
    pthread_condattr_destroy(&clock);
    return k;
}

void keeper_free(struct keeper *k)
{
    if (!k)
        return;
    while (k->first) {
        struct job *job = k->first;
        k->first = job->next;
        job_free(job);
    }
    redo_release(&k->unfinished);
    pthread_cond_destroy(&k->some);
    pthread_mutex_destroy(&k->lock);
    free(k);
}

enum err keeper_submit(struct keeper *k, struct job *job)
{
    enum err err = ERR_OK;
    pthread_mutex_lock(&k->lock);
    if (k->closed)
        err = ERR_CLOSED;
    else if (k->waiting == JOBS_MAX)
        err = ERR_FULL;
    else {
        job->next = NULL;
        *k->last = job;
        k->last = &job->next;
        k->waiting++;
        pthread_cond_signal(&k->some);
    }
    pthread_mutex_unlock(&k->lock);
    return err;
}

/* ---- snapshots ----------------------------------------------------------- */

/* A snapshot must not know more than the log that it stands for. */
static enum err sync_log(void *arg)
{
    struct keeper *k = arg;
    return log_sync_all(k->opt.log);
}

static bool is_stopping(void *arg)
{
    struct keeper *k = arg;
    return atomic_load(&k->stop);
}

static void take(struct keeper *k, struct job *job, struct trainer *trainer)
{
    char created[64];
    k->hooks.date(k->hooks.arg, created);
    struct snapshot_job s = {.model = k->opt.model,
                             .trainer = trainer,
                             .slot = k->opt.slot,
                             .dirfd = k->opt.dir.snapshot,
                             .codec = k->opt.codec,
                             .created = created,
                             .bytes_per_second = k->opt.rate,
                             .stop = trainer ? is_stopping : NULL,
                             .stop_arg = k,
                             .before_name = k->opt.log ? sync_log : NULL,
                             .before_name_arg = k,
                             .log_id = k->opt.log ? log_id(k->opt.log) : 0};
    int64_t from = now_ns();
    job->err = snapshot_take(&s, &job->snapshot);
    if (job->err == ERR_NOSPACE && k->opt.log) { // what it is kept for
        log_release_reserve(k->opt.log);
        job->err = snapshot_take(&s, &job->snapshot);
    }
    job->error = job->snapshot.os_error;
    job->seconds = (double)(now_ns() - from) * 1e-9;
    if (job->err != ERR_OK)
        return;
    k->snapshot_seq = job->snapshot.seq;
    k->snapshot_ns = now_ns();
}

/* A snapshot of an interim model is of no use where the log is complete and
 * stays so: the next start folds the exact one (recover.h).  Then none is taken
 * unasked, and none pushes out one that is of use. */
static bool is_of_no_use(struct keeper *k)
{
    struct live *live = model_live(k->opt.model);
    bool interim = live_pin(live, k->opt.slot)->totals.interim;
    live_unpin(live, k->opt.slot);
    return interim && k->opt.log && !k->opt.drop_segments &&
           log_first(k->opt.log) == 1;
}

/* Old snapshots go, and with them the segments that only they needed. */
static void tidy(struct keeper *k)
{
    uint64_t oldest, last;
    uint32_t dropped = 0;
    if (is_of_no_use(k) ||
        snapshot_keep(k->opt.dir.snapshot, k->opt.keep, &oldest) != ERR_OK ||
        !k->opt.drop_segments || !oldest)
        return; // to be tried again after the next one
    last = log_last(k->opt.log);
    uint64_t window = last > k->opt.dedupe_window
                          ? last - k->opt.dedupe_window : 0;
    uint64_t needed = oldest < window ? oldest : window;
    if (log_trim(k->opt.log, needed + 1, &dropped) == ERR_OK && dropped &&
        k->hooks.dropped)
        k->hooks.dropped(k->hooks.arg, dropped);
}

void keeper_snapshot(struct keeper *k, struct job *job)
{
    if (k->opt.dir.fd < 0) {
        job->err = ERR_RANGE;
        return;
    }
    take(k, job, k->opt.trainer);
    if (job->err == ERR_OK)
        tidy(k);
}

static bool is_due(struct keeper *k)
{
    uint64_t seq = live_seq(model_live(k->opt.model));
    int64_t now = now_ns();
    if (k->opt.dir.fd < 0 || seq <= k->snapshot_seq || now < k->retry_ns)
        return false;
    bool due = k->opt.every_events &&
               seq - k->snapshot_seq >= k->opt.every_events;
    if (k->opt.every_minutes > 0)
        due = due || (double)(now - k->snapshot_ns) * 1e-9 >=
                         60 * k->opt.every_minutes;
    return due && !is_of_no_use(k);
}

/* A failure is tried again later, and later each time. */
static void back_off(struct keeper *k, bool well)
{
    k->backoff_ns = well ? 0 : k->backoff_ns ? 2 * k->backoff_ns : SECOND_NS;
    if (k->backoff_ns > BACKOFF_MAX)
        k->backoff_ns = BACKOFF_MAX;
    k->retry_ns = now_ns() + k->backoff_ns;
}

static void automatic_snapshot(struct keeper *k)
{
    struct job job = {.kind = JOB_SNAPSHOT, .owner = -1};
    keeper_snapshot(k, &job);
    back_off(k, job.err == ERR_OK);
    if (job.err != ERR_CLOSED && k->hooks.automatic)
        k->hooks.automatic(k->hooks.arg, &job);
}

struct job *keeper_last_snapshot(struct keeper *k)
{
    struct job *job = job_new(JOB_SNAPSHOT);
    if (!job || k->opt.dir.fd < 0 ||
        live_seq(model_live(k->opt.model)) <= k->snapshot_seq ||
        is_of_no_use(k)) {
        job_free(job);
        return NULL;
    }
    take(k, job, NULL);
    if (job->err == ERR_OK)
        tidy(k);
    return job;
}

/* ---- the thread ---------------------------------------------------------- */

bool keeper_wait_applied(struct keeper *k, uint64_t seq)
{
    struct timespec ms = {0, 1000000};
    for (int i = 0; live_seq(model_live(k->opt.model)) < seq; i++) {
        if (i == 60000)
            return false;
        nanosleep(&ms, NULL);
    }
    return true;
}

/* The next job, or NULL after about a second. */
static struct job *next_job(struct keeper *k, bool *closed)
{
    struct timespec until;
    int rc = 0;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec++;
    pthread_mutex_lock(&k->lock);
    while (!k->first && !k->closed && rc == 0)
        rc = pthread_cond_timedwait(&k->some, &k->lock, &until);
    struct job *job = k->first;
    if (job) {
        k->first = job->next;
        if (!k->first)
            k->last = &k->first;
        k->waiting--;
    }
    *closed = k->closed;
    pthread_mutex_unlock(&k->lock);
    return job;
}

static void run(struct keeper *k, struct job *job)
{
    switch (job->kind) {
    case JOB_SNAPSHOT:
        keeper_snapshot(k, job);
        break;
    case JOB_ERASE:
    case JOB_RETRACT:
        keeper_erase(k, job);
        break;
    case JOB_EXPORT:
        keeper_export(k, job);
        break;
    }
    k->hooks.done(k->hooks.arg, job);
}

/* What an erasure could not do for a failing disk must not wait for the
 * next. */
static void finish_left(struct keeper *k)
{
    uint64_t last = journal_last(k->opt.journal);
    bool exact;
    k->redo_left = keeper_finish_erasure(k, &k->unfinished, last, &exact) !=
                   ERR_OK;
    back_off(k, !k->redo_left);
}

/* On a busy machine those who serve and learn go first. */
static void be_modest(void)
{
    int rc = setpriority(PRIO_PROCESS, (id_t)gettid(), 10);
    (void)rc; // a wish
}

static void *keeper_main(void *arg)
{
    struct keeper *k = arg;
    bool closed = false;
    be_modest();
    if (k->redo_left)
        finish_left(k);
    for (;;) {
        struct job *job = next_job(k, &closed);
        if (job)
            run(k, job);
        else if (closed)
            return NULL;
        else if (k->redo_left && now_ns() >= k->retry_ns)
            finish_left(k);
        else if (is_due(k))
            automatic_snapshot(k);
    }
}

enum err keeper_start(struct keeper *k)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&k->thread, NULL, keeper_main, k);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc != 0)
        return ERR_IO;
    pthread_setname_np(k->thread, "keeper");
    k->started = true;
    return ERR_OK;
}

void keeper_stop(struct keeper *k)
{
    atomic_store(&k->stop, true);
    pthread_mutex_lock(&k->lock);
    k->closed = true;
    pthread_cond_signal(&k->some);
    pthread_mutex_unlock(&k->lock);
    if (k->started)
        pthread_join(k->thread, NULL);
    k->started = false;
}
