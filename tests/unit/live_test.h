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

#define DIM t->dim /* what the registry's per_row says for vectors */

/* An id made of a letter and a number; the bytes live in name. */
static inline struct id live_test_id(char name[16], char kind, uint32_t k)
{
    int n = snprintf(name, 16, "%c%u", kind, k);
    return (struct id){name, (uint32_t)n};
}

/* Every hashed column of the row becomes value, which floats hold exactly. */
static inline void live_test_set_user(struct table *t, uint32_t row,
                                      uint32_t value)
{
    for (uint32_t j = 0; j < t->dim; j++)
        t->users.vec[(size_t)row * t->dim + j] = (float)value;
    t->users.bias[row] = (float)value;
    t->users.count[row] = value;
    t->users.session[row] = (float)value;
    t->users.last_ms[row] = value;
    t->users.nseen[row] = value;
}

static inline void live_test_set_item(struct table *t, uint32_t row,
                                      uint32_t value)
{
    for (uint32_t j = 0; j < t->dim; j++)
        t->items.vec[(size_t)row * t->dim + j] = (float)value;
    t->items.bias[row] = (float)value;
    t->items.count[row] = value;
    t->items.trend[row] = value;
}

/* False: the row is torn. */
static inline bool live_test_user_is_whole(const struct table *t, uint32_t row)
{
    uint32_t value = t->users.count[row];
    bool whole = t->users.bias[row] == (float)value &&
                 t->users.session[row] == (float)value &&
                 t->users.last_ms[row] == value &&
                 t->users.nseen[row] == value;
    for (uint32_t j = 0; j < t->dim; j++)
        whole = whole &&
                t->users.vec[(size_t)row * t->dim + j] == (float)value;
    return whole;
}

static inline bool live_test_item_is_whole(const struct table *t, uint32_t row)
{
    uint32_t value = t->items.count[row];
    bool whole = t->items.bias[row] == (float)value &&
                 t->items.trend[row] == value;
    for (uint32_t j = 0; j < t->dim; j++)
        whole = whole &&
                t->items.vec[(size_t)row * t->dim + j] == (float)value;
    return whole;
}

/* Every column of every row that exists, the counts and the totals. */
static inline bool live_test_equal(const struct table *t,
                                   const struct table *other)
{
    if (t->dim != other->dim || t->users.n != other->users.n ||
        t->items.n != other->items.n ||
        memcmp(&t->totals, &other->totals, sizeof t->totals) != 0)
        return false;
#define SAME_USERS(name, type, per_row, hashed)                                \
    if (memcmp(t->users.name, other->users.name,                               \
               (size_t)t->users.n * (per_row) * sizeof(type)) != 0)            \
        return false;
#define SAME_ITEMS(name, type, per_row, hashed)                                \
    if (memcmp(t->items.name, other->items.name,                               \
               (size_t)t->items.n * (per_row) * sizeof(type)) != 0)            \
        return false;
    USER_COLUMNS(SAME_USERS)
    ITEM_COLUMNS(SAME_ITEMS)
#undef SAME_USERS
#undef SAME_ITEMS
    return true;
}

/* Trainer only, between begin and publish: the next row, filled. */
static inline uint32_t live_test_add_user(struct live *live, struct table *t,
                                          struct id id, uint32_t value)
{
    bool added;
    uint32_t row = ids_add(live_user_ids_mutable(live), id, 1, &added);
    if (!added)
        return ROW_NONE;
    live_test_set_user(t, row, value);
    live_touch_user(live, row);
    t->users.n = row + 1;
    return row;
}

static inline uint32_t live_test_add_item(struct live *live, struct table *t,
                                          struct id id, uint32_t value)
{
    bool added;
    uint32_t row = ids_add(live_item_ids_mutable(live), id, 1, &added);
    if (!added)
        return ROW_NONE;
    live_test_set_item(t, row, value);
    live_touch_item(live, row);
    t->items.n = row + 1;
    return row;
}

#undef DIM

#endif
