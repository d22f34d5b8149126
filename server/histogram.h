/* histogram.h -- how long things take: counts in log-linear buckets.
 *
 * DESIGN  Buckets are 8 to an octave of nanoseconds from 1 us to 137 s, so a
 * quantile is right to 12 %.  One thread adds; any thread reads.  A bucket is a
 * relaxed atomic: a reader may miss the newest values, never see a torn one.
 */
#ifndef FRESHET_SERVER_HISTOGRAM_H
#define FRESHET_SERVER_HISTOGRAM_H

#include <stdatomic.h>
#include <stdint.h>

#define HISTOGRAM_OCTAVES 27
#define HISTOGRAM_BUCKETS (HISTOGRAM_OCTAVES * 8 + 1)

struct histogram {
    _Atomic uint64_t count[HISTOGRAM_BUCKETS];
    _Atomic uint64_t n;
    _Atomic uint64_t sum_ns;
};

/* A readable copy, or the sum of several. */
struct histogram_view {
    uint64_t count[HISTOGRAM_BUCKETS];
    uint64_t n;
    uint64_t sum_ns;
};

/* Its one writer.  `times` equal values. */
void histogram_add(struct histogram *h, int64_t ns, uint64_t times);

/* Any thread.  Adds h to *v, which starts zeroed. */
void histogram_read(const struct histogram *h, struct histogram_view *v);

/* Any thread, pure.  Seconds; NAN when empty. */
double histogram_quantile(const struct histogram_view *v, double q);

/* Any thread, pure.  How many values are at most `seconds` (to the bucket). */
uint64_t histogram_at_most(const struct histogram_view *v, double seconds);

#endif
