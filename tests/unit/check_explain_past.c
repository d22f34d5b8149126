/* check_explain_past.c -- the past items of an explanation are those that pull
 * most. */
#include "model_test.h"

#include <math.h>

#include "explain_rig.h"
#include "model/rank/explain.h"

static struct seen_list *seen_of(uint32_t n, const uint32_t *items)
{
    struct seen_list *l = calloc(1, seen_list_bytes(n));
    ck_assert_ptr_nonnull(l);
    l->cap = n;
    memcpy(l->item, items, n * sizeof *items);
    return l;
}

static void assert_past(const struct explanation *e,
                        const struct explain_past *want, uint32_t n)
{
    ck_assert_uint_eq(e->npast, n);
    for (uint32_t i = 0; i < n; i++)
        ck_assert_msg(e->past[i].item == want[i].item &&
                      fabsf(e->past[i].pull - want[i].pull) < 1e-6f &&
                      fabsf(e->past[i].similarity - want[i].similarity) <
                          1e-6f,
                      "%u: %u pulls %g, like %g", i, e->past[i].item,
                      (double)e->past[i].pull,
                      (double)e->past[i].similarity);
}

/* The user likes the first axis (3) and less so the second (1); item 0, which
 * is asked about, is half of both. */
static void rig_past(struct rig *r, struct seen_list *seen)
{
    rig_init(r, seen);
    r->nseen = RIG_ITEMS;
    r->p[0] = 3;
    r->p[1] = 1;
    r->q[0][0] = r->q[0][1] = 1;
    r->q[1][0] = 2;                    // 3 * 1, as is any length of it
    r->q[2][1] = 0.5f;                 // 1 * 1
    r->q[3][0] = 1, r->q[3][1] = -1;   // (3-1) * (1-1): nothing
    r->q[4][2] = 7;                    // another matter
    r->q[5][0] = -1, r->q[5][1] = 0;   // against both: 3 * 1 again
    r->q[6][0] = 1, r->q[6][1] = -3;   // (3-3): nothing of the user
    r->q[7][0] = -1, r->q[7][1] = 3.5f; // .5 * 2.5 / 13.25
}

START_TEST(who_pulls_most)
{
    static const uint32_t all[RIG_ITEMS] = {0, 1, 2, 3, 4, 5, 6, 7};
    struct settings s = test_settings();
    struct explanation e;
    struct rig r;
    rig_past(&r, seen_of(RIG_ITEMS, all));
    struct explain_query q = {.user = 0, .item = 0, .scan = EXPLAIN_SCAN};
    const float half = sqrtf(0.5f);
    explain_rating(&r.t, &s, &q, &e);
    assert_past(&e, (struct explain_past[]){
        {5, -half, 3}, {1, half, 3}, {2, half, 1},
        {7, 2.5f / sqrtf(26.5f), 1.25f / 13.25f}}, 4);
    s.rating_max = 9; // in rating units
    q.scan = 1; // the last of the list only
    explain_rating(&r.t, &s, &q, &e);
    assert_past(&e, (struct explain_past[]){
        {7, 2.5f / sqrtf(26.5f), 2.5f / 13.25f}}, 1);
    q.scan = 0;
    explain_rating(&r.t, &s, &q, &e);
    ck_assert_uint_eq(e.npast, 0);
    free(r.seen);
}
END_TEST

/* A history comes before the list; nothing is listed twice; an item that the
 * model does not know pulls nothing. */
START_TEST(a_history_is_past_too)
{
    static const uint32_t seen[] = {1, 2};
    static const uint32_t history[] = {ROW_NONE, 2, 7, 2};
    struct settings s = test_settings();
    struct explanation e;
    struct rig r;
    rig_past(&r, seen_of(2, seen));
    r.nseen = 2;
    struct explain_query q = {.user = 0, .item = 0, .scan = EXPLAIN_SCAN,
                              .history = history, .nhistory = 4};
    explain_rating(&r.t, &s, &q, &e);
    ck_assert_uint_eq(e.npast, 3);
    ck_assert_uint_eq(e.past[0].item, 1);
    ck_assert_uint_eq(e.past[1].item, 2);
    ck_assert_uint_eq(e.past[2].item, 7);
    q.scan = 3; // ROW_NONE, 2 and 7
    explain_rating(&r.t, &s, &q, &e);
    ck_assert_uint_eq(e.npast, 2);
    free(r.seen);
}
END_TEST

START_TEST(no_more_than_the_strongest)
{
    static const uint32_t all[RIG_ITEMS] = {0, 1, 2, 3, 4, 5, 6, 7};
    struct settings s = test_settings();
    struct explanation e;
    struct rig r;
    rig_init(&r, seen_of(RIG_ITEMS, all));
    r.nseen = RIG_ITEMS;
    for (uint32_t i = 0; i < RIG_ITEMS; i++) {
        r.q[i][0] = 1;
        r.q[i][1] = (float)(i * 3 % RIG_ITEMS); // the more, the less pull
    }
    r.p[0] = 1;
    struct explain_query q = {.user = 0, .item = 0, .scan = EXPLAIN_SCAN};
    explain_rating(&r.t, &s, &q, &e);
    ck_assert_uint_eq(e.npast, EXPLAIN_PAST_MAX);
    static const uint32_t want[] = {3, 6, 1, 4, 7}; // those of 1 .. 5
    for (uint32_t i = 0; i < EXPLAIN_PAST_MAX; i++)
        ck_assert_uint_eq(e.past[i].item, want[i]);
    r.q[0][0] = 0; // nothing to be like
    r.q[0][1] = 0;
    explain_rating(&r.t, &s, &q, &e);
    ck_assert_uint_eq(e.npast, 0);
    free(r.seen);
}
END_TEST

MODEL_TEST_MAIN("explain_past", who_pulls_most, a_history_is_past_too,
                no_more_than_the_strongest)
