/* check_seen.c -- seen lists against bits, and what older copies see. */
#include "model_test.h"

#include <stdbool.h>

#include "model/core/reclaim.h"
#include "model/learn/seen.h"

#define ITEMS 3000u

struct rig {
    struct users u;
    struct seen_list *list[1];
    uint32_t n[1];
    struct reclaim *reclaim;
    uint64_t bytes;
};

static void rig_init(struct rig *r)
{
    memset(r, 0, sizeof *r);
    r->u.n = 1;
    r->u.seen = r->list;
    r->u.nseen = r->n;
    r->reclaim = reclaim_new();
}

static void rig_release(struct rig *r)
{
    free(r->list[0]);
    reclaim_free(r->reclaim);
}

static void add(struct rig *r, uint32_t item, uint32_t max)
{
    ck_assert(seen_add(&r->u, 0, item, max, r->reclaim, &r->bytes));
}

START_TEST(as_bits)
{
    struct rig r;
    static bool seen[ITEMS];
    uint32_t n = 0;
    rig_init(&r);
    ck_assert(!seen_has(NULL, 0, 5));
    for (uint32_t k = 0; k < 4000; k++) {
        uint32_t item = test_below(k, 0, ITEMS);
        n += !seen[item];
        seen[item] = true;
        add(&r, item, ITEMS);
        ck_assert_uint_eq(r.n[0], n);
        bool right = true;
        for (uint32_t i = 0; k % 37 == 0 && i < ITEMS; i++)
            right = right && seen_has(r.list[0], r.n[0], i) == seen[i];
        ck_assert(right);
    }
    rig_release(&r);
}
END_TEST

/* Taken out of the sorted part, entries leave a longer tail behind. */
START_TEST(removed_ones_leave_room)
{
    struct rig r;
    static uint32_t sorted[ITEMS];
    rig_init(&r);
    uint32_t item = 0, kept = 0;
    while (!r.list[0] || r.list[0]->sorted < 1000)
        add(&r, item++, ITEMS);
    for (uint32_t i = 0; i < 400; i += 2)
        ck_assert(seen_remove(&r.u, 0, i, r.reclaim));
    ck_assert(!seen_remove(&r.u, 0, 0, r.reclaim));
    for (uint32_t i = 0; i < 600; i++)
        add(&r, 2999 - i, ITEMS); // until the tail is full, and further
    seen_sorted(r.list[0], r.n[0], sorted);
    for (uint32_t i = 0; i < ITEMS; i++) {
        bool is = i < item ? i >= 400 || i % 2 : i >= 2400;
        ck_assert(seen_has(r.list[0], r.n[0], i) == is);
        if (is)
            ck_assert_uint_eq(sorted[kept++], i);
    }
    ck_assert_uint_eq(kept, r.n[0]);
    rig_release(&r);
}
END_TEST

/* Adds, takes out, clears; readers' older lists stay as they were. */
START_TEST(taken_out_and_cleared)
{
    struct rig r;
    static bool seen[ITEMS];
    static uint32_t sorted[ITEMS];
    uint32_t n = 0;
    rig_init(&r);
    seen_clear(&r.u, 0, r.reclaim, &r.bytes); // of an empty list
    for (uint32_t k = 0; k < 6000; k++) {
        uint32_t item = test_below(k, 0, 150), what = test_below(k, 1, 200);
        const struct seen_list *before = r.list[0];
        uint32_t held = r.n[0];
        bool has = seen_has(before, held, 7);
        if (what == 0) {
            seen_clear(&r.u, 0, r.reclaim, &r.bytes);
            memset(seen, 0, sizeof seen);
            n = 0;
            ck_assert_ptr_null(r.list[0]);
            ck_assert_uint_eq(r.bytes, 0);
        } else if (what < 90) {
            ck_assert(seen_remove(&r.u, 0, item, r.reclaim) == seen[item]);
            n -= seen[item];
            seen[item] = false;
        } else {
            add(&r, item, ITEMS);
            n += !seen[item];
            seen[item] = true;
        }
        ck_assert(seen_has(before, held, 7) == has);
        ck_assert_uint_eq(r.n[0], n);
        ck_assert(!r.list[0] || r.bytes == sizeof(struct seen_list) +
                                    r.list[0]->cap * sizeof(uint32_t));
        seen_sorted(r.list[0], n, sorted);
        bool right = true; // an assertion for each takes its time
        for (uint32_t i = 0, at = 0; i < 150; i++)
            right = right && seen_has(r.list[0], n, i) == seen[i] &&
                    (!seen[i] || sorted[at++] == i);
        ck_assert(right);
    }
    rig_release(&r);
}
END_TEST

START_TEST(sorted_whatever_came_when)
{
    struct rig r;
    static uint32_t sorted[ITEMS];
    rig_init(&r);
    for (uint32_t n = 0; n < 700; n++) {
        seen_sorted(r.list[0], r.n[0], sorted);
        for (uint32_t i = 1; i < r.n[0]; i++)
            ck_assert_uint_lt(sorted[i - 1], sorted[i]);
        add(&r, test_below(n, 0, ITEMS), ITEMS);
    }
    rig_release(&r);
}
END_TEST

/* A copy is a list and a number; what the trainer does later is not in it. */
START_TEST(older_copies_do_not_change)
{
    enum { N = 700 };
    static struct seen_list *list[N + 1];
    struct rig r;
    rig_init(&r);
    for (uint32_t k = 0; k < N; k++) {
        list[k] = r.list[0];
        add(&r, k * 7919 % N, N);
        ck_assert_uint_eq(r.n[0], k + 1);
    }
    list[N] = r.list[0];
    for (uint32_t k = 0; k <= N; k += 13)
        for (uint32_t j = 0; j < N; j++) // the j-th item that came
            ck_assert(seen_has(list[k], k, j * 7919 % N) == (j < k));
    rig_release(&r);
}
END_TEST

START_TEST(limit)
{
    struct rig r;
    rig_init(&r);
    for (uint32_t k = 0; k < 50; k++)
        add(&r, k, 20);
    ck_assert_uint_eq(r.n[0], 20);
    ck_assert(seen_has(r.list[0], r.n[0], 19));
    ck_assert(!seen_has(r.list[0], r.n[0], 20));
    add(&r, 3, 20);
    ck_assert_uint_eq(r.n[0], 20);
    rig_release(&r);

    rig_init(&r);
    add(&r, 1, 0);
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
        add(&r, k ^ 1, ITEMS);
        ck_assert_uint_eq(r.bytes, sizeof(struct seen_list) +
                                       r.list[0]->cap * sizeof(uint32_t));
        ck_assert_uint_le(r.n[0], r.list[0]->cap);
        ck_assert_uint_le(r.list[0]->cap - r.list[0]->sorted, 32);
        if (k < 6)
            ck_assert_uint_eq(r.bytes, 32); // the many with few ratings
    }
    rig_release(&r);
}
END_TEST

MODEL_TEST_MAIN("seen", as_bits, removed_ones_leave_room,
                taken_out_and_cleared,
                sorted_whatever_came_when, older_copies_do_not_change, limit,
                bytes_are_those_of_the_block)
