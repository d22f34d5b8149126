/* check_rows.c -- the registry of rows: what a mark stands for, what a row
 * takes, entities that stay empty, heads that are off. */
#include "model_test.h"

#include "live_test.h"
#include "model/core/rows.h"

#define ROWS 70u

/* Rows of 1 in each entity. */
static struct live *make(uint32_t n)
{
    const struct live_shape shape = {.dims = {16, 8}, .max_users = ROWS,
                                     .max_items = ROWS, .max_features = ROWS};
    struct live *live = live_new(&shape, 1);
    ck_assert_ptr_nonnull(live);
    struct table *t = live_begin(live);
    for (uint32_t row = 0; row < n; row++) {
        char name[16];
        struct id id = live_test_id(name, 'x', row);
        live_test_add_user(live, t, id, 1);
        live_test_add_item(live, t, id, 1);
        live_test_add_feature(live, t, id, 1);
    }
    live_publish(live);
    return live;
}

#define DIM  t->dim
#define RDIM t->rdim

/* Every hashed column of the group says 7 when it was marked, else 1. */
#define IS_0(entity, bit, name, type, per_row)
#define IS_1(entity, bit, name, type, per_row)                                 \
    for (uint32_t j = 0; j < (per_row); j++)                                   \
        ck_assert_msg(t->entity.name[(size_t)row * (per_row) + j] ==           \
                          (type)((what & (bit)) ? 7 : 1),                      \
                      #entity "." #name " marked with %u", what);
#define IS_COLUMN(entity, bit, name, type, per_row, hashed)                    \
    IS_##hashed(entity, bit, name, type, per_row)
#define USER_STEP(...)     IS_COLUMN(users, ROWS_STEP, __VA_ARGS__)
#define USER_RANK(...)     IS_COLUMN(users, ROWS_RANK, __VA_ARGS__)
#define USER_EVENT(...)    IS_COLUMN(users, ROWS_EVENT, __VA_ARGS__)
#define ITEM_STEP(...)     IS_COLUMN(items, ROWS_STEP, __VA_ARGS__)
#define ITEM_RANK(...)     IS_COLUMN(items, ROWS_RANK, __VA_ARGS__)
#define ITEM_EVENT(...)    IS_COLUMN(items, ROWS_EVENT, __VA_ARGS__)
#define FEATURE_STEP(...)  IS_COLUMN(features, ROWS_STEP, __VA_ARGS__)
#define FEATURE_RANK(...)  IS_COLUMN(features, ROWS_RANK, __VA_ARGS__)
#define FEATURE_EVENT(...) IS_COLUMN(features, ROWS_EVENT, __VA_ARGS__)

static void groups_are(const struct table *t, uint32_t row, unsigned what)
{
    USER_STEP_COLUMNS(USER_STEP)
    USER_RANK_COLUMNS(USER_RANK)
    USER_EVENT_COLUMNS(USER_EVENT)
    ITEM_STEP_COLUMNS(ITEM_STEP)
    ITEM_RANK_COLUMNS(ITEM_RANK)
    ITEM_EVENT_COLUMNS(ITEM_EVENT)
    FEATURE_STEP_COLUMNS(FEATURE_STEP)
    FEATURE_RANK_COLUMNS(FEATURE_RANK)
    FEATURE_EVENT_COLUMNS(FEATURE_EVENT)
}

#undef DIM
#undef RDIM

/* Row r is marked as `r` says, bit by bit, and only those columns are copied;
 * marks of the same row add up. */
START_TEST(a_mark_copies_its_columns)
{
    struct live *live = make(ROWS_ALL + 1);
    struct live_marks marks = live_marks(live);
    struct table *t = live_begin(live);
    for (uint32_t row = 0; row <= ROWS_ALL; row++) {
        live_test_set_user(t, row, 7);
        live_test_set_item(t, row, 7);
        live_test_set_feature(t, row, 7);
        for (unsigned bit = ROWS_EVENT; bit; bit >>= 1) {
            if (!(row & bit))
                continue;
            rows_mark(marks.users, row, bit);
            rows_mark(marks.items, row, bit);
            rows_mark(marks.features, row, bit);
        }
    }
    live_publish(live);
    t = live_begin(live);
    for (uint32_t row = 0; row <= ROWS_ALL; row++)
        groups_are(t, row, row);
    live_test_set_user(t, ROWS_ALL, 8);
    rows_mark(marks.users, ROWS_ALL, ROWS_STEP); // the last batch's are gone
    live_publish(live);
    t = live_begin(live);
    ck_assert(t->users.bias[ROWS_ALL] == 8);
    ck_assert_uint_eq(t->users.count[ROWS_ALL], 7);
    live_publish(live);
    live_free(live);
}
END_TEST

/* A row is in the list once, with all its marks; clearing forgets both. */
START_TEST(marks_add_up)
{
    struct rows r;
    memset(&r, 0, sizeof r);
    ck_assert(rows_init(&r, ROWS));
    for (int again = 0; again < 2; again++) {
        for (uint32_t row = 0; row < ROWS; row += 3)
            rows_mark(&r, row, ROWS_STEP);
        for (uint32_t row = 0; row < ROWS; row += 2)
            rows_mark(&r, row, ROWS_RANK);
        rows_mark(&r, 6, ROWS_EVENT);
        uint32_t n = 0;
        for (uint32_t row = 0; row < ROWS; row++) {
            unsigned want = (row % 3 ? 0 : ROWS_STEP) |
                            (row % 2 ? 0 : ROWS_RANK);
            n += want != 0;
            want |= row == 6 ? ROWS_EVENT : 0;
            ck_assert_uint_eq(r.touched[row], want);
        }
        ck_assert_uint_eq(r.nlist, n);
        for (uint32_t i = 0; i < r.nlist; i++)
            for (uint32_t k = 0; k < i; k++)
                ck_assert_uint_ne(r.list[i], r.list[k]);
        rows_clear(&r);
        ck_assert_uint_eq(r.nlist, 0);
        for (uint32_t row = 0; row < ROWS; row++)
            ck_assert_uint_eq(r.touched[row], 0);
    }
    rows_release(&r);
}
END_TEST

/* Any mark makes the hash look again; no mark, and it does not. */
START_TEST(a_mark_makes_the_hash_stale)
{
    struct live *live = make(10);
    struct live_marks marks = live_marks(live);
    struct rows *const each[] = {marks.users, marks.items, marks.features};
    static const unsigned what[] = {ROWS_STEP, ROWS_RANK, ROWS_EVENT};
    for (unsigned k = 0; k < 9; k++) {
        struct table *t = live_begin(live);
        uint64_t before = live_hash(live, t);
        t->users.bias[4] = t->items.bias[4] = t->features.bias[4] =
            (float)(10 + k);
        ck_assert_uint_eq(live_hash(live, t), before);
        rows_mark(each[k / 3], 4, what[k % 3]);
        ck_assert_uint_ne(live_hash(live, t), before);
        live_touch_user(live, 4); // so that both copies have it
        live_touch_item(live, 4);
        live_touch_feature(live, 4);
        live_publish(live);
    }
    live_free(live);
}
END_TEST

/* Without a ranking head its columns have no width, and cost nothing. */
START_TEST(a_head_that_is_off)
{
    const struct live_shape on = {.dims = {16, 8}, .max_users = ROWS,
                                  .max_items = ROWS, .max_features = ROWS};
    struct live_shape off = on;
    off.dims.ranking = 0;
    ck_assert_uint_eq(rows_user_bytes(on.dims) - rows_user_bytes(off.dims), 32);
    ck_assert_uint_eq(rows_item_bytes(on.dims) - rows_item_bytes(off.dims), 40);
    ck_assert_uint_eq(rows_feature_bytes(on.dims) -
                          rows_feature_bytes(off.dims), 32);
    struct live *live = live_new(&off, 1);
    ck_assert_ptr_nonnull(live);
    struct table *t = live_begin(live);
    ck_assert_uint_eq(t->rdim, 0);
    for (uint32_t row = 0; row < ROWS; row++) {
        char name[16];
        live_test_add_user(live, t, live_test_id(name, 'x', row), 5);
        live_test_add_item(live, t, live_test_id(name, 'x', row), 5);
        live_test_add_feature(live, t, live_test_id(name, 'x', row), 5);
    }
    live_publish(live);
    t = live_begin(live);
    const struct table *now = live_pin(live, 0);
    ck_assert(live_test_equal(now, t));
    live_unpin(live, 0);
    live_publish(live);
    live_free(live);
}
END_TEST

MODEL_TEST_MAIN("rows", a_mark_copies_its_columns, marks_add_up,
                a_mark_makes_the_hash_stale, a_head_that_is_off)
