/* trainer.c -- see trainer.h. */
#include "model/learn/trainer.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "model/store/disk.h"

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
    /* trainer only */
    struct batch *pending;       /* taken from the queue, not folded yet */
    const unsigned char *at;     /* where in pending, */
    uint32_t done;               /* ... events of it folded */
    struct batch *folded;        /* whole batches to be published and freed */
};

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

struct trainer *trainer_new(struct model *m, struct queue *in, int nwatchers,
                            const struct trainer_options *opt,
                            const struct trainer_hooks *hooks)
{
    struct trainer *t = calloc(1, sizeof *t);
    size_t n = (size_t)(nwatchers > 0 ? nwatchers : 1);
    if (!t)
        return NULL;
    t->watchers = aligned_alloc(64, n * sizeof *t->watchers);
    if (!t->watchers || pthread_mutex_init(&t->calls_lock, NULL) != 0) {
        free(t->watchers);
        free(t);
        return NULL;
    }
    t->calls_end = &t->calls;
    t->m = m;
    t->in = in;
    t->hooks = *hooks;
    t->nwatchers = nwatchers;
    for (size_t i = 0; i < n; i++)
        atomic_init(&t->watchers[i].seq, TRAINER_NEVER);
    trainer_tune(t, opt);
    return t;
}

void trainer_free(struct trainer *t)
{
    if (!t)
        return;
    pthread_mutex_destroy(&t->calls_lock);
    free(t->watchers);
    free(t);
}

void trainer_tune(struct trainer *t, const struct trainer_options *opt)
{
    atomic_store_explicit(&t->max_events, opt->max_events,
                          memory_order_relaxed);
    atomic_store_explicit(&t->max_ms, opt->max_ms, memory_order_relaxed);
}

void trainer_watch(struct trainer *t, int watcher, uint64_t seq)
{
    atomic_store(&t->watchers[watcher].seq, seq);
}

void trainer_ask_hash(struct trainer *t)
{
    atomic_store(&t->hash_wanted, true);
    queue_kick(t->in);
}

void trainer_stats(const struct trainer *t, struct trainer_stats *out)
{
    out->publishes = atomic_load_explicit(&t->publishes,
                                          memory_order_relaxed);
    out->busy_ns = atomic_load_explicit(&t->busy_ns, memory_order_relaxed);
    out->queued = queue_depth(t->in);
}

/* ---- calls from other threads ------------------------------------------ */

void trainer_call(struct trainer *t, struct trainer_call *call)
{
    pthread_mutex_lock(&t->calls_lock);
    bool ended = t->ended;
    if (!ended) {
        call->next = NULL;
        *t->calls_end = call;
        t->calls_end = &call->next;
    }
    pthread_mutex_unlock(&t->calls_lock);
    if (ended)
        call->fn(call->arg);
    else
        queue_kick(t->in);
}

/* Runs what was asked until now.  With `last`, what is asked later runs where
 * it is asked. */
static void run_calls(struct trainer *t, bool last)
{
    pthread_mutex_lock(&t->calls_lock);
    struct trainer_call *call = t->calls;
    t->calls = NULL;
    t->calls_end = &t->calls;
    t->ended = last;
    pthread_mutex_unlock(&t->calls_lock);
    while (call) {
        struct trainer_call *next = call->next; // fn may free the call
        call->fn(call->arg);
        call = next;
    }
}

struct waiting {
    void (*fn)(void *arg);
    void *arg;
    pthread_mutex_t lock;
    pthread_cond_t ran;
    bool done;                   /* guarded by lock */
};

static void run_waiting(void *arg)
{
    struct waiting *w = arg;
    w->fn(w->arg);
    pthread_mutex_lock(&w->lock);
    w->done = true;
    pthread_cond_signal(&w->ran); // under the lock: the waiter frees it
    pthread_mutex_unlock(&w->lock);
}

void trainer_run(struct trainer *t, void (*fn)(void *arg), void *arg)
{
    struct waiting w = {fn, arg, PTHREAD_MUTEX_INITIALIZER,
                        PTHREAD_COND_INITIALIZER, false};
    struct trainer_call call = {run_waiting, &w, NULL};
    trainer_call(t, &call);
    pthread_mutex_lock(&w.lock);
    while (!w.done)
        pthread_cond_wait(&w.ran, &w.lock);
    pthread_mutex_unlock(&w.lock);
    pthread_cond_destroy(&w.ran);
    pthread_mutex_destroy(&w.lock);
}

/* ---- the thread -------------------------------------------------------- */

/* Takes the next event from t->pending: false when there is none or its seq is
 * not *seq (0: any, which is written there). */
static bool take_event(struct trainer *t, uint64_t *seq, struct event *e)
{
    const unsigned char *next = NULL;
    while (t->pending && !next) {
        struct batch *b = t->pending;
        if (*seq && *seq != b->first_seq + t->done)
            return false;
        if (!t->at)
            t->at = b->data;
        if (t->done < b->n)
            next = event_decode(t->at, b->data + b->bytes, e);
        if (next) {
            *seq = b->first_seq + t->done;
            t->at = next;
            t->done++;
        }
        if (!next || t->done == b->n) {
            t->pending = b->next;
            b->next = t->folded;
            t->folded = b;
            t->at = NULL;
            t->done = 0;
        }
    }
    return next != NULL;
}

/* Folds up to `max` of the pending events, in one run: max <= MODEL_RUN.  Their
 * bytes stay until they are published. */
static uint32_t fold_some(struct trainer *t, uint32_t max)
{
    struct event e[MODEL_RUN];
    uint64_t next = 0;
    uint32_t n = 0;
    while (n < max && take_event(t, &next, &e[n])) {
        next++;
        n++;
    }
    model_fold_run(t->m, e, n, next - n, NULL);
    return n;
}

/* Asks the clock only now and then: an event takes far less than a ms. */
static void fold_batch(struct trainer *t, int64_t from)
{
    uint32_t max = atomic_load_explicit(&t->max_events, memory_order_relaxed);
    int64_t until = from + 1000000ll * atomic_load_explicit(
                                           &t->max_ms, memory_order_relaxed);
    uint32_t n = 0;
    while (n < max) {
        uint32_t step = max - n < MODEL_RUN ? max - n : MODEL_RUN;
        n += fold_some(t, step);
        if (n < max && !t->pending)
            t->pending = queue_try_pop(t->in, max - n);
        if (!t->pending || now_ns() >= until)
            return;
    }
}

static void tell_watchers(struct trainer *t)
{
    uint64_t seq = live_seq(model_live(t->m));
    for (int i = 0; i < t->nwatchers; i++) {
        uint64_t want = atomic_load(&t->watchers[i].seq);
        if (want > seq)
            continue;
        // The watcher may be setting a new one: then it looks itself.
        if (atomic_compare_exchange_strong(&t->watchers[i].seq, &want,
                                           TRAINER_NEVER))
            t->hooks.reached(t->hooks.arg, i);
    }
}

/* What is visible now: reports how long it took, frees the batches. */
static void release_folded(struct trainer *t, int64_t now)
{
    while (t->folded) {
        struct batch *b = t->folded;
        t->folded = b->next;
        if (t->hooks.visible && b->received_ns)
            t->hooks.visible(t->hooks.arg, b->n, now - b->received_ns);
        batch_free(b);
    }
}

static void answer_hash(struct trainer *t)
{
    if (!atomic_exchange(&t->hash_wanted, false))
        return;
    t->hooks.hashed(t->hooks.arg, live_seq(model_live(t->m)),
                    model_hash(t->m));
}

static void *trainer_main(void *arg)
{
    struct trainer *t = arg;
    for (;;) {
        if (!t->pending)
            t->pending = queue_pop(t->in,
                                   atomic_load_explicit(&t->max_events,
                                                        memory_order_relaxed));
        if (t->pending) {
            int64_t from = now_ns();
            (void)DISK_POINT("trainer.batch");
            model_begin(t->m);
            fold_batch(t, from);
            model_publish(t->m);
            tell_watchers(t);
            int64_t now = now_ns();
            release_folded(t, now);
            atomic_fetch_add_explicit(&t->publishes, 1, memory_order_relaxed);
            atomic_fetch_add_explicit(&t->busy_ns, now - from,
                                      memory_order_relaxed);
        }
        answer_hash(t);
        run_calls(t, false);
        if (!t->pending && queue_is_closed(t->in))
            return NULL;
    }
}

enum err trainer_start(struct trainer *t)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&t->thread, NULL, trainer_main, t);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc != 0)
        return ERR_IO;
    pthread_setname_np(t->thread, "trainer");
    t->started = true;
    return ERR_OK;
}

void trainer_stop(struct trainer *t)
{
    queue_close(t->in);
    if (t->started)
        pthread_join(t->thread, NULL);
    t->started = false;
    run_calls(t, true);
}
