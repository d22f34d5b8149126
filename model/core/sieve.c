/* sieve.c -- see sieve.h.
 *
 * The trainer does this for each row that an event touched, before each publish,
 * so x86-64 has it in its own words.  Codes may differ between machines where a
 * number lies between two; what a row has lost is measured, so nothing depends
 * on it.
 */
#include "model/core/sieve.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "model/core/simd.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

/* Lengths are rounded up by this: more than dim additions lose (dim <= 512). */
#define UP   1.0001f
/* What code * step loses by rounding, in steps: 127 / 2^24. */
#define LSB  8e-6f
/* What vanishes when it is squared. */
#define DUST 1e-18f

/* ---- a row's two passes ------------------------------------------------- */

/* The largest |q_j|. */
static float largest(const float *q, uint32_t dim)
{
    float most = 0;
    for (uint32_t j = 0; j < dim; j++)
        most = fmaxf(most, fabsf(q[j]));
    return most;
}

/* The codes; the sum of the squares of their rests. */
static float round_all(const float *q, uint32_t dim, float step, int8_t *code)
{
    const float to_code = 1 / step;
    float rest = 0;
    for (uint32_t j = 0; j < dim; j++) {
        float c = rintf(q[j] * to_code), r = q[j] - c * step;
        code[j] = (int8_t)c;
        rest += r * r;
    }
    return rest;
}

#ifdef __x86_64__
#define INTO static inline __attribute__((always_inline, target("avx2")))

/* Across the lanes. */
INTO float largest_lane(__m256 v)
{
    __m128 m = _mm_max_ps(_mm256_castps256_ps128(v),
                          _mm256_extractf128_ps(v, 1));
    m = _mm_max_ps(m, _mm_movehl_ps(m, m));
    return _mm_cvtss_f32(_mm_max_ss(m, _mm_shuffle_ps(m, m, 1)));
}

INTO float sum_lanes(__m256 v)
{
    __m128 m = _mm_add_ps(_mm256_castps256_ps128(v),
                          _mm256_extractf128_ps(v, 1));
    m = _mm_add_ps(m, _mm_movehl_ps(m, m));
    return _mm_cvtss_f32(_mm_add_ss(m, _mm_shuffle_ps(m, m, 1)));
}

INTO float largest_avx2(const float *q, uint32_t dim)
{
    const __m256 size = _mm256_castsi256_ps(_mm256_set1_epi32(INT32_MAX));
    __m256 most = _mm256_setzero_ps();
    for (uint32_t j = 0; j < dim; j += 8)
        most = _mm256_max_ps(_mm256_and_ps(_mm256_load_ps(&q[j]), size), most);
    return largest_lane(most);
}

INTO float round_all_avx2(const float *q, uint32_t dim, float step,
                          int8_t *code)
{
    const __m256 to_code = _mm256_set1_ps(1 / step), by = _mm256_set1_ps(step);
    __m256 rest = _mm256_setzero_ps();
    for (uint32_t j = 0; j < dim; j += 8) {
        __m256 x = _mm256_load_ps(&q[j]);
        __m256i c = _mm256_cvtps_epi32(_mm256_mul_ps(x, to_code));
        __m256 r = _mm256_sub_ps(x, _mm256_mul_ps(_mm256_cvtepi32_ps(c), by));
        rest = _mm256_add_ps(rest, _mm256_mul_ps(r, r));
        __m128i two = _mm_packs_epi32(_mm256_castsi256_si128(c),
                                      _mm256_extracti128_si256(c, 1));
        _mm_storel_epi64((__m128i *)(void *)&code[j],
                         _mm_packs_epi16(two, two));
    }
    return sum_lanes(rest);
}
#endif

/* ---- a row -------------------------------------------------------------- */

/* Is there nothing to tell apart, or are these no numbers to do it with? */
static bool is_flat(float most, uint32_t dim, int8_t *code, struct grain *g)
{
    if (most < FLT_MAX / 1024 && most / SIEVE_CODE_MAX >= FLT_MIN)
        return false;
    memset(code, 0, dim);
    g->step = 0;
    g->loss = most < 1 ? DUST * 1024 : INFINITY;
    return true;
}

static inline void set_grain(struct grain *g, float step, float rest,
                             uint32_t dim)
{
    g->step = step;
    g->loss = sqrtf(rest) * UP + step * (float)dim * LSB + DUST;
}

static void make_plain(const float *q, uint32_t dim, int8_t *code,
                       struct grain *g)
{
    float most = largest(q, dim), step = most / SIEVE_CODE_MAX;
    if (!is_flat(most, dim, code, g))
        set_grain(g, step, round_all(q, dim, step, code), dim);
}

#ifdef __x86_64__
__attribute__((target("avx2"))) static void
make_avx2(const float *q, uint32_t dim, int8_t *code, struct grain *g)
{
    float most = largest_avx2(q, dim), step = most / SIEVE_CODE_MAX;
    if (!is_flat(most, dim, code, g))
        set_grain(g, step, round_all_avx2(q, dim, step, code), dim);
}
#endif

void sieve_make(const float *q, uint32_t dim, int8_t *code, struct grain *g)
{
#ifdef __x86_64__
    if (simd_best() == SIMD_32) {
        make_avx2(q, dim, code, g);
        return;
    }
#endif
    make_plain(q, dim, code, g);
}
