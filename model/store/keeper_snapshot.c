/* keeper_snapshot.c -- when snapshots are taken, and which are kept.  See
 * keeper.h. */
#include <errno.h>
#include <string.h>

#include "model/store/keeper_internal.h"
#include "model/store/snapshot_dir.h"

#define SECOND_NS   1000000000ll
#define BACKOFF_MAX (64 * SECOND_NS)

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
    int64_t from = keeper_now_ns();
    job->err = snapshot_take(&s, &job->snapshot);
    if (job->err == ERR_NOSPACE && k->opt.log) { // what it is kept for
        log_release_reserve(k->opt.log);
        job->err = snapshot_take(&s, &job->snapshot);
    }
    job->error = job->snapshot.os_error;
    job->seconds = (double)(keeper_now_ns() - from) * 1e-9;
    if (job->err != ERR_OK)
        return;
    k->snapshot_seq = job->snapshot.seq;
    k->snapshot_ns = keeper_now_ns();
}

static uint64_t interim_of(struct keeper *k)
{
    struct live *live = model_live(k->opt.model);
    uint64_t interim = live_pin(live, k->opt.slot)->totals.interim;
    live_unpin(live, k->opt.slot);
    return interim;
}

/* Is there no snapshot to be had?  While the guard holds (learn/guard.h); and one
 * that knows what was rolled back must not be. */
static const char *is_refused(struct keeper *k)
{
    if (trainer_held(k->opt.trainer))
        return "the guard holds publishing: there is none before that ends";
    if (interim_of(k) & INTERIM_UNDONE)
        return "it would know what was rolled back: restart first";
    return NULL;
}

/* A snapshot of an interim model is of no use where the log is complete and
 * stays so: the next start folds the exact one (recover.h).  Then none is taken
 * unasked, and none pushes out one that is of use. */
static bool is_of_no_use(struct keeper *k)
{
    uint64_t interim = interim_of(k);
    return is_refused(k) || (interim && k->opt.log && !k->opt.drop_segments &&
                             log_first(k->opt.log) == 1);
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
    job->why = is_refused(k);
    if (job->why) {
        job->err = ERR_FULL;
        job->snapshot.failed = "have one";
        return;
    }
    take(k, job, k->opt.trainer);
    if (job->err == ERR_OK)
        tidy(k);
}

bool keeper_is_due(struct keeper *k)
{
    uint64_t seq = live_seq(model_live(k->opt.model));
    int64_t now = keeper_now_ns();
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
void keeper_back_off(struct keeper *k, bool well)
{
    k->backoff_ns = well ? 0 : k->backoff_ns ? 2 * k->backoff_ns : SECOND_NS;
    if (k->backoff_ns > BACKOFF_MAX)
        k->backoff_ns = BACKOFF_MAX;
    k->retry_ns = keeper_now_ns() + k->backoff_ns;
}

void keeper_automatic_snapshot(struct keeper *k)
{
    struct job job = {.kind = JOB_SNAPSHOT, .owner = -1};
    keeper_snapshot(k, &job);
    keeper_back_off(k, job.err == ERR_OK);
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
