/* cosine.c -- see cosine.h. */
#include "model/rank/cosine.h"

#include <math.h>

#include "model/core/simd.h"

#define ALWAYS static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 8")
#define GROUPS 8u            /* side by side, at most */

/* Eight numbers of a row, and the same anywhere in memory. */
typedef float eight __attribute__((vector_size(32), may_alias));
typedef float eight_any __attribute__((vector_size(32), may_alias, aligned(4)));

struct sums {
    eight pq, qq;
};

ALWAYS const eight *eights(const float *v, uint32_t at)
{
    return (const eight *)__builtin_assume_aligned(v, 32) + at;
}

/* The end of dot_rows(). */
ALWAYS float sum_lanes(eight v)
{
    return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
}

/* n groups of q from `at` on; n is a constant, so they stay in registers. */
ALWAYS void add_groups(struct sums *s, const float *p,
                       const struct cosine_parts *c, uint32_t at, uint32_t n,
                       bool weighed)
{
    const eight_any *ps = (const eight_any *)p + at;
    const eight *v = eights(c->vec, at);
    eight q[GROUPS];
UNROLL
    for (uint32_t j = 0; j < n; j++)
        q[j] = v[j];
    for (uint32_t f = 0; f < c->n; f++) {
        const eight *add = eights(c->of[f], at);
UNROLL
        for (uint32_t j = 0; j < n; j++)
            if (weighed)
                q[j] += c->weight[f] * add[j];
            else
                q[j] += add[j];
    }
UNROLL
    for (uint32_t j = 0; j < n; j++) {
        s->pq += ps[j] * q[j];
        s->qq += q[j] * q[j];
    }
}

ALWAYS float cosine_by(const float *p, const struct cosine_parts *c,
                       uint32_t dim, uint32_t most, bool weighed)
{
    // to which whatever is added stays as it is, a zero's sign too
    const eight none = {-0.0f, -0.0f, -0.0f, -0.0f, -0.0f, -0.0f, -0.0f, -0.0f};
    struct sums s = {none, none};
    uint32_t at = 0, groups = dim / 8;
    for (; at + most <= groups; at += most)
        add_groups(&s, p, c, at, most, weighed);
    for (; at < groups; at++)
        add_groups(&s, p, c, at, 1, weighed);
    return sum_lanes(s.pq) / sqrtf(sum_lanes(s.qq));
}

/* most: groups that the machine has registers for. */
ALWAYS float cosine_of(const float *p, const struct cosine_parts *q,
                       uint32_t dim, uint32_t most)
{
    return q->weighed ? cosine_by(p, q, dim, most, true)
                      : cosine_by(p, q, dim, most, false);
}

static float cosine_plain(const float *p, const struct cosine_parts *q, uint32_t dim)
{
    return cosine_of(p, q, dim, 4);
}

#ifdef __x86_64__
__attribute__((target("avx2"))) static float
cosine_avx2(const float *p, const struct cosine_parts *q, uint32_t dim)
{
    return cosine_of(p, q, dim, GROUPS);
}
#endif

float cosine(const float *p, const struct cosine_parts *q, uint32_t dim)
{
#ifdef __x86_64__
    if (simd_best() == SIMD_32)
        return cosine_avx2(p, q, dim);
#endif
    return cosine_plain(p, q, dim);
}
