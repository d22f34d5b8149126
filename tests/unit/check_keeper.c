/* check_keeper.c -- the keeper's jobs in general: snapshots asked for and by
 * themselves, the list's bound, the end; an erasure left from the last run. */
#include "keeper_test.h"

static struct house x;

static void wait_for(const uint32_t *count, uint32_t want)
{
    pthread_mutex_lock(&x.lock);
    while (*count < want)
        pthread_cond_wait(&x.told, &x.lock);
    pthread_mutex_unlock(&x.lock);
}

static void begin(void)
{
    house_init(&x, false);
    house_open(&x);
    house_start(&x);
}

/* ---- snapshots ----------------------------------------------------------- */

START_TEST(asked_for)
{
    begin();
    struct job job = house_do(&x, JOB_SNAPSHOT, "", "");
    ck_assert_int_eq(job.err, ERR_OK); // of nothing at all
    for (uint64_t n = 1; n <= 5; n++) {
        house_rate(&x, 200);
        house_applied(&x);
        job = house_do(&x, JOB_SNAPSHOT, "", "");
        ck_assert_int_eq(job.err, ERR_OK);
        ck_assert_uint_eq(job.snapshot.seq, 200 * n);
        ck_assert(file_there(x.h.r.dir.snapshot, job.snapshot.name));
        ck_assert_uint_eq(home_snapshots(&x.h), n + 1 < 3 ? n + 1 : 3);
    }
    house_again(&x, true);
    ck_assert_uint_eq(x.h.r.base, job.snapshot.seq);
    ck_assert_uint_eq(model_hash(x.h.m), home_fold(&x.h));
    house_release(&x);
}
END_TEST

/* Under load, killed at once: whatever the snapshot says is in the log. */
START_TEST(under_load)
{
    begin();
    for (int i = 0; i < 5; i++) {
        struct job *job = house_job(JOB_SNAPSHOT, "", "");
        ck_assert_int_eq(keeper_submit(x.keeper, job), ERR_OK);
        for (int k = 0; k < 20; k++)
            house_rate(&x, 50);
        ck_assert_ptr_eq(house_answer(&x), job);
        ck_assert_int_eq(job->err, ERR_OK);
        job_free(job);
        house_again(&x, true);
        ck_assert_uint_ge(x.h.r.base, 1000 * (uint64_t)i);
        ck_assert_uint_eq(model_hash(x.h.m), home_fold(&x.h));
    }
    house_release(&x);
}
END_TEST

START_TEST(by_themselves)
{
    house_init(&x, false);
    x.opt.every_events = 1000;
    house_open(&x);
    house_start(&x);
    house_rate(&x, 999);
    house_applied(&x);
    ck_assert_int_eq(house_do(&x, JOB_SNAPSHOT, "", "").err, ERR_OK);
    house_rate(&x, 1100);
    wait_for(&x.automatic, 1);
    house_stop(&x);
    ck_assert_uint_eq(x.automatic, 1);
    ck_assert_uint_eq(home_snapshots(&x.h), 2);
    ck_assert_ptr_null(keeper_last_snapshot(x.keeper)); // nothing new
    house_close(&x, true);
    house_open(&x);
    house_start(&x);
    ck_assert_uint_gt(x.h.r.base, 1000);
    x.automatic = 0;
    house_release(&x);
}
END_TEST

START_TEST(by_time)
{
    house_init(&x, false);
    x.opt.every_minutes = 0.01;
    house_open(&x);
    house_start(&x);
    house_rate(&x, 1);
    wait_for(&x.automatic, 1);
    nanosleep(&(struct timespec){1, 200000000}, NULL);
    ck_assert_uint_eq(x.automatic, 1); // no event, no other one
    house_release(&x);
}
END_TEST

START_TEST(the_last_one)
{
    begin();
    house_rate(&x, 100);
    house_stop(&x);
    struct job *job = keeper_last_snapshot(x.keeper);
    ck_assert_ptr_nonnull(job);
    ck_assert_int_eq(job->err, ERR_OK);
    ck_assert_uint_eq(job->snapshot.seq, 100);
    ck_assert_uint_eq(job->snapshot.model_hash, model_hash(x.h.m));
    job_free(job);
    ck_assert_ptr_null(keeper_last_snapshot(x.keeper));
    house_close(&x, false);
    house_open(&x);
    ck_assert_uint_eq(x.h.r.base, 100);
    ck_assert_ptr_null(keeper_last_snapshot(x.keeper));
    house_start(&x);
    house_release(&x);
}
END_TEST

/* ---- while the model is interim ------------------------------------------ */

/* Snapshots of an interim model are of no use to the next start, which folds
 * the exact one; so they do not push out those that are. */
START_TEST(interim_ones_push_nothing_out)
{
    house_init(&x, false);
    x.opt.every_events = 500;
    x.opt.keep = 2;
    house_open(&x);
    house_start(&x);
    house_rate(&x, 450);
    house_applied(&x);
    ck_assert_int_eq(house_do(&x, JOB_SNAPSHOT, "", "").err, ERR_OK);
    house_rate_as(&x, "victim", NULL, 3);
    struct job job = house_do(&x, JOB_ERASE, "victim", "");
    ck_assert(job.err == ERR_OK && job.exact);
    for (int i = 0; i < 3; i++) {
        house_rate(&x, 600);
        ck_assert_int_eq(house_do(&x, JOB_SNAPSHOT, "", "").err, ERR_OK);
    }
    house_rate(&x, 600);
    nanosleep(&(struct timespec){1, 300000000}, NULL); // long enough for one
    ck_assert_uint_eq(x.automatic, 0);
    house_stop(&x);
    ck_assert_ptr_null(keeper_last_snapshot(x.keeper));
    house_close(&x, true);
    house_open(&x);
    house_start(&x);
    ck_assert_uint_eq(x.h.r.base, 450);
    ck_assert_uint_eq(house_totals(&x).interim, 0);
    ck_assert_uint_eq(model_hash(x.h.m), home_fold(&x.h));
    ck_assert_int_eq(house_do(&x, JOB_SNAPSHOT, "", "").err, ERR_OK);
    ck_assert_uint_eq(home_snapshots(&x.h), 2); // those are gone now
    house_release(&x);
}
END_TEST

/* Where segments go with the snapshots, an erasure is never said to be exact:
 * what would make it so may be dropped before the next start. */
START_TEST(interim_where_segments_go)
{
    house_init(&x, false);
    x.opt.drop_segments = true;
    x.opt.keep = 1;
    house_open(&x);
    house_start(&x);
    house_rate(&x, 450);
    house_rate_as(&x, "victim", NULL, 3);
    struct job job = house_do(&x, JOB_ERASE, "victim", "");
    ck_assert(job.err == ERR_OK && !job.exact);
    for (int i = 0; i < 3; i++) {
        house_rate(&x, 1500);
        ck_assert_int_eq(house_do(&x, JOB_SNAPSHOT, "", "").err, ERR_OK);
    }
    ck_assert_uint_gt(x.dropped, 0);
    house_again(&x, true);
    ck_assert_uint_eq(house_totals(&x).interim, 1);
    house_release(&x);
}
END_TEST

/* ---- the list, and the end ----------------------------------------------- */

START_TEST(bound)
{
    struct job *job;
    house_init(&x, false);
    house_open(&x);
    for (int i = 0; i < 64; i++) {
        job = house_job(JOB_EXPORT, "u1", "");
        ck_assert_int_eq(keeper_submit(x.keeper, job), ERR_OK);
    }
    job = house_job(JOB_EXPORT, "u1", "");
    ck_assert_int_eq(keeper_submit(x.keeper, job), ERR_FULL);
    house_start(&x);
    job_free(house_answer(&x)); // there is room for one
    ck_assert_int_eq(keeper_submit(x.keeper, job), ERR_OK);
    for (int i = 0; i < 64; i++)
        job_free(house_answer(&x));
    ck_assert_ptr_null(x.done);
    house_release(&x);
}
END_TEST

/* Each job that was taken is answered, in order, before the thread ends. */
START_TEST(stopped)
{
    static const enum job_kind kinds[] = {JOB_EXPORT, JOB_ERASE, JOB_EXPORT,
                                          JOB_SNAPSHOT, JOB_RETRACT, JOB_ERASE};
    static const enum err errs[] = {ERR_OK, ERR_OK, ERR_OK,
                                    ERR_CLOSED, ERR_OK, ERR_RANGE};
    struct job *jobs[6];
    begin();
    house_rate_as(&x, "a", NULL, 3);
    house_rate_as(&x, "b", NULL, 3);
    for (int i = 0; i < 6; i++) {
        jobs[i] = house_job(kinds[i], i == 4 ? "b" : "a", i == 4 ? "i1" : "");
        ck_assert_int_eq(keeper_submit(x.keeper, jobs[i]), ERR_OK);
    }
    house_stop(&x);
    for (int i = 0; i < 6; i++) {
        ck_assert_ptr_eq(house_answer(&x), jobs[i]);
        ck_assert_msg(jobs[i]->err == errs[i] ||
                      (i == 3 && jobs[i]->err == ERR_OK), "%d: %d", i,
                      jobs[i]->err);
        job_free(jobs[i]);
    }
    struct job *job = house_job(JOB_EXPORT, "a", "");
    ck_assert_int_eq(keeper_submit(x.keeper, job), ERR_CLOSED);
    job_free(job);
    house_close(&x, false);
    house_open(&x);
    house_start(&x);
    ck_assert_uint_eq(model_hash(x.h.m), home_fold(&x.h));
    house_release(&x);
}
END_TEST

/* Made, given jobs, never started: nothing is lost but the answers. */
START_TEST(never_started)
{
    house_init(&x, false);
    house_open(&x);
    ck_assert_int_eq(keeper_submit(x.keeper, house_job(JOB_ERASE, "a", "")),
                     ERR_OK);
    house_release(&x);
    keeper_free(NULL);
    job_free(NULL);
}
END_TEST

MODEL_TEST_MAIN("keeper", asked_for, under_load, by_themselves, by_time,
                the_last_one, interim_ones_push_nothing_out,
                interim_where_segments_go, bound, stopped, never_started)
