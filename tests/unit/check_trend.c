/* check_trend.c -- our exp2 and log2 against libm, and decayed popularity
 * against its definition. */
#include "model_test.h"

#include <math.h>

#include "model/learn/trend.h"

#define NEAR 1e-12

START_TEST(exp2_of_a_negative)
{
    for (int k = 0; k <= 200000; k++) {
        double d = k * 3.7e-4;
        ck_assert_double_eq_tol(trend_exp2_neg(d), exp2(-d), NEAR);
        double rel = trend_exp2_neg(d) / exp2(-d) - 1;
        ck_assert_double_eq_tol(rel, 0, NEAR);
    }
    ck_assert(trend_exp2_neg(0) == 1.0);
    ck_assert(trend_exp2_neg(1) == 0.5);
    ck_assert(trend_exp2_neg(40) == 0x1p-40);
    ck_assert(trend_exp2_neg(1e9) == 0.0);
}
END_TEST

START_TEST(log2_of_one_and_more)
{
    for (int k = 0; k <= 200000; k++) {
        double v = k * 5e-6, want = log1p(v) / log(2.0);
        ck_assert_double_eq_tol(trend_log2_1p(v), want, NEAR);
        if (v > 0)
            ck_assert_double_eq_tol(trend_log2_1p(v) / want - 1, 0, NEAR);
    }
    for (double v = 1; v > 1e-300; v *= 0.37) // small ones keep their digits
        ck_assert_double_eq_tol(trend_log2_1p(v) / (log1p(v) / log(2.0)) - 1,
                                0, NEAR);
    ck_assert(trend_log2_1p(0) == 0.0);
    ck_assert_double_eq_tol(trend_log2_1p(1), 1, 1e-15);
}
END_TEST

START_TEST(rises_with_its_argument)
{
    double before = -1;
    for (int k = 0; k <= 1000000; k++) {
        double y = trend_log2_1p(k * 1e-6); // across the seam at sqrt(2) - 1
        ck_assert(y > before);
        before = y;
    }
}
END_TEST

#define N 400u

/* Adds N events in the order that step gives, from event 0 or from the last. */
static double trend_of(const double *x, uint32_t step)
{
    double trend = 0;
    for (uint32_t k = 0; k < N; k++)
        trend = trend_add(trend, k > 0, x[k * step % N]);
    return trend;
}

START_TEST(is_the_sum_in_any_order)
{
    double x[N];
    long double sum = 0;
    for (uint32_t k = 0; k < N; k++)
        x[k] = trend_time(1700000000000 + (int64_t)test_below(k, 0, 1u << 31),
                          0.5 + 30);
    double now = x[0];
    for (uint32_t k = 0; k < N; k++)
        now = x[k] > now ? x[k] : now;
    for (uint32_t k = 0; k < N; k++)
        sum += exp2l(x[k] - now);
    static const uint32_t steps[] = {1, N - 1, 7, 171};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        double value = trend_value(trend_of(x, steps[i]), now);
        ck_assert_double_eq_tol(value / (double)sum, 1, 1e-10);
    }
}
END_TEST

START_TEST(halves)
{
    int64_t day = 86400000, t0 = 1700000000000;
    double trend = trend_add(12345, 0, trend_time(t0, 30)); // not had: forgets
    ck_assert_double_eq_tol(trend_value(trend, trend_time(t0, 30)), 1, NEAR);
    ck_assert_double_eq_tol(trend_value(trend, trend_time(t0 + 30 * day, 30)),
                            0.5, NEAR);
    trend = trend_add(trend, 1, trend_time(t0 + 30 * day, 30));
    ck_assert_double_eq_tol(trend_value(trend, trend_time(t0 + 30 * day, 30)),
                            1.5, NEAR);
    // an event of long ago adds nothing, and does no harm
    double same = trend_add(trend, 1, trend_time(0, 0.001));
    ck_assert(same >= trend);
    ck_assert(trend_time(day, 1) == 1);
    ck_assert(trend_value(trend, trend + 5000) == 0.0);
    ck_assert(isfinite(trend_value(trend, trend - 5000)));
}
END_TEST

MODEL_TEST_MAIN("trend", exp2_of_a_negative, log2_of_one_and_more,
                rises_with_its_argument, is_the_sum_in_any_order, halves)
