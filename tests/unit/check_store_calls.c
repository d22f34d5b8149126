/* check_store_calls.c -- each call to the disk fails, once or from then on, in
 * the life of a log: what was acknowledged is there afterwards. */
#include "store_test.h"

#include "disk_test.h"

static struct store s;

static void setup(void)
{
    disk_hook_reset();
    store_init(&s);
    s.opt.segment_bytes = 4096;
    s.opt.reserve_bytes = 8192;
}

/* Time goes by: what was not to be tried again so soon may be. */
static void later(void)
{
    s.log->next_try_ns = 0;
    atomic_store(&s.log->reserve_try_ns, 0);
}

/* A life of a log, in which calls fail; *acked: the newest event that was
 * acknowledged.  True: no call was reached that should have failed. */
static bool live(unsigned n, unsigned times, int error, uint64_t *acked)
{
    unsigned from = disk_hook.calls + n;
    uint32_t dropped;
    *acked = 0;
    disk_hook_arm(n, times, error);
    enum err err = store_open(&s);
    if (err == ERR_OK)
        err = log_begin(s.log);
    for (uint32_t k = 0; k < 40 && err == ERR_OK; k++) {
        bool ok = store_try(&s, 1 + k % 5, k % 7 == 6) == ERR_OK;
        if (ok)
            *acked = log_last(s.log);
        ck_assert_uint_eq(log_last(s.log), *acked);
        later();
        log_tend(s.log);
        if (k == 30 && log_trim(s.log, *acked / 2, &dropped) != ERR_OK)
            continue; // tried again after the next snapshot
    }
    if (s.log && n % 2)
        store_close(&s);
    else if (s.log)
        store_kill(&s);
    bool untouched = disk_hook.calls < from;
    disk_hook_reset();
    return untouched;
}

static void each_call(unsigned times, int error)
{
    bool done = false;
    for (unsigned n = 1; !done; n++) {
        uint64_t acked;
        setup();
        int files = open_files();
        done = live(n, times, error, &acked);
        ck_assert_int_eq(open_files(), files);
        if (done)
            ck_assert_uint_gt(acked, 100);
        enum err err = store_open(&s);
        ck_assert_msg(err == ERR_OK, "call %u: %s", n, s.found.at.what);
        uint64_t last = log_last(s.log);
        ck_assert_msg(last >= acked && last <= acked + 5, "call %u", n);
        ck_assert_int_eq(log_begin(s.log), ERR_OK);
        store_check(&s, last, false);
        store_append(&s, 50);
        store_close(&s);
        store_begin(&s);
        ck_assert(!s.found.torn);
        store_check(&s, last + 50, n % 16 == 0);
        store_release(&s);
    }
}

START_TEST(each_call_fails_once)
{
    each_call(1, EIO);
}
END_TEST

START_TEST(each_call_is_the_last)
{
    each_call(UINT_MAX, EIO);
}
END_TEST

START_TEST(each_call_finds_it_full)
{
    each_call(1, ENOSPC);
}
END_TEST

START_TEST(from_each_call_on_it_is_full)
{
    each_call(UINT_MAX, ENOSPC);
}
END_TEST

MODEL_TEST_MAIN("store_calls", each_call_fails_once, each_call_is_the_last,
                each_call_finds_it_full, from_each_call_on_it_is_full)
