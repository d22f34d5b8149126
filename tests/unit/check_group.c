/* check_group.c -- the head of a group and its frames: the layout, every bit of
 * it, what cannot be a group, where a bad frame is. */
#include "store_test.h"

#include "model/core/bytes.h"
#include "model/store/crc.h"

#define LOG_ID 0x1122334455667788ull

static const struct group plain = {GROUP_HEAD_BYTES + 2 * EVENT_HEAD_BYTES, 2,
                                   7, 5, LOG_ID};

START_TEST(layout)
{
    static const unsigned char want[GROUP_HEAD_BYTES - 8] = {
        88, 0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0,
        5, 0, 0, 0, 0, 0, 0, 0, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11};
    unsigned char head[GROUP_HEAD_BYTES];
    struct group g;
    group_encode(&plain, head);
    ck_assert_mem_eq(head, "\xf9GRP", 4);
    ck_assert_uint_eq(get_u32(head + 4), crc32c(0, want, sizeof want));
    ck_assert_mem_eq(head + 8, want, sizeof want);
    ck_assert(group_decode(&g, LOG_ID, head));
    ck_assert_mem_eq(&g, &plain, sizeof g);
}
END_TEST

START_TEST(every_bit_counts)
{
    unsigned char head[GROUP_HEAD_BYTES];
    struct group g;
    group_encode(&plain, head);
    for (int bit = 0; bit < GROUP_HEAD_BYTES * 8; bit++) {
        head[bit / 8] ^= (unsigned char)(1 << bit % 8);
        ck_assert_msg(!group_decode(&g, LOG_ID, head), "bit %d", bit);
        head[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    ck_assert(group_decode(&g, LOG_ID, head));
    ck_assert(!group_decode(&g, LOG_ID + 1, head));
}
END_TEST

/* With a right CRC, and yet no group. */
static const struct {
    uint32_t bytes, n;
    bool ok;
} sizes[] = {
    {40, 0, true},  {39, 0, false}, {44, 0, false}, {32, 0, false},
    {0, 0, false},  {40, 1, false}, {56, 1, false}, {64, 1, true},
    {64, 2, false}, {88, 2, true},  {4294967288u, 178956968, true},
    {4294967288u, 4294967295u, false}, {4294967295u, 1, false},
};

START_TEST(sizes_that_can_be)
{
    unsigned char head[GROUP_HEAD_BYTES];
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct group g = plain;
        g.bytes = sizes[i].bytes;
        g.n = sizes[i].n;
        group_encode(&g, head);
        ck_assert_msg(group_decode(&g, LOG_ID, head) == sizes[i].ok, "%u %u",
                      sizes[i].bytes, sizes[i].n);
    }
}
END_TEST

#define FRAMES 5u

/* A whole group in bytes; *at[i]: where frame i begins, at[FRAMES] the end. */
static struct group whole(unsigned char *bytes, size_t at[FRAMES + 1])
{
    struct batch *b = store_group(20, FRAMES, FRAMES);
    struct group g = {(uint32_t)(GROUP_HEAD_BYTES + b->bytes), FRAMES, 20, 19,
                      LOG_ID};
    group_encode(&g, bytes);
    memcpy(bytes + GROUP_HEAD_BYTES, b->data, b->bytes);
    at[0] = GROUP_HEAD_BYTES;
    for (uint32_t i = 0; i < FRAMES; i++)
        at[i + 1] = at[i] + event_frame_bytes(bytes + at[i], bytes + g.bytes);
    ck_assert_uint_eq(at[FRAMES], g.bytes);
    batch_free(b);
    return g;
}

START_TEST(names_the_bad_frame)
{
    unsigned char bytes[4096];
    size_t at[FRAMES + 1], offset;
    struct group g = whole(bytes, at);
    ck_assert_uint_eq(group_check(&g, bytes, &offset), FRAMES);
    ck_assert_uint_eq(offset, g.bytes);
    for (uint32_t i = 0, bit = 0; bit < g.bytes * 8; bit++) {
        if (bit / 8 < GROUP_HEAD_BYTES)
            continue;
        i += bit / 8 == at[i + 1];
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        ck_assert_msg(group_check(&g, bytes, &offset) == i, "bit %u", bit);
        ck_assert_uint_eq(offset, at[i]);
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
}
END_TEST

START_TEST(frames_belong_to_their_seqs)
{
    unsigned char bytes[4096];
    size_t at[FRAMES + 1], offset;
    struct group g = whole(bytes, at);
    g.first_seq++;
    ck_assert_uint_eq(group_check(&g, bytes, &offset), 0);
    g.first_seq--;
    event_seal(bytes + at[2], 23); // sound, but another event's
    ck_assert_uint_eq(group_check(&g, bytes, &offset), 2);
    ck_assert_uint_eq(offset, at[2]);
}
END_TEST

/* Frames end before the group does, or it before them. */
START_TEST(counts_what_is_there)
{
    unsigned char bytes[4096];
    size_t at[FRAMES + 1], offset;
    struct group g = whole(bytes, at);
    g.n--;
    ck_assert_uint_eq(group_check(&g, bytes, &offset), FRAMES - 1);
    ck_assert_uint_lt(offset, g.bytes);
    g.n += 2;
    ck_assert_uint_eq(group_check(&g, bytes, &offset), FRAMES);
    g.n--;
    g.bytes -= 8;
    ck_assert_uint_eq(group_check(&g, bytes, &offset), FRAMES - 1);
    ck_assert_uint_eq(offset, at[FRAMES - 1]);
}
END_TEST

/* A frame may be unharmed and yet say nothing that this version knows. */
START_TEST(unknown_frames_are_bad)
{
    unsigned char bytes[4096];
    size_t at[FRAMES + 1], offset;
    struct group g = whole(bytes, at);
    bytes[at[3] + 6] = 2;
    event_seal(bytes + at[3], 23);
    ck_assert_uint_eq(group_check(&g, bytes, &offset), 3);
}
END_TEST

MODEL_TEST_MAIN("group", layout, every_bit_counts, sizes_that_can_be,
                names_the_bad_frame, frames_belong_to_their_seqs,
                counts_what_is_there, unknown_frames_are_bad)
