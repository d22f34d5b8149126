/* overlay_rig.h -- a copy of the model whose rows and entries each say one
 * number, and an overlay of it. */
#ifndef FRESHET_TESTS_UNIT_OVERLAY_RIG_H
#define FRESHET_TESTS_UNIT_OVERLAY_RIG_H

#include "model_test.h"

#include <stdbool.h>

#include "live_test.h"
#include "model/core/column.h"
#include "model/core/overlay.h"
#include "model/core/rows.h"

#define ROWS  200u
#define WEIGHTS 40u
#define PARTS (OVERLAY_POSITIVES + 1 - OVERLAY_ROWS) /* of entries */

static const struct dims dims = {.rating = 8, .ranking = 16};

/* A copy of the model, and what is marked as touched. */
struct rig {
    struct table t;
    struct rows users, items, features;
    uint64_t entry[PARTS][ROWS];
    struct overlay *o;
};

static inline struct seen_list *list_of(uint32_t n, uint32_t first)
{
    struct seen_list *l = malloc(seen_list_bytes(n));
    *l = (struct seen_list){.cap = n, .sorted = n, .items = n};
    for (uint32_t i = 0; i < n; i++) {
        l->item[i] = first + i;
        seen_stamps(l)[i] = first + i + 1000;
    }
    return l;
}

/* No card: the overlay keeps where a row's card is, and looks at none. */
static inline struct card *card_of(uint32_t value)
{
    return (struct card *)(uintptr_t)(8 * value);
}

/* All columns of the row say `value`; the list of user r has r % 4 items. */
static inline void set_row(struct rig *r, uint32_t row, uint32_t value)
{
    struct users *u = &r->t.users;
    live_test_set_user(&r->t, row, value);
    live_test_set_item(&r->t, row, value);
    live_test_set_feature(&r->t, row, value);
    u->card[row] = r->t.items.card[row] = card_of(value);
    free(u->seen[row]);
    u->nseen[row] = row % 4;
    u->seen[row] = row % 4 ? list_of(row % 4, value) : NULL;
}

static inline void rig_init(struct rig *r, uint32_t n)
{
    const uint32_t there[OVERLAY_PARTS] = {n, n, n, n, n, WEIGHTS};
    memset(r, 0, sizeof *r);
    r->t.dim = dims.rating;
    r->t.rdim = dims.ranking;
    ck_assert(rows_reserve_users(&r->t.users, dims, ROWS));
    ck_assert(rows_reserve_items(&r->t.items, dims, ROWS));
    ck_assert(rows_reserve_features(&r->t.features, dims, ROWS));
    ck_assert(rows_init(&r->users, ROWS) && rows_init(&r->items, ROWS) &&
              rows_init(&r->features, ROWS));
    for (uint32_t row = 0; row < ROWS; row++) {
        set_row(r, row, 100 + row);
        for (uint32_t i = 0; i < PARTS; i++)
            r->entry[i][row] = 100 + row + i;
    }
    r->o = overlay_new();
    ck_assert_ptr_nonnull(r->o);
    ck_assert(overlay_start(r->o, dims, sizeof r->entry[0][0], there));
}

static inline void rig_release(struct rig *r)
{
    overlay_free(r->o);
    for (uint32_t row = 0; row < ROWS; row++)
        free(r->t.users.seen[row]);
    rows_unreserve_users(&r->t.users, dims, ROWS);
    rows_unreserve_items(&r->t.items, dims, ROWS);
    rows_unreserve_features(&r->t.features, dims, ROWS);
    rows_release(&r->users);
    rows_release(&r->items);
    rows_release(&r->features);
}

static inline void save_marked(struct rig *r)
{
    const struct rows *const touched[OVERLAY_ROWS] = {
        [OVERLAY_USERS] = &r->users, [OVERLAY_ITEMS] = &r->items,
        [OVERLAY_FEATURES] = &r->features};
    overlay_save_rows(r->o, touched, &r->t);
}

/* The rows from, from + step, ... are published as changed, then change.  Each
 * kind of mark saves the whole row. */
static inline void change(struct rig *r, uint32_t from, uint32_t step,
                          uint32_t value)
{
    static const unsigned what[] = {ROWS_STEP, ROWS_RANK, ROWS_EVENT, ROWS_ALL};
    rows_clear(&r->users);
    rows_clear(&r->items);
    rows_clear(&r->features);
    for (uint32_t row = from; row < ROWS; row += step) {
        rows_mark(&r->users, row, what[row % 4]);
        rows_mark(&r->items, row, what[row / 4 % 4]);
        rows_mark(&r->features, row, what[row / 16 % 4]);
    }
    save_marked(r);
    for (uint32_t row = from; row < ROWS; row += step) {
        set_row(r, row, value);
        for (uint32_t i = 0; i < PARTS; i++) {
            uint64_t entry = value + i;
            overlay_write_entry(r->o, OVERLAY_ROWS + i, row, &r->entry[i][row],
                                &entry);
        }
    }
}

/* A view of rows [a, ...): part of the copy, as it is now. */
static inline struct users users_from(const struct rig *r, uint32_t a)
{
    struct users view = {0};
    for (size_t i = 0; i < USER_NCOLUMNS; i++)
        column_set(&user_columns[i], &view,
                   column_row(&user_columns[i], &r->t.users, dims, a));
    return view;
}

static inline struct items items_from(const struct rig *r, uint32_t a)
{
    struct items view = {0};
    for (size_t i = 0; i < ITEM_NCOLUMNS; i++)
        column_set(&item_columns[i], &view,
                   column_row(&item_columns[i], &r->t.items, dims, a));
    return view;
}

static inline struct features features_from(const struct rig *r, uint32_t a)
{
    struct features view = {0};
    for (size_t i = 0; i < FEATURE_NCOLUMNS; i++)
        column_set(&feature_columns[i], &view,
                   column_row(&feature_columns[i], &r->t.features, dims, a));
    return view;
}

static inline bool read_entries(struct rig *r, uint32_t a, uint32_t b)
{
    bool ok = true;
    for (uint32_t i = 0; i < PARTS; i++) {
        uint64_t entries[ROWS];
        ok = overlay_read_entries(r->o, OVERLAY_ROWS + i, a, b, r->entry[i],
                                  entries) && ok;
        if (ok)
            memcpy(&r->entry[i][a], entries, (b - a) * sizeof *entries);
    }
    return ok;
}

/* Restores [a, b) of all parts in place.  False: the overlay says no. */
static inline bool pass(struct rig *r, uint32_t a, uint32_t b)
{
    struct users u = users_from(r, a);
    struct items t = items_from(r, a);
    struct features f = features_from(r, a);
    struct seen_list *mine[ROWS]; // else the overlay's replace what we free
    memcpy(mine, u.seen, (b - a) * sizeof *mine);
    bool ok = overlay_restore_users(r->o, a, b, &u) &&
              overlay_restore_items(r->o, a, b, &t) &&
              overlay_restore_features(r->o, a, b, &f);
    for (uint32_t i = 0; ok && i < b - a; i++) {
        uint32_t n = u.nseen[i];
        if (u.seen[i] == mine[i])
            continue;
        ck_assert(!n == !u.seen[i]);
        free(mine[i]);
        mine[i] = n ? list_of(n, u.seen[i]->item[0]) : NULL;
        if (n)
            ck_assert_mem_eq(mine[i], u.seen[i], seen_list_bytes(n));
    }
    memcpy(u.seen, mine, (b - a) * sizeof *mine);
    return read_entries(r, a, b) && ok;
}

static inline void row_is(struct rig *r, uint32_t row, uint32_t value)
{
    struct users *u = &r->t.users;
    ck_assert_uint_eq(u->count[row], value);
    ck_assert_uint_eq(r->t.items.count[row], value);
    ck_assert_uint_eq(r->t.features.count[row], value);
    ck_assert_uint_eq(u->nseen[row], row % 4);
    ck_assert(live_test_user_is_whole(&r->t, row));
    ck_assert(live_test_item_is_whole(&r->t, row));
    ck_assert(live_test_feature_is_whole(&r->t, row));
    ck_assert_ptr_eq(u->card[row], card_of(value));
    ck_assert_ptr_eq(r->t.items.card[row], card_of(value));
    for (uint32_t i = 0; i < row % 4; i++)
        ck_assert(u->seen[row]->item[i] == value + i &&
                  seen_stamps(u->seen[row])[i] == value + i + 1000);
    for (uint32_t i = 0; i < PARTS; i++)
        ck_assert_uint_eq(r->entry[i][row], value + i);
}

#endif
