/* check_demo_stream.c -- the stream is what it says: one function of its seed,
 * with a structure whose best possible error is known. */
#include "asserts.h"
#include <math.h>
#include <string.h>

#include "server/cli/demo_stream.h"

#define MANY 200000

static struct demo_stream *s;

static void setup(void)
{
    s = demo_stream_new(7);
    ck_assert_ptr_nonnull(s);
}

static void teardown(void)
{
    demo_stream_free(s);
}

/* Ids point into the stream's own tables. */
static uint32_t number(const char *(*name)(const struct demo_stream *,
                                           uint32_t),
                       uint32_t n, const char *id)
{
    for (uint32_t i = 0; i < n; i++)
        if (name(s, i) == id)
            return i;
    ck_abort_msg("%s is nobody", id);
    return n;
}

START_TEST(same_for_a_seed)
{
    struct demo_stream *same = demo_stream_new(7), *other = demo_stream_new(8);
    int differ = 0;
    for (int i = 0; i < 5000; i++) {
        struct rating a = demo_stream_next(s), b = demo_stream_next(same),
                      c = demo_stream_next(other);
        ck_assert_str_eq(a.user.s, b.user.s);
        ck_assert_str_eq(a.item.s, b.item.s);
        ck_assert_float_eq(a.value, b.value);
        ck_assert_uint_eq(a.user.len, strlen(a.user.s));
        ck_assert_uint_eq(a.item.len, strlen(a.item.s));
        ck_assert(a.time_ms == TIME_UNSET);
        differ += strcmp(a.user.s, c.user.s) != 0 || a.value != c.value;
    }
    ck_assert_int_gt(differ, 4000);
    ck_assert_double_eq(demo_stream_best(s), demo_stream_best(same));
    demo_stream_free(same);
    demo_stream_free(other);
}
END_TEST

static void check_names(const char *(*name)(const struct demo_stream *,
                                            uint32_t), uint32_t n)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    for (uint32_t i = 0; i < n; i++) {
        const char *id = name(s, i);
        ck_assert_uint_eq(strspn(id, allowed), strlen(id));
        for (uint32_t j = 0; j < i; j++)
            ck_assert_str_ne(id, name(s, j));
    }
}

/* Safe to paste into a shell and a path, and no two alike. */
START_TEST(names)
{
    check_names(demo_stream_user, DEMO_USERS);
    check_names(demo_stream_item, DEMO_ITEMS);
}
END_TEST

/* Values are halves in 1..5, only pairs that may be are drawn, everybody and
 * everything comes, and few of them come much. */
START_TEST(draws)
{
    static uint32_t users[DEMO_USERS], items[DEMO_ITEMS];
    for (int i = 0; i < MANY; i++) {
        struct rating r = demo_stream_next(s);
        uint32_t u = number(demo_stream_user, DEMO_USERS, r.user.s);
        uint32_t v = number(demo_stream_item, DEMO_ITEMS, r.item.s);
        ck_assert(r.value >= 1 && r.value <= 5);
        ck_assert_float_eq(r.value * 2, floorf(r.value * 2));
        ck_assert(demo_stream_rates(s, u, v));
        users[u]++;
        items[v]++;
    }
    for (int u = 0; u < DEMO_USERS; u++)
        ck_assert_uint_gt(users[u], 0);
    for (int i = 0; i < DEMO_ITEMS; i++)
        ck_assert_uint_gt(items[i], 0);
    ck_assert_uint_gt(users[0], 3 * users[DEMO_USERS / 2]);
    ck_assert_uint_gt(items[0], 2 * items[DEMO_ITEMS / 2]);
}
END_TEST

/* Who predicts demo_stream_expected() is off by demo_stream_best(), unbiased;
 * who knows less is off by more. */
START_TEST(best_is_reached)
{
    double squared = 0, bias = 0, blind = 0, sum = 0;
    for (int i = 0; i < MANY; i++) {
        struct rating r = demo_stream_next(s);
        uint32_t u = number(demo_stream_user, DEMO_USERS, r.user.s);
        uint32_t v = number(demo_stream_item, DEMO_ITEMS, r.item.s);
        double error = demo_stream_expected(s, u, v) - (double)r.value;
        double mean = i ? sum / i : 3;
        squared += error * error;
        bias += error;
        blind += (mean - (double)r.value) * (mean - (double)r.value);
        sum += (double)r.value;
    }
    double best = demo_stream_best(s);
    ck_assert_double_eq_tol(sqrt(squared / MANY), best, 0.004);
    ck_assert_double_eq_tol(bias / MANY, 0, 0.004);
    ck_assert_double_gt(best, 0.8 * DEMO_NOISE);
    ck_assert_double_lt(best, 1.2 * DEMO_NOISE);
    ck_assert_double_gt(sqrt(blind / MANY), 1.5 * best);
}
END_TEST

/* What the demo tells people to paste: a known person, a known film, a pair
 * that the stream itself never rates. */
START_TEST(example)
{
    uint32_t user, item;
    bool user_seen = false, item_seen = false;
    demo_stream_example(s, &user, &item);
    ck_assert(!demo_stream_rates(s, user, item));
    for (int i = 0; i < 500; i++) { // a second of the demo
        struct rating r = demo_stream_next(s);
        user_seen |= r.user.s == demo_stream_user(s, user);
        item_seen |= r.item.s == demo_stream_item(s, item);
    }
    ck_assert(user_seen && item_seen);
    for (uint32_t u = 0; u < DEMO_USERS; u++) {
        int left = 0;
        for (uint32_t i = 0; i < DEMO_ITEMS; i++)
            left += !demo_stream_rates(s, u, i);
        ck_assert_int_ge(left, 20); // always something to recommend
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("demo_stream");
    TCase *t = tcase_create("demo_stream");
    tcase_set_timeout(t, 30);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, same_for_a_seed);
    tcase_add_test(t, names);
    tcase_add_test(t, draws);
    tcase_add_test(t, best_is_reached);
    tcase_add_test(t, example);
    suite_add_tcase(suite, t);
    SRunner *r = srunner_create(suite);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
