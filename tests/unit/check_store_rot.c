/* check_store_rot.c -- damage in what was completed long ago: the log opens,
 * for only the tail is looked at, and whoever reads is told. */
#include "store_test.h"

#include "model/core/bytes.h"

static struct store s;

/* A log of small segments; `name` and `good` are of the third of ratings, which
 * begins with event `first`, as `next` does the one behind it. */
static char name[SEGMENT_NAME_BYTES];
static struct file good;
static unsigned char *bytes;
static uint64_t first, next, last;

static void setup(void)
{
    store_init(&s);
    s.opt.segment_bytes = 1024;
    store_begin(&s);
    for (uint32_t i = 0; s.log->nsegments < 7; i++)
        store_append(&s, 1 + i % 3);
    first = s.log->segment[3].first_seq;
    next = s.log->segment[4].first_seq;
    last = log_last(s.log);
    store_close(&s);
    segment_name(first, name);
    good = file_read(s.dir, name);
    bytes = malloc(good.n + 64);
    memcpy(bytes, good.bytes, good.n);
}

static void teardown(void)
{
    free(good.bytes);
    free(bytes);
    store_release(&s);
}

/* The group that byte `at` belongs to, and where it begins. */
static struct group group_of(size_t at, size_t *begin)
{
    struct group g;
    *begin = SEGMENT_HEAD_BYTES;
    for (;; *begin += g.bytes) {
        ck_assert(group_decode(&g, get_u64(good.bytes + 24),
                               good.bytes + *begin));
        if (at < *begin + g.bytes)
            return g;
    }
}

/* The event that cannot be read without byte `at`, and where what cannot be
 * read begins. */
static uint64_t owner(size_t at, size_t *offset)
{
    struct group g = group_of(at, offset);
    uint64_t seq = g.first_seq;
    if (at < *offset + GROUP_HEAD_BYTES)
        return seq;
    for (*offset += GROUP_HEAD_BYTES;; seq++) {
        size_t size = event_frame_bytes(good.bytes + *offset,
                                        good.bytes + good.n);
        if (at < *offset + size)
            return seq;
        *offset += size;
    }
}

/* Opens, and cannot be read past `seq`, which is missed at `offset`.  What lies
 * before and behind can be. */
static void damaged(uint64_t seq, size_t offset, bool flipped)
{
    static unsigned char frame[EVENT_BYTES_MAX];
    struct log_place bad;
    ck_assert_int_eq(store_open(&s), ERR_OK);
    ck_assert(!s.found.torn);
    ck_assert_uint_eq(log_last(s.log), last);
    ck_assert_int_eq(store_read(&s, 1, last, &bad), ERR_CORRUPT);
    ck_assert_str_eq(bad.segment, name);
    ck_assert_int_eq(bad.offset, (off_t)offset);
    ck_assert_uint_eq(bad.seq, seq);
    ck_assert(bad.what[0]);
    ck_assert_int_eq(store_read(&s, 1, first - 1, &bad), ERR_OK);
    ck_assert_int_eq(store_read(&s, next, last, &bad), ERR_OK);
    ck_assert(!flipped || log_fetch(s.log, seq, frame) == ERR_CORRUPT);
    ck_assert_int_eq(log_fetch(s.log, first - 1, frame), ERR_OK);
    ck_assert_int_eq(log_fetch(s.log, next, frame), ERR_OK);
    store_kill(&s);
}

START_TEST(each_byte_of_a_segment)
{
    setup();
    for (size_t at = SEGMENT_HEAD_BYTES; at < good.n; at++) {
        size_t offset;
        uint64_t seq = owner(at, &offset);
        bytes[at] ^= (unsigned char)(1 << at % 8);
        file_write(s.dir, name, bytes, good.n);
        damaged(seq, offset, true);
        bytes[at] = good.bytes[at];
    }
    teardown();
}
END_TEST

START_TEST(each_byte_of_its_head)
{
    setup();
    for (size_t at = 0; at < SEGMENT_HEAD_BYTES; at++) {
        bytes[at] ^= (unsigned char)(1 << at % 8);
        file_write(s.dir, name, bytes, good.n);
        ck_assert_int_eq(store_open(&s), ERR_CORRUPT);
        ck_assert_str_eq(s.found.at.segment, name);
        ck_assert_int_eq(s.found.at.offset, 0);
        ck_assert_uint_eq(s.found.at.seq, first);
        struct file left = {bytes, good.n};
        ck_assert(file_is(s.dir, name, &left));
        bytes[at] = good.bytes[at];
    }
    file_write(s.dir, name, good.bytes, good.n);
    teardown();
}
END_TEST

START_TEST(cut_short)
{
    setup();
    for (size_t n = SEGMENT_HEAD_BYTES; n < good.n; n += 5) {
        size_t begin;
        struct group g = group_of(n, &begin);
        file_write(s.dir, name, bytes, n);
        damaged(g.first_seq, begin, false);
        memset(bytes + begin, 0, good.n - begin); // the same, as zeros
        file_write(s.dir, name, bytes, good.n);
        damaged(g.first_seq, begin, true);
        memcpy(bytes, good.bytes, good.n);
    }
    teardown();
}
END_TEST

START_TEST(more_than_was_there)
{
    setup();
    memset(bytes + good.n, 0, 64);
    file_write(s.dir, name, bytes, good.n + 64); // room that was not given back
    ck_assert_int_eq(store_open(&s), ERR_OK);
    store_check(&s, last, true);
    store_kill(&s);
    bytes[good.n + 9] = 1;
    file_write(s.dir, name, bytes, good.n + 64);
    ck_assert_int_eq(store_open(&s), ERR_OK);
    struct log_place bad;
    ck_assert_int_eq(store_read(&s, 1, last, &bad), ERR_CORRUPT);
    ck_assert_int_eq(bad.offset, (off_t)good.n);
    ck_assert_uint_eq(bad.seq, next);
    store_kill(&s);
    teardown();
}
END_TEST

START_TEST(a_segment_is_missing)
{
    struct log_place bad;
    char before[SEGMENT_NAME_BYTES];
    setup();
    ck_assert_int_eq(unlinkat(s.dir, name, 0), 0);
    ck_assert_int_eq(store_open(&s), ERR_OK);
    segment_name(s.log->segment[2].first_seq, before);
    ck_assert_int_eq(store_read(&s, 1, last, &bad), ERR_CORRUPT);
    ck_assert_str_eq(bad.segment, before);
    ck_assert_uint_eq(bad.seq, first);
    ck_assert_int_eq(store_read(&s, next, last, &bad), ERR_OK);
    ck_assert_int_eq(store_read(&s, 1, first - 1, &bad), ERR_OK);
    store_kill(&s);
    teardown();
}
END_TEST

START_TEST(the_last_event_is_not_there)
{
    struct log_place bad;
    setup();
    ck_assert_int_eq(store_open(&s), ERR_OK);
    ck_assert_int_eq(store_read(&s, 1, last + 1, &bad), ERR_CORRUPT);
    ck_assert_uint_eq(bad.seq, last + 1);
    store_kill(&s);
    teardown();
}
END_TEST

/* ---- the genesis ------------------------------------------------------- */

/* Nothing else was ever stored: its damage is met at once. */
START_TEST(the_genesis_alone)
{
    static const char genesis[] = "00000000000000000000.seg";
    store_init(&s);
    ck_assert_int_eq(store_open(&s), ERR_OK);
    store_kill(&s);
    good = file_read(s.dir, genesis);
    for (size_t at = 0; at < good.n; at++) {
        good.bytes[at] ^= 4;
        file_write(s.dir, genesis, good.bytes, good.n);
        ck_assert_int_eq(store_open(&s), ERR_CORRUPT);
        ck_assert_str_eq(s.found.at.segment, genesis);
        ck_assert_uint_eq(s.found.at.seq, 0);
        ck_assert(file_is(s.dir, genesis, &good));
        good.bytes[at] ^= 4;
        file_write(s.dir, genesis, good.bytes, at);
        ck_assert_int_eq(store_open(&s), ERR_CORRUPT);
        ck_assert(!file_there(s.dir, "00000000000000000001.seg"));
    }
    file_write(s.dir, genesis, good.bytes, good.n);
    free(good.bytes);
    store_begin(&s);
    store_append(&s, 1);
    store_release(&s);
}
END_TEST

START_TEST(the_genesis_of_a_log)
{
    static const char genesis[] = "00000000000000000000.seg";
    static unsigned char frame[EVENT_BYTES_MAX];
    setup();
    struct file f = file_read(s.dir, genesis);
    for (size_t at = SEGMENT_HEAD_BYTES; at < f.n; at++) {
        f.bytes[at] ^= 4;
        file_write(s.dir, genesis, f.bytes, f.n);
        ck_assert_int_eq(store_open(&s), ERR_OK);
        ck_assert_int_eq(log_fetch(s.log, 0, frame), ERR_CORRUPT);
        store_kill(&s);
        f.bytes[at] ^= 4;
    }
    free(f.bytes);
    teardown();
}
END_TEST

/* ---- what is not the log's --------------------------------------------- */

START_TEST(strange_files_are_left_alone)
{
    static const char *const names[] = {
        "0000000000000000001.seg", "notes", "00000000000000000009.seg.bak",
        "9999999999999999999x.seg", "99999999999999999999.seg"};
    setup();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        file_write(s.dir, names[i], "hello", 5);
    store_begin(&s);
    store_check(&s, last, true);
    uint32_t dropped;
    ck_assert_int_eq(log_trim(s.log, last, &dropped), ERR_OK);
    store_close(&s);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct file want = {(unsigned char *)(uintptr_t)"hello", 5};
        ck_assert(file_is(s.dir, names[i], &want));
    }
    teardown();
}
END_TEST

/* No way to fail leaves a descriptor behind. */
START_TEST(descriptors_are_closed)
{
    setup();
    int before = open_files();
    for (int i = 0; i < 20; i++) {
        bytes[i % 2 ? 3 : SEGMENT_HEAD_BYTES + 3] ^= 1;
        file_write(s.dir, name, bytes, good.n);
        if (store_open(&s) == ERR_OK) {
            struct log_place bad;
            ck_assert_int_eq(store_read(&s, 1, last, &bad), ERR_CORRUPT);
            store_kill(&s);
        }
        memcpy(bytes, good.bytes, good.n);
    }
    file_write(s.dir, name, bytes, good.n);
    store_begin(&s);
    store_check(&s, last, true);
    while (s.log->nsegments < 20)
        store_append(&s, 3);
    store_close(&s);
    ck_assert_int_eq(open_files(), before);
    teardown();
}
END_TEST

MODEL_TEST_MAIN("store_rot", each_byte_of_a_segment, each_byte_of_its_head,
                cut_short, more_than_was_there, a_segment_is_missing,
                the_last_event_is_not_there, the_genesis_alone,
                the_genesis_of_a_log, strange_files_are_left_alone,
                descriptors_are_closed)
