/* live_test.h -- what the tests of the two copies share: rows whose values are
 * all equal by construction, and the comparison of two copies. */
#ifndef FRESHET_TESTS_UNIT_LIVE_TEST_H
#define FRESHET_TESTS_UNIT_LIVE_TEST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "model/core/ids.h"
#include "model/core/live.h"

#define DIM  t->dim  /* what the registry's per_row says for vectors */
#define RDIM t->rdim

/* An id made of a letter and a number; the bytes live in name. */
static inline struct id live_test_id(char name[16], char kind, uint32_t k)
{
    int n = snprintf(name, 16, "%c%u", kind, k);
    return (struct id){name, (uint32_t)n};
}

/* Every hashed column of the row becomes value, which floats hold exactly; is
 * it so (else the row is torn).  For each entity, here `users`:
 *   live_test_set_user(t, row, value)
 *   live_test_user_is_whole(t, row)     all columns say what count says */
#define LIVE_TEST_SET_0(entity, name, type, per_row)
#define LIVE_TEST_SET_1(entity, name, type, per_row)                           \
    for (uint32_t j = 0; j < (per_row); j++)                                   \
        t->entity.name[(size_t)row * (per_row) + j] = (type)value;
#define LIVE_TEST_IS_0(entity, name, type, per_row)
#define LIVE_TEST_IS_1(entity, name, type, per_row)                            \
    for (uint32_t j = 0; j < (per_row); j++)                                   \
        whole = whole && t->entity.name[(size_t)row * (per_row) + j] ==        \
                             (type)value;
#define LIVE_TEST_SET(entity, name, type, per_row, hashed)                     \
    LIVE_TEST_SET_##hashed(entity, name, type, per_row)
#define LIVE_TEST_IS(entity, name, type, per_row, hashed)                      \
    LIVE_TEST_IS_##hashed(entity, name, type, per_row)

#define LIVE_TEST_SET_user(...)    LIVE_TEST_SET(users, __VA_ARGS__)
#define LIVE_TEST_SET_item(...)    LIVE_TEST_SET(items, __VA_ARGS__)
#define LIVE_TEST_SET_feature(...) LIVE_TEST_SET(features, __VA_ARGS__)
#define LIVE_TEST_IS_user(...)     LIVE_TEST_IS(users, __VA_ARGS__)
#define LIVE_TEST_IS_item(...)     LIVE_TEST_IS(items, __VA_ARGS__)
#define LIVE_TEST_IS_feature(...)  LIVE_TEST_IS(features, __VA_ARGS__)

#define LIVE_TEST_ROWS(entity, one, COLUMNS)                                   \
    static inline void live_test_set_##one(struct table *t, uint32_t row,      \
                                           uint32_t value)                     \
    {                                                                          \
        COLUMNS(LIVE_TEST_SET_##one)                                           \
    }                                                                          \
    static inline bool live_test_##one##_is_whole(const struct table *t,       \
                                                  uint32_t row)                \
    {                                                                          \
        uint32_t value = t->entity.count[row];                                 \
        bool whole = true;                                                     \
        COLUMNS(LIVE_TEST_IS_##one)                                            \
        return whole;                                                          \
    }

LIVE_TEST_ROWS(users, user, USER_COLUMNS)
LIVE_TEST_ROWS(items, item, ITEM_COLUMNS)
LIVE_TEST_ROWS(features, feature, FEATURE_COLUMNS)

/* Every column of every row that exists, the counts and the totals. */
#define LIVE_TEST_SAME(entity, name, type, per_row, hashed)                    \
    if (memcmp(t->entity.name, other->entity.name,                             \
               (size_t)t->entity.n * (per_row) * sizeof(type)) != 0)           \
        return false;
#define LIVE_TEST_SAME_user(...)    LIVE_TEST_SAME(users, __VA_ARGS__)
#define LIVE_TEST_SAME_item(...)    LIVE_TEST_SAME(items, __VA_ARGS__)
#define LIVE_TEST_SAME_feature(...) LIVE_TEST_SAME(features, __VA_ARGS__)

static inline bool live_test_equal(const struct table *t,
                                   const struct table *other)
{
    if (t->dim != other->dim || t->rdim != other->rdim ||
        t->users.n != other->users.n || t->items.n != other->items.n ||
        t->features.n != other->features.n ||
        memcmp(&t->totals, &other->totals, sizeof t->totals) != 0)
        return false;
    USER_COLUMNS(LIVE_TEST_SAME_user)
    ITEM_COLUMNS(LIVE_TEST_SAME_item)
    FEATURE_COLUMNS(LIVE_TEST_SAME_feature)
    return true;
}

/* Trainer only, between begin and publish: the next row, filled. */
#define LIVE_TEST_ADD(entity, one)                                             \
    static inline uint32_t live_test_add_##one(                                \
        struct live *live, struct table *t, struct id id, uint32_t value)      \
    {                                                                          \
        bool added;                                                            \
        uint32_t row = ids_add(live_##one##_ids_mutable(live), id, 1, &added); \
        if (!added)                                                            \
            return ROW_NONE;                                                   \
        live_test_set_##one(t, row, value);                                    \
        live_touch_##one(live, row);                                           \
        t->entity.n = row + 1;                                                 \
        return row;                                                            \
    }

LIVE_TEST_ADD(users, user)
LIVE_TEST_ADD(items, item)
LIVE_TEST_ADD(features, feature)

#undef DIM
#undef RDIM

#endif
