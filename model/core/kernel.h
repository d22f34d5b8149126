/* kernel.h -- the arithmetic of the fold, with one lane order everywhere.
 *
 * The fold must give the same bits on every machine, so these are ours: eight
 * lanes, always, whatever the CPU has; products are rounded before they are
 * added (-ffp-contract=off).  dim is a multiple of 8 and rows are 32-byte
 * aligned.  Any thread: pure functions.
 */
#ifndef FRESHET_MODEL_CORE_KERNEL_H
#define FRESHET_MODEL_CORE_KERNEL_H

#include <stdint.h>
#include <string.h>

#define KERNEL_LANES 8

typedef float kernel_vec __attribute__((vector_size(32)));

/* Dot product of a and b, both (dim).
 *   lane[l] = sum over j of a[8j+l] * b[8j+l], j rising
 *   result  = ((l0+l4)+(l2+l6)) + ((l1+l5)+(l3+l7)) */
static inline float kernel_dot(const float *a, const float *b, uint32_t dim)
{
    const kernel_vec *va = __builtin_assume_aligned(a, 32);
    const kernel_vec *vb = __builtin_assume_aligned(b, 32);
    kernel_vec s = va[0] * vb[0];
    for (uint32_t j = 1; j < dim / KERNEL_LANES; j++)
        s += va[j] * vb[j];
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

/* One SGD step on two rows at once, from their old values:
 *   p += rp * (e * q - l2 * p)        q += rq * (e * p - l2 * q)
 * e is the error, rp and rq the step sizes. */
static inline void kernel_step(float *p, float *q, uint32_t dim, float e,
                               float rp, float rq, float l2)
{
    kernel_vec *vp = __builtin_assume_aligned(p, 32);
    kernel_vec *vq = __builtin_assume_aligned(q, 32);
    for (uint32_t j = 0; j < dim / KERNEL_LANES; j++) {
        kernel_vec a = vp[j], b = vq[j];
        vp[j] = a + rp * (e * b - l2 * a);
        vq[j] = b + rq * (e * a - l2 * b);
    }
}

#endif
