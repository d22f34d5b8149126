/* keeper_internal.h -- what a keeper is made of, for the files that are
 * keeper.h: keeper.c (thread), keeper_snapshot.c, keeper_send.c (events),
 * keeper_erase.c, keeper_export.c, keeper_rollback.c and keeper_settings.c.
 *
 * DESIGN  One atomic: `stop` is set once and asked for again and again; relaxed
 * order would do, because it orders nothing else. / */
#ifndef FRESHET_MODEL_STORE_KEEPER_INTERNAL_H
#define FRESHET_MODEL_STORE_KEEPER_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "model/store/keeper.h"

struct keeper {
    /* set at boot, then read-only; but for the model and the settings in force,
     * which are the keeper's thread's */
    struct keeper_options opt;
    struct keeper_hooks hooks;
    pthread_t thread;
    bool started;
    /* shared: atomic; set once, relaxed: it is looked at again and again */
    atomic_bool stop;
    /* guarded by lock */
    pthread_mutex_t lock;
    pthread_cond_t some;
    struct job *first, **last;
    uint32_t waiting;
    bool closed;
    /* keeper only */
    struct redo unfinished;    /* n > 0 or frame_bytes: one is */
    bool redo_left;
    struct model *retired;     /* a reader may still be at it; NULL: none */
    uint64_t snapshot_seq;     /* of the newest snapshot */
    int64_t snapshot_ns;       /* when it was taken */
    int64_t retry_ns;          /* no automatic one before, after a failure */
    int64_t backoff_ns;
};

/* Waits until the serving copy holds seq, or while the guard holds that, until
 * it is folded; false: it takes longer than a minute. */
bool keeper_wait_applied(struct keeper *k, uint64_t seq);

/* Sends the event through the journal and waits for what became of it.  prepare:
 * NULL, or as in batch.h, with arg. */
enum err keeper_send(struct keeper *k, const struct event *e,
                     enum err (*prepare)(void *arg, struct batch *b), void *arg,
                     struct ack *ack) MUSTCHECK;
int64_t keeper_now_ns(void);
/* Takes a snapshot into job->snapshot, err, error, seconds. */
void keeper_snapshot(struct keeper *k, struct job *job);
/* Is one due that nobody asked for?  Takes it. */
bool keeper_is_due(struct keeper *k);
void keeper_automatic_snapshot(struct keeper *k);
/* Something went well, or is to be tried again later: and later each time. */
void keeper_back_off(struct keeper *k, bool well);

void keeper_erase(struct keeper *k, struct job *job);
void keeper_export(struct keeper *k, struct job *job);
void keeper_rollback(struct keeper *k, struct job *job);
void keeper_settings(struct keeper *k, struct job *job);
/* What is left of an erasure whose event, or a later one, is seq: frames,
 * snapshots, redo file.  May be repeated. */
enum err keeper_finish_erasure(struct keeper *k, const struct redo *r,
                               uint64_t seq, bool *exact);

#endif
