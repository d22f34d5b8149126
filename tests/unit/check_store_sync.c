/* check_store_sync.c -- what journal.fsync promises, counted in syncs. */
#include "store_test.h"

#include "disk_test.h"

static struct store s;

static struct log_stats stats(void)
{
    struct log_stats st;
    log_stats(s.log, &st);
    return st;
}

static void setup(enum log_fsync fsync)
{
    disk_hook_reset();
    store_init(&s);
    s.opt.fsync = fsync;
    store_begin(&s);
    disk_hook.syncs = 0;
}

/* As if a second had gone by. */
static void a_second_later(void)
{
    s.log->synced_ns -= LOG_SECOND_NS;
}

START_TEST(always)
{
    setup(LOG_FSYNC_ALWAYS);
    for (unsigned k = 1; k < 20; k++) {
        store_append(&s, k);
        ck_assert_uint_eq(disk_hook.syncs, k);
        ck_assert_uint_eq(stats().durable_seq, log_last(s.log));
        ck_assert_int_eq(log_tend(s.log), -1);
    }
    store_release(&s);
}
END_TEST

/* What a group says was synced is what was synced when it was written. */
START_TEST(groups_say_what_is_durable)
{
    static const enum log_fsync modes[] = {LOG_FSYNC_ALWAYS, LOG_FSYNC_NO};
    for (int i = 0; i < 2; i++) {
        setup(modes[i]);
        for (unsigned k = 0; k < 10; k++)
            store_append(&s, 3);
        struct segment_scan scan;
        int fd = openat(s.dir, "00000000000000000001.seg", O_RDONLY);
        ck_assert_int_eq(segment_scan(fd, log_id(s.log), SEGMENT_HEAD_BYTES, 1,
                                      NULL, NULL, &scan), ERR_OK);
        close(fd);
        ck_assert_uint_eq(scan.durable_seq, i == 0 ? 27 : 0);
        store_release(&s);
    }
}
END_TEST

START_TEST(everysec)
{
    setup(LOG_FSYNC_EVERYSEC);
    s.log->synced_ns = log_now_ns();
    ck_assert_int_eq(log_tend(s.log), -1); // owes none
    store_append(&s, 5);
    int wait = log_tend(s.log);
    ck_assert_int_gt(wait, 0);
    ck_assert_int_le(wait, 1001);
    ck_assert_uint_eq(disk_hook.syncs, 0);
    ck_assert_uint_eq(stats().durable_seq, 0);
    store_append(&s, 5);
    a_second_later();
    ck_assert_int_eq(log_tend(s.log), -1);
    ck_assert_uint_eq(disk_hook.syncs, 1);
    ck_assert_uint_eq(stats().durable_seq, 10);
    a_second_later();
    ck_assert_int_eq(log_tend(s.log), -1); // nothing came since
    ck_assert_uint_eq(disk_hook.syncs, 1);
    store_append(&s, 1);
    ck_assert_int_eq(log_tend(s.log), -1);
    ck_assert_uint_eq(disk_hook.syncs, 2);
    ck_assert_uint_eq(stats().durable_seq, 11);
    store_close(&s);
    store_begin(&s);
    store_check(&s, 11, true);
    store_release(&s);
}
END_TEST

START_TEST(everysec_fails)
{
    setup(LOG_FSYNC_EVERYSEC);
    store_append(&s, 5);
    a_second_later();
    disk_hook_arm(1, 1, EIO);
    ck_assert_int_eq(log_tend(s.log), -1);
    ck_assert_int_eq(stats().state, LOG_FAILED);
    ck_assert_uint_eq(stats().durable_seq, 0);
    ck_assert_int_eq(store_try(&s, 1, false), ERR_IO);
    store_close(&s);
    ck_assert_uint_eq(disk_hook.syncs, 1);
    store_release(&s);
}
END_TEST

START_TEST(never)
{
    setup(LOG_FSYNC_NO);
    for (unsigned k = 0; k < 10; k++) {
        store_append(&s, 3);
        a_second_later();
        ck_assert_int_eq(log_tend(s.log), -1);
    }
    ck_assert_uint_eq(disk_hook.syncs, 0);
    ck_assert_int_eq(store_try(&s, 2, true), ERR_OK); // but what is urgent
    ck_assert_uint_eq(disk_hook.syncs, 1);
    ck_assert_uint_eq(stats().durable_seq, 32);
    store_append(&s, 1);
    ck_assert_int_eq(log_sync_all(s.log), ERR_OK); // ... and when asked
    ck_assert_uint_eq(disk_hook.syncs, 2);
    disk_hook_arm(1, 1, EIO);
    ck_assert_int_eq(log_sync_all(s.log), ERR_IO);
    store_release(&s);
}
END_TEST

/* The first group of a segment. */
static struct group first_group(uint64_t first_seq)
{
    char name[SEGMENT_NAME_BYTES];
    struct group g;
    segment_name(first_seq, name);
    struct file f = file_read(s.dir, name);
    ck_assert(group_decode(&g, log_id(s.log), f.bytes + SEGMENT_HEAD_BYTES));
    free(f.bytes);
    return g;
}

/* Whatever the option says, a segment is synced before the next one is there;
 * and the first group in that knows it. */
START_TEST(completed_segments)
{
    static const enum log_fsync modes[] = {LOG_FSYNC_EVERYSEC, LOG_FSYNC_NO};
    for (int i = 0; i < 2; i++) {
        setup(modes[i]);
        s.log->synced_ns = INT64_MAX; // not for another reason
        uint64_t before = 0;
        while (s.log->nsegments < 3) {
            before = log_last(s.log);
            store_append(&s, 20);
        }
        // the old one, the head of the new one, the directory
        ck_assert_uint_eq(disk_hook.syncs, 3);
        ck_assert_uint_eq(stats().durable_seq, before);
        ck_assert_uint_eq(first_group(before + 1).durable_seq, before);
        store_release(&s);
    }
}
END_TEST

/* What a killed process had written is synced before anything else is done. */
START_TEST(begin_syncs)
{
    setup(LOG_FSYNC_NO);
    store_append(&s, 3);
    store_kill(&s);
    ck_assert_int_eq(store_open(&s), ERR_OK);
    ck_assert_uint_eq(stats().durable_seq, 0);
    disk_hook_arm(1, 1, EIO);
    ck_assert_int_eq(log_begin(s.log), ERR_IO);
    store_close(&s);
    ck_assert_int_eq(store_open(&s), ERR_OK);
    ck_assert_int_eq(log_begin(s.log), ERR_OK);
    ck_assert_uint_eq(stats().durable_seq, 3);
    store_release(&s);
}
END_TEST

START_TEST(close_syncs)
{
    static const enum log_fsync modes[] = {LOG_FSYNC_ALWAYS, LOG_FSYNC_EVERYSEC,
                                           LOG_FSYNC_NO};
    for (int i = 0; i < 3; i++) {
        setup(modes[i]);
        store_append(&s, 3);
        disk_hook.syncs = 0;
        store_close(&s);
        ck_assert_uint_eq(disk_hook.syncs, 2); // the events, then the mark
        store_release(&s);
    }
}
END_TEST

MODEL_TEST_MAIN("store_sync", always, groups_say_what_is_durable, everysec,
                everysec_fails, never, completed_segments, begin_syncs,
                close_syncs)
