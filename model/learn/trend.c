/* trend.c -- see trend.h. */
#include "model/learn/trend.h"

#include <string.h>

#define DAY_MS 86400000.0
#define LN2    0.69314718055994530942

/* exp(r) for |r| <= ln2 / 2 by its Taylor series: 14 terms are below 1e-17. */
static double exp_small(double r)
{
    double sum = 1.0;
    for (int k = 14; k >= 1; k--)
        sum = 1.0 + sum * r / (double)k;
    return sum;
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

/* ln(1 + v) = 2 atanh(v / (2 + v)); with v <= 1 the argument is <= 1/3 and its
 * powers fall by 9: 17 terms are below 1e-16. */
double trend_log2_1p(double v)
{
    double z = v / (2.0 + v);
    double zz = z * z;
    double sum = 0.0;
    for (int k = 16; k >= 0; k--)
        sum = sum * zz + 1.0 / (double)(2 * k + 1);
    return 2.0 * z * sum / LN2;
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
