/* hist.h -- a histogram of durations with a bounded relative error.
 *
 * Log-linear: every power of two is cut into 128 equal buckets, so a quantile
 * is off by less than 1 % whatever the range, in fixed memory.  Durations are
 * nanoseconds.  Plain data; one thread.
 */
#ifndef FRESHET_TESTS_BENCH_HIST_H
#define FRESHET_TESTS_BENCH_HIST_H

#include <stdint.h>

#define HIST_BITS 7 /* 2^7 buckets per power of two */
#define HIST_N    ((64 - HIST_BITS + 1) << HIST_BITS)

/* All zero is an empty histogram. */
struct hist {
    uint64_t n;
    int64_t max;
    uint64_t bucket[HIST_N];
};

/* Negative values count as 0. */
void hist_add(struct hist *h, int64_t ns);

/* The value below which a part q (0..1) of all values lie; 0 when empty.  Never
 * more than the largest value added. */
int64_t hist_quantile(const struct hist *h, double q);

#endif
