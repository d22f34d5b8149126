/* check_event.c -- events as bytes: the layout, the way back, what is refused;
 * and batches of them. */
#include "model_test.h"

#include "model/store/batch.h"

START_TEST(layout)
{
    static const unsigned char want[32] = {
        32, 0, 0, 0, 1, 0, 2, 0, 3, 0, 0, 0,            // size type lengths
        0, 0, 0x90, 0x40,                               // 4.5
        0x00, 0x68, 0xe5, 0xcf, 0x8b, 0x01, 0, 0,       // 1700000000000
        'u', '1', 'a', 0xc3, 0xbc, 0, 0, 0};
    unsigned char got[32];
    struct event e = test_event("u1", "a\xc3\xbc", 4.5f, 1700000000000);
    ck_assert_uint_eq(event_size(&e), 32);
    ck_assert_uint_eq(event_encode(&e, got), 32);
    ck_assert_mem_eq(got, want, sizeof want);
}
END_TEST

START_TEST(round_trip)
{
    char bytes[ID_BYTES_MAX + 1];
    unsigned char buf[EVENT_BYTES_MAX];
    memset(bytes, 'x', sizeof bytes);
    for (uint32_t user = 1; user <= ID_BYTES_MAX; user += 5) {
        for (uint32_t item = 1; item <= ID_BYTES_MAX; item += 17) {
            struct event e = {EVENT_RATING, {bytes, user}, {bytes, item},
                              -0.25f, TIME_UNSET}, back;
            size_t size = event_encode(&e, buf);
            ck_assert_uint_eq(size % 8, 0);
            ck_assert_ptr_eq(event_decode(buf, buf + size, &back), buf + size);
            ck_assert_uint_eq(back.user.len, user);
            ck_assert_uint_eq(back.item.len, item);
            ck_assert_mem_eq(back.item.s, bytes, item);
            ck_assert(back.value == -0.25f && back.time_ms == TIME_UNSET);
        }
    }
}
END_TEST

/* Every single-byte change of the frame must be refused or be harmless. */
static const struct {
    const char *what;
    size_t at;
    unsigned char byte;
} spoilt[] = {
    {"size too small", 0, 24},     {"size not a multiple of 8", 0, 33},
    {"size beyond the end", 0, 40}, {"size huge", 3, 0xff},
    {"type 0", 4, 0},              {"type unknown", 4, 99},
    {"zero byte", 5, 1},           {"no user", 6, 0},
    {"user longer", 6, 9},         {"user longer than 256", 7, 2},
    {"no item", 8, 0},             {"item longer", 8, 9},
    {"item longer than 256", 9, 2}, {"zero word", 10, 1},
    {"zero word, upper half", 11, 1}, {"padding", 29, 1},
    {"last of the padding", 31, 1},
};

START_TEST(refused)
{
    unsigned char good[32], bad[40] = {0};
    struct event e = test_event("u1", "abc", 3, 5), back;
    event_encode(&e, good);
    for (size_t i = 0; i < sizeof spoilt / sizeof *spoilt; i++) {
        memcpy(bad, good, sizeof good);
        bad[spoilt[i].at] = spoilt[i].byte;
        ck_assert_msg(event_decode(bad, bad + 32, &back) == NULL, "%s",
                      spoilt[i].what);
    }
    for (size_t n = 0; n < sizeof good; n++)
        ck_assert_msg(event_decode(good, good + n, &back) == NULL,
                      "%zu bytes only", n);
    ck_assert_ptr_nonnull(event_decode(good, good + 32, &back));
}
END_TEST

START_TEST(time_is_set_in_place)
{
    unsigned char buf[EVENT_BYTES_MAX];
    struct event e = test_event("user", "item", 2, TIME_UNSET), back;
    size_t size = event_encode(&e, buf);
    event_set_time(buf, -7);
    ck_assert_ptr_nonnull(event_decode(buf, buf + size, &back));
    ck_assert_int_eq(back.time_ms, -7);
    ck_assert(back.value == 2 && memcmp(back.item.s, "item", 4) == 0);
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
        ck_assert_int_eq(batch_add(b, &e), ERR_OK);
    }
    ck_assert_uint_eq(b->n, 1000);
    ck_assert_uint_le(b->bytes, b->cap);
    const unsigned char *p = b->data;
    for (uint32_t k = 0; k < 1000; k++) {
        struct event e = test_stream(k, 100, 100, name), back;
        p = event_decode(p, b->data + b->bytes, &back);
        ck_assert_ptr_nonnull(p);
        ck_assert_int_eq(back.time_ms, e.time_ms);
        ck_assert_uint_eq(back.user.len, e.user.len);
        ck_assert_mem_eq(back.user.s, e.user.s, e.user.len);
        ck_assert_mem_eq(back.item.s, e.item.s, e.item.len);
    }
    ck_assert_ptr_eq(p, b->data + b->bytes);
    batch_free(b);
    batch_free(NULL);
}
END_TEST

MODEL_TEST_MAIN("event", layout, round_trip, refused, time_is_set_in_place,
                batch_grows_and_keeps_order)
