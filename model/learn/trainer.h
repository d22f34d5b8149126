/* trainer.h -- the thread that learns: fold, publish, wake who waits.
 *
 * DESIGN  Takes batches from its queue, folds them into the shadow copy, and
 * publishes when `max_events` events are folded, `max_ms` have passed since the
 * first of them was taken, or the queue is empty, so an event on an idle daemon
 * is published at once.  Nothing in the fold depends on where a batch ends.
 * With learn.control a batch is shorter on drift and longer when all is stable:
 * max_events / pace (pace.h).
 *
 * While the guard holds (guard.h) it folds and does not publish: what follows
 * an event then comes with the publish that ends the hold.  A pause stalls the
 * queue: the batch in hand is finished, calls are answered, and what comes waits
 * there until the bound says ERR_FULL.  The end of the queue ends a pause.
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
    /* the guard holds publishing from now on, or does not any more (c->held);
     * seq: the newest event that is folded.  NULL: nobody asks */
    void (*guarded)(void *arg, const struct course *c, uint64_t seq);
    /* learning goes on with other settings.  NULL: nobody asks */
    void (*settings)(void *arg, const struct settings *s);
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
 * the published copy is the newest there is (unless the guard holds): soon
 * (after at most max_ms), at once when it is idle, in the order of the calls.
 * `call` is the caller's, untouched until fn has begun; fn is all that tells
 * that it ran.  After trainer_stop() fn runs on the calling thread, before this
 * returns. */
struct trainer_call {
    void (*fn)(void *arg);
    void *arg;
    struct trainer_call *next;   /* the trainer's */
};
void trainer_call(struct trainer *t, struct trainer_call *call);

/* Any thread but the trainer's, once that is started.  The same, and returns
 * when fn has returned. */
void trainer_run(struct trainer *t, void (*fn)(void *arg), void *arg);

/* Any thread.  Stops learning, or goes on with it; see DESIGN. */
void trainer_pause(struct trainer *t, bool on);
bool trainer_is_paused(const struct trainer *t);

/* Any thread.  The last good seq while the guard holds publishing, else 0; and
 * the newest event that is folded, published or not. */
uint64_t trainer_held(const struct trainer *t);
uint64_t trainer_folded(const struct trainer *t);

/* In a trainer_call.  Goes on with m, which is published and has folded what
 * the model before has; that is the caller's again. */
void trainer_take_model(struct trainer *t, struct model *m);

/* Any thread.  New publish.* values, from the next batch on. */
void trainer_tune(struct trainer *t, const struct trainer_options *opt);

/* Any thread. */
struct trainer_stats {
    uint64_t publishes;
    int64_t busy_ns;            /* time spent folding and publishing */
    uint32_t queued;            /* events waiting in the queue */
    uint64_t folded_seq, held;  /* as above */
    uint64_t trips;             /* times the guard has begun to hold */
    bool paused;
};
void trainer_stats(const struct trainer *t, struct trainer_stats *out);

/* Boot only (teardown), after the queue is closed: folds the rest, joins. */
void trainer_stop(struct trainer *t);
void trainer_free(struct trainer *t);

#endif
