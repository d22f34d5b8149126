/* sift.c -- see sift.h. */
#include "model/rank/sift.h"

#include <math.h>

#include "model/core/simd.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

#define ROUND_MAX 32767      /* * 127 * 512 fits an int32_t */
#define UP        1.0001f
#define GRAIN     1e-5f      /* of floats added: 64 of them lose 4e-6 */

void sift_begin(struct sift *s, const float *p, uint32_t dim,
                const float *feature, uint32_t nfeatures)
{
    double most = 0, size = 0, crumbs = 0;
    float strongest = 0;
    for (uint32_t j = 0; j < dim; j++) {
        most = fmax(most, fabs((double)p[j]));
        size += (double)p[j] * (double)p[j];
    }
    s->grid = (float)(most / ROUND_MAX);
    for (uint32_t j = 0; j < dim; j++) {
        double steps = s->grid > 0 ? (double)p[j] / (double)s->grid : 0;
        // rounding the grid may have made it a little more than ROUND_MAX
        steps = fmax(-ROUND_MAX, fmin(ROUND_MAX, nearbyint(steps)));
        double crumb = (double)p[j] - steps * (double)s->grid;
        s->round[j] = (int16_t)steps;
        crumbs += crumb * crumb;
    }
    for (uint32_t f = 1; f <= nfeatures; f++)
        strongest = fmaxf(strongest, fabsf(feature[f]));
    size = sqrt(size);
    crumbs = sqrt(crumbs) + GRAIN * size;
    s->a = (float)(size + 2 * crumbs) * UP;
    s->b = (float)(crumbs * 127 * sqrt((double)dim)) * UP;
    s->slack = GRAIN * BRIEF_FEATURES * strongest + 1e-30f;
}

/* ---- integers ----------------------------------------------------------- */

/* round . code of n items to out: codes of dim bytes each. */
typedef void dots_fn(const int16_t *round, const int8_t *code, uint32_t dim,
                     uint32_t n, int32_t *out);

static void dots_plain(const int16_t *round, const int8_t *code, uint32_t dim,
                       uint32_t n, int32_t *out)
{
    for (uint32_t i = 0; i < n; i++, code += dim) {
        int32_t sum[8] = {0};
        for (uint32_t j = 0; j < dim; j += 8)
            for (uint32_t l = 0; l < 8; l++)
                sum[l] += round[j + l] * code[j + l];
        out[i] = ((sum[0] + sum[4]) + (sum[2] + sum[6])) +
                 ((sum[1] + sum[5]) + (sum[3] + sum[7]));
    }
}

#ifdef __x86_64__
#define AVX2 __attribute__((target("avx2")))
#define INTO static inline __attribute__((always_inline, target("avx2")))

/* Sixteen products, added in pairs. */
INTO __m256i sixteen(const int16_t *round, const int8_t *code)
{
    __m256i c = _mm256_cvtepi8_epi16(
        _mm_loadu_si128((const __m128i *)(const void *)code));
    return _mm256_madd_epi16(
        c, _mm256_load_si256((const __m256i *)(const void *)round));
}

/* The last eight, where dim is no multiple of 16. */
INTO __m256i eight(const int16_t *round, const int8_t *code)
{
    __m128i c = _mm_cvtepi8_epi16(
        _mm_loadl_epi64((const __m128i *)(const void *)code));
    return _mm256_zextsi128_si256(_mm_madd_epi16(
        c, _mm_load_si128((const __m128i *)(const void *)round)));
}

INTO __m256i row(const int16_t *round, const int8_t *code, uint32_t dim)
{
    uint32_t j = 0;
    __m256i sum = _mm256_setzero_si256();
    for (; j + 16 <= dim; j += 16)
        sum = _mm256_add_epi32(sum, sixteen(round + j, code + j));
    return j < dim ? _mm256_add_epi32(sum, eight(round + j, code + j)) : sum;
}

/* Four rows side by side, and their lanes summed together. */
INTO __m128i rows(const int16_t *round, const int8_t *code, uint32_t dim)
{
    __m256i ab = _mm256_hadd_epi32(row(round, code, dim),
                                   row(round, code + dim, dim));
    __m256i cd = _mm256_hadd_epi32(row(round, code + 2 * dim, dim),
                                   row(round, code + 3 * dim, dim));
    __m256i all = _mm256_hadd_epi32(ab, cd);
    return _mm_add_epi32(_mm256_castsi256_si128(all),
                         _mm256_extracti128_si256(all, 1));
}

INTO void dots_by(const int16_t *round, const int8_t *code, uint32_t dim,
                  uint32_t n, int32_t *out)
{
    uint32_t i = 0;
    for (; i + 4 <= n; i += 4, code += 4 * dim)
        _mm_storeu_si128((__m128i *)(void *)&out[i], rows(round, code, dim));
    dots_plain(round, code, dim, n - i, &out[i]);
}

AVX2 static void dots_avx2(const int16_t *round, const int8_t *code,
                           uint32_t dim, uint32_t n, int32_t *out)
{
    if (dim == 32) // lengths whose loops are unrolled
        dots_by(round, code, 32, n, out);
    else if (dim == 64)
        dots_by(round, code, 64, n, out);
    else
        dots_by(round, code, dim, n, out);
}
#endif

static dots_fn *dots_of_this_machine(void)
{
#ifdef __x86_64__
    if (simd_best() == SIMD_32)
        return dots_avx2;
#endif
    return dots_plain;
}

/* ---- bounds ------------------------------------------------------------- */

/* What does not come from the vectors, with its slack. */
static float rest_of(const struct sift *s, const struct table *t,
                     const float *feature, uint32_t item)
{
    const struct brief *b = &t->items.brief[item];
    float bias = t->items.rbias[item];
    if (b->n == BRIEF_SEE_CARD) {
        const struct card *c = t->items.card[item];
        float sum = bias, size = fabsf(bias);
        for (uint32_t k = 0; k < c->nfeatures; k++) {
            float one = c->feature[k].weight * feature[c->feature[k].row + 1];
            sum += one;
            size += fabsf(one);
        }
        return sum + GRAIN * size + s->slack;
    }
    const uint32_t *f = b->slot; // all of them, which needs no branch
    float sum = ((feature[f[0]] + feature[f[1]]) +
                 (feature[f[2]] + feature[f[3]])) +
                ((feature[f[4]] + feature[f[5]]) + (feature[f[6]] + bias));
    return sum + GRAIN * fabsf(bias) + s->slack;
}

/* Four at a time, for whom a register of every machine has room. */
typedef float sift_four __attribute__((vector_size(16), may_alias, aligned(4)));
typedef int32_t sift_ints __attribute__((vector_size(16), may_alias,
                                         aligned(4)));

static inline void add_four(const struct sift *s, const struct grain *g,
                            const int32_t *dot, float *most)
{
    const sift_four *grains = (const sift_four *)g; // step, loss, step, loss
    sift_four a = grains[0], b = grains[1];
    sift_four step = __builtin_shufflevector(a, b, 0, 2, 4, 6);
    sift_four loss = __builtin_shufflevector(a, b, 1, 3, 5, 7);
    sift_four d = __builtin_convertvector(*(const sift_ints *)dot, sift_four);
    sift_four *to = (sift_four *)most;
    *to += step * (s->grid * d + s->b) + loss * s->a;
}

void sift_block(const struct sift *s, const struct table *t,
                const float *feature, uint32_t from, uint32_t n, float *most)
{
    int32_t dot[SIFT_BLOCK];
    const struct grain *g = &t->items.grain[from];
    uint32_t i = 0;
    dots_of_this_machine()(s->round, &t->items.code[(size_t)from * t->rdim],
                           t->rdim, n, dot);
    for (uint32_t k = 0; k < n; k++)
        most[k] = rest_of(s, t, feature, from + k);
    for (; i + 4 <= n; i += 4)
        add_four(s, &g[i], &dot[i], &most[i]);
    for (; i < n; i++)
        most[i] += g[i].step * (s->grid * (float)dot[i] + s->b) +
                   g[i].loss * s->a;
}
