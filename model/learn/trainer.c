/* trainer.c -- see trainer.h. */
#include "model/learn/trainer_internal.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/learn/pace.h"
#include "model/store/disk.h"

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* What others may ask for. */
static void note_progress(struct trainer *t)
{
    t->settings = *model_settings_now(t->m);
    t->course = model_course(t->m);
    atomic_store_explicit(&t->folded_seq, model_seq(t->m),
                          memory_order_relaxed);
    atomic_store_explicit(&t->held, t->course.held, memory_order_relaxed);
    atomic_store_explicit(&t->trips, t->course.trips, memory_order_relaxed);
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
    out->folded_seq = atomic_load_explicit(&t->folded_seq,
                                           memory_order_relaxed);
    out->held = trainer_held(t);
    out->trips = atomic_load_explicit(&t->trips, memory_order_relaxed);
    out->paused = trainer_is_paused(t);
}

uint64_t trainer_held(const struct trainer *t)
{
    return atomic_load_explicit(&t->held, memory_order_relaxed);
}

uint64_t trainer_folded(const struct trainer *t)
{
    return atomic_load_explicit(&t->folded_seq, memory_order_relaxed);
}

void trainer_pause(struct trainer *t, bool on)
{
    queue_stall(t->in, on);
}

bool trainer_is_paused(const struct trainer *t)
{
    return queue_is_stalled(t->in);
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
    uint32_t most = atomic_load_explicit(&t->max_events, memory_order_relaxed);
    float pace = pace_now(&t->course, &t->settings);
    uint32_t max = (uint32_t)((double)most / (double)pace);
    int64_t until = from + 1000000ll * atomic_load_explicit(
                                           &t->max_ms, memory_order_relaxed);
    uint32_t n = 0;
    max = max ? max : 1;
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

/* Frees the batches that are folded.  `shown`: they are visible now, reports
 * how long that took. */
static void release_folded(struct trainer *t, int64_t now, bool shown)
{
    while (t->folded) {
        struct batch *b = t->folded;
        t->folded = b->next;
        if (shown && t->hooks.visible && b->received_ns)
            t->hooks.visible(t->hooks.arg, b->n, now - b->received_ns);
        batch_free(b);
    }
}

static void answer_hash(struct trainer *t)
{
    if (!atomic_exchange(&t->hash_wanted, false))
        return;
    t->hooks.hashed(t->hooks.arg, model_seq(t->m), model_hash(t->m));
}

/* Others are told when the guard changes its mind, and of new settings. */
static void tell_course(struct trainer *t)
{
    uint64_t held = t->course.held;
    struct settings before = t->settings;
    note_progress(t);
    if (t->hooks.guarded && held != t->course.held)
        t->hooks.guarded(t->hooks.arg, &t->course, model_seq(t->m));
    if (t->hooks.settings && settings_differ(&before, &t->settings, false))
        t->hooks.settings(t->hooks.arg, &t->settings);
}

/* Folds a batch and shows it, unless the guard holds. */
static void work(struct trainer *t)
{
    int64_t from = now_ns();
    (void)DISK_POINT("trainer.batch");
    model_begin(t->m);
    fold_batch(t, from);
    tell_course(t);
    bool shown = model_offer(t->m);
    if (shown)
        tell_watchers(t);
    int64_t now = now_ns();
    release_folded(t, now, shown);
    atomic_fetch_add_explicit(&t->publishes, shown, memory_order_relaxed);
    atomic_fetch_add_explicit(&t->busy_ns, now - from, memory_order_relaxed);
}

void trainer_take_model(struct trainer *t, struct model *m)
{
    t->m = m;
    tell_course(t);
    tell_watchers(t);
}

static void *trainer_main(void *arg)
{
    struct trainer *t = arg;
    for (;;) {
        if (!t->pending)
            t->pending = queue_pop(t->in,
                                   atomic_load_explicit(&t->max_events,
                                                        memory_order_relaxed));
        if (t->pending)
            work(t);
        answer_hash(t);
        trainer_run_calls(t, false);
        if (!t->pending && queue_is_closed(t->in))
            return NULL;
    }
}

enum err trainer_start(struct trainer *t)
{
    sigset_t all, before;
    note_progress(t); // what was recovered
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
    trainer_run_calls(t, true);
}
