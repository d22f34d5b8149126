/* check_segment.c -- scanning and finding in the bytes of one file; in
 * memory. */
#include "store_test.h"

#include <sys/mman.h>

#include "model/store/segment.h"

#define LOG_ID 77u

/* ---- a segment in memory ----------------------------------------------- */

/* Groups one behind the other, the first with event 1. */
struct made {
    int fd;
    off_t end;
    uint64_t next;
};

static void make(struct made *m)
{
    m->fd = memfd_create("segment", MFD_CLOEXEC);
    ck_assert_int_ge(m->fd, 0);
    m->end = SEGMENT_HEAD_BYTES;
    m->next = 1;
}

static void add_of_log(struct made *m, uint32_t n, uint64_t durable,
                       uint64_t id)
{
    unsigned char head[GROUP_HEAD_BYTES];
    struct batch *b = n ? store_group(m->next, n, n) : NULL;
    size_t bytes = b ? b->bytes : 0;
    struct group g = {(uint32_t)(GROUP_HEAD_BYTES + bytes), n, m->next, durable,
                      id};
    group_encode(&g, head);
    ck_assert_int_eq(pwrite(m->fd, head, sizeof head, m->end), sizeof head);
    if (b)
        ck_assert_int_eq(pwrite(m->fd, b->data, bytes,
                                m->end + GROUP_HEAD_BYTES), (ssize_t)bytes);
    m->end += (off_t)g.bytes;
    m->next += n;
    batch_free(b);
}

static void add(struct made *m, uint32_t n, uint64_t durable)
{
    add_of_log(m, n, durable, LOG_ID);
}

static struct segment_scan scan(const struct made *m)
{
    struct segment_scan s;
    ck_assert_int_eq(segment_scan(m->fd, LOG_ID, SEGMENT_HEAD_BYTES, 1, NULL,
                                  NULL, &s), ERR_OK);
    return s;
}

static void put(const struct made *m, off_t at, unsigned char byte)
{
    ck_assert_int_eq(pwrite(m->fd, &byte, 1, at), 1);
}

static unsigned char get(const struct made *m, off_t at)
{
    unsigned char byte;
    ck_assert_int_eq(pread(m->fd, &byte, 1, at), 1);
    return byte;
}

START_TEST(where_the_groups_end)
{
    struct made m;
    make(&m);
    for (uint32_t n = 0; n < 9; n++) {
        // room behind the end, none, less than a head, more than a window
        static const off_t room[] = {0, 8, 39, 40, 41, 4096, 3 << 20};
        for (size_t i = 0; i < sizeof room / sizeof *room; i++) {
            ck_assert_int_eq(ftruncate(m.fd, m.end + room[i]), 0);
            struct segment_scan s = scan(&m);
            ck_assert(!s.bad && !s.stopped);
            ck_assert_int_eq(s.end, m.end);
            ck_assert_uint_eq(s.next_seq, m.next);
            ck_assert_uint_eq(s.durable_seq, n / 2);
        }
        ck_assert_int_eq(ftruncate(m.fd, m.end), 0);
        add(&m, n, (n + 1) / 2);
    }
    close(m.fd);
}
END_TEST

START_TEST(anything_behind_the_end_is_bad)
{
    static const off_t places[] = {0, 7, 39, 40, 4095, 4096, 70000, 1 << 20,
                                   (3 << 20) - 1};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct made m;
        make(&m);
        add(&m, 3, 0);
        ck_assert_int_eq(ftruncate(m.fd, m.end + (3 << 20)), 0);
        put(&m, m.end + places[i], 1);
        struct segment_scan s = scan(&m);
        ck_assert_msg(s.bad, "%lld", (long long)places[i]);
        ck_assert_int_eq(s.end, m.end);
        ck_assert_int_eq(s.bad_offset, m.end);
        ck_assert_uint_eq(s.bad_seq, 4);
        close(m.fd);
    }
}
END_TEST

START_TEST(cut_anywhere)
{
    struct made m;
    make(&m);
    add(&m, 2, 0);
    off_t before = m.end;
    add(&m, 2, 2);
    for (off_t n = m.end - 1; n >= before; n--) {
        ck_assert_int_eq(ftruncate(m.fd, n), 0);
        struct segment_scan s = scan(&m);
        ck_assert_int_eq(s.bad, n > before);
        ck_assert_int_eq(s.end, before);
        ck_assert_uint_eq(s.next_seq, 3);
        ck_assert_uint_eq(s.durable_seq, 0);
        if (s.bad) {
            ck_assert_int_eq(s.bad_offset, before);
            ck_assert_uint_eq(s.bad_seq, 3);
        }
    }
    close(m.fd);
}
END_TEST

/* ---- visiting ---------------------------------------------------------- */

struct seen {
    uint32_t groups;
    uint32_t stop_at;
    off_t next;
};

static bool visit(void *arg, const struct group *g, const unsigned char *bytes,
                  off_t offset)
{
    struct seen *seen = arg;
    struct group again;
    ck_assert_int_eq(offset, seen->next);
    ck_assert(group_decode(&again, LOG_ID, bytes));
    ck_assert_mem_eq(&again, g, sizeof again);
    size_t end;
    ck_assert_uint_eq(group_check(g, bytes, &end), g->n);
    seen->next += (off_t)g->bytes;
    return ++seen->groups != seen->stop_at;
}

/* More than a window in one group, and many in a window. */
START_TEST(groups_of_all_sizes)
{
    static const uint32_t sizes[] = {1, 30000, 0, 2, 5000, 17, 40000, 1};
    struct made m;
    struct segment_scan s;
    make(&m);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        add(&m, sizes[i], m.next - 1);
    struct seen all = {.next = SEGMENT_HEAD_BYTES};
    ck_assert_int_eq(segment_scan(m.fd, LOG_ID, SEGMENT_HEAD_BYTES, 1, visit,
                                  &all, &s), ERR_OK);
    ck_assert_uint_eq(all.groups, 8);
    ck_assert(!s.bad && !s.stopped);
    ck_assert_int_eq(s.end, m.end);
    ck_assert_uint_eq(s.next_seq, m.next);
    struct seen some = {.next = SEGMENT_HEAD_BYTES, .stop_at = 2};
    ck_assert_int_eq(segment_scan(m.fd, LOG_ID, SEGMENT_HEAD_BYTES, 1, visit,
                                  &some, &s), ERR_OK);
    ck_assert_uint_eq(some.groups, 2);
    ck_assert(s.stopped && !s.bad);
    ck_assert_uint_eq(s.next_seq, 2);
    close(m.fd);
}
END_TEST

START_TEST(only_groups_that_follow)
{
    struct made m;
    struct segment_scan s;
    make(&m);
    add(&m, 3, 0);
    off_t second = m.end;
    add_of_log(&m, 3, 0, LOG_ID + 1);
    s = scan(&m);
    ck_assert(s.bad && s.bad_offset == second && s.bad_seq == 4);
    ck_assert_int_eq(segment_scan(m.fd, LOG_ID, SEGMENT_HEAD_BYTES, 2, NULL,
                                  NULL, &s), ERR_OK);
    ck_assert(s.bad && s.bad_offset == SEGMENT_HEAD_BYTES && s.bad_seq == 2);
    m.end = second; // a gap in the seqs
    m.next = 5;
    add(&m, 1, 0);
    s = scan(&m);
    ck_assert(s.bad && s.bad_offset == second && s.bad_seq == 4);
    close(m.fd);
}
END_TEST

/* The group says that it is longer than its frames. */
START_TEST(nothing_behind_the_frames)
{
    struct made m;
    unsigned char head[GROUP_HEAD_BYTES];
    make(&m);
    add(&m, 2, 0);
    struct group g = {(uint32_t)(m.end - SEGMENT_HEAD_BYTES) + 8, 2, 1, 0,
                      LOG_ID};
    group_encode(&g, head);
    ck_assert_int_eq(pwrite(m.fd, head, sizeof head, SEGMENT_HEAD_BYTES),
                     sizeof head);
    ck_assert_int_eq(ftruncate(m.fd, m.end + 4096), 0);
    struct segment_scan s = scan(&m);
    ck_assert(s.bad && s.end == SEGMENT_HEAD_BYTES && s.next_seq == 1);
    ck_assert_int_eq(s.bad_offset, m.end);
    ck_assert_uint_eq(s.bad_seq, 3);
    close(m.fd);
}
END_TEST

static bool cut_off(void *arg, const struct group *g,
                    const unsigned char *bytes, off_t offset)
{
    const struct made *m = arg;
    (void)g;
    (void)bytes;
    (void)offset;
    ck_assert_int_eq(ftruncate(m->fd, m->end), 0);
    return true;
}

/* What was allocated ahead is given back while somebody reads. */
START_TEST(shorter_than_it_was)
{
    for (off_t room = 1000; room < 4 << 20; room *= 4) {
        struct made m;
        struct segment_scan s;
        make(&m);
        add(&m, 2, 0);
        add(&m, 3, 2);
        ck_assert_int_eq(ftruncate(m.fd, m.end + room), 0);
        ck_assert_int_eq(segment_scan(m.fd, LOG_ID, SEGMENT_HEAD_BYTES, 1,
                                      cut_off, &m, &s), ERR_OK);
        ck_assert(!s.bad && !s.stopped);
        ck_assert_int_eq(s.end, m.end);
        ck_assert_uint_eq(s.next_seq, 6);
        close(m.fd);
    }
}
END_TEST

/* ---- finding ----------------------------------------------------------- */

static off_t find(const struct made *m, off_t from, uint64_t seq, bool durable)
{
    struct group g;
    off_t where;
    ck_assert_int_eq(segment_find(m->fd, LOG_ID, from, seq, durable, &where,
                                  &g), ERR_OK);
    if (where >= 0)
        ck_assert(g.first_seq > seq && g.log_id == LOG_ID);
    return where;
}

START_TEST(heads_are_found)
{
    struct made m;
    make(&m);
    add(&m, 4, 0);     // 1..4
    off_t second = m.end;
    add(&m, 4, 0);     // 5..8
    off_t third = m.end;
    add(&m, 30000, 4); // 9..30008
    off_t mark = m.end;
    add(&m, 0, 30008);
    ck_assert_int_eq(find(&m, SEGMENT_HEAD_BYTES, 1, false), second);
    ck_assert_int_eq(find(&m, second, 5, false), third);
    ck_assert_int_eq(find(&m, second - 1, 5, false), third);
    ck_assert_int_eq(find(&m, SEGMENT_HEAD_BYTES, 4, true), third);
    ck_assert_int_eq(find(&m, SEGMENT_HEAD_BYTES, 5, true), mark);
    ck_assert_int_eq(find(&m, SEGMENT_HEAD_BYTES, 30008, true), mark);
    ck_assert_int_eq(find(&m, SEGMENT_HEAD_BYTES, 30009, false), -1);
    ck_assert_int_eq(find(&m, mark + 1, 1, false), -1);
    put(&m, mark + 8, get(&m, mark + 8) ^ 1);
    ck_assert_int_eq(find(&m, SEGMENT_HEAD_BYTES, 5, true), -1);
    close(m.fd);
}
END_TEST

START_TEST(heads_of_other_logs_do_not_count)
{
    struct made m;
    unsigned char head[GROUP_HEAD_BYTES];
    struct group g = {40, 0, 1000, 999, LOG_ID + 1};
    make(&m);
    group_encode(&g, head);
    ck_assert_int_eq(pwrite(m.fd, head, sizeof head, m.end), sizeof head);
    ck_assert_int_eq(find(&m, 0, 1, false), -1);
    close(m.fd);
}
END_TEST

START_TEST(errors_of_the_disk)
{
    struct segment_scan s;
    struct group g;
    off_t where;
    int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    close(fd);
    ck_assert_int_eq(segment_scan(fd, LOG_ID, 64, 1, NULL, NULL, &s), ERR_IO);
    ck_assert_int_eq(errno, EBADF);
    ck_assert_int_eq(segment_find(fd, LOG_ID, 64, 1, true, &where, &g),
                     ERR_IO);
    ck_assert_int_eq(where, -1);
}
END_TEST

MODEL_TEST_MAIN("segment", where_the_groups_end,
                anything_behind_the_end_is_bad, cut_anywhere,
                groups_of_all_sizes, only_groups_that_follow,
                nothing_behind_the_frames, shorter_than_it_was, heads_are_found,
                heads_of_other_logs_do_not_count, errors_of_the_disk)
