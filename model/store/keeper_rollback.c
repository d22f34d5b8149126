/* keeper_rollback.c -- what came after a seq is undone.  See keeper.h for the
 * order of things. */
#include <errno.h>
#include <time.h>

#include "model/core/bytes.h"
#include "model/store/disk.h"
#include "model/store/keeper_internal.h"
#include "model/store/rebuild.h"
#include "model/store/snapshot_dir.h"

/* The trainer stands still while this many events are folded: some ms. */
#define NEAR_EVENTS 8192
#define ROUNDS      20    /* then it has to, however far it is ahead */

/* One rollback on its way; lives on the keeper's stack. */
struct undoing {
    struct keeper *k;
    struct job *job;
    struct void_range range;
    struct ack ack;
    struct rebuild *rebuild;
    struct model *m;           /* from the trainer's thread: the new one, */
    enum err err;              /* ... or why there is none */
};

/* Does it leave something to begin with, and is there something to undo? */
static enum err check(struct undoing *x)
{
    struct keeper *k = x->k;
    uint64_t last = journal_last(k->opt.journal);
    bool base = false;
    x->job->why = "there is no data.dir: this daemon cannot go back";
    if (!k->opt.log)
        return ERR_RANGE;
    x->job->why = "there is no event after it";
    if (x->range.after >= last)
        return ERR_RANGE;
    enum err err = snapshot_base_before(k->opt.dir.snapshot,
                                        log_first(k->opt.log),
                                        x->range.after + 1, &base);
    x->job->why = "the events before it were dropped (journal.keep), and no "
                  "snapshot is that old";
    return err == ERR_OK && !base ? ERR_RANGE : err;
}

/* Snapshots that know what will be undone go: before it is, so that there is
 * never one that must not be used. */
static enum err clear_snapshots(struct undoing *x)
{
    struct keeper *k = x->k;
    uint64_t seq[SNAPSHOT_LIST_MAX];
    size_t n = 0;
    enum err err = snapshot_remove_from(k->opt.dir.snapshot,
                                        x->range.after + 1, 0);
    if (err == ERR_OK)
        err = snapshot_list(k->opt.dir.snapshot, seq, &n);
    if (err == ERR_OK)
        k->snapshot_seq = x->job->snapshot.seq = n ? seq[0] : 0;
    return err == ERR_OK && !DISK_POINT("rollback.cleared") ? ERR_IO : err;
}

/* A batch's prepare: everything that came before it is undone. */
static enum err prepare(void *arg, struct batch *b)
{
    struct undoing *x = arg;
    unsigned char range[16];
    struct event e = {.type = EVENT_ROLLBACK, .time_ms = TIME_UNSET,
                      .payload = range, .payload_bytes = sizeof range};
    x->range.to = b->first_seq - 1;
    put_u64(range, x->range.after);
    put_u64(range + 8, x->range.to);
    event_encode(&e, b->data);
    return ERR_OK;
}

static enum err commit(struct undoing *x)
{
    unsigned char range[16] = {0};
    struct event e = {.type = EVENT_ROLLBACK, .time_ms = TIME_UNSET,
                      .payload = range, .payload_bytes = sizeof range};
    return keeper_send(x->k, &e, prepare, x, &x->ack);
}

static bool count(void *arg, const struct log_event *e)
{
    struct undoing *x = arg;
    x->job->events += event_teaches(e->event.type);
    return true;
}

/* ---- the model ----------------------------------------------------------- */

static bool is_stopping(void *arg)
{
    struct keeper *k = arg;
    return atomic_load(&k->stop);
}

/* Until the new model is nearly as far as the old one. */
static enum err build(struct undoing *x)
{
    struct keeper *k = x->k;
    struct rebuild_options opt = {
        .dir = k->opt.dir, .log = k->opt.log, .codec = k->opt.codec,
        .genesis = &k->opt.genesis, .room = model_settings(k->opt.model),
        .nreaders = k->opt.nreaders, .rank_every = k->opt.rank_every,
        .newest = x->range.after,
        .stop = is_stopping, .stop_arg = k};
    enum err err = rebuild_new(&opt, &x->rebuild);
    for (int i = 0; err == ERR_OK && i < ROUNDS; i++) {
        uint64_t to = trainer_folded(k->opt.trainer);
        bool near = to <= rebuild_seq(x->rebuild) + NEAR_EVENTS;
        err = rebuild_go_on(x->rebuild, to);
        if (near)
            break;
    }
    return err;
}

/* On the trainer's thread, between two batches. */
static void take_over(void *arg)
{
    struct undoing *x = arg;
    struct keeper *k = x->k;
    x->err = rebuild_go_on(x->rebuild, trainer_folded(k->opt.trainer));
    if (x->err != ERR_OK)
        return;
    x->m = rebuild_take(x->rebuild);
    trainer_take_model(k->opt.trainer, x->m);
    if (k->hooks.model)
        k->hooks.model(k->hooks.arg, x->m);
}

/* No reader begins with the old model any more; who has begun ends soon. */
static void retire(struct keeper *k, struct model *old)
{
    struct timespec ms = {0, 1000000};
    k->retired = old;
    while (k->hooks.moved_on && !k->hooks.moved_on(k->hooks.arg)) {
        if (atomic_load(&k->stop))
            return; // keeper_free() will
        nanosleep(&ms, NULL);
    }
    k->retired = NULL;
    model_free(old);
}

static enum err renew(struct undoing *x)
{
    struct keeper *k = x->k;
    enum err err = build(x);
    if (err == ERR_OK) {
        trainer_run(k->opt.trainer, take_over, x);
        err = x->err;
    }
    rebuild_free(x->rebuild);
    if (err != ERR_OK)
        return err;
    struct model *old = k->opt.model;
    k->opt.model = x->m;
    retire(k, old);
    return ERR_OK;
}

/* ---- all ----------------------------------------------------------------- */

static enum err roll_back(struct undoing *x)
{
    struct keeper *k = x->k;
    struct log_place bad;
    bool exact;
    enum err err = check(x);
    if (err == ERR_OK && k->redo_left) { // an erasure has to be finished first
        err = keeper_finish_erasure(k, &k->unfinished,
                                    journal_last(k->opt.journal), &exact);
        k->redo_left = err != ERR_OK;
    }
    if (err == ERR_OK)
        err = clear_snapshots(x);
    if (err == ERR_OK)
        err = commit(x);
    if (err != ERR_OK)
        return err;
    x->job->seq = x->ack.first_seq;
    if (!DISK_POINT("rollback.logged"))
        return ERR_IO;
    err = log_each(k->opt.log, x->range.after + 1, x->range.to, count, x, &bad);
    if (err == ERR_OK)
        err = renew(x);
    x->job->live = err == ERR_OK;
    return ERR_OK; // it has happened, one way or the other
}

void keeper_rollback(struct keeper *k, struct job *job)
{
    struct undoing x = {.k = k, .job = job, .range = {.after = job->to_seq}};
    errno = 0;
    job->err = roll_back(&x);
    job->error = errno;
}
