/* histogram.c -- see histogram.h. */
#include "server/histogram.h"

#include <math.h>

#define FIRST_NS 1024u    /* the first bucket is everything below it */

static unsigned bucket_of(uint64_t ns)
{
    if (ns < FIRST_NS)
        return 0;
    unsigned top = 63u - (unsigned)__builtin_clzll(ns);
    unsigned part = (unsigned)(ns >> (top - 3)) & 7;
    unsigned i = (top - 10) * 8 + part + 1;
    return i < HISTOGRAM_BUCKETS ? i : HISTOGRAM_BUCKETS - 1;
}

/* The upper end of a bucket in ns. */
static double bucket_end(unsigned i)
{
    if (i == 0)
        return FIRST_NS;
    unsigned octave = (i - 1) / 8, part = (i - 1) % 8;
    return ldexp(8.0 + part + 1, (int)octave + 7);
}

static void raise(_Atomic uint64_t *at, uint64_t by)
{
    atomic_store_explicit(at,
                          atomic_load_explicit(at, memory_order_relaxed) + by,
                          memory_order_relaxed);
}

void histogram_add(struct histogram *h, int64_t ns, uint64_t times)
{
    uint64_t v = ns > 0 ? (uint64_t)ns : 0;
    raise(&h->count[bucket_of(v)], times);
    raise(&h->sum_ns, v * times);
    raise(&h->n, times);
}

void histogram_read(const struct histogram *h, struct histogram_view *v)
{
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        uint64_t c = atomic_load_explicit(&h->count[i], memory_order_relaxed);
        v->count[i] += c;
        v->n += c; // summed here, so that quantiles fit the buckets read
    }
    v->sum_ns += atomic_load_explicit(&h->sum_ns, memory_order_relaxed);
}

double histogram_quantile(const struct histogram_view *v, double q)
{
    uint64_t rank = (uint64_t)(q * (double)v->n), below = 0;
    if (v->n == 0)
        return (double)NAN;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        below += v->count[i];
        if (below > rank || below == v->n)
            return bucket_end(i) * 1e-9;
    }
    return (double)NAN;
}

uint64_t histogram_at_most(const struct histogram_view *v, double seconds)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
        if (bucket_end(i) <= seconds * 1e9 * 1.0001)
            sum += v->count[i];
    return sum;
}
