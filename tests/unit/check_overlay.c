/* check_overlay.c -- each row and entry is kept once, as it was, until the
 * snapshot has passed it. */
#include "overlay_rig.h"

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
                         seen_list_bytes(n));
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
