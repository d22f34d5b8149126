/* check_store_fail.c -- the log on a disk that is full, or broken. */
#include "store_test.h"

#include <sys/resource.h>

#include "disk_test.h"

static struct store s;

static enum log_state state(void)
{
    struct log_stats stats;
    log_stats(s.log, &stats);
    return stats.state;
}

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

/* ---- a full disk ------------------------------------------------------- */

/* The append that did not fit left nothing behind, whatever was written. */
START_TEST(full_in_the_middle)
{
    for (size_t part = 0; part < 400; part += 23) {
        setup();
        store_begin(&s);
        store_append(&s, 4);
        disk_hook.part = part;
        disk_hook_arm(1, 1, ENOSPC);
        ck_assert_int_eq(store_try(&s, 9, false), ERR_NOSPACE);
        ck_assert_int_eq(errno, ENOSPC);
        ck_assert_int_eq(state(), LOG_FULL);
        ck_assert_uint_eq(log_last(s.log), 4);
        if (part % 2) {
            store_append(&s, 1);
            ck_assert_int_eq(state(), LOG_OK);
        }
        store_kill(&s);
        store_begin(&s);
        ck_assert(!s.found.torn);
        store_check(&s, part % 2 ? 5 : 4, true);
        store_release(&s);
    }
}
END_TEST

/* Nobody has to try before it is known that there is room again: a while after
 * the last append that found none, the next one is worth a try. */
START_TEST(full_for_a_while)
{
    setup();
    store_begin(&s);
    disk_hook_arm(1, 1, ENOSPC);
    ck_assert_int_eq(store_try(&s, 3, false), ERR_NOSPACE);
    ck_assert(s.log->next_ready);
    ck_assert_int_eq(log_tend(s.log), 1000);
    ck_assert_int_eq(state(), LOG_FULL);
    s.log->full_ns -= LOG_SECOND_NS;
    ck_assert_int_eq(log_tend(s.log), -1);
    ck_assert_int_eq(state(), LOG_OK);
    store_append(&s, 3);
    store_release(&s);
}
END_TEST

/* Not even what it left behind could be overwritten: a torn tail. */
START_TEST(full_and_torn)
{
    for (size_t part = 1; part < 400; part += 23) {
        setup();
        store_begin(&s);
        store_append(&s, 4);
        disk_hook.part = part;
        disk_hook_arm(1, UINT_MAX, ENOSPC);
        ck_assert_int_eq(store_try(&s, 9, false), ERR_NOSPACE);
        disk_hook_reset();
        if (part % 2)
            store_append(&s, 1); // over a part of it
        store_kill(&s);
        store_begin(&s);
        store_check(&s, part % 2 ? 5 : 4, true);
        store_append(&s, 20);
        store_kill(&s);
        store_begin(&s);
        ck_assert(!s.found.torn);
        store_check(&s, part % 2 ? 25 : 24, true);
        store_release(&s);
    }
}
END_TEST

/* No room for another segment: what fits into this one is taken, and all of it
 * when there is room again. */
START_TEST(no_segment_ahead)
{
    setup();
    store_begin(&s);
    ck_assert_int_eq(unlinkat(s.dir, LOG_NEXT, 0), 0);
    s.log->next_ready = false;
    s.log->next_try_ns = INT64_MAX; // it was tried just now
    uint64_t last = 0;
    while (store_try(&s, 5, false) == ERR_OK)
        last += 5;
    ck_assert_uint_gt(last, 10);
    ck_assert_int_eq(state(), LOG_FULL);
    ck_assert_int_eq(log_tend(s.log), 1000);
    ck_assert_int_eq(state(), LOG_FULL);
    later();
    ck_assert_int_eq(log_tend(s.log), -1);
    ck_assert_int_eq(state(), LOG_OK);
    store_append(&s, 5);
    store_check(&s, last + 5, true);
    store_release(&s);
}
END_TEST

/* The reserve is there for what is urgent, and comes back when there is room;
 * not at once, or who had it freed would get nothing of it. */
START_TEST(the_reserve)
{
    setup();
    store_begin(&s);
    ck_assert(file_there(s.fd, LOG_RESERVE));
    ck_assert_int_eq(unlinkat(s.dir, LOG_NEXT, 0), 0);
    s.log->next_ready = false;
    disk_hook_arm(1, 1, ENOSPC);
    ck_assert_int_eq(store_try(&s, 100, false), ERR_NOSPACE);
    ck_assert(file_there(s.fd, LOG_RESERVE));
    disk_hook_arm(1, 1, ENOSPC);
    ck_assert_int_eq(store_try(&s, 100, true), ERR_OK);
    ck_assert(!file_there(s.fd, LOG_RESERVE));
    ck_assert_int_eq(state(), LOG_OK);
    store_check(&s, 100, true);
    s.log->next_try_ns = 0;
    log_tend(s.log);
    ck_assert(file_there(s.dir, LOG_NEXT));
    ck_assert(!file_there(s.fd, LOG_RESERVE));
    later();
    disk_hook_arm(1, 1, ENOSPC); // there is no room for it yet
    log_tend(s.log);
    ck_assert(!file_there(s.fd, LOG_RESERVE));
    later();
    log_tend(s.log);
    ck_assert(file_there(s.fd, LOG_RESERVE));
    log_release_reserve(s.log);
    log_tend(s.log);
    ck_assert(!file_there(s.fd, LOG_RESERVE));
    store_release(&s);
}
END_TEST

START_TEST(a_start_on_a_full_disk)
{
    setup();
    store_begin(&s);
    store_append(&s, 30);
    store_close(&s); // gives back what was allocated ahead
    ck_assert_int_eq(store_open(&s), ERR_OK);
    disk_hook_arm(1, UINT_MAX, ENOSPC);
    disk_hook.error = ENOSPC;
    enum err err = log_begin(s.log);
    ck_assert(err == ERR_NOSPACE || err == ERR_IO); // the sync fails, too
    disk_hook_reset();
    store_close(&s);
    ck_assert_int_eq(store_open(&s), ERR_OK);
    disk_hook_arm(1, 1, ENOSPC); // only the room behind the end
    ck_assert_int_eq(log_begin(s.log), ERR_OK);
    store_check(&s, 30, true);
    store_append(&s, 2);
    store_check(&s, 32, true);
    store_release(&s);
}
END_TEST

/* Too many files are open: that passes, as a full disk does. */
START_TEST(no_descriptor_left)
{
    struct rlimit all, none;
    setup();
    store_begin(&s);
    for (int ready = 0; ready < 2; ready++) {
        while (s.log->cap - s.log->end > 1000)
            store_append(&s, 1);
        if (ready == 0)
            s.log->next_ready = false;
        getrlimit(RLIMIT_NOFILE, &all);
        none = all;
        none.rlim_cur = 0;
        setrlimit(RLIMIT_NOFILE, &none);
        enum err err = store_try(&s, 30, false);
        int error = errno;
        setrlimit(RLIMIT_NOFILE, &all);
        ck_assert_int_eq(err, ERR_NOSPACE);
        ck_assert_int_eq(error, EMFILE);
        later();
        store_append(&s, 30);
        ck_assert_int_eq(state(), LOG_OK);
    }
    store_check(&s, log_last(s.log), true);
    store_release(&s);
}
END_TEST

/* ---- a broken one ------------------------------------------------------ */

/* After a failed sync nothing is tried again: no sync, and no other write. */
START_TEST(failed_for_good)
{
    static const int error[] = {EIO, ENOSPC, EIO};
    for (unsigned k = 1; k < 4; k++) { // the write, twice the sync
        setup();
        store_begin(&s);
        store_append(&s, 3);
        disk_hook_arm(k == 1 ? 1 : 2, 1, error[k - 1]);
        ck_assert_int_eq(store_try(&s, 2, false), ERR_IO);
        ck_assert_int_eq(state(), LOG_FAILED);
        ck_assert_uint_eq(log_last(s.log), 3);
        unsigned calls = disk_hook.calls;
        ck_assert_int_eq(store_try(&s, 2, false), ERR_IO);
        ck_assert_int_eq(store_try(&s, 2, true), ERR_IO);
        ck_assert_int_eq(log_tend(s.log), -1);
        ck_assert_int_eq(state(), LOG_FAILED);
        store_check(&s, 3, true);
        store_close(&s);
        ck_assert_uint_eq(disk_hook.calls, calls);
        store_begin(&s);
        uint64_t last = log_last(s.log); // it may be there, and whole
        ck_assert(last == 3 || last == 5);
        store_check(&s, last, true);
        store_release(&s);
    }
}
END_TEST

/* A directory that cannot be read is not an empty one. */
START_TEST(the_list_cannot_be_read)
{
    setup();
    store_begin(&s);
    store_append(&s, 3);
    store_close(&s);
    struct file f = file_read(s.dir, "00000000000000000000.seg");
    disk_hook.list_error = EIO;
    ck_assert_int_eq(store_open(&s), ERR_IO);
    ck_assert_int_eq(errno, EIO);
    ck_assert(!s.found.created);
    disk_hook_reset();
    ck_assert(file_is(s.dir, "00000000000000000000.seg", &f));
    free(f.bytes);
    store_begin(&s);
    store_check(&s, 3, true);
    store_release(&s);
}
END_TEST

MODEL_TEST_MAIN("store_fail", full_in_the_middle, full_for_a_while,
                full_and_torn, no_segment_ahead, the_reserve,
                a_start_on_a_full_disk, no_descriptor_left, failed_for_good,
                the_list_cannot_be_read)
