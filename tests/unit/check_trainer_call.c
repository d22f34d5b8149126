/* check_trainer_call.c -- what other threads have the trainer run: in order,
 * between two batches, soon, and never lost. */
#include "model_test.h"

#include <pthread.h>
#include <stdbool.h>

#include "model/learn/trainer.h"

#define CALLS 500

struct rig {
    struct model *m;
    struct queue *q;
    struct trainer *t;
    /* the trainer's until trainer_stop() */
    uint32_t ran;
    int order[CALLS];
    uint64_t seq[CALLS];
    pthread_t by;
};

struct numbered {
    struct trainer_call call;
    struct rig *rig;
    int number;
};

static void on_visible(void *arg, uint32_t n, int64_t latency_ns)
{
    (void)arg;
    (void)n;
    (void)latency_ns;
}

static void rig_init(struct rig *r)
{
    struct settings s = test_settings();
    struct trainer_options opt = {20, 5};
    struct trainer_hooks hooks = {.visible = on_visible};
    memset(r, 0, sizeof *r);
    ck_assert_int_eq(model_new(&s, 1, &r->m), ERR_OK);
    r->q = queue_new(100000);
    r->t = trainer_new(r->m, r->q, 0, &opt, &hooks);
    ck_assert_ptr_nonnull(r->t);
}

static void rig_release(struct rig *r)
{
    trainer_free(r->t);
    queue_free(r->q);
    model_free(r->m);
}

static void send(struct rig *r, uint32_t first, uint32_t n)
{
    char name[2][16];
    struct batch *b = batch_new(64);
    for (uint32_t k = first; k < first + n; k++) {
        struct event e = test_stream(k, 100, 100, name);
        ck_assert_int_eq(batch_add(b, &e, k - first), ERR_OK);
    }
    b->first_seq = first + 1;
    ck_assert_int_eq(queue_push(r->q, b), ERR_OK);
}

/* Says who ran, when, and that the published copy is the newest there is. */
static void note(void *arg)
{
    struct numbered *n = arg;
    struct rig *r = n->rig;
    const struct table *t = live_pin(model_live(r->m), 0);
    ck_assert_uint_eq(t->totals.seq, live_seq(model_live(r->m)));
    r->seq[r->ran] = t->totals.seq;
    live_unpin(model_live(r->m), 0);
    ck_assert(model_bytes(r->m) > 0); // the trainer's to ask
    r->order[r->ran++] = n->number;
    r->by = pthread_self();
    n->call.next = &n->call; // a call is the caller's again by now
}

START_TEST(an_idle_one_runs_it_at_once)
{
    struct rig r;
    rig_init(&r);
    ck_assert_int_eq(trainer_start(r.t), ERR_OK);
    for (int i = 0; i < CALLS; i++) {
        struct numbered n = {{0}, &r, i};
        trainer_run(r.t, note, &n); // returns when it has run
        ck_assert_uint_eq(r.ran, (uint32_t)i + 1);
        ck_assert(!pthread_equal(r.by, pthread_self()));
    }
    trainer_stop(r.t);
    rig_release(&r);
}
END_TEST

START_TEST(a_busy_one_runs_them_in_order)
{
    static struct numbered n[CALLS];
    struct rig r;
    rig_init(&r);
    ck_assert_int_eq(trainer_start(r.t), ERR_OK);
    for (int i = 0; i < CALLS; i++) {
        n[i] = (struct numbered){{note, &n[i], NULL}, &r, i};
        send(&r, (uint32_t)i * 10, 10);
        trainer_call(r.t, &n[i].call);
    }
    trainer_stop(r.t);
    ck_assert_uint_eq(r.ran, CALLS);
    for (int i = 0; i < CALLS; i++) {
        ck_assert_int_eq(r.order[i], i);
        ck_assert(i == 0 || r.seq[i] >= r.seq[i - 1]);
    }
    rig_release(&r);
}
END_TEST

START_TEST(none_is_lost_at_the_end)
{
    static struct numbered n[2];
    struct rig r;
    rig_init(&r);
    n[0] = (struct numbered){{note, &n[0], NULL}, &r, 0};
    trainer_call(r.t, &n[0].call); // before it was ever started
    trainer_stop(r.t);
    ck_assert_uint_eq(r.ran, 1);
    n[1] = (struct numbered){{note, &n[1], NULL}, &r, 1};
    trainer_call(r.t, &n[1].call); // here and now
    ck_assert_uint_eq(r.ran, 2);
    ck_assert(pthread_equal(r.by, pthread_self()));
    trainer_run(r.t, note, &n[0]);
    ck_assert_uint_eq(r.ran, 3);
    rig_release(&r);
}
END_TEST

MODEL_TEST_MAIN("trainer_call", an_idle_one_runs_it_at_once,
                a_busy_one_runs_them_in_order, none_is_lost_at_the_end)
