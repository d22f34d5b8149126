/* check_overlay.c -- each row and entry is kept once, as it was, until the
 * snapshot has passed it. */
#include "model_test.h"

#include <stdbool.h>

#include "model/core/column.h"
#include "model/core/overlay.h"
#include "model/core/rows.h"

#define ROWS 200u
#define DIM  8u

/* A copy of the model, and what is marked as touched. */
struct rig {
    struct table t;
    struct rows users, items;
    uint64_t entry[ROWS];
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

/* All columns of the row say `value`; the list of user r has r % 4 items. */
static void set_row(struct rig *r, uint32_t row, uint32_t value)
{
    struct users *u = &r->t.users;
    struct items *t = &r->t.items;
    for (uint32_t d = 0; d < DIM; d++)
        u->vec[row * DIM + d] = t->vec[row * DIM + d] = (float)value;
    u->bias[row] = t->bias[row] = (float)value;
    u->count[row] = t->count[row] = value;
    t->trend[row] = value;
    free(u->seen[row]);
    u->nseen[row] = row % 4;
    u->seen[row] = row % 4 ? list_of(row % 4, value) : NULL;
}

static void rig_init(struct rig *r, uint32_t users, uint32_t items)
{
    const uint32_t n[OVERLAY_PARTS] = {users, items, users};
    memset(r, 0, sizeof *r);
    r->t.dim = DIM;
    ck_assert(rows_reserve_users(&r->t.users, DIM, ROWS));
    ck_assert(rows_reserve_items(&r->t.items, DIM, ROWS));
    ck_assert(rows_init(&r->users, ROWS) && rows_init(&r->items, ROWS));
    for (uint32_t row = 0; row < ROWS; row++) {
        set_row(r, row, 100 + row);
        r->entry[row] = 100 + row;
    }
    r->o = overlay_new();
    ck_assert_ptr_nonnull(r->o);
    ck_assert(overlay_start(r->o, DIM, sizeof r->entry[0], n));
}

static void rig_release(struct rig *r)
{
    overlay_free(r->o);
    for (uint32_t row = 0; row < ROWS; row++)
        free(r->t.users.seen[row]);
    rows_unreserve_users(&r->t.users, DIM, ROWS);
    rows_unreserve_items(&r->t.items, DIM, ROWS);
    rows_release(&r->users);
    rows_release(&r->items);
}

/* The rows from, from + step, ... are published as changed, then change. */
static void change(struct rig *r, uint32_t from, uint32_t step, uint32_t value)
{
    rows_clear(&r->users);
    rows_clear(&r->items);
    for (uint32_t row = from; row < ROWS; row += step) {
        rows_mark(&r->users, row);
        rows_mark(&r->items, row);
    }
    overlay_save_rows(r->o, &r->users, &r->items, &r->t);
    for (uint32_t row = from; row < ROWS; row += step) {
        uint64_t entry = value;
        set_row(r, row, value);
        overlay_write_entry(r->o, row, &r->entry[row], &entry);
    }
}

/* A view of rows [a, ...): part of the copy, as it is now. */
static struct users users_from(const struct rig *r, uint32_t a)
{
    struct users view = {0};
    for (size_t i = 0; i < USER_NCOLUMNS; i++)
        column_set(&user_columns[i], &view,
                   column_row(&user_columns[i], &r->t.users, DIM, a));
    return view;
}

static struct items items_from(const struct rig *r, uint32_t a)
{
    struct items view = {0};
    for (size_t i = 0; i < ITEM_NCOLUMNS; i++)
        column_set(&item_columns[i], &view,
                   column_row(&item_columns[i], &r->t.items, DIM, a));
    return view;
}

/* Restores [a, b) of all parts in place.  False: the overlay says no. */
static bool pass(struct rig *r, uint32_t a, uint32_t b)
{
    struct users u = users_from(r, a);
    struct items t = items_from(r, a);
    struct seen_list *mine[ROWS]; // else the overlay's replace what we free
    memcpy(mine, u.seen, (b - a) * sizeof *mine);
    bool ok = overlay_restore_users(r->o, a, b, &u) &&
              overlay_restore_items(r->o, a, b, &t);
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
    uint64_t entries[ROWS];
    ok = overlay_read_entries(r->o, a, b, r->entry, entries) && ok;
    if (ok)
        memcpy(&r->entry[a], entries, (b - a) * sizeof *entries);
    return ok;
}

static void row_is(const struct rig *r, uint32_t row, uint32_t value)
{
    const struct users *u = &r->t.users;
    const struct items *t = &r->t.items;
    for (uint32_t d = 0; d < DIM; d++) {
        ck_assert(u->vec[row * DIM + d] == (float)value);
        ck_assert(t->vec[row * DIM + d] == (float)value);
    }
    ck_assert(u->bias[row] == (float)value && t->bias[row] == (float)value);
    ck_assert_uint_eq(u->count[row], value);
    ck_assert_uint_eq(t->count[row], value);
    ck_assert(t->trend[row] == value);
    ck_assert_uint_eq(u->nseen[row], row % 4);
    for (uint32_t i = 0; i < row % 4; i++)
        ck_assert_uint_eq(u->seen[row]->item[i], value + i);
    ck_assert_uint_eq(r->entry[row], value);
}

static const uint32_t chunks[] = {1, 3, 63, 64, 65, 100, ROWS};

START_TEST(rows_are_what_they_were)
{
    struct rig r;
    struct overlay_stats stats;
    rig_init(&r, ROWS - 10, ROWS - 10);
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
    ck_assert_uint_eq(stats.saved, 3 * saved); // users, items, entries
    ck_assert_uint_gt(stats.bytes, saved * rows_user_bytes(DIM));
    rig_release(&r);
}
END_TEST

START_TEST(what_was_passed_is_not_kept)
{
    struct rig r;
    struct overlay_stats before, after;
    uint32_t step = chunks[_i];
    rig_init(&r, ROWS, ROWS);
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
    ck_assert_uint_eq(after.saved, 3 * ROWS);
    rig_release(&r);
}
END_TEST

START_TEST(what_changes_behind_is_not_kept)
{
    struct rig r;
    struct overlay_stats stats;
    uint32_t step = chunks[_i];
    rig_init(&r, ROWS, ROWS);
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
    rig_init(&r, ROWS, ROWS);
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
    rig_init(&r, 0, 0);
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
    rig_init(&r, ROWS, ROWS);
    for (uint32_t row = 0; row < 5; row++) {
        free(r.t.users.seen[row]);
        r.t.users.seen[row] = list_of(n, row);
        r.t.users.nseen[row] = n;
        rows_mark(&r.users, row);
    }
    overlay_save_rows(r.o, &r.users, &r.items, &r.t);
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
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
