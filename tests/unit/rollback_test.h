/* rollback_test.h -- what tests of rollbacks share: a house, and the proof that
 * its model is that of a log in which what was undone are voids. */
#ifndef FRESHET_TESTS_UNIT_ROLLBACK_TEST_H
#define FRESHET_TESTS_UNIT_ROLLBACK_TEST_H

#include "keeper_test.h"

static struct house x;

static inline void begin(void)
{
    house_init(&x, false);
    house_open(&x);
    house_start(&x);
}

static inline void rate(uint32_t n)
{
    house_rate(&x, n);
    house_applied(&x);
}

static inline void snapshot(void)
{
    house_applied(&x);
    ck_assert_int_eq(house_do(&x, JOB_SNAPSHOT, "", "").err, ERR_OK);
}

static inline struct job roll_back(uint64_t to)
{
    struct job *job = house_job(JOB_ROLLBACK, "", "");
    job->to_seq = to;
    struct job copy = *house_ask(&x, job);
    job_free(job);
    return copy;
}

/* Rolls back, live. */
static inline struct job undo(uint64_t to)
{
    uint32_t models = x.models;
    struct job job = roll_back(to);
    ck_assert_int_eq(job.err, ERR_OK);
    ck_assert(job.live);
    ck_assert_uint_eq(x.models, models + 1);
    return job;
}

/* Hashes with the threads stopped: as a fold of what is left; and after a restart
 * and after one without any snapshot. */
static inline void is_exact(void)
{
    house_stop(&x);
    uint64_t hash = home_fold(&x.h);
    ck_assert_uint_eq(model_seq(x.h.m), x.h.r.last);
    ck_assert_uint_eq(model_hash(x.h.m), hash);
    ck_assert_uint_eq(house_totals(&x).interim, 0);
    for (int i = 0; i < 2; i++) {
        house_close(&x, true);
        house_open(&x);
        ck_assert_uint_eq(x.h.refused, 0);
        ck_assert_uint_eq(model_hash(x.h.m), hash);
        ck_assert_uint_eq(house_totals(&x).interim, 0);
        ck_assert_int_eq(snapshot_remove_from(x.h.r.dir.snapshot, i ? 1 : ~0ull,
                                              0), ERR_OK);
    }
    ck_assert_uint_eq(home_snapshots(&x.h), 0);
    house_close(&x, true);
    house_open(&x);
    ck_assert_uint_eq(x.h.r.base, 0);
    ck_assert_uint_eq(model_hash(x.h.m), hash);
    house_start(&x);
}

#endif
