/* dots.c -- see dots.h. */
#include "model/rank/dots.h"

#include <stddef.h>

#include "model/core/simd.h"
#include "model/rank/dot.h"

/* The eight lanes; where there is no such register the compiler takes two. */
typedef float dot_eight __attribute__((vector_size(32), may_alias));

/* The same anywhere in memory. */
typedef float dot_any __attribute__((vector_size(32), may_alias, aligned(4)));

/* The end of dot_rows(). */
static inline __attribute__((always_inline)) float sum_lanes(dot_eight v)
{
    return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
}

static inline __attribute__((always_inline)) const dot_eight *
eights(const float *v)
{
    return (const dot_eight *)__builtin_assume_aligned(v, 32);
}

static inline __attribute__((always_inline)) void
dots_with(const float *p, const float *rows, uint32_t dim, uint32_t n,
          float *out)
{
    const dot_any *v = (const dot_any *)p;
    uint32_t step = dim / 8, i = 0;
    for (; i + 4 <= n; i += 4) {
        const dot_eight *a = eights(&rows[(size_t)i * dim]), *b = a + step,
                        *c = b + step, *d = c + step;
        dot_eight as = v[0] * a[0], bs = v[0] * b[0], cs = v[0] * c[0],
                  ds = v[0] * d[0];
        for (uint32_t j = 1; j < step; j++) {
            as += v[j] * a[j];
            bs += v[j] * b[j];
            cs += v[j] * c[j];
            ds += v[j] * d[j];
        }
        out[i] = sum_lanes(as);
        out[i + 1] = sum_lanes(bs);
        out[i + 2] = sum_lanes(cs);
        out[i + 3] = sum_lanes(ds);
    }
    for (; i < n; i++)
        out[i] = dot_rows(p, &rows[(size_t)i * dim], dim);
}

#ifdef __x86_64__
__attribute__((target("avx2"))) static void
dots_avx2(const float *p, const float *rows, uint32_t dim, uint32_t n,
          float *out)
{
    dots_with(p, rows, dim, n, out);
}
#endif

void dots(const float *p, const float *rows, uint32_t dim, uint32_t n,
          float *out)
{
#ifdef __x86_64__
    if (simd_best() == SIMD_32) {
        dots_avx2(p, rows, dim, n, out);
        return;
    }
#endif
    dots_with(p, rows, dim, n, out);
}
