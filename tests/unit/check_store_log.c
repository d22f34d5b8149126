/* check_store_log.c -- the durable log while all goes well: create, append,
 * reopen, segments, trim. */
#include "store_test.h"

#include <sys/wait.h>

#include "model/core/bytes.h"

static struct store s;

static uint32_t segments(void)
{
    struct log_stats stats;
    log_stats(s.log, &stats);
    return stats.segments;
}

static void check_genesis(void)
{
    static unsigned char frame[EVENT_BYTES_MAX];
    struct event e, want = store_genesis();
    ck_assert_int_eq(log_fetch(s.log, 0, frame), ERR_OK);
    ck_assert_ptr_nonnull(event_decode(frame, frame + sizeof frame, &e));
    ck_assert(event_same(&e, &want));
}

/* ---- create and reopen ------------------------------------------------- */

START_TEST(created)
{
    store_init(&s);
    s.opt.reserve_bytes = 100000;
    ck_assert_int_eq(store_open(&s), ERR_OK);
    ck_assert(s.found.created && !s.found.torn);
    ck_assert(!file_there(s.dir, "00000000000000000001.seg"));
    check_genesis();
    ck_assert_int_eq(log_begin(s.log), ERR_OK);
    ck_assert_uint_eq(log_last(s.log), 0);
    ck_assert_uint_eq(log_first(s.log), 1);
    ck_assert_uint_eq(segments(), 2);
    struct file f = file_read(s.dir, "00000000000000000001.seg");
    ck_assert_uint_eq(f.n, STORE_SEGMENT);
    free(f.bytes);
    f = file_read(s.dir, LOG_NEXT);
    ck_assert_uint_eq(f.n, STORE_SEGMENT);
    free(f.bytes);
    f = file_read(s.fd, LOG_RESERVE);
    ck_assert_uint_eq(f.n, 100000);
    free(f.bytes);
    uint64_t id = log_id(s.log);
    store_close(&s);
    ck_assert(!file_there(s.dir, LOG_NEXT));
    ck_assert(file_there(s.fd, LOG_RESERVE));
    store_begin(&s);
    ck_assert(!s.found.created && !s.found.torn);
    ck_assert_uint_eq(log_id(s.log), id);
    check_genesis();
    store_release(&s);
}
END_TEST

/* Killed when nothing but the genesis was there. */
START_TEST(created_in_part)
{
    store_init(&s);
    ck_assert_int_eq(store_open(&s), ERR_OK);
    store_kill(&s);
    file_write(s.dir, LOG_NEXT, "garbage", 7);
    store_begin(&s);
    ck_assert(!s.found.created);
    store_append(&s, 1);
    store_check(&s, 1, true);
    store_release(&s);
}
END_TEST

static const uint32_t sizes[] = {1, 1, 300, 7, 2, 1500, 1, 64, 1, 1000};

/* Each group is there after each kind of end. */
START_TEST(reopened)
{
    uint64_t last = 0;
    store_init(&s);
    store_begin(&s);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        store_append(&s, sizes[i]);
        last += sizes[i];
        store_check(&s, last, false);
        if (i % 2)
            store_kill(&s);
        else
            store_close(&s);
        store_begin(&s);
        ck_assert(!s.found.created && !s.found.torn);
        store_check(&s, last, i == 5);
    }
    check_genesis();
    store_release(&s);
}
END_TEST

/* A mark at each close, and no matter how many. */
START_TEST(marks)
{
    char name[SEGMENT_NAME_BYTES];
    store_init(&s);
    store_begin(&s);
    store_append(&s, 3);
    segment_name(1, name);
    for (int i = 0; i < 30; i++) {
        store_close(&s);
        struct file f = file_read(s.dir, name);
        struct group g;
        ck_assert(group_decode(&g, get_u64(f.bytes + 24),
                               f.bytes + f.n - GROUP_HEAD_BYTES));
        ck_assert(g.n == 0 && g.first_seq == 4 && g.durable_seq == 3);
        free(f.bytes);
        store_begin(&s);
        store_check(&s, 3, true);
    }
    store_append(&s, 2);
    store_check(&s, 5, true);
    store_close(&s);
    store_begin(&s);
    store_check(&s, 5, true);
    store_release(&s);
}
END_TEST

START_TEST(offline_changes_nothing)
{
    store_init(&s);
    store_begin(&s);
    store_append(&s, 500);
    store_kill(&s);
    struct file f = file_read(s.dir, "00000000000000000001.seg");
    s.opt.offline = true;
    ck_assert_int_eq(store_open(&s), ERR_OK);
    store_check(&s, 500, true);
    ck_assert_int_eq(log_tend(s.log), -1);
    store_close(&s);
    ck_assert(file_is(s.dir, "00000000000000000001.seg", &f));
    free(f.bytes);
    store_empty(s.dir);
    ck_assert_int_eq(store_open(&s), ERR_IO);
    ck_assert_int_eq(errno, ENOENT);
    ck_assert(!file_there(s.dir, "00000000000000000000.seg"));
    store_release(&s);
}
END_TEST

/* What cannot be written to can be looked at, and not be begun; for a process
 * that is not root's. */
static int as_nobody(void)
{
    if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
        return 1;
    if (store_open(&s) != ERR_IO || errno != EACCES || s.log)
        return 2;
    s.opt.offline = true;
    if (store_open(&s) != ERR_OK || log_last(s.log) != 5)
        return 3;
    struct store_reading r = {.next = 1};
    struct log_place bad;
    if (log_read(s.log, 1, 5, store_visit, &r, &bad) != ERR_OK || r.wrong)
        return 4;
    log_close(s.log);
    return 0;
}

START_TEST(read_only)
{
    static const char name[] = "00000000000000000001.seg";
    int status;
    store_init(&s);
    store_begin(&s);
    store_append(&s, 5);
    store_kill(&s);
    struct file f = file_read(s.dir, name);
    ck_assert_int_eq(fchmod(s.fd, 0755), 0);
    ck_assert_int_eq(fchmodat(s.dir, name, 0444, 0), 0);
    ck_assert_int_eq(fchmodat(s.dir, "00000000000000000000.seg", 0444, 0), 0);
    ck_assert_int_eq(fchmod(s.dir, 0555), 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(as_nobody());
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
    ck_assert(file_is(s.dir, name, &f));
    free(f.bytes);
    ck_assert_int_eq(fchmod(s.dir, 0755), 0);
    store_release(&s);
}
END_TEST

/* ---- segments ---------------------------------------------------------- */

static uint64_t fill_segments(uint32_t n, uint32_t each)
{
    while (segments() < n + 1)
        store_append(&s, each);
    return log_last(s.log);
}

START_TEST(segments_follow_each_other)
{
    store_init(&s);
    store_begin(&s);
    uint64_t last = fill_segments(20, 33), next = 1;
    for (uint32_t i = 1; i <= 20; i++) {
        char name[SEGMENT_NAME_BYTES];
        struct segment_scan scan;
        segment_name(s.log->segment[i].first_seq, name);
        ck_assert_uint_eq(s.log->segment[i].first_seq, next);
        int fd = openat(s.dir, name, O_RDONLY);
        ck_assert_int_eq(segment_scan(fd, log_id(s.log), SEGMENT_HEAD_BYTES,
                                      next, NULL, NULL, &scan), ERR_OK);
        ck_assert(!scan.bad);
        off_t size = lseek(fd, 0, SEEK_END);
        ck_assert_int_le(size, STORE_SEGMENT);
        if (i < 20) { // what was allocated ahead is given back
            ck_assert_int_eq(size, scan.end);
            ck_assert_uint_eq(s.log->segment[i].bytes, (uint64_t)size);
        }
        next = scan.next_seq;
        close(fd);
    }
    ck_assert_uint_eq(next, last + 1);
    store_check(&s, last, true);
    store_close(&s);
    store_begin(&s);
    store_check(&s, last, true);
    store_release(&s);
}
END_TEST

START_TEST(groups_larger_than_a_segment)
{
    uint64_t last = 0;
    static const uint32_t n[] = {10, 10000, 10, 3000, 2000, 1, 1, 700};
    store_init(&s);
    store_begin(&s);
    for (size_t i = 0; i < sizeof n / sizeof *n; i++) {
        store_append(&s, n[i]);
        last += n[i];
    }
    store_check(&s, last, true);
    store_kill(&s);
    store_begin(&s);
    store_check(&s, last, true);
    store_release(&s);
}
END_TEST

/* A group ends exactly with its segment, or 8 bytes behind. */
START_TEST(to_the_last_byte)
{
    for (int over = 0; over < 2; over++) {
        struct batch *b = store_group(1, 40, 40);
        store_init(&s);
        s.opt.segment_bytes = SEGMENT_HEAD_BYTES + GROUP_HEAD_BYTES + b->bytes -
                              (over ? 8 : 0);
        store_begin(&s);
        store_append(&s, 40);
        ck_assert_uint_eq(segments(), over ? 3 : 2);
        store_append(&s, 1);
        ck_assert_uint_eq(segments(), over ? 3 + (s.log->nsegments == 4) : 3);
        store_check(&s, 41, true);
        store_kill(&s);
        store_begin(&s);
        ck_assert(!s.found.torn);
        store_check(&s, 41, true);
        store_release(&s);
        batch_free(b);
    }
}
END_TEST

START_TEST(trimmed)
{
    struct log_place bad;
    static unsigned char frame[EVENT_BYTES_MAX];
    uint32_t dropped;
    store_init(&s);
    store_begin(&s);
    uint64_t last = fill_segments(8, 50);
    uint64_t third = s.log->segment[3].first_seq;
    ck_assert_int_eq(log_trim(s.log, 1, &dropped), ERR_OK);
    ck_assert_uint_eq(dropped, 0);
    ck_assert_int_eq(log_trim(s.log, third - 1, &dropped), ERR_OK);
    ck_assert_uint_eq(dropped, 1);
    ck_assert_int_eq(log_trim(s.log, third, &dropped), ERR_OK);
    ck_assert_uint_eq(dropped, 1);
    for (int again = 0; again < 2; again++) {
        ck_assert_uint_eq(log_first(s.log), third);
        store_check(&s, last, true);
        ck_assert_int_eq(store_read(&s, 1, last, &bad), ERR_RANGE);
        ck_assert_int_eq(store_read(&s, third - 1, last, &bad), ERR_RANGE);
        ck_assert_int_eq(log_fetch(s.log, third - 1, frame), ERR_RANGE);
        ck_assert_int_eq(log_fetch(s.log, 1, frame), ERR_RANGE);
        check_genesis();
        store_kill(&s);
        store_begin(&s);
    }
    ck_assert_int_eq(log_trim(s.log, UINT64_MAX, &dropped), ERR_OK);
    ck_assert_uint_eq(dropped, 5);
    ck_assert_uint_eq(segments(), 2);
    store_check(&s, last, true);
    store_append(&s, 1);
    store_check(&s, last + 1, true);
    store_release(&s);
}
END_TEST

MODEL_TEST_MAIN("store_log", created, created_in_part, reopened, marks,
                offline_changes_nothing, read_only, segments_follow_each_other,
                groups_larger_than_a_segment, to_the_last_byte, trimmed)
