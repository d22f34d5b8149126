/* check_event_types.c -- behaviour, metadata, vectors, rollbacks and what a rating
 * may have besides: the way there and back, and what each type may not be. */
#include "model_test.h"

#include <math.h>
#include <stdbool.h>

#include "model/core/bytes.h"
#include "model/core/card.h"
#include "model/store/batch.h"

#define ID(text) {text, sizeof(text) - 1}
#define BYTES(b) .payload = b, .payload_bytes = sizeof b

static unsigned char buf[EVENT_BYTES_MAX];

static const unsigned char view[] = {'v', 'i', 'e', 'w'};
static const unsigned char card[] = {CARD_CATEGORY, 0, 1, 0, 'a',
                                     CARD_TAG, 0, 1, 0, 'b'};
static const unsigned char unsorted[] = {CARD_TAG, 0, 1, 0, 'b',
                                         CARD_CATEGORY, 0, 1, 0, 'a'};
static const unsigned char cut[] = {CARD_CATEGORY, 0, 2, 0, 'a'};
static const unsigned char two[16] = {1, [8] = 2}, one[8] = {1};
static const unsigned char vector[12] = {EVENT_HEAD_RANKING, [7] = 0x40};
static const unsigned char no_vector[4], head2[8] = {2}, pad[8] = {0, 0, 1};
static const unsigned char odd[9], dirty[8] = {0, 1};
static unsigned char long_kind[EVENT_KIND_BYTES_MAX + 1];

static const struct event good[] = {
    {.type = EVENT_RATING, .user = ID("u"), .item = ID("i"), .value = 3,
     .has_second = true, .second = 4.5f},
    {.type = EVENT_RATING, .user = ID("u"), .item = ID("i"), .value = 3,
     .has_second = true, .event_id = ID("e")},
    {.type = EVENT_BEHAVIOUR, .user = ID("u"), .item = ID("i"), .value = -1,
     BYTES(view)},
    {.type = EVENT_BEHAVIOUR, .user = ID("u"), .item = ID("i"), .value = 0.5f,
     .has_second = true, .second = 12, .time_ms = 7, .event_id = ID("e"),
     BYTES(view)},
    {.type = EVENT_BEHAVIOUR, .user = ID("u"), .item = ID("i"),
     .payload = long_kind, .payload_bytes = EVENT_KIND_BYTES_MAX},
    {.type = EVENT_ITEM_PUT, .item = ID("item"), BYTES(card)},
    {.type = EVENT_ITEM_PUT, .item = ID("item")},
    {.type = EVENT_ITEM_DELETE, .item = ID("item"), .time_ms = 3},
    {.type = EVENT_USER_PUT, .user = ID("user"), BYTES(card)},
    {.type = EVENT_USER_PUT, .user = ID("user")},
    {.type = EVENT_ROLLBACK, BYTES(two)},
    {.type = EVENT_VECTOR, .user = ID("u"), .value = 0.5f, BYTES(vector)},
    {.type = EVENT_VECTOR, .item = ID("i"), BYTES(vector)},
    {.type = EVENT_VECTOR, .value = 3.5f},
    {.type = EVENT_VECTOR, .value = 3, .has_second = true, .second = 9},
    {.type = EVENT_TRAIN, BYTES(one)},
    {.type = EVENT_TEACHER, .user = ID("u"), .item = ID("i"), .value = 4},
    {.type = EVENT_LAYER, BYTES(one)},
};
#define GOOD (sizeof good / sizeof *good)

static bool comes_back(const struct event *e, struct event *back)
{
    memset(buf, 0xee, sizeof buf);
    size_t size = event_encode(e, buf);
    ck_assert_uint_eq(size, event_size(e));
    return event_decode(buf, buf + size, back) == buf + size;
}

START_TEST(each_comes_back)
{
    for (size_t i = 0; i < GOOD; i++) {
        struct event back;
        ck_assert_msg(comes_back(&good[i], &back), "%zu", i);
        ck_assert_msg(event_same(&good[i], &back), "%zu", i);
        ck_assert(back.has_second == good[i].has_second &&
                  back.second == good[i].second);
    }
}
END_TEST

static const struct {
    const char *what;
    struct event e;
} bad[] = {
    {"a rating with a payload",
     {.type = EVENT_RATING, .user = ID("u"), .item = ID("i"), BYTES(view)}},
    {"behaviour without a kind",
     {.type = EVENT_BEHAVIOUR, .user = ID("u"), .item = ID("i")}},
    {"behaviour of nobody",
     {.type = EVENT_BEHAVIOUR, .item = ID("i"), BYTES(view)}},
    {"behaviour with nothing",
     {.type = EVENT_BEHAVIOUR, .user = ID("u"), BYTES(view)}},
    {"a kind that is too long",
     {.type = EVENT_BEHAVIOUR, .user = ID("u"), .item = ID("i"),
      BYTES(long_kind)}},
    {"a put of no item", {.type = EVENT_ITEM_PUT, BYTES(card)}},
    {"an item's put by a user",
     {.type = EVENT_ITEM_PUT, .user = ID("u"), .item = ID("i"), BYTES(card)}},
    {"an item's put with a second",
     {.type = EVENT_ITEM_PUT, .item = ID("i"), .has_second = true}},
    {"a card out of order",
     {.type = EVENT_ITEM_PUT, .item = ID("i"), BYTES(unsorted)}},
    {"a card that is cut",
     {.type = EVENT_USER_PUT, .user = ID("u"), BYTES(cut)}},
    {"a user's put with an item",
     {.type = EVENT_USER_PUT, .user = ID("u"), .item = ID("i")}},
    {"a deletion with a payload",
     {.type = EVENT_ITEM_DELETE, .item = ID("i"), BYTES(card)}},
    {"a deletion of a user", {.type = EVENT_ITEM_DELETE, .user = ID("u")}},
    {"a rollback of one seq", {.type = EVENT_ROLLBACK, BYTES(one)}},
    {"a rollback with an id",
     {.type = EVENT_ROLLBACK, .user = ID("u"), BYTES(two)}},
    {"a vector of nobody", {.type = EVENT_VECTOR, BYTES(vector)}},
    {"a vector of two",
     {.type = EVENT_VECTOR, .user = ID("u"), .item = ID("i"), BYTES(vector)}},
    {"a vector without numbers",
     {.type = EVENT_VECTOR, .user = ID("u"), BYTES(no_vector)}},
    {"a vector of no head",
     {.type = EVENT_VECTOR, .user = ID("u"), BYTES(head2)}},
    {"a vector with dirt", {.type = EVENT_VECTOR, .user = ID("u"), BYTES(pad)}},
    {"a vector of bytes", {.type = EVENT_VECTOR, .user = ID("u"), BYTES(odd)}},
    {"a teacher without an item", {.type = EVENT_TEACHER, .user = ID("u")}},
    {"a teacher with a payload",
     {.type = EVENT_TEACHER, .user = ID("u"), .item = ID("i"), BYTES(one)}},
    {"training of nothing", {.type = EVENT_TRAIN}},
    {"training with an id",
     {.type = EVENT_TRAIN, .item = ID("i"), BYTES(one)}},
    {"a layer of nothing", {.type = EVENT_LAYER, BYTES(no_vector)}},
    {"a layer with an id",
     {.type = EVENT_LAYER, .user = ID("u"), BYTES(one)}},
    {"a layer with dirt", {.type = EVENT_LAYER, BYTES(dirty)}},
    {"a layer of bytes", {.type = EVENT_LAYER, BYTES(odd)}},
    {"an erase with a second",
     {.type = EVENT_ERASE, .has_second = true, BYTES(one)}},
};

START_TEST(refused)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct event back;
        ck_assert_msg(!comes_back(&bad[i].e, &back), "%s", bad[i].what);
    }
}
END_TEST

/* Neither the kind nor what was measured may differ from what was sent before
 * under the same name. */
START_TEST(sameness)
{
    static const unsigned char viex[] = {'v', 'i', 'e', 'x'};
    for (size_t i = 0; i < GOOD; i++)
        for (size_t k = 0; k < GOOD; k++)
            ck_assert_msg(event_same(&good[i], &good[k]) == (i == k),
                          "%zu %zu", i, k);
    struct event a = good[3], b = a;
    ck_assert(event_same(&a, &b));
    b.second = 13;
    ck_assert(!event_same(&a, &b));
    b = a;
    b.has_second = false;
    ck_assert(!event_same(&a, &b));
    b = a;
    b.payload = viex;
    ck_assert(!event_same(&a, &b));
    b.payload_bytes = 3;
    ck_assert(!event_same(&a, &b));
}
END_TEST

/* The flag moves what is behind it: spoilt, nothing fits any more. */
START_TEST(the_second_is_where_it_says)
{
    struct event back;
    size_t size = event_encode(&good[3], buf);
    ck_assert_ptr_nonnull(event_decode(buf, buf + size, &back));
    ck_assert(get_f32(buf + 24 + 2 + 4) == 12);
    buf[7] &= (unsigned char)~EVENT_HAS_SECOND;
    ck_assert_ptr_null(event_decode(buf, buf + size, &back));
    for (size_t n = 0; n < size; n += 8) {
        event_encode(&good[3], buf);
        put_u16(buf + 4, (uint16_t)(n / 8));
        ck_assert_ptr_null(event_decode(buf, buf + size, &back));
    }
}
END_TEST

START_TEST(the_largest_card)
{
    static unsigned char large[CARD_BYTES_MAX + 8];
    struct event e = {.type = EVENT_ITEM_PUT, .item = ID("i")}, back;
    char name[4];
    size_t n = 0;
    for (unsigned i = 0; i < 12; i++) {
        static unsigned char text[5000];
        int len = snprintf(name, sizeof name, "%u", i);
        struct card_field f = {.kind = CARD_TEXT, .name = name,
                               .name_len = (uint32_t)len, .value = text,
                               .value_len = 5000 - CARD_FIELD_HEAD -
                                            (uint32_t)len};
        ck_assert(card_put(large, sizeof large, &n, &f));
    }
    e.payload = large;
    e.payload_bytes = (uint32_t)n;
    ck_assert_uint_eq(n, CARD_BYTES_MAX);
    ck_assert(comes_back(&e, &back));
    struct card_field f = {.kind = CARD_TEXT, .name = "x", .name_len = 1};
    ck_assert(card_put(large, sizeof large, &n, &f));
    e.payload_bytes = (uint32_t)n;
    ck_assert(!comes_back(&e, &back));
}
END_TEST

MODEL_TEST_MAIN("event_types", each_comes_back, refused, sameness,
                the_second_is_where_it_says, the_largest_card)
