/* check_keeper_fail.c -- the disk fails at each call of a snapshot or an
 * erasure: all of it is done, or none, and the next try or the next start ends
 * it. */
#include "keeper_test.h"

#include "disk_test.h"
#include "model/core/ids.h"

#define VICTIM "victim-of-the-test"

static struct house x;

/* A failure is told, nothing is left of it, and it is tried again. */
START_TEST(snapshots)
{
    disk_hook_reset();
    house_init(&x, false);
    house_open(&x);
    house_start(&x);
    house_rate(&x, 100);
    for (int i = 0; i < 2; i++) {
        int error = i ? EIO : ENOSPC;
        disk_hook_arm(2, UINT_MAX, error);
        struct job job = house_do(&x, JOB_SNAPSHOT, "", "");
        disk_hook_reset();
        ck_assert_int_eq(job.err, i ? ERR_IO : ERR_NOSPACE);
        ck_assert_int_eq(job.error, error);
        ck_assert_uint_eq(home_snapshots(&x.h), 0);
    }
    house_rate(&x, 100);
    ck_assert_int_eq(house_do(&x, JOB_SNAPSHOT, "", "").err, ERR_OK);
    house_again(&x, true);
    ck_assert_uint_eq(model_hash(x.h.m), home_fold(&x.h));
    house_release(&x);
}
END_TEST

/* ---- erasures ------------------------------------------------------------ */

static void populate(void)
{
    disk_hook_reset();
    house_init(&x, false);
    house_open(&x);
    house_start(&x);
    house_rate(&x, 100);
    house_applied(&x);
    ck_assert_int_eq(house_do(&x, JOB_SNAPSHOT, "", "").err, ERR_OK);
    house_rate_as(&x, VICTIM, NULL, 4);
    house_rate(&x, 10);
    house_applied(&x);
    ck_assert_int_eq(house_do(&x, JOB_SNAPSHOT, "", "").err, ERR_OK);
}

static bool count(void *arg, const struct log_event *e)
{
    uint32_t *n = arg;
    n[0] += e->event.user.len == sizeof VICTIM - 1;
    n[1] += e->event.type == EVENT_VOID;
    n[2] += e->event.type == EVENT_ERASE;
    return true;
}

/* All of it or nothing, in the log and in the model; true: all. */
static bool is_erased(void)
{
    struct log_place bad;
    uint32_t n[3] = {0};
    ck_assert_int_eq(log_each(x.h.r.log, 1, log_last(x.h.r.log), count, n,
                              &bad), ERR_OK);
    ck_assert_msg((n[0] == 4 && n[1] == 0 && n[2] == 0) ||
                  (n[0] == 0 && n[1] == 4 && n[2] == 1),
                  "%u left, %u void, %u erasures", n[0], n[1], n[2]);
    const struct table *t = live_pin(model_live(x.h.m), 0);
    uint32_t row = ids_find(live_user_ids(model_live(x.h.m)),
                            (struct id){VICTIM, sizeof VICTIM - 1}, t->users.n);
    live_unpin(model_live(x.h.m), 0);
    ck_assert((row == ROW_NONE) == (n[2] == 1));
    return n[2] == 1;
}

static void start_again(void)
{
    house_stop(&x);
    house_close(&x, true);
    house_open(&x);
    ck_assert(!x.h.r.redo_left);
    ck_assert(!file_there(x.h.r.dir.fd, "redo"));
    ck_assert_uint_eq(model_hash(x.h.m), home_fold(&x.h));
    house_start(&x);
}

/* One call fails, or all from it on.  False: the erasure had fewer. */
static bool erase_with(unsigned k, unsigned times, int error, bool again)
{
    populate();
    disk_hook_arm(k, times, error);
    unsigned first = disk_hook.calls;
    struct job job = house_do(&x, JOB_ERASE, VICTIM, "");
    bool reached = disk_hook.calls - first >= k;
    disk_hook_reset();
    ck_assert(job.err == ERR_OK || reached);
    if (job.err == ERR_OK) {
        ck_assert(is_erased());
        ck_assert_uint_eq(home_files_with(&x.h, VICTIM), 0);
    } else
        ck_assert(job.err == ERR_IO || job.err == ERR_NOSPACE);
    struct log_stats stats;
    log_stats(x.h.r.log, &stats);
    if (again && stats.state != LOG_FAILED) {
        job = house_do(&x, JOB_ERASE, VICTIM, "");
        ck_assert(job.err == ERR_OK || job.err == ERR_RANGE);
        ck_assert(is_erased());
        ck_assert_uint_eq(home_files_with(&x.h, VICTIM), 0);
        ck_assert(!file_there(x.h.r.dir.fd, "redo"));
    }
    start_again();
    if (is_erased())
        ck_assert_uint_eq(home_files_with(&x.h, VICTIM), 0);
    else
        ck_assert_int_ne(job.err, ERR_OK);
    house_release(&x);
    return reached;
}

static void at_each_call(unsigned times, int error, bool again)
{
    unsigned k = 1;
    while (erase_with(k, times, error, again))
        ck_assert_uint_lt(++k, 60);
    ck_assert_uint_gt(k, 8); // there is that much to be written
}

START_TEST(one_call_no_space)
{
    at_each_call(1, ENOSPC, true);
}
END_TEST

START_TEST(one_call_error)
{
    at_each_call(1, EIO, true);
}
END_TEST

/* What was left is done without being asked for. */
START_TEST(tried_again)
{
    for (unsigned k = 1;; k++) {
        populate();
        disk_hook_arm(k, 1, EIO);
        struct job job = house_do(&x, JOB_ERASE, VICTIM, "");
        disk_hook_reset();
        bool left = job.err != ERR_OK && job.seq;
        for (int i = 0; left && i < 5000 && file_there(x.h.r.dir.fd, "redo");
             i++)
            nanosleep(&(struct timespec){0, 1000000}, NULL);
        if (left) {
            ck_assert(is_erased());
            ck_assert_uint_eq(home_files_with(&x.h, VICTIM), 0);
            ck_assert(!file_there(x.h.r.dir.fd, "redo"));
        }
        house_release(&x);
        if (left)
            return;
        ck_assert_uint_lt(k, 60);
    }
}
END_TEST

START_TEST(from_a_call_on_no_space)
{
    at_each_call(UINT_MAX, ENOSPC, false);
}
END_TEST

START_TEST(from_a_call_on_error)
{
    at_each_call(UINT_MAX, EIO, false);
}
END_TEST

MODEL_TEST_MAIN("keeper_fail", snapshots, one_call_no_space, one_call_error,
                tried_again, from_a_call_on_no_space, from_a_call_on_error)
