/* simd.c -- see simd.h. */
#include "model/core/simd.h"

static enum simd limit = SIMD_32;

enum simd simd_best(void)
{
    enum simd best = SIMD_16;
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2"))
        best = SIMD_32;
#endif
    return best < limit ? best : limit;
}

void simd_limit(enum simd most)
{
    limit = most;
}
