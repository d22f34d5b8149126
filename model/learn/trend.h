/* trend.h -- time-decayed popularity in one double per item, without a clock.
 *
 * The popularity of an item at time t is the sum over its events of
 * 2^-((t - t_event) / half_life).  Seen as a function of t it only scales, so
 * the order of items does not depend on t; what is kept is
 *
 *   trend = log2( sum of 2^(t_event / half_life) )
 *
 * which can be compared between items as it is.  An event adds by
 * log2(2^a + 2^b) = max + log2(1 + 2^-(|a - b|)), whatever order events have.
 * exp2 and log2 are polynomials of ours, so that every machine agrees; their
 * error is below 1e-12.  Any thread, pure.
 */
#ifndef FRESHET_MODEL_LEARN_TREND_H
#define FRESHET_MODEL_LEARN_TREND_H

#include <stdint.h>

/* An item without events has no trend: its count is 0 and what its column holds
 * means nothing.  Whoever orders by trend leaves out items with count == 0. */

/* Units of trend at a time: t / half_life. */
double trend_time(int64_t time_ms, double half_life_days);

/* The trend after one more event at time x (in units of trend_time); had: the
 * item had events before. */
double trend_add(double trend, int had, double x);

/* Popularity at time x: 2^(trend - x), as a number of events. */
double trend_value(double trend, double x);

/* For tests: 2^-d for d >= 0, and log2(1 + v) for 0 <= v <= 1. */
double trend_exp2_neg(double d);
double trend_log2_1p(double v);

#endif
