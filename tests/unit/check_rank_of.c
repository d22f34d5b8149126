/* check_rank_of.c -- ranks against counting one by one, and the cases that a
 * scan gets wrong: ties, what is seen, what is new, what is no number. */
#include "model_test.h"

#include <math.h>

#include "model/learn/seen.h"
#include "model/rank/rank_of.h"

#define ITEMS 200u

static struct model *model;
static const struct table *now;

/* The first of 12 users has seen about half of the items. */
static void setup(void)
{
    struct settings s = test_settings();
    ck_assert_int_eq(model_new(&s, 1, &model), ERR_OK);
    for (uint32_t k = 0; k < 900; k++) {
        char name[2][16];
        struct event e = test_stream(k, 12, ITEMS, name);
        e.time_ms = 1700000000000 + 86400000 * (int64_t)(k % 5);
        test_fold(model, &e, k + 1);
    }
    now = live_pin(model_live(model), 0);
}

static void teardown(void)
{
    live_unpin(model_live(model), 0);
    model_free(model);
}

static bool seen(uint32_t user, uint32_t item)
{
    return seen_has(now->users.seen[user], now->users.nseen[user], item);
}

/* The contract of rank_of.h. */
static uint32_t expected(const struct rank_target *g, const double *key)
{
    uint32_t above = 0, equal = 0;
    for (uint32_t i = 0; i < g->nitems; i++) {
        if (i == g->item || seen(g->user, i))
            continue;
        above += key[i] > key[g->item];
        equal += key[i] == key[g->item];
    }
    return above + (equal + 1) / 2;
}

START_TEST(one_by_one)
{
    uint32_t asked = 0, n = now->items.n;
    double key[ITEMS], trend[ITEMS];
    float score[ITEMS];
    for (uint32_t i = 0; i < n; i++) {
        score[i] = (float)test_below(i, 7, 40); // many of them equal
        key[i] = (double)score[i];
        trend[i] = now->items.trend[i];
    }
    for (uint32_t user = 0; user < now->users.n; user++)
        for (uint32_t item = 0; item < n; item++) {
            struct rank_target g = {user, item, user % 2 ? n : n - 20};
            bool fair = item >= g.nitems || !seen(user, item);
            ck_assert(rank_is_fair(now, &g) == fair);
            if (!fair)
                continue;
            bool there = item < g.nitems;
            ck_assert_uint_eq(rank_by_score(now, &g, score),
                              there ? expected(&g, key) : RANK_NONE);
            ck_assert_uint_eq(rank_by_trend(now, &g),
                              there ? expected(&g, trend) : RANK_NONE);
            asked++;
        }
    ck_assert_uint_gt(asked, 1000);
}
END_TEST

START_TEST(all_alike_is_the_middle)
{
    float score[ITEMS] = {0};
    uint32_t known = 0;
    for (uint32_t item = 0; item < now->items.n; item++)
        known += seen(0, item);
    ck_assert_uint_lt(known, now->users.nseen[0]); // some are there twice
    for (uint32_t item = 0; item < now->items.n; item++) {
        struct rank_target g = {0, item, now->items.n};
        uint32_t others = now->items.n - known - 1;
        if (rank_is_fair(now, &g))
            ck_assert_uint_eq(rank_by_score(now, &g, score), (others + 1) / 2);
    }
}
END_TEST

START_TEST(who_is_asked)
{
    struct rank_target nobody = {ROW_NONE, 0, now->items.n};
    float score[ITEMS] = {[0] = 2, [1] = 3};
    ck_assert(!rank_is_fair(now, &nobody));
    // but there is an answer: nothing is left out
    ck_assert_uint_eq(rank_by_score(now, &nobody, score), 1);
    nobody.item = ROW_NONE;
    ck_assert_uint_eq(rank_by_score(now, &nobody, score), RANK_NONE);
    ck_assert_uint_eq(rank_by_trend(now, &nobody), RANK_NONE);
}
END_TEST

START_TEST(no_number)
{
    float score[ITEMS] = {[0] = NAN, [1] = NAN, [2] = -INFINITY};
    struct rank_target g = {ROW_NONE, 0, now->items.n};
    ck_assert_uint_eq(rank_by_score(now, &g, score), RANK_NONE);
    g.item = 3;
    // nothing is above, all but the first three are equal
    ck_assert_uint_eq(rank_by_score(now, &g, score), (now->items.n - 3) / 2);
    g.item = 2;
    ck_assert_uint_eq(rank_by_score(now, &g, score), now->items.n - 3);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rank_of");
    TCase *tc = tcase_create("rank_of");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, one_by_one);
    tcase_add_test(tc, all_alike_is_the_middle);
    tcase_add_test(tc, who_is_asked);
    tcase_add_test(tc, no_number);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
