/* check_snapshot_cards.c -- cards, features and positives in a snapshot: what was
 * changed with intent, its CRC right, is refused for what is wrong with it. */
#include "snapshot_rig.h"

#define EVENTS 120u

static uint64_t word_at(struct rig *r, const char *tensor, uint32_t row)
{
    return get_u64(rig_data_of(r, tensor, 8 * (size_t)row));
}

static uint32_t rows_of(struct rig *r, const char *tensor)
{
    for (size_t i = 0; i < r->ntensors; i++)
        if (strcmp(r->tensor[i].name, tensor) == 0)
            return (uint32_t)r->tensor[i].shape[0];
    ck_abort_msg("no tensor %s", tensor);
}

/* Where a card begins that has a field of the kind, whose value is at *value. */
static size_t find_card(struct rig *r, enum card_kind kind, uint32_t *row,
                        size_t *value)
{
    const unsigned char *first = rig_data_of(r, "items.card_bytes", 0);
    uint32_t n = rows_of(r, "items.card_end");
    for (size_t begin = 0, end; *row < n; begin = end, ++*row) {
        struct card_field f;
        end = (size_t)word_at(r, "items.card_end", *row);
        if (end > begin && card_find(first + begin, end - begin, kind, &f)) {
            *value = (size_t)(f.value - first);
            return begin;
        }
    }
    ck_abort_msg("no card with a field of kind %d", kind);
}

static void spoil(struct rig *r, const char *tensor, size_t at, unsigned bytes,
                  uint64_t value, const char *says)
{
    const struct rig_number n = {tensor, at, bytes, value, says};
    rig_spoil(r, &n);
}

START_TEST(ends_of_cards)
{
    struct rig r;
    rig_init(&r, EVENTS);
    uint32_t row = 0, last = rows_of(&r, "items.card_end") - 1;
    size_t value, begin = find_card(&r, CARD_TAG, &row, &value);
    uint64_t end = word_at(&r, "items.card_end", row);
    size_t at = 8 * (size_t)row;
    spoil(&r, "items.card_end", at, 8, UINT64_MAX, "items.card_end[");
    spoil(&r, "items.card_end", at, 8, 1ull << 40, "items.card_end[");
    spoil(&r, "items.card_end", at, 8, end + 1, "items.card_bytes: the card");
    spoil(&r, "items.card_end", at, 8, end - 1, "items.card_bytes: the card");
    spoil(&r, "items.card_end", at + 8, 8, end - 1, "items.card_end[");
    spoil(&r, "items.card_end", 8 * (size_t)last, 8,
          word_at(&r, "items.card_end", last) + 1, "items.card_end[");
    if (begin)
        spoil(&r, "items.card_end", at, 8, begin - 1, "items.card_end[");
    spoil(&r, "users.card_end", 0, 8, 1ull << 63, "users.card_end[0]");
    rig_release(&r);
}
END_TEST

START_TEST(bytes_of_cards)
{
    static const char says[] = "items.card_bytes: the card of row";
    struct rig r;
    rig_init(&r, EVENTS);
    uint32_t row = 0;
    size_t value, begin = find_card(&r, CARD_FEATURE, &row, &value);
    spoil(&r, "items.card_bytes", begin, 1, 0, says);      // no kind
    spoil(&r, "items.card_bytes", begin, 1, CARD_DELETED, says);
    spoil(&r, "items.card_bytes", begin + 2, 1, 255, says); // too long a value
    spoil(&r, "items.card_bytes", value, 4, 0x7f800000, says); // no weight
    spoil(&r, "items.card_bytes", value, 4, 0x7fc00001, says);
    spoil(&r, "items.card_bytes", value - 1, 1, '#', says); // no such feature
    spoil(&r, "items.card_bytes", value, 4, 0x3e000001, "model_hash is");
    row = 0;
    find_card(&r, CARD_TAG, &row, &value);
    spoil(&r, "items.card_bytes", value, 1, 'A', "model_hash is");
    rig_release(&r);
}
END_TEST

/* A card too few, whose bytes are there: the next one is read from them. */
START_TEST(bytes_left)
{
    struct rig r;
    rig_init(&r, EVENTS);
    uint32_t n = rows_of(&r, "users.card_end");
    uint64_t all = word_at(&r, "users.card_end", n - 1);
    ck_assert_uint_gt(all, 0);
    for (uint32_t row = 0; row < n; row++)
        put_u64(rig_data_of(&r, "users.card_end", 8 * (size_t)row), 0);
    rig_sign(&r);
    refused(&r, r.n);
    ck_assert_str_eq(r.error, "users.card_bytes has too many");
    rig_release(&r);
}
END_TEST

/* Cards are state: they are loaded whatever is to be done with cards to come. */
START_TEST(other_settings)
{
    struct rig r;
    struct settings off;
    rig_init(&r, EVENTS);
    off = r.s;
    off.item_features = off.user_features = 0; // of the cards to come
    ck_assert_int_eq(read_with(&r, &off, r.good, r.n), ERR_OK);
    off.max_features = 2;
    ck_assert_int_eq(read_with(&r, &off, r.good, r.n), ERR_RANGE);
    rig_release(&r);
}
END_TEST

static const struct rig_number numbers[] = {
    {"features.id_end", 0, 8, UINT64_MAX, "features.id_end[0]"},
    {"features.id_end", 8, 8, 0, "features.id_end[1]"},
    {"features.birth", 0, 8, 0, "features.birth[0]"},
    {"features.birth", 0, 8, EVENTS + 1, "features.birth[0]"},
    {"features.vec", 4, 4, 0x7f800000, "features.vec: a number is not finite"},
    {"features.rvec", 4, 4, 0x7fc00000, "features.rvec: a number is not"},
    {"features.bias", 0, 4, 0xff800000, "features.bias: a number is not"},
    {"features.count", 0, 4, 12345, "model_hash is"},
    {"users.rvec", 0, 4, 0xffc00000, "users.rvec: a number is not finite"},
    {"items.rbias", 0, 4, 0x7f800000, "items.rbias: a number is not finite"},
    {"users.positives", 0, 4, 12345, "model_hash is"},
    {"positives.user", 0, 4, EVENTS, "positives[0]: user"},
    {"positives.item", 4, 4, UINT32_MAX, "positives[1]: user"},
    {"positives.inner", 4, 4, 0x7fc00000, "positives[1]: user"},
    {"positives.seq", 8, 8, EVENTS + 1, "positives[1]: user"},
    {"positives.seq", 8, 8, 1, "model_hash is"},
    {"positives.inner", 0, 4, 0x3f000000, "model_hash is"},
};

START_TEST(hostile_numbers)
{
    struct rig r;
    rig_init(&r, EVENTS);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        rig_spoil(&r, &numbers[i]);
    rig_release(&r);
}
END_TEST

START_TEST(the_same_pair_twice)
{
    struct rig r;
    rig_init(&r, EVENTS);
    for (int k = 0; k < 2; k++) {
        const char *tensor = k ? "positives.item" : "positives.user";
        memcpy(rig_data_of(&r, tensor, 4), rig_data_of(&r, tensor, 0), 4);
    }
    rig_sign(&r);
    refused(&r, r.n);
    ck_assert_str_eq(r.error, "positives[1]: the pair is there twice");
    rig_release(&r);
}
END_TEST

/* Features may share a birth, but not a name. */
START_TEST(the_same_feature_twice)
{
    struct rig r;
    rig_init(&r, EVENTS);
    size_t first = (size_t)word_at(&r, "features.id_end", 0);
    size_t next = (size_t)word_at(&r, "features.id_end", 1) - first;
    size_t shorter = next < first ? next : first;
    put_u64(rig_data_of(&r, "features.id_end", 0), shorter);
    put_u64(rig_data_of(&r, "features.id_end", 8), 2 * shorter);
    memcpy(rig_data_of(&r, "features.id_bytes", shorter),
           rig_data_of(&r, "features.id_bytes", 0), shorter);
    rig_sign(&r);
    refused(&r, r.n);
    ck_assert_str_eq(r.error, "features[1] has the id of row 0");
    rig_release(&r);
}
END_TEST

MODEL_TEST_MAIN("snapshot_cards", ends_of_cards, bytes_of_cards, bytes_left,
                other_settings, hostile_numbers, the_same_pair_twice,
                the_same_feature_twice)
