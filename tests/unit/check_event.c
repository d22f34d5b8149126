/* check_event.c -- events as bytes: the layout, the way back, what is refused,
 * the CRC, voids, sameness; and batches of them. */
#include "model_test.h"

#include <stdbool.h>

#include "model/core/bytes.h"
#include "model/store/batch.h"
#include "model/store/crc.h"

#define ID(text) {text, sizeof(text) - 1}

static unsigned char buf[EVENT_BYTES_MAX];

static const unsigned char birth7[8] = {7};

/* One of each type, and a rating with everything. */
static const struct event kinds[] = {
    {.type = EVENT_VOID},
    {.type = EVENT_RATING, .value = 4.5f, .time_ms = 1700000000000,
     .user = ID("u1"), .item = ID("a\xc3\xbc")},
    {.type = EVENT_RATING, .value = -0.25f, .time_ms = TIME_UNSET,
     .user = ID("u"), .item = ID("i"), .event_id = ID("e-1")},
    {.type = EVENT_RATING, .stamped = true, .value = 1, .time_ms = -1,
     .user = ID("user"), .item = ID("item")},
    {.type = EVENT_ERASE, .payload = birth7, .payload_bytes = 8},
    {.type = EVENT_RETRACT, .time_ms = 9, .item = ID("item"),
     .payload = birth7, .payload_bytes = 8},
    {.type = EVENT_SETTINGS, .payload = birth7, .payload_bytes = 1},
    {.type = EVENT_GENESIS, .payload = birth7, .payload_bytes = 7},
};
#define KINDS (sizeof kinds / sizeof *kinds)

static void check_equal(const struct event *a, const struct event *b)
{
    ck_assert_int_eq(a->type, b->type);
    ck_assert(a->stamped == b->stamped);
    ck_assert(a->value == b->value);
    ck_assert_int_eq(a->time_ms, b->time_ms);
    ck_assert_uint_eq(a->user.len, b->user.len);
    ck_assert_uint_eq(a->item.len, b->item.len);
    ck_assert_uint_eq(a->event_id.len, b->event_id.len);
    ck_assert_uint_eq(a->payload_bytes, b->payload_bytes);
    ck_assert(!a->user.len || !memcmp(a->user.s, b->user.s, a->user.len));
    ck_assert(!a->item.len || !memcmp(a->item.s, b->item.s, a->item.len));
    ck_assert(!a->event_id.len ||
              !memcmp(a->event_id.s, b->event_id.s, a->event_id.len));
    ck_assert(!a->payload_bytes ||
              !memcmp(a->payload, b->payload, a->payload_bytes));
}

START_TEST(layout)
{
    static const unsigned char want[48] = {
        0, 0, 0, 0, 6, 0, 1, 7, 2, 0, 3, 0, // crc, size / 8, type, flags, ids
        0, 0, 0x90, 0x40,                   // 4.5
        0x00, 0x68, 0xe5, 0xcf, 0x8b, 0x01, 0, 0, // 1700000000000
        3, 0, 5, 0, 0, 0,                   // event id, payload
        'u', '1', 'a', 0xc3, 0xbc, 'e', 'v', '1', 'h', 'e', 'l', 'l', 'o'};
    static const unsigned char hello[] = {'h', 'e', 'l', 'l', 'o'};
    struct event e = {.type = EVENT_RATING, .stamped = true, .value = 4.5f,
                      .time_ms = 1700000000000, .user = ID("u1"),
                      .item = ID("a\xc3\xbc"), .event_id = ID("ev1"),
                      .payload = hello, .payload_bytes = sizeof hello};
    memset(buf, 0xee, 64);
    ck_assert_uint_eq(event_size(&e), 48);
    ck_assert_uint_eq(event_encode(&e, buf), 48);
    ck_assert_mem_eq(buf, want, sizeof want);
    ck_assert_uint_eq(buf[48], 0xee);
}
END_TEST

START_TEST(each_kind_comes_back)
{
    for (size_t i = 0; i < KINDS; i++) {
        struct event back;
        memset(buf, 0xee, 256); // padding must not leak what was there
        size_t size = event_encode(&kinds[i], buf);
        ck_assert_uint_eq(size, event_size(&kinds[i]));
        ck_assert_uint_eq(size % 8, 0);
        ck_assert_uint_eq(event_frame_bytes(buf, buf + size), size);
        ck_assert_ptr_eq(event_decode(buf, buf + 256, &back), buf + size);
        check_equal(&kinds[i], &back);
    }
    struct event e;
    event_encode(&kinds[4], buf);
    ck_assert_ptr_nonnull(event_decode(buf, buf + 256, &e));
    ck_assert_uint_eq(event_birth(&e), 7);
}
END_TEST

START_TEST(every_length_comes_back)
{
    char bytes[ID_BYTES_MAX + 1];
    memset(bytes, 'x', sizeof bytes);
    for (uint32_t user = 1; user <= ID_BYTES_MAX; user += 5) {
        for (uint32_t item = 1; item <= ID_BYTES_MAX; item += 17) {
            struct event e = test_event("", "", -0.25f, TIME_UNSET), back;
            e.user = (struct id){bytes, user};
            e.item = (struct id){bytes, item};
            e.event_id = (struct id){bytes, (user * item) % ID_BYTES_MAX};
            size_t size = event_encode(&e, buf);
            ck_assert_ptr_eq(event_decode(buf, buf + size, &back), buf + size);
            check_equal(&e, &back);
        }
    }
}
END_TEST

START_TEST(the_longest_fits)
{
    static unsigned char text[EVENT_PAYLOAD_MAX + 1];
    char bytes[ID_BYTES_MAX];
    memset(bytes, 'x', sizeof bytes);
    memset(text, 't', sizeof text);
    struct event e = {.type = EVENT_SETTINGS, .payload = text,
                      .payload_bytes = EVENT_PAYLOAD_MAX}, back;
    ck_assert_uint_le(event_size(&e) + 3 * ID_BYTES_MAX, EVENT_BYTES_MAX);
    size_t size = event_encode(&e, buf);
    ck_assert_ptr_eq(event_decode(buf, buf + size, &back), buf + size);
    check_equal(&e, &back);
    e.payload_bytes++;
    size = event_encode(&e, buf);
    ck_assert_ptr_null(event_decode(buf, buf + size, &back));
}
END_TEST

/* The frame of u1, abc, event id "e": 24 + 2 + 2 + 3 + 1 bytes. */
static size_t good_frame(unsigned char *p)
{
    struct event e = test_event("u1", "abc", 3, 5);
    e.event_id = (struct id){"e", 1};
    return event_encode(&e, p);
}

static const struct {
    const char *what;
    size_t at;
    unsigned char byte;
} spoilt[] = {
    {"size 0", 4, 0},              {"size below the head", 4, 2},
    {"size too small", 4, 3},      {"size too large", 4, 5},
    {"size beyond the end", 4, 6}, {"size huge", 5, 0xff},
    {"a void with ids", 6, 0},     {"type 2", 6, 2},
    {"an erase with ids", 6, 6},   {"a retract with a user", 6, 7},
    {"settings with ids", 6, 8},   {"a genesis with ids", 6, 9},
    {"type unknown", 6, 99},       {"flag unknown", 7, 9},
    {"flag unknown, the highest", 7, 0x81},
    {"no event id, but its length", 7, 0}, {"a payload, too", 7, 3},
    {"no user", 8, 0},             {"user shorter", 8, 1},
    {"user longer", 8, 10},        {"user longer than 256", 9, 2},
    {"no item", 10, 0},            {"item longer", 10, 10},
    {"item longer than 256", 11, 2}, {"event id longer", 24, 9},
    {"event id longer than 256", 25, 2}, {"event id of no bytes", 24, 0},
};

START_TEST(refused)
{
    unsigned char good[32], bad[48] = {0};
    struct event back;
    ck_assert_uint_eq(good_frame(good), 32);
    for (size_t i = 0; i < sizeof spoilt / sizeof *spoilt; i++) {
        memcpy(bad, good, sizeof good);
        bad[spoilt[i].at] = spoilt[i].byte;
        ck_assert_msg(event_decode(bad, bad + 40, &back) == NULL, "%s",
                      spoilt[i].what);
    }
    for (size_t n = 0; n < sizeof good; n++)
        ck_assert_msg(event_decode(good, good + n, &back) == NULL,
                      "%zu bytes only", n);
    ck_assert_ptr_nonnull(event_decode(good, good + 32, &back));
}
END_TEST

START_TEST(padding_is_zero)
{
    struct event e = test_event("u", "i", 3, 5), back;
    size_t size = event_encode(&e, buf);
    ck_assert_uint_eq(size, 32);
    for (size_t at = 26; at < size; at++) {
        buf[at] = 1;
        ck_assert_msg(event_decode(buf, buf + size, &back) == NULL, "%zu", at);
        buf[at] = 0;
    }
    ck_assert_ptr_nonnull(event_decode(buf, buf + size, &back));
}
END_TEST

/* Whatever decodes is the one form of its event: no length that says "none"
 * where a flag should, and nothing left of what a void was. */
START_TEST(one_form_each)
{
    struct event e = test_event("u1", "abc", 3, 5), back;
    size_t size = event_encode(&e, buf);
    ck_assert_uint_eq(size, 32);
    buf[7] = EVENT_HAS_ID; // of no bytes; there is room in the padding
    memmove(buf + 26, buf + 24, 5);
    buf[24] = buf[25] = 0;
    ck_assert_ptr_null(event_decode(buf, buf + size, &back));
    event_encode(&e, buf);
    e.item.len = 1;
    ck_assert_uint_eq(event_encode(&e, buf), 32);
    buf[7] = EVENT_HAS_PAYLOAD;
    memmove(buf + 28, buf + 24, 3);
    memset(buf + 24, 0, 4);
    ck_assert_ptr_null(event_decode(buf, buf + size, &back));
    for (size_t at = 7; at < 48; at++) {
        event_void(buf, 48, 1);
        buf[at] = 4;
        ck_assert_msg(event_decode(buf, buf + 48, &back) == NULL, "%zu", at);
    }
}
END_TEST

START_TEST(stamped_in_place)
{
    struct event e = test_event("user", "item", 2, TIME_UNSET), back;
    size_t size = event_encode(&e, buf);
    event_stamp(buf, -7);
    ck_assert_ptr_nonnull(event_decode(buf, buf + size, &back));
    ck_assert(back.stamped);
    ck_assert_int_eq(back.time_ms, -7);
    ck_assert(back.value == 2 && memcmp(back.item.s, "item", 4) == 0);
}
END_TEST

START_TEST(crc_of_seq_and_bytes)
{
    unsigned char one[8 + 28];
    size_t size = good_frame(buf);
    ck_assert(!event_check(buf, 5));
    event_seal(buf, 5);
    put_u64(one, 5);
    memcpy(one + 8, buf + 4, size - 4);
    ck_assert_uint_eq(get_u32(buf), crc32c(0, one, sizeof one));
    ck_assert(event_check(buf, 5));
    ck_assert(!event_check(buf, 4));
    ck_assert(!event_check(buf, 5 + (1ull << 32)));
    for (size_t bit = 0; bit < size * 8; bit++) {
        if (bit / 8 == 4 || bit / 8 == 5)
            continue; // the size: whoever checks has looked at it before
        buf[bit / 8] ^= (unsigned char)(1 << bit % 8);
        ck_assert_msg(!event_check(buf, 5), "bit %zu", bit);
        buf[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
}
END_TEST

START_TEST(voids)
{
    struct event e;
    for (size_t bytes = EVENT_HEAD_BYTES; bytes <= EVENT_BYTES_MAX;
         bytes = bytes * 3 / 8 * 8) {
        memset(buf, 'x', bytes);
        event_void(buf, bytes, 77);
        ck_assert(event_check(buf, 77) && !event_check(buf, 78));
        ck_assert_ptr_eq(event_decode(buf, buf + bytes, &e), buf + bytes);
        ck_assert_int_eq(e.type, EVENT_VOID);
        ck_assert_ptr_null(memchr(buf + 6, 'x', bytes - 6));
    }
    event_void(buf, EVENT_BYTES_MAX, 1);
    ck_assert_ptr_nonnull(event_decode(buf, buf + EVENT_BYTES_MAX, &e));
}
END_TEST

START_TEST(sameness)
{
    for (size_t i = 0; i < KINDS; i++)
        for (size_t k = 0; k < KINDS; k++)
            ck_assert_msg(event_same(&kinds[i], &kinds[k]) == (i == k),
                          "%zu %zu", i, k);
    struct event a = test_event("u", "i", 3, 5), b = a;
    b.time_ms = 6;
    ck_assert(!event_same(&a, &b));
    b.stamped = true; // one came with a time, the other without
    ck_assert(!event_same(&a, &b) && !event_same(&b, &a));
    a.stamped = true; // neither did
    ck_assert(event_same(&a, &b));
    b.value = 4;
    ck_assert(!event_same(&a, &b));
    b = a;
    b.user = (struct id){"v", 1};
    ck_assert(!event_same(&a, &b));
    b = a;
    b.item = (struct id){"ii", 2};
    ck_assert(!event_same(&a, &b));
    b = a;
    b.event_id = (struct id){"e", 1};
    ck_assert(!event_same(&a, &b));
}
END_TEST

START_TEST(batch_grows_and_keeps_order)
{
    char name[2][16];
    struct batch *b = batch_new(0);
    ck_assert_ptr_nonnull(b);
    ck_assert_int_eq(b->owner, -1);
    for (uint32_t k = 0; k < 1000; k++) {
        struct event e = test_stream(k, 100, 100, name);
        ck_assert_int_eq(batch_add(b, &e, 3 * k), ERR_OK);
    }
    ck_assert_uint_eq(b->n, 1000);
    ck_assert_uint_le(b->bytes, b->cap);
    ck_assert(!b->named);
    const unsigned char *p = b->data;
    for (uint32_t k = 0; k < 1000; k++) {
        struct event e = test_stream(k, 100, 100, name), back;
        p = event_decode(p, b->data + b->bytes, &back);
        ck_assert_ptr_nonnull(p);
        check_equal(&e, &back);
        ck_assert_uint_eq(b->place[k], 3 * k);
    }
    ck_assert_ptr_eq(p, b->data + b->bytes);
    ck_assert_int_eq(batch_add(b, &kinds[2], 7), ERR_OK);
    ck_assert_int_eq(batch_add(b, &kinds[1], 7), ERR_OK);
    ck_assert(b->named);
    batch_free(b);
    batch_free(NULL);
}
END_TEST

MODEL_TEST_MAIN("event", layout, each_kind_comes_back, every_length_comes_back,
                the_longest_fits, refused, padding_is_zero, one_form_each,
                stamped_in_place, crc_of_seq_and_bytes, voids, sameness,
                batch_grows_and_keeps_order)
