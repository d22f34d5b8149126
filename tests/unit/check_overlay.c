/* check_overlay.c -- each row and entry is kept once, as it was, until the
 * snapshot has passed it. */
#include "model_test.h"

#include <stdbool.h>

#include "live_test.h"
#include "model/core/column.h"
#include "model/core/overlay.h"
#include "model/core/rows.h"

#define ROWS  200u
#define PARTS (OVERLAY_POSITIVES + 1 - OVERLAY_ROWS) /* of entries */

#define WEIGHTS 40u

static const struct dims dims = {.rating = 8, .ranking = 16};

/* A copy of the model, and what is marked as touched. */
struct rig {
    struct table t;
    struct rows users, items, features;
    uint64_t entry[PARTS][ROWS];
    struct overlay *o;
};

static struct seen_list *list_of(uint32_t n, uint32_t first)
{
    struct seen_list *l = malloc(sizeof *l + n * sizeof(uint32_t));
    l->cap = n;
    l->sorted = n;
    for (uint32_t i = 0; i < n; i++)
        l->item[i] = first + i;
    return l;
}

/* No card: the overlay keeps where a row's card is, and looks at none. */
static struct card *card_of(uint32_t value)
{
    return (struct card *)(uintptr_t)(8 * value);
}

/* All columns of the row say `value`; the list of user r has r % 4 items. */
static void set_row(struct rig *r, uint32_t row, uint32_t value)
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

static void rig_init(struct rig *r, uint32_t n)
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

static void rig_release(struct rig *r)
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

static void save_marked(struct rig *r)
{
    const struct rows *const touched[OVERLAY_ROWS] = {
        [OVERLAY_USERS] = &r->users, [OVERLAY_ITEMS] = &r->items,
        [OVERLAY_FEATURES] = &r->features};
    overlay_save_rows(r->o, touched, &r->t);
}

/* The rows from, from + step, ... are published as changed, then change.  Each
 * kind of mark saves the whole row. */
static void change(struct rig *r, uint32_t from, uint32_t step, uint32_t value)
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
static struct users users_from(const struct rig *r, uint32_t a)
{
    struct users view = {0};
    for (size_t i = 0; i < USER_NCOLUMNS; i++)
        column_set(&user_columns[i], &view,
                   column_row(&user_columns[i], &r->t.users, dims, a));
    return view;
}

static struct items items_from(const struct rig *r, uint32_t a)
{
    struct items view = {0};
    for (size_t i = 0; i < ITEM_NCOLUMNS; i++)
        column_set(&item_columns[i], &view,
                   column_row(&item_columns[i], &r->t.items, dims, a));
    return view;
}

static struct features features_from(const struct rig *r, uint32_t a)
{
    struct features view = {0};
    for (size_t i = 0; i < FEATURE_NCOLUMNS; i++)
        column_set(&feature_columns[i], &view,
                   column_row(&feature_columns[i], &r->t.features, dims, a));
    return view;
}

static bool read_entries(struct rig *r, uint32_t a, uint32_t b)
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
static bool pass(struct rig *r, uint32_t a, uint32_t b)
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
            ck_assert_mem_eq(mine[i]->item, u.seen[i]->item,
                             n * sizeof mine[i]->item[0]);
    }
    memcpy(u.seen, mine, (b - a) * sizeof *mine);
    return read_entries(r, a, b) && ok;
}

static void row_is(struct rig *r, uint32_t row, uint32_t value)
{
    struct users *u = &r->t.users;
    ck_assert_uint_eq(u->count[row], value);
    ck_assert_uint_eq(r->t.items.count[row], value);
    ck_assert_uint_eq(r->t.features.count[row], value);
    ck_assert_uint_eq(u->nseen[row], row % 4);
    u->nseen[row] = value; // for a moment, as all the others
    ck_assert(live_test_user_is_whole(&r->t, row));
    u->nseen[row] = row % 4;
    ck_assert(live_test_item_is_whole(&r->t, row));
    ck_assert(live_test_feature_is_whole(&r->t, row));
    ck_assert_ptr_eq(u->card[row], card_of(value));
    ck_assert_ptr_eq(r->t.items.card[row], card_of(value));
    for (uint32_t i = 0; i < row % 4; i++)
        ck_assert_uint_eq(u->seen[row]->item[i], value + i);
    for (uint32_t i = 0; i < PARTS; i++)
        ck_assert_uint_eq(r->entry[i][row], value + i);
}

static const uint32_t chunks[] = {1, 3, 63, 64, 65, 100, ROWS};

START_TEST(rows_are_what_they_were)
{
    struct rig r;
    struct overlay_stats stats;
    rig_init(&r, ROWS - 10);
    change(&r, 1, 3, 1000);
    change(&r, 0, 2, 2000); // some for the second time: the first counts
    for (uint32_t a = 0, b; a < ROWS - 10; a = b) {
        b = a + chunks[_i] < ROWS - 10 ? a + chunks[_i] : ROWS - 10;
        ck_assert(pass(&r, a, b));
    }
    for (uint32_t row = 0; row < ROWS - 10; row++)
        row_is(&r, row, 100 + row);
    row_is(&r, ROWS - 1, 1000); // not there at the cut
    row_is(&r, ROWS - 2, 2000);
    overlay_stats(r.o, &stats);
    uint32_t saved = 0;
    for (uint32_t row = 0; row < ROWS - 10; row++)
        saved += row % 3 == 1 || row % 2 == 0;
    ck_assert_uint_eq(stats.saved, (OVERLAY_ROWS + PARTS) * saved);
    ck_assert_uint_gt(stats.bytes, saved * (rows_user_bytes(dims) +
                                            rows_item_bytes(dims) +
                                            rows_feature_bytes(dims)));
    rig_release(&r);
}
END_TEST

START_TEST(what_was_passed_is_not_kept)
{
    struct rig r;
    struct overlay_stats before, after;
    uint32_t step = chunks[_i];
    rig_init(&r, ROWS);
    for (uint32_t a = 0, b; a < ROWS; a = b) {
        b = a + step < ROWS ? a + step : ROWS;
        change(&r, a ? a - 1 : 0, 1, 1000 + a);
        ck_assert(pass(&r, a, b));
        for (uint32_t row = a; row < b; row++)
            row_is(&r, row, 100 + row);
        overlay_stats(r.o, &before);
        change(&r, b, ROWS, 0); // kept already
        for (uint32_t row = 0; row < b; row += 7)
            change(&r, row, ROWS, 5000);
        overlay_stats(r.o, &after);
        ck_assert_uint_eq(before.saved, after.saved);
    }
    ck_assert_uint_eq(after.saved, (OVERLAY_ROWS + PARTS) * ROWS);
    rig_release(&r);
}
END_TEST

START_TEST(what_changes_behind_is_not_kept)
{
    struct rig r;
    struct overlay_stats stats;
    uint32_t step = chunks[_i];
    rig_init(&r, ROWS);
    for (uint32_t a = 0, b; a < ROWS; a = b) {
        b = a + step < ROWS ? a + step : ROWS;
        ck_assert(pass(&r, a, b));
        for (uint32_t row = 0; row < b; row++)
            change(&r, row, ROWS, 5000);
    }
    overlay_stats(r.o, &stats);
    ck_assert_uint_eq(stats.saved, 0);
    rig_release(&r);
}
END_TEST

START_TEST(a_spoiled_one_says_so)
{
    struct rig r;
    struct overlay_stats stats;
    rig_init(&r, ROWS);
    ck_assert_int_eq(overlay_state(r.o), ERR_OK);
    ck_assert(pass(&r, 0, 50));
    ck_assert(overlay_lock(r.o));
    overlay_unlock(r.o);
    overlay_spoil(r.o);
    change(&r, 0, 1, 1000); // goes on, and nothing is kept any more
    overlay_stats(r.o, &stats);
    ck_assert_uint_eq(stats.saved, 0);
    ck_assert(!overlay_lock(r.o));
    overlay_unlock(r.o);
    ck_assert(!pass(&r, 50, 100));
    row_is(&r, 60, 1000);
    ck_assert_int_eq(overlay_state(r.o), ERR_FULL);
    rig_release(&r);
}
END_TEST

START_TEST(nothing_at_the_cut)
{
    struct rig r;
    struct overlay_stats stats;
    rig_init(&r, 0);
    change(&r, 0, 1, 1000);
    overlay_stats(r.o, &stats);
    ck_assert_uint_eq(stats.saved, 0);
    rig_release(&r);
    overlay_free(overlay_new()); // one that never began
}
END_TEST

/* Lists larger than a slab, and many slabs. */
START_TEST(large_lists)
{
    struct rig r;
    const uint32_t n = 400000;
    rig_init(&r, ROWS);
    for (uint32_t row = 0; row < 5; row++) {
        free(r.t.users.seen[row]);
        r.t.users.seen[row] = list_of(n, row);
        r.t.users.nseen[row] = n;
        rows_mark(&r.users, row, ROWS_EVENT);
    }
    save_marked(&r);
    struct users view = users_from(&r, 0);
    struct seen_list *mine[5];
    memcpy(mine, r.t.users.seen, sizeof mine);
    ck_assert(overlay_restore_users(r.o, 0, 5, &view));
    for (uint32_t row = 0; row < 5; row++) {
        ck_assert_ptr_ne(view.seen[row], mine[row]);
        ck_assert_mem_eq(view.seen[row], mine[row],
                         sizeof *mine[row] + n * sizeof(uint32_t));
    }
    memcpy(r.t.users.seen, mine, sizeof mine);
    rig_release(&r);
}
END_TEST

/* The weights of the neural head are one row of their own. */
START_TEST(weights)
{
    struct rig r;
    struct overlay_stats stats;
    float published[WEIGHTS], view[WEIGHTS];
    rig_init(&r, ROWS);
    for (uint32_t value = 1; value <= 3; value++) { // the first counts
        for (uint32_t i = 0; i < WEIGHTS; i++)
            published[i] = view[i] = (float)(value + i);
        overlay_save_mlp(r.o, published);
    }
    ck_assert(overlay_restore_mlp(r.o, view));
    for (uint32_t i = 0; i < WEIGHTS; i++)
        ck_assert(view[i] == (float)(1 + i));
    overlay_save_mlp(r.o, published); // passed
    overlay_stats(r.o, &stats);
    ck_assert_uint_eq(stats.saved, 1);
    rig_release(&r);

    rig_init(&r, ROWS);
    ck_assert(overlay_restore_mlp(r.o, published)); // as it was read
    for (uint32_t i = 0; i < WEIGHTS; i++)
        ck_assert(published[i] == (float)(3 + i));
    overlay_spoil(r.o);
    ck_assert(!overlay_restore_mlp(r.o, published));
    rig_release(&r);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("overlay");
    TCase *tc = tcase_create("overlay");
    int n = (int)(sizeof chunks / sizeof *chunks);
    tcase_add_loop_test(tc, rows_are_what_they_were, 0, n);
    tcase_add_loop_test(tc, what_was_passed_is_not_kept, 0, n);
    tcase_add_loop_test(tc, what_changes_behind_is_not_kept, 0, n);
    tcase_add_test(tc, a_spoiled_one_says_so);
    tcase_add_test(tc, nothing_at_the_cut);
    tcase_add_test(tc, large_lists);
    tcase_add_test(tc, weights);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
