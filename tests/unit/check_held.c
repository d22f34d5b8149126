/* check_held.c -- while the guard holds: what is served stays, events are kept
 * and learned, erasures take effect, there are no snapshots; it ends by itself or
 * by a rollback; a restart serves a copy from before.  And a pause. */
#include "rollback_test.h"

#include "model/core/ids.h"

#define GOOD 8192u             /* events before the poison, */
#define BAD  1500u             /* ... of it, and then all it takes to recover */
#define REST 30000u

/* Events k of the stream, from here on turned around. */
static void rate_some(uint32_t n, bool poison)
{
    struct batch *b = batch_new(0);
    for (uint32_t i = 0; i < n; i++) {
        char name[2][16];
        struct event e = test_stream(x.h.next++, 200, 150, name);
        e.value = poison ? 6 - e.value : e.value;
        ck_assert_int_eq(batch_add(b, &e, i), ERR_OK);
        if (b->n < 500 && i + 1 < n)
            continue;
        ck_assert_int_eq(house_send(&x, b), ERR_OK);
        b = i + 1 < n ? batch_new(0) : NULL;
    }
}

static void wait_folded(void)
{
    while (trainer_folded(x.trainer) < journal_last(x.journal))
        nanosleep(&(struct timespec){0, 200000}, NULL);
}

/* A daemon that the guard has stopped from publishing. */
static void hold(void)
{
    house_init(&x, false);
    x.h.want.guard_ratio = 1.5f;
    house_open(&x);
    house_start(&x);
    rate_some(GOOD, false);
    house_applied(&x);
    rate_some(BAD, true);
    wait_folded();
    ck_assert_uint_eq(trainer_held(x.trainer), GOOD);
}

START_TEST(ends_by_itself)
{
    hold();
    uint64_t shown = live_seq(model_live(x.h.m));
    ck_assert_uint_ge(shown, GOOD);
    ck_assert_uint_lt(shown, GOOD + 1024 + 1);
    rate_some(REST, false);
    house_applied(&x);
    ck_assert_uint_eq(trainer_held(x.trainer), 0);
    struct trainer_stats s;
    trainer_stats(x.trainer, &s);
    ck_assert_uint_eq(s.trips, 1);
    is_exact();
    house_release(&x);
}
END_TEST

START_TEST(no_snapshots)
{
    hold();
    struct job job = house_do(&x, JOB_SNAPSHOT, "", "");
    ck_assert_int_eq(job.err, ERR_FULL);
    ck_assert_ptr_nonnull(strstr(job.why, "guard"));
    house_stop(&x);
    ck_assert_ptr_null(keeper_last_snapshot(x.keeper));
    ck_assert_uint_eq(home_snapshots(&x.h), 0);
    house_close(&x, true);
    house_open(&x);
    house_start(&x);
    house_release(&x);
}
END_TEST

/* Somebody who is erased is unknown to the copy that is served, and in no file;
 * the answer does not wait for the end of the hold. */
START_TEST(erasures)
{
    static const char name[] = "u7";
    struct id user = {name, sizeof name - 1};
    hold();
    struct live *live = model_live(x.h.m);
    const struct table *t = live_pin(live, 0);
    ck_assert(ids_find(live_user_ids(live), user, t->users.n) != ROW_NONE);
    live_unpin(live, 0);
    struct job job = house_do(&x, JOB_ERASE, name, "");
    ck_assert_int_eq(job.err, ERR_OK);
    ck_assert_uint_ne(trainer_held(x.trainer), 0);
    t = live_pin(live, 0);
    ck_assert_uint_lt(t->totals.seq, job.seq);
    ck_assert(ids_find(live_user_ids(live), user, t->users.n) == ROW_NONE);
    live_unpin(live, 0);
    house_release(&x);
}
END_TEST

START_TEST(a_restart_serves_a_copy_from_before)
{
    hold();
    house_stop(&x);
    uint64_t hash = home_fold(&x.h);
    ck_assert_uint_eq(model_hash(x.h.m), hash); // of what is learned
    house_close(&x, true);
    ck_assert_int_eq(recover_open(&x.h.r, &x.h.opt), ERR_OK);
    ck_assert_int_eq(recover_load(&x.h.r, &x.h.m), ERR_OK);
    ck_assert_int_eq(recover_replay(&x.h.r, x.h.m), ERR_OK);
    ck_assert_uint_eq(model_course(x.h.m).held, GOOD);
    ck_assert_uint_eq(model_hash(x.h.m), hash);
    uint64_t shown = live_seq(model_live(x.h.m));
    ck_assert_uint_lt(shown, GOOD + 1024 + 1);
    ck_assert_uint_ge(shown, GOOD - GOOD / 8);
    home_end(&x.h, true);
    home_release(&x.h);
}
END_TEST

START_TEST(a_rollback_ends_it)
{
    hold();
    undo(GOOD);
    ck_assert_uint_eq(trainer_held(x.trainer), 0);
    ck_assert_uint_eq(house_totals(&x).events, GOOD);
    ck_assert_uint_ge(live_seq(model_live(x.h.m)), GOOD + BAD);
    rate_some(3000, false);
    house_applied(&x);
    ck_assert_uint_eq(trainer_held(x.trainer), 0);
    is_exact();
    house_release(&x);
}
END_TEST

/* ---- pause ---------------------------------------------------------------- */

static void see_it(void *arg)
{
    *(bool *)arg = true;
}

START_TEST(paused)
{
    begin();
    rate(100);
    trainer_pause(x.trainer, true);
    ck_assert(trainer_is_paused(x.trainer));
    house_rate(&x, 300);
    ck_assert_uint_eq(journal_last(x.journal), 400);
    bool ran = false;
    trainer_run(x.trainer, see_it, &ran); // calls are answered meanwhile
    ck_assert(ran);
    ck_assert_uint_eq(live_seq(model_live(x.h.m)), 100);
    trainer_pause(x.trainer, false);
    house_applied(&x);
    trainer_pause(x.trainer, true); // the end of the queue ends it
    house_rate(&x, 50);
    is_exact();
    ck_assert_uint_eq(live_seq(model_live(x.h.m)), 450);
    house_release(&x);
}
END_TEST

MODEL_TEST_MAIN("held", ends_by_itself, no_snapshots, erasures,
                a_restart_serves_a_copy_from_before, a_rollback_ends_it,
                paused)
