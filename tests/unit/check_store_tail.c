/* check_store_tail.c -- torn tails and rot: what a crash may leave behind heals
 * and costs only what was never synced; anything else is named, and nothing is
 * touched. */
#include "store_test.h"

#include "model/core/bytes.h"

#define GROUPS 4u

static const char name[] = "00000000000000000001.seg";
static const uint32_t sizes[GROUPS] = {3, 2, 1, 4};

/* A log of four groups in one segment, as bytes. */
struct base {
    struct store s;
    struct file good;
    unsigned char *bytes;            /* (good.n) to be changed */
    size_t at[GROUPS + 1];           /* of each group, and the end */
    uint64_t first[GROUPS + 1];      /* its first seq */
    size_t frame[11];                /* of each event */
};

static void base_init(struct base *b, enum log_fsync fsync)
{
    store_init(&b->s);
    b->s.opt.fsync = fsync;
    store_begin(&b->s);
    b->s.log->synced_ns = log_now_ns(); // everysec: the first one is far off
    for (uint32_t i = 0; i < GROUPS; i++)
        store_append(&b->s, sizes[i]);
    store_kill(&b->s);
    b->good = file_read(b->s.dir, name);
    b->bytes = malloc(b->good.n);
    memcpy(b->bytes, b->good.bytes, b->good.n);
    b->at[0] = SEGMENT_HEAD_BYTES;
    b->first[0] = 1;
    for (uint32_t i = 0; i < GROUPS; i++) {
        struct group g;
        size_t at = b->at[i] + GROUP_HEAD_BYTES;
        ck_assert(group_decode(&g, get_u64(b->bytes + 24),
                               b->bytes + b->at[i]));
        b->at[i + 1] = b->at[i] + g.bytes;
        b->first[i + 1] = b->first[i] + g.n;
        for (uint32_t k = 0; k < g.n; k++) {
            b->frame[g.first_seq + k] = at;
            at += event_frame_bytes(b->bytes + at, b->bytes + b->good.n);
        }
    }
}

static void base_release(struct base *b)
{
    free(b->good.bytes);
    free(b->bytes);
    store_release(&b->s);
}

static void base_write(struct base *b, size_t n)
{
    file_write(b->s.dir, name, b->bytes, n);
}

/* Whose byte it is: the event that cannot be read without it, and where what
 * cannot be read begins. */
static uint64_t owner(const struct base *b, size_t byte, size_t *offset)
{
    uint32_t g = 0;
    while (b->at[g + 1] <= byte)
        g++;
    uint64_t seq = b->first[g];
    *offset = b->at[g];
    if (byte < b->at[g] + GROUP_HEAD_BYTES)
        return seq;
    while (seq + 1 < b->first[g + 1] && b->frame[seq + 1] <= byte)
        seq++;
    *offset = b->frame[seq];
    return seq;
}

/* It opens with the events up to `last`, and goes on from there. */
static void heals(struct base *b, uint64_t last, size_t end, bool torn)
{
    struct store *s = &b->s;
    ck_assert_int_eq(store_open(s), ERR_OK);
    ck_assert(s->found.torn == torn && !s->found.created);
    if (torn) {
        ck_assert_str_eq(s->found.at.segment, name);
        ck_assert_int_eq(s->found.at.offset, (off_t)end);
        ck_assert_uint_eq(s->found.at.seq, last + 1);
        ck_assert(s->found.at.bytes > 0 &&
                  s->found.at.bytes <= b->good.n - end);
    }
    store_check(s, last, false);
    ck_assert_int_eq(log_begin(s->log), ERR_OK);
    store_append(s, 1);
    store_append(s, 2);
    store_kill(s);
    ck_assert_int_eq(store_open(s), ERR_OK);
    ck_assert(!s->found.torn);
    store_check(s, last + 3, false);
    store_kill(s);
}

/* It does not open, says where, and touches nothing. */
static void refuses(struct base *b, uint64_t seq, size_t offset, size_t n)
{
    struct store *s = &b->s;
    ck_assert_int_eq(store_open(s), ERR_CORRUPT);
    ck_assert_ptr_null(s->log);
    ck_assert_str_eq(s->found.at.segment, name);
    ck_assert_int_eq(s->found.at.offset, (off_t)offset);
    ck_assert_uint_eq(s->found.at.seq, seq);
    ck_assert(s->found.at.what[0]);
    struct file left = {b->bytes, n};
    ck_assert(file_is(s->dir, name, &left));
}

/* ---- the last group ---------------------------------------------------- */

START_TEST(cut_at_each_byte)
{
    struct base b;
    base_init(&b, LOG_FSYNC_ALWAYS);
    size_t begin = b.at[GROUPS - 1], end = b.at[GROUPS];
    for (size_t at = begin; at < end; at++) {
        base_write(&b, at);
        heals(&b, 6, begin, at > begin);
        memset(b.bytes + at, 0, end - at); // with the room allocated ahead
        base_write(&b, b.good.n);
        if (memcmp(b.bytes, b.good.bytes, end) == 0)
            heals(&b, 10, end, false); // those were zeros
        else
            heals(&b, 6, begin, at > begin);
        memcpy(b.bytes, b.good.bytes, b.good.n);
    }
    base_write(&b, b.good.n);
    heals(&b, 10, end, false);
    base_release(&b);
}
END_TEST

/* The pages of the group reached the disk, its first ones did not. */
START_TEST(begun_at_each_byte)
{
    struct base b;
    base_init(&b, LOG_FSYNC_ALWAYS);
    size_t begin = b.at[GROUPS - 1], end = b.at[GROUPS];
    for (size_t at = begin + 1; at < end; at += 3) {
        memset(b.bytes + begin, 0, at - begin);
        base_write(&b, b.good.n);
        bool torn = file_content(&(struct file){b.bytes, end}) > begin;
        heals(&b, 6, begin, torn);
        memcpy(b.bytes, b.good.bytes, b.good.n);
    }
    base_release(&b);
}
END_TEST

START_TEST(flipped_at_each_byte)
{
    struct base b;
    base_init(&b, LOG_FSYNC_ALWAYS);
    for (size_t at = b.at[GROUPS - 1]; at < b.at[GROUPS]; at++) {
        b.bytes[at] ^= (unsigned char)(1 << at % 8);
        base_write(&b, b.good.n);
        heals(&b, 6, b.at[GROUPS - 1], true);
        b.bytes[at] = b.good.bytes[at];
    }
    base_release(&b);
}
END_TEST

START_TEST(garbage_behind_the_end)
{
    struct base b;
    base_init(&b, LOG_FSYNC_ALWAYS);
    for (size_t k = 0; k < 200; k++) {
        size_t at = b.at[GROUPS] + k * k * 3 / 2;
        b.bytes[at] = 0xf9;
        base_write(&b, b.good.n);
        heals(&b, 10, b.at[GROUPS], true);
        b.bytes[at] = 0;
    }
    base_release(&b);
}
END_TEST

/* ---- groups that were not synced --------------------------------------- */

/* Each subset of them may have reached the disk.  What follows a gap is lost,
 * and does not come back when the gap is filled with something else. */
START_TEST(in_any_order)
{
    struct base b;
    base_init(&b, LOG_FSYNC_EVERYSEC);
    for (unsigned there = 0; there < 1 << GROUPS; there++) {
        uint32_t prefix = 0;
        for (uint32_t i = 0; i < GROUPS; i++)
            if (!(there >> i & 1))
                memset(b.bytes + b.at[i], 0, b.at[i + 1] - b.at[i]);
        while (there >> prefix & 1)
            prefix++;
        base_write(&b, b.good.n);
        heals(&b, b.first[prefix] - 1, b.at[prefix], there >> prefix);
        memcpy(b.bytes, b.good.bytes, b.good.n);
    }
    base_release(&b);
}
END_TEST

START_TEST(unsynced_and_damaged)
{
    struct base b;
    base_init(&b, LOG_FSYNC_EVERYSEC);
    for (uint32_t i = 0; i < GROUPS; i++)
        for (size_t at = b.at[i]; at < b.at[i + 1]; at += 7) {
            b.bytes[at] ^= 0x40;
            base_write(&b, b.good.n);
            heals(&b, b.first[i] - 1, b.at[i], true);
            b.bytes[at] = b.good.bytes[at];
        }
    base_release(&b);
}
END_TEST

/* ---- rot --------------------------------------------------------------- */

/* A later group says that they were synced. */
START_TEST(covered_by_a_later_group)
{
    struct base b;
    size_t offset;
    base_init(&b, LOG_FSYNC_ALWAYS);
    for (size_t at = b.at[0]; at < b.at[GROUPS - 1]; at++) {
        uint64_t seq = owner(&b, at, &offset);
        b.bytes[at] ^= (unsigned char)(1 << at % 8);
        base_write(&b, b.good.n);
        refuses(&b, seq, offset, b.good.n);
        b.bytes[at] = b.good.bytes[at];
    }
    memset(b.bytes + b.at[1], 0, b.at[2] - b.at[1]); // a whole group, as zeros
    base_write(&b, b.good.n);
    refuses(&b, b.first[1], b.at[1], b.good.n);
    base_release(&b);
}
END_TEST

/* Only the last head is left of the last group, and it is enough. */
START_TEST(covered_by_a_torn_group)
{
    struct base b;
    size_t offset, n;
    base_init(&b, LOG_FSYNC_ALWAYS);
    n = b.at[GROUPS - 1] + GROUP_HEAD_BYTES;
    for (size_t at = b.at[0]; at < b.at[GROUPS - 1]; at += 5) {
        uint64_t seq = owner(&b, at, &offset);
        b.bytes[at] ^= 0x10;
        base_write(&b, n);
        refuses(&b, seq, offset, n);
        b.bytes[at] = b.good.bytes[at];
    }
    base_release(&b);
}
END_TEST

/* After a polite end the mark covers the last group too; and is no loss. */
START_TEST(covered_by_the_mark)
{
    struct base b;
    size_t offset;
    base_init(&b, LOG_FSYNC_EVERYSEC);
    store_begin(&b.s);
    store_close(&b.s);
    struct file marked = file_read(b.s.dir, name);
    ck_assert_uint_eq(marked.n, b.at[GROUPS] + GROUP_HEAD_BYTES);
    memcpy(b.bytes, marked.bytes, marked.n);
    for (size_t at = b.at[0]; at < marked.n; at++) {
        b.bytes[at] ^= (unsigned char)(1 << at % 8);
        base_write(&b, marked.n);
        if (at < b.at[GROUPS]) {
            uint64_t seq = owner(&b, at, &offset);
            refuses(&b, seq, offset, marked.n);
        } else
            heals(&b, 10, b.at[GROUPS], true);
        b.bytes[at] = marked.bytes[at];
    }
    free(marked.bytes);
    base_release(&b);
}
END_TEST

/* ---- heads of segments ------------------------------------------------- */

static const struct {
    struct segment_head head;
    off_t offset;
} heads[] = {
    {{1, 0, SEGMENT_VERSION + 1}, 8}, {{1, 0, 0}, 8},
    {{2, 0, SEGMENT_VERSION}, 16},    {{0, 0, SEGMENT_VERSION}, 16},
    {{1, 1, SEGMENT_VERSION}, 24},
};

START_TEST(wrong_heads)
{
    struct base b;
    base_init(&b, LOG_FSYNC_ALWAYS);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        struct segment_head h = heads[i].head;
        h.log_id += get_u64(b.good.bytes + 24);
        segment_head_encode(&h, b.bytes);
        base_write(&b, b.good.n);
        refuses(&b, 1, (size_t)heads[i].offset, b.good.n);
    }
    memcpy(b.bytes, b.good.bytes, b.good.n);
    for (size_t at = 0; at < SEGMENT_HEAD_BYTES; at++) {
        b.bytes[at] ^= 0x20;
        base_write(&b, b.good.n);
        refuses(&b, 1, 0, b.good.n);
        b.bytes[at] = b.good.bytes[at];
        base_write(&b, at); // cut short
        refuses(&b, 1, 0, at);
    }
    base_write(&b, b.good.n);
    heals(&b, 10, 0, false);
    base_release(&b);
}
END_TEST

MODEL_TEST_MAIN("store_tail", cut_at_each_byte, begun_at_each_byte,
                flipped_at_each_byte, garbage_behind_the_end, in_any_order,
                unsynced_and_damaged, covered_by_a_later_group,
                covered_by_a_torn_group, covered_by_the_mark, wrong_heads)
