/* histogram.c -- see histogram.h. */
#include "server/histogram.h"

#include <math.h>

#define FIRST_NS 1024u    /* the first bucket is everything below it */

static unsigned bucket_of(uint64_t ns)
{
    if (ns < FIRST_NS)
        return 0;
    unsigned top = 63u - (unsigned)__builtin_clzll(ns); // 10 at FIRST_NS
    unsigned part = (unsigned)(ns >> (top - 3)) & 7;    // the next three bits
    unsigned i = (top - 10) * 8 + part + 1;
    return i < HISTOGRAM_BUCKETS ? i : HISTOGRAM_BUCKETS - 1;
}

/* The first ns that is no longer in bucket i. */
static double bucket_end(unsigned i)
{
    if (i == 0)
        return FIRST_NS;
    unsigned octave = (i - 1) / 8, part = (i - 1) % 8;
    return ldexp(8.0 + part + 1, (int)octave + 7);
}

static void raise(_Atomic uint64_t *at, uint64_t by)
{
    uint64_t v = atomic_load_explicit(at, memory_order_relaxed);
    atomic_store_explicit(at, v + by, memory_order_relaxed);
}

void histogram_add(struct histogram *h, int64_t ns, uint64_t times)
{
    uint64_t v = ns > 0 ? (uint64_t)ns : 0;
    raise(&h->count[bucket_of(v)], times);
    raise(&h->sum_ns, v * times);
}

void histogram_read(const struct histogram *h, struct histogram_view *v)
{
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        uint64_t c = atomic_load_explicit(&h->count[i], memory_order_relaxed);
        v->count[i] += c;
        v->n += c;
    }
    v->sum_ns += atomic_load_explicit(&h->sum_ns, memory_order_relaxed);
}

double histogram_quantile(const struct histogram_view *v, double q)
{
    double rank = ceil(q * (double)v->n);
    uint64_t below = 0;
    if (v->n == 0)
        return (double)NAN;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        below += v->count[i];
        if (v->count[i] && (double)below >= rank)
            return bucket_end(i) * 1e-9;
    }
    return (double)NAN; // not reached: below == n >= rank at the last
}

uint64_t histogram_at_most(const struct histogram_view *v, double seconds)
{
    double ns = seconds * 1e9 * (1 + 1e-9); // an end that was rounded counts
    uint64_t sum = 0;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        if (bucket_end(i) > ns)
            break;
        sum += v->count[i];
    }
    return sum;
}
