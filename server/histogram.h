/* histogram.h -- how long things take: counts in log-linear buckets.
 *
 * DESIGN  Eight buckets to an octave, from 1 us (all below is the first one) to
 * 137 s (all above is in the last), so a quantile is right to 12 %.  One thread
 * adds, any thread reads.  Each bucket is an atomic with a single writer, which
 * therefore adds by a relaxed load and a relaxed store, without a locked
 * instruction; a reader may miss the newest values and may see a bucket before
 * the sum, but never a torn number.  No order between them is needed, because a
 * reader counts what it has read (histogram_view.n), not what it was told.
 */
#ifndef FRESHET_SERVER_HISTOGRAM_H
#define FRESHET_SERVER_HISTOGRAM_H

#include <stdatomic.h>
#include <stdint.h>

#define HISTOGRAM_OCTAVES 27
#define HISTOGRAM_BUCKETS (HISTOGRAM_OCTAVES * 8 + 1)

/* Zeroed is empty. */
struct histogram {
    _Atomic uint64_t count[HISTOGRAM_BUCKETS];
    _Atomic uint64_t sum_ns;
};

/* A readable copy, or the sum of several. */
struct histogram_view {
    uint64_t count[HISTOGRAM_BUCKETS];
    uint64_t n;             /* sum of count */
    uint64_t sum_ns;        /* of the values, exact */
};

/* Its one writer.  `times` equal values; less than nothing counts as 0. */
void histogram_add(struct histogram *h, int64_t ns, uint64_t times);

/* Any thread.  Adds h to *v, which starts zeroed: reading several merges
 * them. */
void histogram_read(const struct histogram *h, struct histogram_view *v);

/* Any thread, pure.  The upper end in seconds of the bucket that holds the
 * ceil(q * n)-th smallest value, 0 <= q <= 1; NAN when empty. */
double histogram_quantile(const struct histogram_view *v, double q);

/* Any thread, pure.  How many values lie in buckets that end at or below
 * `seconds`: a cumulative bucket of Prometheus.  Low by at most the values of
 * the one bucket that `seconds` divides. */
uint64_t histogram_at_most(const struct histogram_view *v, double seconds);

#endif
