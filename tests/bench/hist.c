/* hist.c -- see hist.h. */
#include "tests/bench/hist.h"

/* Values below 2^(BITS+1) have buckets of their own (width 1); above that the
 * width doubles with every power of two. */
static unsigned bucket_of(uint64_t v)
{
    if (v >> (HIST_BITS + 1) == 0)
        return (unsigned)v;
    unsigned shift = 63 - (unsigned)__builtin_clzll(v) - HIST_BITS;
    return (shift << HIST_BITS) + (unsigned)(v >> shift);
}

/* The largest value that bucket_of() puts into bucket b. */
static uint64_t bucket_top(unsigned b)
{
    if (b >> (HIST_BITS + 1) == 0)
        return b;
    unsigned shift = (b >> HIST_BITS) - 1;
    uint64_t mantissa = b - ((uint64_t)shift << HIST_BITS);
    return ((mantissa + 1) << shift) - 1;
}

void hist_add(struct hist *h, int64_t ns)
{
    if (ns < 0)
        ns = 0;
    h->bucket[bucket_of((uint64_t)ns)]++;
    h->n++;
    if (ns > h->max)
        h->max = ns;
}

int64_t hist_quantile(const struct hist *h, double q)
{
    uint64_t seen = 0;
    double want = q * (double)h->n;
    for (unsigned b = 0; b < HIST_N; b++) {
        seen += h->bucket[b];
        if (seen > 0 && (double)seen >= want) {
            int64_t top = (int64_t)bucket_top(b);
            return top < h->max ? top : h->max;
        }
    }
    return 0;
}
