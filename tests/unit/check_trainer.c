/* check_trainer.c -- the thread: all is folded once and in order, an idle one
 * publishes at once, who waits is woken, who asks is answered. */
#include "model_test.h"

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

#include "model/learn/trainer.h"
#include "model/store/journal.h"

#define WATCHERS 3
#define EVENTS   6000u

/* What the hooks said; guarded by lock. */
struct heard {
    pthread_mutex_t lock;
    pthread_cond_t more;
    uint32_t reached[WATCHERS];
    uint64_t visible;
    int64_t least_ns;
    uint32_t hashes;
    uint64_t hash, hash_seq;
};

struct rig {
    struct model *m;
    struct queue *q;
    struct trainer *t;
    struct heard heard;
};

static void on_reached(void *arg, int watcher)
{
    struct heard *h = arg;
    pthread_mutex_lock(&h->lock);
    h->reached[watcher]++;
    pthread_cond_broadcast(&h->more);
    pthread_mutex_unlock(&h->lock);
}

static void on_visible(void *arg, uint32_t n, int64_t latency_ns)
{
    struct heard *h = arg;
    pthread_mutex_lock(&h->lock);
    h->visible += n;
    if (latency_ns < h->least_ns)
        h->least_ns = latency_ns;
    pthread_mutex_unlock(&h->lock);
}

static void on_hashed(void *arg, uint64_t seq, uint64_t hash)
{
    struct heard *h = arg;
    pthread_mutex_lock(&h->lock);
    h->hashes++;
    h->hash = hash;
    h->hash_seq = seq;
    pthread_cond_broadcast(&h->more);
    pthread_mutex_unlock(&h->lock);
}

/* Until *count >= want; check's timeout is the bound. */
static void wait_for(struct heard *h, const uint32_t *count, uint32_t want)
{
    pthread_mutex_lock(&h->lock);
    while (*count < want)
        pthread_cond_wait(&h->more, &h->lock);
    pthread_mutex_unlock(&h->lock);
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void rig_init(struct rig *r, uint32_t max_events, uint32_t max_ms)
{
    struct settings s = test_settings();
    struct trainer_options opt = {max_events, max_ms};
    memset(r, 0, sizeof *r);
    pthread_mutex_init(&r->heard.lock, NULL);
    pthread_cond_init(&r->heard.more, NULL);
    r->heard.least_ns = INT64_MAX;
    struct trainer_hooks hooks = {.arg = &r->heard,
                                  .reached = on_reached,
                                  .visible = on_visible,
                                  .hashed = on_hashed};
    ck_assert_int_eq(model_new(&s, 1, &r->m), ERR_OK);
    r->q = queue_new(1000);
    r->t = trainer_new(r->m, r->q, WATCHERS, &opt, &hooks);
    ck_assert_ptr_nonnull(r->t);
    ck_assert_int_eq(trainer_start(r->t), ERR_OK);
}

static void rig_release(struct rig *r)
{
    trainer_stop(r->t);
    trainer_free(r->t);
    queue_free(r->q);
    model_free(r->m);
    pthread_cond_destroy(&r->heard.more);
    pthread_mutex_destroy(&r->heard.lock);
}

/* Events first..first+n-1 of the stream as one batch; k has seq k + 1. */
static struct batch *batch_of(uint32_t first, uint32_t n)
{
    char name[2][16];
    struct batch *b = batch_new(64);
    for (uint32_t k = first; k < first + n; k++) {
        struct event e = test_stream(k, 100, 100, name);
        ck_assert_int_eq(batch_add(b, &e, k - first), ERR_OK);
    }
    b->first_seq = first + 1;
    b->received_ns = now_ns();
    return b;
}

static void send(struct rig *r, uint32_t first, uint32_t n)
{
    ck_assert_int_eq(queue_push_wait(r->q, batch_of(first, n)), ERR_OK);
}

/* Watches for seq as a worker does; true: it is there already. */
static bool watch(struct rig *r, int watcher, uint64_t seq)
{
    trainer_watch(r->t, watcher, seq);
    return live_seq(model_live(r->m)) >= seq;
}

static uint64_t hash_without_thread(uint32_t n)
{
    struct settings s = test_settings();
    struct model *m;
    ck_assert_int_eq(model_new(&s, 1, &m), ERR_OK);
    model_begin(m);
    for (uint32_t k = 0; k < n; k++) {
        char name[2][16];
        struct event e = test_stream(k, 100, 100, name);
        model_fold(m, &e, k + 1, NULL);
    }
    model_publish(m);
    uint64_t hash = model_hash(m);
    model_free(m);
    return hash;
}

START_TEST(an_idle_one_publishes_at_once)
{
    struct rig r;
    rig_init(&r, 1000000, 10000); // neither limit is near
    for (uint32_t k = 0; k < 20; k++) {
        if (!watch(&r, 0, k + 1))
            send(&r, k, 1);
        wait_for(&r.heard, &r.heard.reached[0], k + 1);
        ck_assert_uint_eq(live_seq(model_live(r.m)), k + 1);
    }
    rig_release(&r);
    ck_assert_uint_eq(r.heard.visible, 20);
    ck_assert_int_gt(r.heard.least_ns, 0);
    ck_assert_int_lt(r.heard.least_ns, 5000000000);
}
END_TEST

static const struct {
    uint32_t batch, max_events, max_ms;
} shapes[] = {{1, 1, 1}, {1, 256, 5}, {7, 3, 5}, {100, 256, 5},
              {999, 10, 1}, {EVENTS, 1000000, 10000}};

START_TEST(nothing_is_lost_or_doubled)
{
    uint64_t want = hash_without_thread(EVENTS);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct rig r;
        struct trainer_stats stats;
        uint32_t size = shapes[i].batch;
        rig_init(&r, shapes[i].max_events, shapes[i].max_ms);
        for (uint32_t k = 0; k < EVENTS; k += size)
            send(&r, k, k + size < EVENTS ? size : EVENTS - k);
        queue_close(r.q);
        trainer_stop(r.t);
        ck_assert_uint_eq(r.heard.visible, EVENTS);
        ck_assert_uint_eq(live_seq(model_live(r.m)), EVENTS);
        ck_assert_uint_eq(model_hash(r.m), want);
        trainer_stats(r.t, &stats);
        ck_assert_uint_ge(stats.publishes, EVENTS / shapes[i].max_events);
        ck_assert_uint_le(stats.publishes, EVENTS);
        ck_assert_int_gt(stats.busy_ns, 0);
        ck_assert_uint_eq(stats.queued, 0);
        rig_release(&r);
    }
}
END_TEST

START_TEST(a_hash_between_two_batches)
{
    struct rig r;
    rig_init(&r, 256, 5);
    trainer_ask_hash(r.t); // idle: answered at once
    wait_for(&r.heard, &r.heard.hashes, 1);
    ck_assert_uint_eq(r.heard.hash_seq, 0);
    ck_assert_uint_eq(r.heard.hash, hash_without_thread(0));
    if (!watch(&r, 1, 500))
        send(&r, 0, 500);
    wait_for(&r.heard, &r.heard.reached[1], 1);
    trainer_ask_hash(r.t);
    wait_for(&r.heard, &r.heard.hashes, 2);
    ck_assert_uint_eq(r.heard.hash_seq, 500);
    ck_assert_uint_eq(r.heard.hash, hash_without_thread(500));
    for (uint32_t k = 500; k < 4000; k += 100) { // and under load
        send(&r, k, 100);
        trainer_ask_hash(r.t);
    }
    wait_for(&r.heard, &r.heard.hashes, 3);
    uint64_t seq, hash;
    pthread_mutex_lock(&r.heard.lock);
    seq = r.heard.hash_seq;
    hash = r.heard.hash;
    pthread_mutex_unlock(&r.heard.lock);
    ck_assert_uint_eq(hash, hash_without_thread((uint32_t)seq));
    rig_release(&r);
}
END_TEST

START_TEST(each_watcher_once)
{
    struct rig r;
    rig_init(&r, 10, 5);
    ck_assert(!watch(&r, 0, 50));
    ck_assert(!watch(&r, 1, 100));
    ck_assert(!watch(&r, 2, 5));
    trainer_watch(r.t, 2, TRAINER_NEVER); // changed its mind
    send(&r, 0, 70);
    wait_for(&r.heard, &r.heard.reached[0], 1);
    send(&r, 70, 60);
    wait_for(&r.heard, &r.heard.reached[1], 1);
    rig_release(&r);
    ck_assert_uint_eq(r.heard.reached[0], 1);
    ck_assert_uint_eq(r.heard.reached[1], 1);
    ck_assert_uint_eq(r.heard.reached[2], 0);
}
END_TEST

/* Watchers that set their next seq while the trainer publishes: each wait ends,
 * so no wake-up falls between "set" and "look". */
struct waiter {
    struct rig *r;
    int watcher;
};

static void *wait_many(void *arg)
{
    const struct waiter *w = arg;
    struct heard *h = &w->r->heard;
    uint32_t woken = 0;
    for (uint64_t seq = 1; seq <= EVENTS; seq += 3) {
        if (watch(w->r, w->watcher, seq))
            continue;
        pthread_mutex_lock(&h->lock);
        while (live_seq(model_live(w->r->m)) < seq &&
               h->reached[w->watcher] == woken)
            pthread_cond_wait(&h->more, &h->lock);
        woken = h->reached[w->watcher];
        pthread_mutex_unlock(&h->lock);
    }
    return NULL;
}

START_TEST(no_wake_up_is_lost)
{
    struct rig r;
    struct waiter waiter[WATCHERS];
    pthread_t thread[WATCHERS];
    rig_init(&r, 4, 1);
    for (int i = 0; i < WATCHERS; i++) {
        waiter[i] = (struct waiter){&r, i};
        pthread_create(&thread[i], NULL, wait_many, &waiter[i]);
    }
    for (uint32_t k = 0; k < EVENTS; k += 2)
        send(&r, k, 2);
    for (int i = 0; i < WATCHERS; i++)
        pthread_join(thread[i], NULL);
    rig_release(&r);
}
END_TEST

START_TEST(options_change_while_it_runs)
{
    struct rig r;
    struct trainer_options one = {1, 1};
    struct trainer_stats stats;
    rig_init(&r, 1000000, 10000);
    trainer_tune(r.t, &one);
    send(&r, 0, 500);
    queue_close(r.q);
    trainer_stop(r.t);
    trainer_stats(r.t, &stats);
    ck_assert_uint_ge(stats.publishes, 500);
    rig_release(&r);
}
END_TEST

/* journal -> trainer, as in the daemon. */
START_TEST(behind_a_journal)
{
    struct rig r;
    struct journal_hooks none = {0};
    rig_init(&r, 256, 5);
    struct dedupe *dedupe = dedupe_new(0, true);
    struct journal *j = journal_new(r.q, NULL, dedupe, 0, 2000, &none);
    ck_assert_int_eq(journal_start(j), ERR_OK);
    for (uint32_t k = 0; k < EVENTS; k += 50) {
        struct batch *b = batch_of(k, 50);
        b->first_seq = 0; // the journal's business
        while (journal_submit(j, b) == ERR_FULL)
            nanosleep(&(struct timespec){0, 100000}, NULL);
    }
    journal_stop(j);
    trainer_stop(r.t);
    ck_assert_uint_eq(journal_last(j), EVENTS);
    ck_assert_uint_eq(model_hash(r.m), hash_without_thread(EVENTS));
    rig_release(&r);
    journal_free(j);
    dedupe_free(dedupe);
}
END_TEST

MODEL_TEST_MAIN("trainer", an_idle_one_publishes_at_once,
                nothing_is_lost_or_doubled, a_hash_between_two_batches,
                each_watcher_once, no_wake_up_is_lost,
                options_change_while_it_runs, behind_a_journal)
