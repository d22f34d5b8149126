/* blas.c -- see blas.h. */
#include "model/rank/blas.h"

#include <cblas.h>

void blas_setup(void)
{
    openblas_set_num_threads(1);
}

void blas_multiply(const float *a, const float *b, float *out, uint32_t n,
                   uint32_t m, uint32_t k)
{
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n, (int)m,
                (int)k, 1.0f, a, (int)k, b, (int)k, 0.0f, out, (int)m);
}

void blas_add_dots(const float *rows, const float *v, float *out, uint32_t n,
                   uint32_t k)
{
    cblas_sgemv(CblasRowMajor, CblasNoTrans, (int)n, (int)k, 1.0f, rows,
                (int)k, v, 1, 1.0f, out, 1);
}
