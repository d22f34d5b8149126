/* trend.c -- see trend.h. */
#include "model/learn/trend.h"

#include <string.h>

#define DAY_MS 86400000.0
#define LN2    0.69314718055994530942

/* exp(r) for |r| <= ln2 / 2 by its Taylor series; what is left out is below
 * 2e-16.  Pairs and fours (Estrin), not one chain: a third of the wait. */
static double exp_small(double r)
{
    double r2 = r * r, r4 = r2 * r2;
    double a = (1.0 + r) + r2 * (1.0 / 2 + r * (1.0 / 6));
    double b = (1.0 / 24 + r * (1.0 / 120)) +
               r2 * (1.0 / 720 + r * (1.0 / 5040));
    double c = (1.0 / 40320 + r * (1.0 / 362880)) +
               r2 * (1.0 / 3628800 + r * (1.0 / 39916800));
    return a + r4 * (b + r4 * (c + r4 * (1.0 / 479001600)));
}

/* 2^n for an integer -1022 <= n <= 1023, by its bits. */
static double power_of_two(int n)
{
    uint64_t bits = (uint64_t)(n + 1023) << 52;
    double out;
    memcpy(&out, &bits, sizeof out);
    return out;
}

static double exp2_any(double x)
{
    if (x < -1000.0)
        return 0.0;
    if (x > 1000.0)
        x = 1000.0;
    int n = (int)(x < 0 ? x - 0.5 : x + 0.5);
    return exp_small((x - (double)n) * LN2) * power_of_two(n);
}

double trend_exp2_neg(double d)
{
    return exp2_any(-d);
}

/* ln(m) = 2 atanh((m - 1) / (m + 1)) with m = 1 + v, halved when that brings it
 * nearer to 1: then |z| < .172 and its odd powers fall by 34. */
double trend_log2_1p(double v)
{
    int half = v > 0.41421356237309503;
    double z = half ? (v - 1.0) / (v + 3.0) : v / (v + 2.0);
    double z2 = z * z, z4 = z2 * z2, z8 = z4 * z4;
    double a = (1.0 + z2 * (1.0 / 3)) + z4 * (1.0 / 5 + z2 * (1.0 / 7));
    double b = (1.0 / 9 + z2 * (1.0 / 11)) + z4 * (1.0 / 13 + z2 * (1.0 / 15));
    double ln = 2.0 * z * (a + z8 * (b + z8 * (1.0 / 17)));
    return ln * (1.0 / LN2) + (half ? 1.0 : 0.0);
}

double trend_time(int64_t time_ms, double half_life_days)
{
    return (double)time_ms / (half_life_days * DAY_MS);
}

double trend_add(double trend, int had, double x)
{
    if (!had)
        return x;
    double high = trend > x ? trend : x;
    double low = trend > x ? x : trend;
    return high + trend_log2_1p(trend_exp2_neg(high - low));
}

double trend_value(double trend, double x)
{
    return exp2_any(trend - x);
}
