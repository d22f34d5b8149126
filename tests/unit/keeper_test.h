/* keeper_test.h -- what tests of the keeper share: a home (recover_test.h) with
 * trainer, journal and keeper running, jobs whose answers are waited for. */
#ifndef FRESHET_TESTS_UNIT_KEEPER_TEST_H
#define FRESHET_TESTS_UNIT_KEEPER_TEST_H

#include "recover_test.h"

#include <pthread.h>
#include <time.h>

#include "model/core/bytes.h"
#include "model/store/keeper.h"

struct house {
    struct home h;
    bool in_memory;            /* without a data directory */
    struct keeper_options opt; /* to be changed before house_open() */
    struct trainer_options trainer_opt;
    struct queue *q;
    struct trainer *trainer;
    struct journal *journal;
    struct keeper *keeper;
    /* guarded by lock */
    pthread_mutex_t lock;
    pthread_cond_t told;
    struct job *done, **done_end;
    uint32_t automatic, automatic_failed, dropped;
    uint32_t models;           /* that came with rollbacks */
    bool lingers;              /* a reader is still at the one before */
    uint64_t acked;            /* batches */
    enum err ack_err;          /* of the last that was not kept */
};

static inline void house_done(void *arg, struct job *job)
{
    struct house *x = arg;
    pthread_mutex_lock(&x->lock);
    job->next = NULL;
    *x->done_end = job;
    x->done_end = &job->next;
    pthread_cond_broadcast(&x->told);
    pthread_mutex_unlock(&x->lock);
}

static inline void house_automatic(void *arg, const struct job *job)
{
    struct house *x = arg;
    pthread_mutex_lock(&x->lock);
    x->automatic += job->err == ERR_OK;
    x->automatic_failed += job->err != ERR_OK;
    pthread_cond_broadcast(&x->told);
    pthread_mutex_unlock(&x->lock);
}

static inline void house_date(void *arg, char text[64])
{
    (void)arg;
    snprintf(text, 64, "2026-01-02T03:04:05Z");
}

static inline void house_dropped(void *arg, uint32_t segments)
{
    struct house *x = arg;
    pthread_mutex_lock(&x->lock);
    x->dropped += segments;
    pthread_mutex_unlock(&x->lock);
}

/* The test reads between its calls only: it moves on when it asks again. */
static inline void house_model(void *arg, struct model *m)
{
    struct house *x = arg;
    pthread_mutex_lock(&x->lock);
    x->h.m = m;
    x->models++;
    pthread_mutex_unlock(&x->lock);
}

static inline bool house_moved_on(void *arg)
{
    struct house *x = arg;
    pthread_mutex_lock(&x->lock);
    bool on = !x->lingers;
    pthread_mutex_unlock(&x->lock);
    return on;
}

static inline void house_acked(void *arg, const struct ack *a)
{
    struct house *x = arg;
    pthread_mutex_lock(&x->lock);
    x->acked++;
    if (a->err != ERR_OK)
        x->ack_err = a->err;
    pthread_cond_broadcast(&x->told);
    pthread_mutex_unlock(&x->lock);
}

static inline void house_visible(void *arg, uint32_t n, int64_t latency_ns)
{
    (void)arg;
    (void)n;
    (void)latency_ns;
}

static inline void house_init(struct house *x, bool in_memory)
{
    memset(x, 0, sizeof *x);
    pthread_mutex_init(&x->lock, NULL);
    pthread_cond_init(&x->told, NULL);
    x->done_end = &x->done;
    x->in_memory = in_memory;
    x->opt.keep = 3;
    x->trainer_opt = (struct trainer_options){200, 5};
    home_init(&x->h);
}

/* Recovers; everything is made and nothing runs. */
static inline void house_open(struct house *x)
{
    struct trainer_hooks th = {.arg = x, .visible = house_visible};
    struct journal_hooks jh = {.arg = x, .acked = house_acked};
    struct keeper_hooks kh = {.arg = x,
                              .done = house_done,
                              .automatic = house_automatic,
                              .date = house_date,
                              .dropped = house_dropped,
                              .model = house_model,
                              .moved_on = house_moved_on};
    struct recovery *r = &x->h.r;
    if (x->in_memory) {
        *r = (struct recovery){.dir = {-1, -1, -1, -1}};
        r->dedupe = dedupe_new(500, true);
        ck_assert_int_eq(model_new(&x->h.want, 2, &x->h.m), ERR_OK);
    } else
        home_begin(&x->h);
    x->q = queue_new(2000);
    x->trainer = trainer_new(x->h.m, x->q, 0, &x->trainer_opt, &th);
    x->journal = journal_new(x->q, r->log, r->dedupe, r->last, 2000, &jh);
    x->opt.dir = r->dir;
    x->opt.log = r->log;
    x->opt.journal = x->journal;
    x->opt.trainer = x->trainer;
    x->opt.model = x->h.m;
    x->opt.slot = 1;           // 0 is the test's
    x->opt.codec = &snapshot_codec;
    x->opt.dedupe_window = 500;
    x->opt.nreaders = 2;
    x->opt.genesis = x->in_memory ? x->h.want : r->genesis;
    x->opt.in_force = x->in_memory ? x->h.want : r->in_force;
    x->opt.configured = x->h.want;
    x->keeper = keeper_new(&x->opt, &kh, r->redo_left ? &r->redo : NULL,
                           r->base);
    ck_assert(x->q && x->trainer && x->journal && x->keeper);
}

static inline void house_start(struct house *x)
{
    ck_assert_int_eq(trainer_start(x->trainer), ERR_OK);
    ck_assert_int_eq(journal_start(x->journal), ERR_OK);
    ck_assert_int_eq(keeper_start(x->keeper), ERR_OK);
}

/* Ends the threads, in the daemon's order. */
static inline void house_stop(struct house *x)
{
    keeper_stop(x->keeper);
    journal_stop(x->journal);
    x->h.r.last = journal_last(x->journal);
    queue_close(x->q);
    trainer_stop(x->trainer);
}

static inline void house_close(struct house *x, bool kill)
{
    keeper_free(x->keeper);
    journal_free(x->journal);
    trainer_free(x->trainer);
    queue_free(x->q);
    home_end(&x->h, kill);
}

static inline void house_again(struct house *x, bool kill)
{
    house_stop(x);
    house_close(x, kill);
    house_open(x);
    house_start(x);
}

static inline void house_release(struct house *x)
{
    house_stop(x);
    house_close(x, false);
    while (x->done) {
        struct job *job = x->done;
        x->done = job->next;
        job_free(job);
    }
    home_release(&x->h);
    pthread_cond_destroy(&x->told);
    pthread_mutex_destroy(&x->lock);
}

/* ---- events -------------------------------------------------------------- */

/* Submits b and waits until it is acknowledged. */
static inline enum err house_send(struct house *x, struct batch *b)
{
    b->owner = 0;
    pthread_mutex_lock(&x->lock);
    uint64_t want = x->acked + 1;
    x->ack_err = ERR_OK;
    pthread_mutex_unlock(&x->lock);
    ck_assert_int_eq(journal_submit_wait(x->journal, b), ERR_OK);
    pthread_mutex_lock(&x->lock);
    while (x->acked < want)
        pthread_cond_wait(&x->told, &x->lock);
    enum err err = x->ack_err;
    pthread_mutex_unlock(&x->lock);
    return err;
}

static inline void house_rate(struct house *x, uint32_t n)
{
    ck_assert_int_eq(house_send(x, home_batch(&x->h, n)), ERR_OK);
}

/* Waits until the model has learned what was acknowledged. */
static inline void house_applied(struct house *x)
{
    while (live_seq(model_live(x->h.m)) < journal_last(x->journal))
        nanosleep(&(struct timespec){0, 200000}, NULL);
}

static inline struct batch *house_batch_of(const char *user, const char *item,
                                           uint32_t n)
{
    struct batch *b = batch_new(0);
    for (uint32_t i = 0; i < n; i++) {
        char name[16];
        snprintf(name, sizeof name, "i%u", i);
        struct event e = test_event(user, item ? item : name, 4,
                                    1700000000000);
        ck_assert_int_eq(batch_add(b, &e, i), ERR_OK);
    }
    return b;
}

/* n ratings by the user, of i0, i1, ... or all of one item. */
static inline void house_rate_as(struct house *x, const char *user,
                                 const char *item, uint32_t n)
{
    ck_assert_int_eq(house_send(x, house_batch_of(user, item, n)), ERR_OK);
}

/* ---- jobs ---------------------------------------------------------------- */

static inline struct job *house_job(enum job_kind kind, const char *user,
                                    const char *item)
{
    struct job *job = job_new(kind);
    ck_assert_ptr_nonnull(job);
    job->user_len = (uint32_t)snprintf(job->user, sizeof job->user, "%s", user);
    job->item_len = (uint32_t)snprintf(job->item, sizeof job->item, "%s", item);
    job->from_seq = 1;
    job->max_events = 100000;
    return job;
}

/* The next answer; the caller frees it. */
static inline struct job *house_answer(struct house *x)
{
    pthread_mutex_lock(&x->lock);
    while (!x->done)
        pthread_cond_wait(&x->told, &x->lock);
    struct job *job = x->done;
    x->done = job->next;
    if (!x->done)
        x->done_end = &x->done;
    pthread_mutex_unlock(&x->lock);
    return job;
}

static inline struct job *house_ask(struct house *x, struct job *job)
{
    ck_assert_int_eq(keeper_submit(x->keeper, job), ERR_OK);
    ck_assert_ptr_eq(house_answer(x), job);
    return job;
}

static inline struct job house_do(struct house *x, enum job_kind kind,
                                  const char *user, const char *item)
{
    struct job *job = house_ask(x, house_job(kind, user, item));
    struct job copy = *job;
    job_free(job); // what it points to, too
    copy.frames = NULL;
    copy.history = copy.positives = (struct history_copy){0};
    return copy;
}

static inline struct totals house_totals(struct house *x)
{
    const struct table *t = live_pin(model_live(x->h.m), 0);
    struct totals totals = t->totals;
    live_unpin(model_live(x->h.m), 0);
    return totals;
}

#endif
