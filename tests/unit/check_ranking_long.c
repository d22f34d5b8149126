/* check_ranking_long.c -- both heads after many events: nothing becomes
 * infinite, a taste is learned, and one head does not know of the other. */
#include "cards_test.h"

#include <math.h>

#define ROWS 20u

static bool all_are_finite(const float *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(v[i]))
            return false;
    return true;
}

static bool all_finite(const struct table *t)
{
    return all_are_finite(t->users.rvec, (size_t)t->users.n * t->rdim) &&
           all_are_finite(t->items.rvec, (size_t)t->items.n * t->rdim) &&
           all_are_finite(t->features.rvec, (size_t)t->features.n * t->rdim) &&
           all_are_finite(t->items.rbias, t->items.n) &&
           all_are_finite(t->users.vec, (size_t)t->users.n * t->dim) &&
           all_are_finite(t->items.vec, (size_t)t->items.n * t->dim) &&
           all_are_finite(t->features.vec, (size_t)t->features.n * t->dim) &&
           all_are_finite(t->users.bias, t->users.n) &&
           all_are_finite(t->items.bias, t->items.n) &&
           all_are_finite(t->features.bias, t->features.n);
}

/* Cards of some users and items, with a weight of this size. */
static void put_cards(struct cards_rig *r, float weight)
{
    for (uint32_t k = 0; k < ROWS; k += 2) {
        char name[16], feature[16];
        struct cards_test c = {.n = 0};
        for (uint32_t i = 0; i < 3; i++) {
            snprintf(feature, sizeof feature, "f%u", (k + 5 * i) % 12);
            cards_test_feature(&c, feature, i % 2 ? -weight : weight);
        }
        snprintf(name, sizeof name, "u%u", k);
        cards_rig_put(r, EVENT_USER_PUT, name, &c);
        snprintf(name, sizeof name, "i%u", k);
        cards_rig_put(r, EVENT_ITEM_PUT, name, &c);
    }
}

static const struct {
    float rate, feature_rate, init, weight, value, norm_cap;
} runaways[] = {
    {10, 10, 0.1f, 1, 1, 0},           {1e10f, 1, 0.1f, 1, 1, 0},
    {3e38f, 1, 0.1f, 1, 1, 0},         {3e38f, 3e38f, 10, 1, 1, 0},
    {0.1f, 0.1f, 0.1f, 3e38f, 1, 0},   {0.1f, 0.1f, 0.1f, 1, 3e38f, 0},
    {1e19f, 1e19f, 1e19f, 1e19f, 1, 0}, {0.1f, 0.1f, 3e38f, 1, 1, 0},
    {0.1f, 3e38f, 1, 1e-30f, 1, 0},    {3e38f, 10, 10, 2, 3e38f, 5},
    {100, 100, 1e30f, 1, 1, 1e30f},
};

START_TEST(nothing_becomes_infinite)
{
    struct settings s = test_settings();
    struct cards_rig r;
    s.rank_rate = runaways[_i].rate;
    s.factor_rate = runaways[_i].rate;
    s.rank_feature_rate = s.feature_rate = runaways[_i].feature_rate;
    s.feature_bias_rate = runaways[_i].feature_rate;
    s.rank_init = s.init = runaways[_i].init;
    s.norm_cap = runaways[_i].norm_cap;
    cards_rig_init(&r, &s);
    put_cards(&r, runaways[_i].weight);
    for (uint32_t k = 0; k < 1000; k++) {
        char name[2][16];
        struct event e = test_stream(k, ROWS, ROWS, name);
        if (k % 2) {
            e.type = EVENT_BEHAVIOUR;
            e.value = k % 7 ? runaways[_i].value : -runaways[_i].value;
        }
        cards_rig_fold(&r, &e);
        ck_assert_msg(all_finite(r.t), "event %u", k);
    }
    cards_rig_release(&r);
}
END_TEST

/* ---- what it is for ---------------------------------------------------- */

static bool held_back(uint32_t user, uint32_t item)
{
    return test_below(100 * user + item, 9, 2);
}

/* Users like items of their own third, and meet half of them; after a while the
 * other half is in the right order. */
START_TEST(learns_a_taste)
{
    struct settings s = test_settings();
    struct cards_rig r;
    uint32_t right = 0, all = 0;
    s.rank_init = 0.3f;
    s.rank_rate = 0.2f;
    s.negatives = 4;
    cards_rig_init(&r, &s);
    for (uint32_t k = 0; k < 12000; k++) {
        char name[2][16];
        struct event e = test_stream(k, 60, 90, name);
        uint32_t u = test_below(k, 0, 60), i = test_below(k, 1, 90);
        if (u % 3 != i % 3 || held_back(u, i))
            continue;
        e.type = EVENT_BEHAVIOUR;
        e.value = 1;
        cards_rig_fold(&r, &e);
    }
    for (uint32_t k = 0; k < 5000; k++) {
        char user[16], liked[16], other[16];
        uint32_t u = test_below(k, 5, 60), i = test_below(k, 6, 30) * 3 + u % 3;
        uint32_t o = test_below(k, 7, 30) * 3 + (u + 1) % 3;
        snprintf(user, sizeof user, "u%u", u);
        snprintf(liked, sizeof liked, "i%u", i);
        snprintf(other, sizeof other, "i%u", o);
        if (!held_back(u, i))
            continue;
        right += cards_rig_score(&r, user, liked) >
                 cards_rig_score(&r, user, other);
        all++;
    }
    ck_assert_msg(right > all * 9 / 10, "%u of %u", right, all);
    cards_rig_release(&r);
}
END_TEST

/* The rating head does not know whether there is another. */
START_TEST(heads_do_not_mix)
{
    struct settings on = test_settings(), off = on;
    struct cards_rig r, q;
    off.rdim = 0;
    cards_rig_init(&r, &on);
    cards_rig_init(&q, &off);
    put_cards(&r, 1);
    put_cards(&q, 1);
    for (uint32_t k = 0; k < 500; k++) {
        char name[2][16];
        struct event e = test_stream(k, ROWS, ROWS, name);
        float a = cards_rig_fold(&r, &e), b = cards_rig_fold(&q, &e);
        ck_assert_mem_eq(&a, &b, sizeof a);
        e.type = EVENT_BEHAVIOUR; // means nothing where there is no such head
        cards_rig_fold(&r, &e);
        cards_rig_fold(&q, &e);
    }
    ck_assert_uint_eq(q.t->rdim, 0);
    ck_assert_uint_eq(q.t->totals.positives, 0);
    ck_assert_uint_eq(q.t->totals.behaviours, 500);
    ck_assert_mem_eq(r.t->users.vec, q.t->users.vec,
                     r.t->users.n * on.dim * sizeof(float));
    cards_rig_release(&r);
    cards_rig_release(&q);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ranking_long");
    TCase *tc = tcase_create("ranking_long");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, nothing_becomes_infinite, 0,
                        (int)(sizeof runaways / sizeof *runaways));
    tcase_add_test(tc, learns_a_taste);
    tcase_add_test(tc, heads_do_not_mix);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
