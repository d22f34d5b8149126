/* check_seen.c -- seen lists case by case, and what older copies see. */
#include "seen_rig.h"

/* Many at once as one by one, whatever is sorted and however long the list. */
START_TEST(leaves_out_what_it_has)
{
    struct rig r;
    rig_init(&r);
    for (uint32_t k = 0; k < 400; k++) {
        uint32_t item[23], want[23], n = k % 24, kept = 0;
        for (uint32_t i = 0; i < n; i++) {
            item[i] = test_below(k, 1 + i, 500);
            want[kept] = item[i];
            kept += !seen_has(r.list[0], r.n[0], item[i]);
        }
        ck_assert_uint_eq(seen_leave_out(r.list[0], r.n[0], item, n), kept);
        ck_assert_int_eq(memcmp(item, want, kept * sizeof *item), 0);
        add(&r, test_below(k, 0, 500), RATED, ITEMS);
    }
    rig_release(&r);
}
END_TEST

START_TEST(as_bits)
{
    struct rig r;
    static bool seen[ITEMS];
    uint32_t n = 0;
    rig_init(&r);
    ck_assert(!seen_has(NULL, 0, 5));
    for (uint32_t k = 0; k < 4000; k++) {
        uint32_t item = test_below(k, 0, ITEMS);
        ck_assert(add(&r, item, RATED, ITEMS) ==
                  (seen[item] ? SEEN_AS_BEFORE : SEEN_ADDED));
        n += !seen[item];
        seen[item] = true;
        ck_assert_uint_eq(r.n[0], n); // nothing is there twice
        bool right = true;
        for (uint32_t i = 0; k % 37 == 0 && i < ITEMS; i++)
            right = right && seen_has(r.list[0], r.n[0], i) == seen[i];
        ck_assert(right);
    }
    rig_release(&r);
}
END_TEST

/* What was known is not kept once more, nor what is older. */
START_TEST(only_what_is_new_is_added)
{
    uint32_t out[SEEN_KINDS];
    struct rig r;
    rig_init(&r);
    ck_assert(add(&r, 5, seen_stamp(9, 2), ITEMS) == SEEN_ADDED);
    ck_assert(add(&r, 5, seen_stamp(9, 2), ITEMS) == SEEN_AS_BEFORE);
    ck_assert(add(&r, 5, seen_stamp(8, 2), ITEMS) == SEEN_AS_BEFORE);
    ck_assert(add(&r, 5, seen_stamp(8, 4), ITEMS) == SEEN_ADDED);
    ck_assert(add(&r, 5, seen_stamp(9, 1), ITEMS) == SEEN_ADDED);
    ck_assert_uint_eq(r.n[0], 3);
    ck_assert_uint_eq(seen_stamps_of(r.list[0], 3, 5, out), 2);
    ck_assert_uint_eq(out[0], seen_stamp(9, 3));
    ck_assert_uint_eq(out[1], seen_stamp(8, 4));
    ck_assert_uint_eq(seen_stamps_of(r.list[0], 1, 5, out), 1); // of a reader
    ck_assert_uint_eq(out[0], seen_stamp(9, 2));
    ck_assert_uint_eq(seen_stamps_of(r.list[0], 3, 4, out), 0);
    ck_assert_uint_eq(seen_stamps_of(NULL, 0, 4, out), 0);
    ck_assert(add(&r, 5, seen_stamp(SEEN_DAY_MAX, SEEN_OTHERS), ITEMS) ==
              SEEN_ADDED);
    ck_assert_uint_eq(seen_stamps_of(r.list[0], 4, 5, out), 3);
    ck_assert_uint_eq(out[0], seen_stamp(SEEN_DAY_MAX, SEEN_OTHERS));
    rig_release(&r);
}
END_TEST

/* Somebody who comes every day: the list of one item stays small. */
START_TEST(days_do_not_pile_up)
{
    struct rig r;
    rig_init(&r);
    for (uint32_t day = 0; day < 5000; day++)
        for (uint32_t kind = 0; kind < SEEN_KINDS; kind++)
            ck_assert(add(&r, 1, seen_stamp(day, 1u << kind), 100) ==
                      SEEN_ADDED);
    ck_assert_uint_le(r.list[0]->cap, 50);
    ck_assert_uint_eq(seen_fold(r.list[0], r.n[0], NULL, NULL).n, 1);
    rig_release(&r);
}
END_TEST

/* A copy is a list and a number; what the trainer does later is not in it. */
START_TEST(older_copies_do_not_change)
{
    enum { N = 700 };
    static struct seen_list *list[N + 1];
    static uint32_t n[N + 1];
    struct rig r;
    rig_init(&r);
    for (uint32_t k = 0; k < N; k++) { // the j-th is item 7j on day j, then
        list[k] = r.list[0];           // the items again with another kind
        n[k] = r.n[0];
        add(&r, k * 7 % (N / 2), seen_stamp(k, k < N / 2 ? 1 : 2), N);
        ck_assert(n[k] <= r.n[0] || r.list[0] != list[k]);
    }
    for (uint32_t k = 0; k < N; k += 13)
        for (uint32_t j = 0; j < N; j++) {
            struct seen_want want = {j < N / 2 ? 1 : 2, (uint16_t)j};
            ck_assert(list_has(list[k], n[k], j * 7 % (N / 2), want) ==
                      (j < k));
        }
    rig_release(&r);
}
END_TEST

START_TEST(limit)
{
    struct rig r;
    rig_init(&r);
    for (uint32_t k = 0; k < 50; k++)
        ck_assert(add(&r, k, RATED, 20) ==
                  (k < 20 ? SEEN_ADDED : SEEN_AS_BEFORE));
    ck_assert_uint_eq(r.n[0], 20);
    ck_assert(seen_has(r.list[0], r.n[0], 19));
    ck_assert(!seen_has(r.list[0], r.n[0], 20));
    // of what is there other things are still kept, up to twice as many
    for (uint32_t k = 0; k < 50; k++)
        ck_assert(add(&r, k, seen_stamp(2, 2), 20) ==
                  (k < 20 ? SEEN_ADDED : SEEN_AS_BEFORE));
    ck_assert(add(&r, 1, seen_stamp(3, 4), 20) == SEEN_AS_BEFORE);
    ck_assert(drop(&r, 1));
    ck_assert(add(&r, 2, seen_stamp(3, 4), 20) == SEEN_ADDED);
    ck_assert(add(&r, 30, RATED, 20) == SEEN_ADDED);
    ck_assert(add(&r, 31, RATED, 20) == SEEN_AS_BEFORE);
    rig_release(&r);

    rig_init(&r);
    add(&r, 1, RATED, 0);
    ck_assert_ptr_null(r.list[0]);
    ck_assert_uint_eq(r.bytes, 0);
    rig_release(&r);
}
END_TEST

START_TEST(bytes_are_those_of_the_block)
{
    struct rig r;
    rig_init(&r);
    for (uint32_t k = 0; k < ITEMS; k++) {
        add(&r, k ^ 1, RATED, ITEMS);
        ck_assert_uint_eq(r.bytes, seen_list_bytes(r.list[0]->cap));
        ck_assert_uint_le(r.n[0], r.list[0]->cap);
        ck_assert_uint_le(r.list[0]->cap - r.list[0]->sorted, 32);
        if (k < 3)
            ck_assert_uint_eq(r.bytes, 36); // the many with few events
    }
    rig_release(&r);
}
END_TEST

/* What a file may say, and what not. */
START_TEST(what_is_folded)
{
    const struct {
        uint32_t n, item[3], stamp[3];
        bool is;
    } t[] = {
        {0, {0}, {0}, true},
        {3, {1, 2, 5}, {RATED, RATED, seen_stamp(0, 3)}, true},
        {3, {1, 2, 6}, {RATED, RATED, RATED}, false},     // no such item
        {2, {2, 1}, {RATED, RATED}, false},
        {1, {2}, {seen_stamp(7, 0)}, false},              // nothing was done
        {2, {2, 2}, {seen_stamp(9, 1), seen_stamp(8, 6)}, true},
        {2, {2, 2}, {seen_stamp(8, 1), seen_stamp(9, 6)}, false},
        {2, {2, 2}, {seen_stamp(9, 1), seen_stamp(9, 6)}, false},
        {2, {2, 2}, {seen_stamp(9, 3), seen_stamp(8, 6)}, false}, // bit 1 twice
        {3, {2, 2, 2}, {seen_stamp(9, 1), seen_stamp(8, 2), seen_stamp(7, 1)},
         false},
        {3, {2, 2, 3}, {seen_stamp(9, 1), seen_stamp(8, 2), seen_stamp(9, 1)},
         true},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++)
        ck_assert_msg(seen_is_folded(t[i].item, t[i].stamp, t[i].n, 6) ==
                      t[i].is, "%zu", i);
}
END_TEST

MODEL_TEST_MAIN("seen", as_bits, leaves_out_what_it_has,
                only_what_is_new_is_added,
                days_do_not_pile_up, older_copies_do_not_change, limit,
                bytes_are_those_of_the_block, what_is_folded)
