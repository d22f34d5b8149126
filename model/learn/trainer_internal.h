/* trainer_internal.h -- what a trainer is made of, for the files that are
 * trainer.h: trainer.c (the thread) and trainer_call.c (calls from others).
 */
#ifndef FRESHET_MODEL_LEARN_TRAINER_INTERNAL_H
#define FRESHET_MODEL_LEARN_TRAINER_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "model/learn/trainer.h"

struct watcher {
    _Alignas(64) _Atomic uint64_t seq; /* waits for this, or TRAINER_NEVER */
};

struct trainer {
    /* set at boot, then read-only */
    struct model *m;
    struct queue *in;
    struct trainer_hooks hooks;
    int nwatchers;
    struct watcher *watchers;    /* (nwatchers) shared, argued in trainer.h */
    pthread_t thread;
    bool started;
    /* guarded by calls_lock */
    pthread_mutex_t calls_lock;
    struct trainer_call *calls;  /* the oldest first */
    struct trainer_call **calls_end;
    bool ended;                  /* the thread has been there, and is gone */
    /* shared: atomic.  Flags and reports that order nothing else: relaxed, but
     * for hash_wanted, which is set before the queue is kicked. */
    atomic_bool hash_wanted;
    _Atomic uint32_t max_events, max_ms;
    _Atomic uint64_t publishes;
    _Atomic int64_t busy_ns;
    _Atomic uint64_t folded_seq; /* newest event that is folded */
    _Atomic uint64_t held;       /* the last good seq while publishing is held */
    _Atomic uint64_t trips;
    /* trainer only */
    struct batch *pending;       /* taken from the queue, not folded yet */
    const unsigned char *at;     /* where in pending, */
    uint32_t done;               /* ... events of it folded */
    struct batch *folded;        /* whole batches to be published and freed */
    struct course course;        /* of the model, as told last */
    struct settings settings;    /* ... and what it learned with */
};

/* Runs what was asked until now.  With `last`, what is asked later runs where
 * it is asked. */
void trainer_run_calls(struct trainer *t, bool last);

#endif
