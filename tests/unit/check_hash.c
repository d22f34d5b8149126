/* check_hash.c -- the hash of all rows: of what they hold, whoever came first,
 * however often it was asked for. */
#include "model_test.h"

#include "live_test.h"
#include "model/core/hash.h"

#define ROWS 300u

static const struct live_shape shape = {
    .dims = {8, 16}, .max_users = ROWS, .max_items = ROWS,
    .max_features = ROWS};

/* Rows by key, added in the order start, start + step, ..., each batch `size`
 * rows; key k holds k + 1. */
static struct live *make(uint32_t start, uint32_t step, uint32_t size)
{
    struct live *live = live_new(&shape, 1);
    char name[16];
    ck_assert_ptr_nonnull(live);
    for (uint32_t k = 0; k < ROWS;) {
        struct table *t = live_begin(live);
        for (uint32_t end = k + size; k < ROWS && k < end; k++) {
            uint32_t key = (start + k * step) % ROWS;
            live_test_add_user(live, t, live_test_id(name, 'x', key), key + 1);
            key = (start + 7 + k * step) % ROWS;
            live_test_add_item(live, t, live_test_id(name, 'x', key), key + 1);
            key = (start + 13 + k * step) % ROWS;
            live_test_add_feature(live, t, live_test_id(name, 'x', key),
                                  key + 1);
        }
        live_publish(live);
    }
    return live;
}

/* The hash of what is published. */
static uint64_t hash_of(struct live *live)
{
    const struct table *t = live_pin(live, 0);
    uint64_t hash = live_hash(live, t);
    live_unpin(live, 0);
    return hash;
}

static uint64_t hash_of_made(uint32_t start, uint32_t step, uint32_t size)
{
    struct live *live = make(start, step, size);
    uint64_t hash = hash_of(live);
    live_free(live);
    return hash;
}

START_TEST(order_does_not_matter)
{
    uint64_t want = hash_of_made(0, 1, ROWS);
    static const uint32_t t[][3] = {{1, 1, ROWS}, {0, 299, 64}, {17, 7, 1},
                                    {150, 11, 63}, {299, 299, 13}};
    for (size_t k = 0; k < sizeof t / sizeof *t; k++)
        ck_assert_uint_eq(hash_of_made(t[k][0], t[k][1], t[k][2]), want);
    ck_assert_uint_ne(want, 0);
}
END_TEST

/* Of the rows above, with every compiler and at every level; an independent
 * Python version of hash.h and the registry gives the same. */
START_TEST(recorded)
{
    uint64_t hash = hash_of_made(0, 1, ROWS);
    ck_assert_msg(hash == 0x45e2e7915a1f354du, "hash is 0x%llx",
                  (unsigned long long)hash);
}
END_TEST

static void set(struct live *live, struct table *t, uint32_t key,
                uint32_t value)
{
    char name[16];
    struct id id = live_test_id(name, 'x', key);
    uint32_t user = ids_find(live_user_ids(live), id, t->users.n);
    uint32_t item = ids_find(live_item_ids(live), id, t->items.n);
    live_test_set_user(t, user, value);
    live_touch_user(live, user);
    live_test_set_item(t, item, value + 1);
    live_touch_item(live, item);
    uint32_t feature = ids_find(live_feature_ids(live), id, t->features.n);
    live_test_set_feature(t, feature, value + 2);
    live_touch_feature(live, feature);
}

/* Two models make the same changes; one is asked all the time, in the middle of
 * batches and between them, the other at the end. */
START_TEST(asking_does_not_matter)
{
    struct live *often = make(0, 1, 50), *once = make(3, 7, 20);
    ck_assert_uint_eq(hash_of(often), hash_of(often));
    for (uint32_t k = 0; k < 500; k++) {
        uint32_t key = test_below(k, 0, ROWS), again = test_below(k, 1, ROWS);
        struct table *t = live_begin(often);
        set(often, t, key, 1000 + k);
        uint64_t middle = live_hash(often, t);
        set(often, t, again, 2000 + k);
        set(often, t, key, 3000 + k); // marked already, and changed again
        ck_assert_uint_ne(live_hash(often, t), middle);
        live_publish(often);
        if (k % 3 == 0)
            hash_of(often);
        t = live_begin(once);
        set(once, t, again, 2000 + k);
        set(once, t, key, 3000 + k);
        live_publish(once);
    }
    ck_assert_uint_eq(hash_of(often), hash_of(once));
    live_free(often);
    live_free(once);
}
END_TEST

/* Puts every row back: the sum must come back too. */
START_TEST(undone)
{
    struct live *live = make(0, 1, 100);
    uint64_t before = hash_of(live);
    struct table *t = live_begin(live);
    live_test_set_user(t, 5, 1);
    live_touch_user(live, 5);
    live_publish(live);
    ck_assert_uint_ne(hash_of(live), before);
    t = live_begin(live);
    live_test_set_user(t, 5, 6);
    live_touch_user(live, 5);
    live_publish(live);
    ck_assert_uint_eq(hash_of(live), before);
    live_free(live);
}
END_TEST

#define DIM  t->dim
#define RDIM t->rdim

/* Changes the last byte of each column in turn and looks whether the hash does
 * as the registry says. */
#define CHANGE(entity, touch, name, type, per_row, hashed)                     \
    {                                                                          \
        struct table *t = live_begin(live);                                    \
        uint64_t before = live_hash(live, t);                                  \
        unsigned char *row = (unsigned char *)&t->entity.name[7 * (per_row)];  \
        row[(per_row) * sizeof(type) - 1] ^= 1;                                \
        touch(live, 7);                                                        \
        ck_assert_msg((live_hash(live, t) != before) == hashed, #name);        \
        live_publish(live);                                                    \
    }
#define CHANGE_USER(...) CHANGE(users, live_touch_user, __VA_ARGS__)
#define CHANGE_ITEM(...) CHANGE(items, live_touch_item, __VA_ARGS__)
#define CHANGE_FEATURE(...) CHANGE(features, live_touch_feature, __VA_ARGS__)

START_TEST(every_column)
{
    struct live *live = make(0, 1, ROWS);
    USER_COLUMNS(CHANGE_USER)
    ITEM_COLUMNS(CHANGE_ITEM)
    FEATURE_COLUMNS(CHANGE_FEATURE)
    live_free(live);
}
END_TEST

START_TEST(name_and_kind_are_part)
{
    uint64_t hash[4];
    for (int k = 0; k < 4; k++) {
        struct live *live = live_new(&shape, 1);
        struct table *t = live_begin(live);
        if (k < 2)
            live_test_add_user(live, t, (struct id){k ? "b" : "a", 1}, 9);
        else if (k == 2)
            live_test_add_item(live, t, (struct id){"a", 1}, 9);
        else
            live_test_add_feature(live, t, (struct id){"a", 1}, 9);
        live_publish(live);
        hash[k] = hash_of(live);
        live_free(live);
    }
    ck_assert_uint_ne(hash[0], hash[1]);
    ck_assert_uint_ne(hash[0], hash[2]);
    ck_assert_uint_ne(hash[2], hash[3]);
    ck_assert_uint_ne(hash_start(HASH_USER, 1), hash_start(HASH_ITEM, 1));
}
END_TEST

START_TEST(bytes)
{
    static const unsigned char b[17] = {1, 2, 3, 4, 5, 6, 7, 8, 9,
                                        10, 11, 12, 13, 14, 15, 16, 17};
    uint64_t h = hash_start(HASH_TOTALS, 0), words = h;
    ck_assert_uint_eq(hash_bytes(h, b, 0), h);
    words = hash_word(words, 0x0807060504030201u);
    ck_assert_uint_eq(hash_bytes(h, b, 8), words);
    words = hash_word(words, 0x100f0e0d0c0b0a09u);
    ck_assert_uint_eq(hash_bytes(h, b, 16), words);
    ck_assert_uint_eq(hash_bytes(h, b, 17), hash_word(words, 17));
    for (size_t n = 1; n <= 17; n++)
        ck_assert_uint_ne(hash_bytes(h, b, n), hash_bytes(h, b, n - 1));
    // Order counts within a row; a word of zeros is not nothing.
    ck_assert_uint_ne(hash_word(hash_word(h, 1), 2),
                      hash_word(hash_word(h, 2), 1));
    ck_assert_uint_ne(hash_word(h, 0), h);
}
END_TEST

MODEL_TEST_MAIN("hash", order_does_not_matter, recorded,
                asking_does_not_matter, undone, every_column,
                name_and_kind_are_part, bytes)
