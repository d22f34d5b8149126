/* check_rollback_hard.c -- rollbacks that cannot be, that come while others are
 * at work, or that the next start has to finish. */
#include "rollback_test.h"

#include "model/store/rebuild.h"

/* ---- what cannot be ------------------------------------------------------- */

START_TEST(refused)
{
    begin();
    rate(100);
    struct job job = roll_back(100);
    ck_assert_int_eq(job.err, ERR_RANGE);
    ck_assert_ptr_nonnull(strstr(job.why, "no event after"));
    ck_assert_int_eq(roll_back(UINT64_MAX).err, ERR_RANGE);
    ck_assert_uint_eq(journal_last(x.journal), 100);
    is_exact();
    house_release(&x);
    house_init(&x, true);
    house_open(&x);
    house_start(&x);
    rate(100);
    job = roll_back(50);
    ck_assert_int_eq(job.err, ERR_RANGE);
    ck_assert_ptr_nonnull(strstr(job.why, "data.dir"));
    house_release(&x);
}
END_TEST

/* Segments that only older snapshots needed are gone: back to the oldest of
 * them, not further. */
START_TEST(dropped_segments)
{
    uint64_t seq[SNAPSHOT_LIST_MAX];
    size_t n;
    house_init(&x, false);
    x.opt.drop_segments = true;
    x.opt.keep = 2;
    x.h.opt.dedupe_window = 10;
    house_open(&x);
    x.opt.dedupe_window = 10;
    house_start(&x);
    for (int i = 0; i < 12; i++) {
        rate(300);
        snapshot();
    }
    ck_assert_uint_gt(log_first(x.h.r.log), 1);
    ck_assert_int_eq(snapshot_list(x.h.r.dir.snapshot, seq, &n), ERR_OK);
    ck_assert_uint_eq(n, 2);
    struct job job = roll_back(seq[1] - 1);
    ck_assert_int_eq(job.err, ERR_RANGE);
    ck_assert_ptr_nonnull(strstr(job.why, "dropped"));
    ck_assert_uint_eq(home_snapshots(&x.h), 2);
    undo(seq[1] + 10);
    rate(100);
    house_stop(&x);
    uint64_t hash = model_hash(x.h.m);
    house_close(&x, true);
    house_open(&x);
    ck_assert_uint_eq(x.h.r.base, seq[1]);
    ck_assert_uint_eq(model_hash(x.h.m), hash);
    house_start(&x);
    house_release(&x);
}
END_TEST

/* ---- meanwhile ------------------------------------------------------------ */

START_TEST(under_load)
{
    begin();
    rate(5000);
    for (int i = 0; i < 3; i++) {
        struct job *job = house_job(JOB_ROLLBACK, "", "");
        job->to_seq = journal_last(x.journal) - 1000;
        ck_assert_int_eq(keeper_submit(x.keeper, job), ERR_OK);
        for (int k = 0; k < 30; k++)
            house_rate(&x, 100);
        ck_assert_ptr_eq(house_answer(&x), job);
        ck_assert_msg(job->err == ERR_OK && job->live, "%d %d %s", job->err,
                      job->live, strerror(job->error));
        job_free(job);
    }
    house_applied(&x);
    is_exact();
    house_release(&x);
}
END_TEST

/* The trainer has folded a part of what was one group. */
START_TEST(in_the_middle_of_a_group)
{
    struct rebuild *b;
    house_init(&x, false);
    house_open(&x);
    home_rate(&x.h, 700);
    home_rate(&x.h, 300);
    struct rebuild_options opt = {
        .dir = x.h.r.dir, .log = x.h.r.log, .codec = &snapshot_codec,
        .genesis = &x.h.r.genesis, .room = &x.h.want, .nreaders = 1,
        .newest = UINT64_MAX};
    ck_assert_int_eq(rebuild_new(&opt, &b), ERR_OK);
    static const uint64_t to[] = {1, 123, 699, 700, 850, 850, 3, 1000};
    for (size_t i = 0; i < sizeof to / sizeof *to; i++) {
        uint64_t before = rebuild_seq(b);
        ck_assert_int_eq(rebuild_go_on(b, to[i]), ERR_OK);
        ck_assert_uint_eq(rebuild_seq(b), to[i] > before ? to[i] : before);
    }
    ck_assert_int_ne(rebuild_go_on(b, 1001), ERR_OK); // not there
    struct model *m = rebuild_take(b);
    ck_assert_uint_eq(model_hash(m), model_hash(x.h.m));
    model_free(m);
    rebuild_free(b);
    house_start(&x);
    house_release(&x);
}
END_TEST

/* The queue stands; the event that undoes is in it, and the model that serves is
 * without the range all the same. */
START_TEST(while_paused)
{
    begin();
    rate(300);
    uint64_t events = house_totals(&x).events;
    rate(200);
    trainer_pause(x.trainer, true);
    house_rate(&x, 100);
    undo(300);
    ck_assert_uint_eq(house_totals(&x).events, events);
    ck_assert_uint_eq(house_totals(&x).seq, 500);
    trainer_pause(x.trainer, false);
    house_applied(&x);
    ck_assert_uint_eq(house_totals(&x).events, events);
    is_exact();
    house_release(&x);
}
END_TEST

/* A reader is still at the old model when the daemon is stopped. */
START_TEST(a_reader_that_lingers)
{
    begin();
    rate(300);
    uint64_t events = house_totals(&x).events;
    pthread_mutex_lock(&x.lock);
    x.lingers = true;
    struct model *old = x.h.m;
    pthread_mutex_unlock(&x.lock);
    struct job *job = house_job(JOB_ROLLBACK, "", "");
    job->to_seq = 200;
    ck_assert_int_eq(keeper_submit(x.keeper, job), ERR_OK);
    for (bool there = false; !there;) {
        nanosleep(&(struct timespec){0, 1000000}, NULL);
        pthread_mutex_lock(&x.lock);
        there = x.models == 1;
        pthread_mutex_unlock(&x.lock);
    }
    const struct table *t = live_pin(model_live(old), 0);
    ck_assert_uint_eq(t->totals.events, events);
    live_unpin(model_live(old), 0);
    house_stop(&x); // answers, and leaves the old one for the end
    ck_assert_ptr_eq(house_answer(&x), job);
    ck_assert(job->err == ERR_OK && job->live);
    job_free(job);
    ck_assert_uint_eq(model_hash(x.h.m), home_fold(&x.h));
    house_close(&x, true);
    x.lingers = false;
    house_open(&x);
    house_start(&x);
    is_exact();
    house_release(&x);
}
END_TEST

/* ---- when no second model can be built ------------------------------------ */

/* It has happened all the same: until the next start the model says that it is
 * not that of the log, and no snapshot of it is taken. */
START_TEST(at_the_next_start)
{
    begin();
    rate(250);
    uint64_t events = house_totals(&x).events;
    rate(50);
    snapshot();
    rate(200);
    house_stop(&x);
    house_close(&x, true);
    house_open(&x);
    keeper_free(x.keeper);
    x.opt.genesis.max_users = 0; // no model can be made of this
    struct keeper_hooks kh = {.arg = &x, .done = house_done,
                              .automatic = house_automatic,
                              .date = house_date};
    x.keeper = keeper_new(&x.opt, &kh, NULL, 0);
    house_start(&x);
    struct job job = roll_back(250); // before the snapshot: from nothing
    ck_assert_int_eq(job.err, ERR_OK);
    ck_assert(!job.live);
    ck_assert_uint_eq(job.seq, 501);
    house_applied(&x);
    struct totals t = house_totals(&x);
    ck_assert_uint_eq(t.interim, INTERIM_UNDONE);
    ck_assert_uint_gt(t.events, events);
    job = house_do(&x, JOB_SNAPSHOT, "", "");
    ck_assert_int_eq(job.err, ERR_FULL);
    ck_assert_ptr_nonnull(strstr(job.why, "rolled back"));
    ck_assert_uint_eq(home_snapshots(&x.h), 0);
    house_stop(&x);
    ck_assert_ptr_null(keeper_last_snapshot(x.keeper));
    uint64_t hash = home_fold(&x.h);
    house_close(&x, true);
    house_open(&x);
    ck_assert_uint_eq(model_hash(x.h.m), hash);
    ck_assert_uint_eq(house_totals(&x).events, events);
    house_start(&x);
    house_release(&x);
}
END_TEST

MODEL_TEST_MAIN("rollback_hard", refused, dropped_segments, under_load,
                in_the_middle_of_a_group, while_paused, a_reader_that_lingers,
                at_the_next_start)
