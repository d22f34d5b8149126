/* check_segment_head.c -- the names of segments and their heads. */
#include "model_test.h"

#include "model/store/segment.h"

#define LOG_ID 77u

static const struct {
    const char *name;
    bool ok;
    uint64_t seq;
} names[] = {
    {"00000000000000000000.seg", true, 0},
    {"00000000000000000042.seg", true, 42},
    {"18446744073709551615.seg", true, UINT64_MAX},
    {"18446744073709551616.seg", false, 0}, // one too many
    {"99999999999999999999.seg", false, 0},
    {"0000000000000000042.seg", false, 0},
    {"000000000000000000042.seg", false, 0},
    {"00000000000000000042.sex", false, 0},
    {"00000000000000000042seg.", false, 0},
    {" 0000000000000000042.seg", false, 0},
    {"-0000000000000000042.seg", false, 0},
    {"+0000000000000000042.seg", false, 0},
    {"0x000000000000000042.seg", false, 0},
    {"next.seg", false, 0}, {".", false, 0}, {"", false, 0},
};

START_TEST(names_of_segments)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char name[SEGMENT_NAME_BYTES];
        uint64_t seq = 1;
        ck_assert_msg(segment_parse_name(names[i].name, &seq) == names[i].ok,
                      "%s", names[i].name);
        if (!names[i].ok)
            continue;
        ck_assert_uint_eq(seq, names[i].seq);
        segment_name(seq, name);
        ck_assert_str_eq(name, names[i].name);
    }
}
END_TEST

START_TEST(heads)
{
    struct segment_head h = {9, LOG_ID, SEGMENT_VERSION}, back;
    unsigned char bytes[SEGMENT_HEAD_BYTES];
    segment_head_encode(&h, bytes);
    ck_assert_mem_eq(bytes, "FRESHLOG", 8);
    ck_assert(segment_head_decode(&back, bytes));
    ck_assert_uint_eq(back.first_seq, 9);
    ck_assert_uint_eq(back.log_id, LOG_ID);
    ck_assert_uint_eq(back.version, SEGMENT_VERSION);
    for (int bit = 0; bit < SEGMENT_HEAD_BYTES * 8; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        ck_assert_msg(!segment_head_decode(&back, bytes), "bit %d", bit);
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
}
END_TEST

MODEL_TEST_MAIN("segment_head", names_of_segments, heads)
