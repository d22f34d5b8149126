/* check_store_read.c -- reading the log: any range of it, one event at a time,
 * and while others append to it and trim it. */
#include "store_test.h"

#include <pthread.h>
#include <stdatomic.h>

#include "model/store/disk.h"

static struct store s;
static unsigned char frame[EVENT_BYTES_MAX];

static void fetched(uint64_t seq)
{
    struct event e;
    ck_assert_msg(log_fetch(s.log, seq, frame) == ERR_OK, "event %llu",
                  (unsigned long long)seq);
    ck_assert_ptr_nonnull(event_decode(frame, frame + sizeof frame, &e));
    ck_assert(store_is_event(&e, seq, false));
}

static void fill(uint64_t events, uint32_t each)
{
    while (log_last(s.log) < events)
        store_append(&s, each);
}

/* ---- in ranges ----------------------------------------------------------- */

/* Appends to n segments; the newest event. */
static uint64_t fill_segments(uint32_t n, uint32_t each)
{
    while (s.log->nsegments < n + 1)
        store_append(&s, each);
    return log_last(s.log);
}

START_TEST(any_range)
{
    struct log_place bad;
    store_init(&s);
    store_begin(&s);
    uint64_t last = fill_segments(5, 23);
    for (uint64_t k = 0; k < 80; k++) {
        uint64_t from = 1 + test_below(k, 8, (uint32_t)last);
        uint64_t to = from + test_below(k, 9, (uint32_t)(last - from) + 1);
        ck_assert_int_eq(store_read(&s, from, to, &bad), ERR_OK);
        if (k % 20 == 0) {
            store_kill(&s);
            store_begin(&s);
        }
    }
    ck_assert_int_eq(store_read(&s, 3, 2, &bad), ERR_OK);
    store_release(&s);
}
END_TEST

static bool stop_there(void *arg, const struct group *g,
                       const unsigned char *bytes, const struct log_place *at)
{
    uint32_t *left = arg;
    (void)g;
    (void)bytes;
    (void)at;
    return --*left > 0;
}

START_TEST(stopped_by_the_visitor)
{
    struct log_place bad;
    store_init(&s);
    store_begin(&s);
    uint64_t last = fill_segments(3, 100);
    for (uint32_t n = 1; n < 9; n++) {
        uint32_t left = n;
        ck_assert_int_eq(log_read(s.log, 1, last, stop_there, &left,
                                  &bad), ERR_OK);
        ck_assert_uint_eq(left, 0);
    }
    store_release(&s);
}
END_TEST

/* ---- one by one -------------------------------------------------------- */

START_TEST(fetched_in_any_order)
{
    store_init(&s);
    store_begin(&s);
    fill(3000, 40);
    uint64_t last = log_last(s.log);
    for (uint64_t seq = last; seq; seq -= seq < 97 ? 1 : 97)
        fetched(seq);
    for (uint64_t k = 0; k < 300; k++)
        fetched(1 + test_below(k, 10, (uint32_t)last));
    ck_assert_int_eq(log_fetch(s.log, last + 1, frame), ERR_RANGE);
    store_append(&s, 5);
    fetched(last + 1);
    fetched(last + 5);
    store_release(&s);
}
END_TEST

/* Segments of a run before have no index yet. */
START_TEST(fetched_without_an_index)
{
    store_init(&s);
    s.opt.segment_bytes = 1 << 20;
    store_begin(&s);
    while (s.log->nsegments < 3)
        store_append(&s, 150);
    uint64_t second = s.log->segment[2].first_seq;
    for (uint64_t back = 1; back < second; back += second / 7) {
        store_kill(&s);
        store_begin(&s);
        ck_assert_uint_eq(s.log->segment[1].nindex, 0);
        fetched(second - back);
        ck_assert_uint_gt(s.log->segment[1].nindex, 0);
    }
    store_release(&s);
}
END_TEST

/* Groups of several windows. */
START_TEST(fetched_from_large_groups)
{
    store_init(&s);
    s.opt.segment_bytes = 4 << 20;
    store_begin(&s);
    for (uint32_t n = 10; n < 10000; n *= 3) {
        store_append(&s, n);
        store_append(&s, 1);
    }
    uint64_t last = log_last(s.log);
    for (uint64_t seq = last; seq > 0; seq -= seq < 331 ? seq : 331)
        fetched(seq);
    store_kill(&s);
    store_begin(&s);
    fetched(last);
    fetched(1);
    store_release(&s);
}
END_TEST

START_TEST(fetched_after_a_change)
{
    struct event e;
    store_init(&s);
    store_begin(&s);
    store_append(&s, 10);
    fetched(5);
    size_t bytes = event_frame_bytes(frame, frame + sizeof frame), at = 0;
    struct file f = file_read(s.dir, "00000000000000000001.seg");
    while (memcmp(f.bytes + at, frame, bytes) != 0)
        at += 8;
    event_void(frame, bytes, 5);
    memcpy(f.bytes + at, frame, bytes);
    int fd = openat(s.dir, "00000000000000000001.seg", O_WRONLY);
    ck_assert_int_eq(disk_write(fd, f.bytes, f.n, 0), ERR_OK);
    close(fd);
    free(f.bytes);
    log_changed(s.log);
    ck_assert_int_eq(log_fetch(s.log, 5, frame), ERR_OK);
    ck_assert_ptr_nonnull(event_decode(frame, frame + sizeof frame, &e));
    ck_assert_int_eq(e.type, EVENT_VOID);
    fetched(4);
    fetched(6);
    store_release(&s);
}
END_TEST

/* ---- threads ----------------------------------------------------------- */

static atomic_bool stop;

/* Reads all there is, again and again, through many switches of segments. */
static void *read_all(void *arg)
{
    struct log_place *bad = arg;
    uint64_t from = 1;
    while (!atomic_load(&stop)) {
        uint64_t last = log_last(s.log);
        if (last < from)
            continue;
        if (store_read(&s, from, last, bad) != ERR_OK)
            return bad;
        from = last % 7 ? last + 1 : 1 + last / 2;
    }
    return NULL;
}

START_TEST(read_while_appending)
{
    struct log_place bad[2];
    pthread_t t[2];
    void *failed[2];
    atomic_store(&stop, false);
    store_init(&s);
    s.opt.segment_bytes = 16384;
    store_begin(&s);
    for (int i = 0; i < 2; i++)
        pthread_create(&t[i], NULL, read_all, &bad[i]);
    for (uint32_t k = 0; k < 2000; k++)
        store_append(&s, 1 + k % 9);
    atomic_store(&stop, true);
    for (int i = 0; i < 2; i++) {
        pthread_join(t[i], &failed[i]);
        ck_assert_msg(!failed[i], "%s, offset %lld: %s", bad[i].segment,
                      (long long)bad[i].offset, bad[i].what);
    }
    store_check(&s, log_last(s.log), false);
    store_release(&s);
}
END_TEST

/* The segment ends earlier than when its reader opened it: it was completed,
 * and what had been allocated ahead was given back. */
static bool complete_it(void *arg, const struct group *g,
                        const unsigned char *bytes, const struct log_place *at)
{
    uint64_t *next = arg;
    (void)bytes;
    (void)at;
    if (*next == 1)
        store_append(&s, 5000);
    ck_assert_uint_eq(g->first_seq, *next);
    *next += g->n;
    return true;
}

START_TEST(read_while_it_shrinks)
{
    struct log_place bad;
    uint64_t next = 1;
    store_init(&s);
    s.opt.segment_bytes = 3 << 19;
    store_begin(&s);
    while (s.log->end < 5 << 18)
        store_append(&s, 100);
    uint64_t last = log_last(s.log);
    ck_assert_int_eq(log_read(s.log, 1, last, complete_it, &next, &bad),
                     ERR_OK);
    ck_assert_uint_eq(next, last + 1);
    ck_assert_uint_eq(s.log->nsegments, 3);
    store_release(&s);
}
END_TEST

/* What was trimmed is out of range, and never called damaged. */
static void *read_old(void *arg)
{
    struct log_place *bad = arg;
    while (!atomic_load(&stop)) {
        uint64_t first = log_first(s.log), last = log_last(s.log);
        enum err err = store_read(&s, first, last, bad);
        if (err != ERR_OK && err != ERR_RANGE)
            return bad;
    }
    return NULL;
}

START_TEST(read_while_trimming)
{
    struct log_place bad;
    pthread_t t;
    void *failed;
    uint32_t dropped, all = 0;
    atomic_store(&stop, false);
    store_init(&s);
    s.opt.segment_bytes = 8192;
    store_begin(&s);
    pthread_create(&t, NULL, read_old, &bad);
    for (uint32_t k = 0; k < 1500; k++) {
        store_append(&s, 1 + k % 9);
        if (k % 20 == 0 && log_last(s.log) > 300) {
            ck_assert_int_eq(log_trim(s.log, log_last(s.log) - 300, &dropped),
                             ERR_OK);
            all += dropped;
        }
    }
    atomic_store(&stop, true);
    pthread_join(t, &failed);
    ck_assert_msg(!failed, "%s, offset %lld: %s", bad.segment,
                  (long long)bad.offset, bad.what);
    ck_assert_uint_gt(all, 30);
    ck_assert_uint_eq(s.log->segment[0].nindex, 1); // the genesis, alone
    store_check(&s, log_last(s.log), true);
    store_release(&s);
}
END_TEST

/* Two who trim, as much as they like. */
static void *trim(void *arg)
{
    uint32_t dropped, *all = arg;
    while (!atomic_load(&stop))
        if (log_trim(s.log, log_last(s.log), &dropped) != ERR_OK)
            return arg;
        else
            *all += dropped;
    return NULL;
}

START_TEST(trimmed_by_two)
{
    pthread_t t[2];
    uint32_t dropped[2] = {0}, switches = 0;
    void *failed;
    atomic_store(&stop, false);
    store_init(&s);
    s.opt.segment_bytes = 4096;
    store_begin(&s);
    for (int i = 0; i < 2; i++)
        pthread_create(&t[i], NULL, trim, &dropped[i]);
    for (uint32_t k = 0; k < 1000; k++) {
        off_t end = s.log->end;
        store_append(&s, 5);
        switches += s.log->end < end;
    }
    atomic_store(&stop, true);
    for (int i = 0; i < 2; i++) {
        pthread_join(t[i], &failed);
        ck_assert_ptr_null(failed);
    }
    ck_assert_uint_eq(dropped[0] + dropped[1], switches + 2 - s.log->nsegments);
    store_check(&s, log_last(s.log), false);
    store_kill(&s);
    store_begin(&s);
    store_check(&s, log_last(s.log), false);
    store_release(&s);
}
END_TEST

MODEL_TEST_MAIN("store_read", any_range, stopped_by_the_visitor,
                fetched_in_any_order, fetched_without_an_index,
                fetched_from_large_groups, fetched_after_a_change,
                read_while_appending, read_while_it_shrinks,
                read_while_trimming, trimmed_by_two)
