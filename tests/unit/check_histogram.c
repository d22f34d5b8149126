/* check_histogram.c -- every value in its bucket, quantiles within 12 %. */
#include "asserts.h"
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "server/histogram.h"

static struct histogram h;

static struct histogram_view view(void)
{
    struct histogram_view v = {0};
    histogram_read(&h, &v);
    return v;
}

/* A value alone is its own quantile: not below it, and at most 12.5 % above,
 * over the whole range and at every edge of a bucket. */
START_TEST(every_octave)
{
    int64_t octave = (int64_t)1 << _i;
    for (int eighth = 8; eighth < 16; eighth++) {
        int64_t edge = octave / 8 * eighth;
        for (int64_t ns = edge - 1; ns <= edge + 1; ns++) {
            memset(&h, 0, sizeof h);
            histogram_add(&h, ns, 1);
            struct histogram_view v = view();
            double q = histogram_quantile(&v, 0.5) * 1e9;
            ck_assert_double_gt(q, (double)ns);
            ck_assert_double_le(q, fmax(1024, (double)ns * 1.1251));
            ck_assert_uint_eq(v.n, 1);
            ck_assert_uint_eq(v.sum_ns, (uint64_t)ns);
        }
    }
}
END_TEST

START_TEST(ends)
{
    histogram_add(&h, -5, 1);
    histogram_add(&h, 0, 1);
    histogram_add(&h, 1, 1);
    histogram_add(&h, 1023, 1);
    struct histogram_view v = view();
    ck_assert_uint_eq(v.count[0], 4);
    ck_assert_uint_eq(v.sum_ns, 1024);
    histogram_add(&h, 1024, 1);
    histogram_add(&h, INT64_C(137438953471), 1); // 2^37 - 1
    histogram_add(&h, INT64_C(137438953472), 1);
    histogram_add(&h, INT64_MAX, 1);
    v = (struct histogram_view){0};
    histogram_read(&h, &v);
    ck_assert_uint_eq(v.count[1], 1);
    ck_assert_uint_eq(v.count[HISTOGRAM_BUCKETS - 1], 3);
    ck_assert_double_eq_tol(histogram_quantile(&v, 1), 137.438953472, 1e-6);
}
END_TEST

START_TEST(quantiles)
{
    static const double q[] = {0, 0.001, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1};
    struct histogram_view v = view();
    ck_assert(isnan(histogram_quantile(&v, 0.5)));
    for (int64_t i = 1; i <= 10000; i++) // 10 us .. 100 ms, evenly
        histogram_add(&h, i * 10000, 1);
    v = view();
    for (size_t i = 0; i < sizeof q / sizeof *q; i++) {
        double rank = fmax(1, ceil(q[i] * 10000));
        double got = histogram_quantile(&v, q[i]), want = rank * 1e-5;
        ck_assert_msg(got >= want && got <= want * 1.1251, "%g: %g for %g",
                      q[i], got, want);
    }
}
END_TEST

/* The smaller of two is the median; counts weigh. */
START_TEST(nearest_rank)
{
    histogram_add(&h, 1000000, 1);
    histogram_add(&h, 1000000000, 1);
    struct histogram_view v = view();
    ck_assert_double_lt(histogram_quantile(&v, 0.5), 0.0012);
    ck_assert_double_gt(histogram_quantile(&v, 0.51), 1);
    histogram_add(&h, 1000000000, 1000);
    v = view();
    ck_assert_uint_eq(v.n, 1002);
    ck_assert_double_gt(histogram_quantile(&v, 0.001), 1);
    ck_assert_uint_eq(v.sum_ns, 1000000 + 1001 * UINT64_C(1000000000));
}
END_TEST

START_TEST(at_most)
{
    static const double bounds[] = {1e-6, 1e-5, 0.0005, 0.001, 0.1, 1, 10};
    uint64_t last = 0;
    for (int64_t i = 1; i <= 10000; i++)
        histogram_add(&h, i * 10000, 1);
    struct histogram_view v = view();
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        double want = fmin(floor(bounds[i] * 1e5), 10000);
        uint64_t got = histogram_at_most(&v, bounds[i]);
        ck_assert_msg((double)got <= want && (double)got >= want * 0.8 - 1,
                      "%g: %d for %g", bounds[i], (int)got, want);
        ck_assert_uint_ge(got, last);
        last = got;
    }
    ck_assert_uint_eq(histogram_at_most(&v, 1000), 10000);
    // a bound that is the end of a bucket counts it whole
    memset(&h, 0, sizeof h);
    histogram_add(&h, 1000, 3);
    v = view();
    ck_assert_uint_eq(histogram_at_most(&v, 1.024e-6), 3);
    ck_assert_uint_eq(histogram_at_most(&v, 1.023e-6), 0);
}
END_TEST

START_TEST(merge)
{
    static struct histogram other;
    struct histogram_view v = {0};
    histogram_add(&h, 5000, 2);
    histogram_add(&other, 5000, 3);
    histogram_add(&other, 7000000, 5);
    histogram_read(&h, &v);
    histogram_read(&other, &v);
    ck_assert_uint_eq(v.n, 10);
    ck_assert_uint_eq(v.sum_ns, 5 * 5000 + 5 * 7000000);
    ck_assert_uint_eq(histogram_at_most(&v, 0.001), 5);
}
END_TEST

#define ADDS 200000

static void *add_many(void *arg)
{
    (void)arg;
    for (int i = 0; i < ADDS; i++)
        histogram_add(&h, i, 1);
    return NULL;
}

/* One writes, one reads: counts only grow, and none is lost. */
START_TEST(read_while_written)
{
    pthread_t writer;
    uint64_t last = 0;
    ck_assert_int_eq(pthread_create(&writer, NULL, add_many, NULL), 0);
    while (last < ADDS / 2) {
        struct histogram_view v = view();
        ck_assert_uint_ge(v.n, last);
        last = v.n;
    }
    pthread_join(writer, NULL);
    struct histogram_view v = view();
    ck_assert_uint_eq(v.n, ADDS);
    ck_assert_uint_eq(v.sum_ns, (uint64_t)ADDS * (ADDS - 1) / 2);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("histogram");
    TCase *t = tcase_create("histogram");
    tcase_add_loop_test(t, every_octave, 11, 37);
    tcase_add_test(t, ends);
    tcase_add_test(t, quantiles);
    tcase_add_test(t, nearest_rank);
    tcase_add_test(t, at_most);
    tcase_add_test(t, merge);
    tcase_add_test(t, read_while_written);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
