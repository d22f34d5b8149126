/* blas.h -- the arithmetic of serving many at once, by OpenBLAS.
 *
 * Its sums depend on the machine, so the fold never comes here (core/kernel.h
 * does its work); results differ from ours in the last bits.  All matrices are
 * row-major and dense.  blas.c is the only file that knows cblas.
 */
#ifndef FRESHET_MODEL_RANK_BLAS_H
#define FRESHET_MODEL_RANK_BLAS_H

#include <stdint.h>

/* Boot only.  Each call computes on the thread that makes it: the threads are
 * ours. */
void blas_setup(void);

/* Any thread.  out (n, m) = a (n, k) times the transpose of b (m, k). */
void blas_multiply(const float *a, const float *b, float *out, uint32_t n,
                   uint32_t m, uint32_t k);

/* Any thread.  out (n) += rows (n, k) times v (k). */
void blas_add_dots(const float *rows, const float *v, float *out, uint32_t n,
                   uint32_t k);

#endif
