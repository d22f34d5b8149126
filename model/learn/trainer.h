/* trainer.h -- the thread that learns: fold, publish, wake who waits.
 *
 * DESIGN  Takes batches from its queue, folds them into the shadow copy, and
 * publishes when `max_events` events are folded, `max_ms` have passed since the
 * first of them was taken, or the queue is empty, so an event on an idle daemon
 * is published at once.  Nothing in the fold depends on where a batch ends.
 *
 * Waiting for a seq: a watcher (a worker) stores the lowest seq it waits for;
 * after each publish the trainer calls hooks.reached for every watcher whose
 * seq is reached.  The watcher stores, then looks at live_seq(); the trainer
 * publishes, then looks at the watcher: with seq_cst on all four one of them
 * sees the other, so no wake-up is lost.
 */
#ifndef FRESHET_MODEL_LEARN_TRAINER_H
#define FRESHET_MODEL_LEARN_TRAINER_H

#include "model/model.h"
#include "model/store/queue.h"

struct trainer;

#define TRAINER_NEVER UINT64_MAX

/* Called on the trainer's thread; must not block. */
struct trainer_hooks {
    void *arg;
    /* a watcher's seq is reached (and its watch is now TRAINER_NEVER) */
    void (*reached)(void *arg, int watcher);
    /* a batch is visible: n events, received -> in the serving copy */
    void (*visible)(void *arg, uint32_t n, int64_t latency_ns);
    /* the answer to trainer_ask_hash() */
    void (*hashed)(void *arg, uint64_t seq, uint64_t hash);
};

struct trainer_options {
    uint32_t max_events;   /* publish.max_events */
    uint32_t max_ms;       /* publish.max_ms */
};

/* Boot only.  m and in are borrowed until trainer_free. */
struct trainer *trainer_new(struct model *m, struct queue *in, int nwatchers,
                            const struct trainer_options *opt,
                            const struct trainer_hooks *hooks);
enum err trainer_start(struct trainer *t) MUSTCHECK;

/* The watcher's own thread.  Sets (or with TRAINER_NEVER clears) the lowest
 * seq it waits for.  Look at live_seq() again after this. */
void trainer_watch(struct trainer *t, int watcher, uint64_t seq);

/* Any thread.  Asks for model_hash of the next state between two batches;
 * hooks.hashed answers, once for all who asked meanwhile.  An idle trainer
 * answers at once. */
void trainer_ask_hash(struct trainer *t);

/* Any thread.  Runs fn(arg) on the trainer's thread between two batches, when
 * the published copy is the newest there is: soon (after at most max_ms), at
 * once when it is idle, in the order of the calls.  `call` is the caller's,
 * untouched until fn has begun; fn is all that tells that it ran.  After
 * trainer_stop() fn runs on the calling thread, before this returns. */
struct trainer_call {
    void (*fn)(void *arg);
    void *arg;
    struct trainer_call *next;   /* the trainer's */
};
void trainer_call(struct trainer *t, struct trainer_call *call);

/* Any thread but the trainer's, once that is started.  The same, and returns
 * when fn has returned. */
void trainer_run(struct trainer *t, void (*fn)(void *arg), void *arg);

/* Any thread.  New publish.* values, from the next batch on. */
void trainer_tune(struct trainer *t, const struct trainer_options *opt);

/* Any thread. */
struct trainer_stats {
    uint64_t publishes;
    int64_t busy_ns;            /* time spent folding and publishing */
    uint32_t queued;            /* events waiting in the queue */
};
void trainer_stats(const struct trainer *t, struct trainer_stats *out);

/* Boot only (teardown), after the queue is closed: folds the rest, joins. */
void trainer_stop(struct trainer *t);
void trainer_free(struct trainer *t);

#endif
