/* check_fold.c -- what one event does: test before train, counts, what is
 * skipped and leaves nothing, finite rows, progress. */
#include "model_test.h"

#include <math.h>
#include <stdbool.h>

#include "model/core/ids.h"
#include "model/learn/seen.h"
#include "model/learn/step_table.h"
#include "model/learn/trend.h"
#include "model/rank/predict.h"

static struct model *model_of(const struct settings *s)
{
    struct model *m;
    ck_assert_int_eq(model_new(s, 1, &m), ERR_OK);
    return m;
}

static uint32_t user_of(struct model *m, const struct table *t,
                        const char *name)
{
    return ids_find(live_user_ids(model_live(m)),
                    (struct id){name, (uint32_t)strlen(name)}, t->users.n);
}

static uint32_t item_of(struct model *m, const struct table *t,
                        const char *name)
{
    return ids_find(live_item_ids(model_live(m)),
                    (struct id){name, (uint32_t)strlen(name)}, t->items.n);
}

/* What would be served now. */
static float served(struct model *m, const struct event *e)
{
    const struct table *t = live_pin(model_live(m), 0);
    float r = predict_rating(t, model_settings(m),
                             user_of(m, t, e->user.s),
                             item_of(m, t, e->item.s), e->time_ms);
    live_unpin(model_live(m), 0);
    return r;
}

START_TEST(tests_before_it_trains)
{
    struct settings s = test_settings();
    struct model *m = model_of(&s);
    double squared = 0, late = 0;
    for (uint32_t k = 0; k < 8000; k++) {
        char name[2][16];
        struct event e = test_stream(k, 60, 80, name);
        float want = served(m, &e), got = test_fold(m, &e, k + 1);
        double miss = (double)got - (double)e.value;
        ck_assert_mem_eq(&got, &want, sizeof got);
        squared += miss * miss;
        late += k >= 7000 ? miss * miss : 0;
    }
    const struct table *t = live_pin(model_live(m), 0);
    ck_assert(t->totals.all.squared == squared);
    ck_assert_uint_eq(t->totals.all.n, 8000);
    // it has learned: the variance of all is 1.1, that of the noise 0.25
    ck_assert_double_lt(late / 1000, 0.4);
    live_unpin(model_live(m), 0);
    model_free(m);
}
END_TEST

START_TEST(cold_sides)
{
    struct settings s = test_settings();
    struct model *m = model_of(&s);
    struct event e = test_event("a", "x", 5, 1000);
    ck_assert(test_fold(m, &e, 1) == 3.0f);
    const struct table *t = live_pin(model_live(m), 0);
    float mean = (float)(35.0 / 11), bias = t->items.bias[0];
    ck_assert(bias > 0);
    live_unpin(model_live(m), 0);
    e = test_event("b", "x", 5, 1000);
    ck_assert(test_fold(m, &e, 2) ==
              predict_clip(&s, mean + bias)); // user b adds nothing yet
    e = test_event("c", "y", 1, 1000);
    ck_assert(test_fold(m, &e, 3) == predict_clip(&s, (float)(40.0 / 12)));
    model_free(m);
}
END_TEST

/* The first event, computed here in the open. */
START_TEST(one_step)
{
    struct settings s = test_settings();
    struct model *m = model_of(&s);
    struct event e = test_event("a", "x", 4.5f, 86400000);
    test_fold(m, &e, 9);
    const struct table *t = live_pin(model_live(m), 0);
    double p[16], q[16], dot = 0;
    double scale = 0.1 / 4 * sqrt(3) / 65536;
    for (uint32_t d = 0; d < 16; d++) {
        uint64_t r = random_u64(1, RANDOM_INIT_USER, random_id("a", 1), d);
        uint64_t z = random_u64(1, RANDOM_INIT_ITEM, random_id("x", 1), d);
        p[d] = q[d] = 0;
        for (int k = 0; k < 64; k += 16) {
            p[d] += ((double)(r >> k & 0xffff) - 32767.5) * scale;
            q[d] += ((double)(z >> k & 0xffff) - 32767.5) * scale;
        }
        dot += p[d] * q[d];
    }
    double err = 4.5 - 3 - dot;
    for (uint32_t d = 0; d < 16; d++) {
        double want = p[d] + 0.17 * (err * q[d] - 0.015 * p[d]);
        ck_assert_double_eq_tol((double)t->users.vec[d], want, 1e-7);
        want = q[d] + 0.17 * (err * p[d] - 0.015 * q[d]);
        ck_assert_double_eq_tol((double)t->items.vec[d], want, 1e-7);
    }
    ck_assert_double_eq_tol((double)t->users.bias[0], err / 4.5, 1e-6);
    ck_assert_double_eq_tol((double)t->items.bias[0], err / 4.5, 1e-6);
    ck_assert_uint_eq(t->users.count[0], 1);
    ck_assert_uint_eq(t->items.count[0], 1);
    ck_assert_uint_eq(t->users.nseen[0], 1);
    ck_assert(seen_has(t->users.seen[0], 1, 0));
    ck_assert(t->items.trend[0] == trend_time(86400000, 30));
    ck_assert_int_eq(t->totals.clock_ms, 86400000);
    ck_assert_uint_eq(t->totals.seq, 9);
    ck_assert_uint_eq(t->totals.events, 1);
    ck_assert(t->totals.scaled_sum == 4.5);
    live_unpin(model_live(m), 0);
    model_free(m);
}
END_TEST

START_TEST(initial_factors_are_standardised)
{
    struct settings s = test_settings();
    double sum = 0, squares = 0;
    s.factor_rate = 0; // factors stay as they began
    struct model *m = model_of(&s);
    for (uint32_t k = 0; k < 900; k++) {
        char user[8], item[8];
        snprintf(user, sizeof user, "u%u", k);
        snprintf(item, sizeof item, "i%u", k);
        struct event e = test_event(user, item, 3, 0);
        test_fold(m, &e, k + 1);
    }
    const struct table *t = live_pin(model_live(m), 0);
    const uint32_t n = 900 * 16;
    for (uint32_t i = 0; i < n; i++) {
        sum += (double)t->users.vec[i];
        squares += (double)t->users.vec[i] * (double)t->users.vec[i];
    }
    ck_assert_double_eq_tol(sum / n, 0, 4 * 0.025 / sqrt(n));
    ck_assert_double_eq_tol(sqrt(squares / n), 0.025, 0.0007);
    live_unpin(model_live(m), 0);
    model_free(m);
}
END_TEST

/* ---- what is skipped --------------------------------------------------- */

static void skipped(struct model *m, const char *user, const char *item,
                    float value)
{
    static uint64_t seq = 100;
    const struct table *t = live_pin(model_live(m), 0);
    struct totals before = t->totals;
    uint32_t users = t->users.n, items = t->items.n;
    live_unpin(model_live(m), 0);
    struct event e = test_event(user, item, value, 5);
    ck_assert(isnan(test_fold(m, &e, ++seq)));
    t = live_pin(model_live(m), 0);
    before.seq = seq;
    before.skipped++;
    ck_assert_mem_eq(&before, &t->totals, sizeof before);
    ck_assert_uint_eq(t->users.n, users);
    ck_assert_uint_eq(t->items.n, items);
    live_unpin(model_live(m), 0);
}

START_TEST(skips_leave_nothing)
{
    struct settings s = test_settings();
    s.max_users = 2;
    s.max_items = 2;
    struct model *m = model_of(&s);
    skipped(m, "a", "x", 0.999f);
    skipped(m, "a", "x", 5.001f);
    skipped(m, "a", "x", NAN);
    skipped(m, "a", "x", INFINITY);
    struct event e = test_event("a", "x", 5, 5);
    ck_assert(!isnan(test_fold(m, &e, 1000)));
    e = test_event("a", "y", 1, 5);
    ck_assert(!isnan(test_fold(m, &e, 1001)));
    skipped(m, "b", "z", 3);    // the items are full: b is not added either
    skipped(m, "a", "z", 3);
    e = test_event("b", "y", 1, 5);
    ck_assert(!isnan(test_fold(m, &e, 2000)));
    skipped(m, "c", "x", 3);    // and now the users
    model_free(m);
}
END_TEST

START_TEST(rows_stay_finite)
{
    struct settings s = test_settings();
    s.factor_rate = 9;
    s.init = 9;
    struct model *m = model_of(&s);
    for (uint32_t k = 0; k < 3000; k++) {
        char name[2][16];
        struct event e = test_stream(k, 20, 20, name);
        test_fold(m, &e, k + 1);
    }
    const struct table *t = live_pin(model_live(m), 0);
    ck_assert_uint_gt(t->totals.skipped, 100); // it did run away
    ck_assert_uint_gt(t->totals.events, 20);
    for (uint32_t i = 0; i < t->users.n * 16; i++)
        ck_assert(isfinite(t->users.vec[i]));
    for (uint32_t i = 0; i < t->items.n * 16; i++)
        ck_assert(isfinite(t->items.vec[i]));
    for (uint32_t i = 0; i < t->users.n; i++)
        ck_assert(isfinite(t->users.bias[i]));
    for (uint32_t i = 0; i < t->items.n; i++)
        ck_assert(isfinite(t->items.bias[i]));
    live_unpin(model_live(m), 0);
    model_free(m);
}
END_TEST

START_TEST(a_rating_again)
{
    struct settings s = test_settings();
    struct model *m = model_of(&s);
    for (uint32_t k = 0; k < 50; k++) {
        struct event e = test_event("a", k % 2 ? "x" : "y", 2, 50 - k);
        test_fold(m, &e, k + 1);
    }
    const struct table *t = live_pin(model_live(m), 0);
    ck_assert_uint_eq(t->users.count[0], 50);
    ck_assert_uint_eq(t->users.nseen[0], 2);
    ck_assert_int_eq(t->totals.clock_ms, 50); // the newest, not the last
    live_unpin(model_live(m), 0);
    model_free(m);
}
END_TEST

/* ---- progress ---------------------------------------------------------- */

START_TEST(recent_errors)
{
    struct settings s = test_settings();
    const uint32_t n = RECENT_EVENTS * (RECENT_BLOCKS + 3) + 5;
    struct model *m = model_of(&s);
    double tail = 0;
    uint32_t in_ring = RECENT_EVENTS * (RECENT_BLOCKS - 1) + 5;
    for (uint32_t k = 0; k < n; k++) {
        char name[2][16];
        struct event e = test_stream(k, 60, 80, name);
        double miss = (double)test_fold(m, &e, k + 1) - (double)e.value;
        if (k >= n - in_ring)
            tail += fabs(miss);
    }
    const struct table *t = live_pin(model_live(m), 0);
    uint64_t count = 0;
    double absolute = 0;
    for (int i = 0; i < RECENT_BLOCKS; i++) {
        count += t->totals.recent[i].n;
        absolute += t->totals.recent[i].absolute;
    }
    ck_assert_uint_eq(count, in_ring);
    ck_assert_double_eq_tol(absolute, tail, 1e-6);
    ck_assert_uint_eq(t->totals.all.n, n);
    live_unpin(model_live(m), 0);
    model_free(m);
}
END_TEST

START_TEST(steps_shrink)
{
    static struct step_table table;
    struct settings s = test_settings();
    step_table_init(&table, &s);
    static const uint32_t counts[] = {0, 1, 15, 100, STEP_TABLE_N - 1,
                                      STEP_TABLE_N, 1000000};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        uint32_t n = counts[i];
        struct step_sizes got = step_table_get(&table, n);
        ck_assert_double_eq_tol((double)got.factor,
                                0.17 / pow(1 + n / 15.0, 0.25), 1e-7);
        ck_assert_double_eq_tol((double)got.bias,
                                fmax((double)0.044f, 1 / (n + 4.5)), 1e-7);
        struct step_sizes again = step_table_compute(&s, n);
        ck_assert_mem_eq(&got, &again, sizeof got);
    }
}
END_TEST

MODEL_TEST_MAIN("fold", tests_before_it_trains, cold_sides, one_step,
                initial_factors_are_standardised, skips_leave_nothing,
                rows_stay_finite, a_rating_again, recent_errors, steps_shrink)
