/* check_hist.c -- the histogram of the load generator against sorted values.
 * Every latency that the benches print went through it. */
#include "asserts.h"
#include <stdlib.h>

#include "tests/bench/hist.c"

#define N 100000

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static struct hist hist;   // large; empty at the start of each fork
static int64_t values[N];

/* Fills both with N values of 10^0 .. 10^decades ns, evenly in the logarithm
 * as far as integers allow. */
static void fill(int decades)
{
    uint64_t rng = 1;
    for (int i = 0; i < N; i++) {
        int64_t v = 1;
        rng = rng * 6364136223846793005u + 1442695040888963407u;
        for (int d = (int)((rng >> 33) % (unsigned)decades); d > 0; d--)
            v *= 10;
        v += (int64_t)((rng >> 40) % (uint64_t)(9 * v));
        values[i] = v;
        hist_add(&hist, v);
    }
    qsort(values, N, sizeof *values, by_value);
}

START_TEST(quantiles_within_one_percent)
{
    static const double at[] = {0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999};
    fill(2 + _i);
    for (unsigned k = 0; k < sizeof at / sizeof *at; k++) {
        int64_t exact = values[(int)(at[k] * N + 0.5) - 1];
        int64_t got = hist_quantile(&hist, at[k]);
        ck_assert_int_ge(got, exact);
        ck_assert_int_le(got - exact, exact / 100);
    }
    ck_assert_int_eq(hist_quantile(&hist, 1), values[N - 1]);
    ck_assert_int_eq(hist.max, values[N - 1]);
    ck_assert_uint_eq(hist.n, N);
}
END_TEST

START_TEST(edges)
{
    ck_assert_int_eq(hist_quantile(&hist, 0.5), 0); // empty
    hist_add(&hist, -5);
    ck_assert_int_eq(hist_quantile(&hist, 1), 0);
    hist_add(&hist, INT64_MAX);
    ck_assert_int_eq(hist_quantile(&hist, 0.5), 0);
    ck_assert_int_eq(hist_quantile(&hist, 1), INT64_MAX);
}
END_TEST

START_TEST(small_values_are_exact)
{
    for (int64_t v = 0; v < 2 << HIST_BITS; v++)
        hist_add(&hist, v);
    for (int64_t v = 0; v < 2 << HIST_BITS; v++)
        ck_assert_int_eq(
            hist_quantile(&hist, (double)(v + 1) / (2 << HIST_BITS)), v);
}
END_TEST

START_TEST(no_value_falls_between_buckets)
{
    for (unsigned b = 1; b + 1 < HIST_N && bucket_top(b) < INT64_MAX; b++) {
        ck_assert_uint_eq(bucket_of(bucket_top(b)), b);
        ck_assert_uint_eq(bucket_of(bucket_top(b) + 1), b + 1);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hist");
    TCase *tc = tcase_create("hist");
    tcase_add_loop_test(tc, quantiles_within_one_percent, 0, 8);
    tcase_add_test(tc, edges);
    tcase_add_test(tc, small_values_are_exact);
    tcase_add_test(tc, no_value_falls_between_buckets);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
