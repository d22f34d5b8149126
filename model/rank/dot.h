/* dot.h -- kernel_dot() for rows on their way through registers.
 *
 * The same lanes, the same order of additions and so the same bits as
 * core/kernel.h (check_predict compares them), held as two halves of four
 * lanes: compilers pass a 32-byte vector through memory where the machine's
 * registers have 16 bytes, which costs a step more than all its arithmetic.
 * Any thread: pure.
 */
#ifndef FRESHET_MODEL_RANK_DOT_H
#define FRESHET_MODEL_RANK_DOT_H

#include <stdint.h>

/* Lanes 0..3 or 4..7 of a group of eight. */
typedef float dot_half __attribute__((vector_size(16), may_alias));

/* a, b: (dim) floats, 16-byte aligned, dim a multiple of 8. */
static inline float dot_rows(const float *a, const float *b, uint32_t dim)
{
    const dot_half *va = (const dot_half *)__builtin_assume_aligned(a, 16);
    const dot_half *vb = (const dot_half *)__builtin_assume_aligned(b, 16);
    dot_half low = va[0] * vb[0], high = va[1] * vb[1];
    for (uint32_t j = 2; j < dim / 4; j += 2) {
        low += va[j] * vb[j];
        high += va[j + 1] * vb[j + 1];
    }
    dot_half s = low + high; // l0+l4, l1+l5, l2+l6, l3+l7
    return (s[0] + s[2]) + (s[1] + s[3]);
}

#endif
