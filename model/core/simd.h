/* simd.h -- which registers the kernels may use.
 *
 * The program is built for the oldest machines that it runs on; kernels that
 * gain from wider registers are compiled for those too, and who runs them asks
 * here which.  Every way gives the same bits: lanes and the order of additions
 * are fixed (core/kernel.h), and nothing may contract (-ffp-contract=off).
 */
#ifndef FRESHET_MODEL_CORE_SIMD_H
#define FRESHET_MODEL_CORE_SIMD_H

enum simd {
    SIMD_CAREFUL,      /* no kernels: the fold's plain code (learn/lanes.h) */
    SIMD_16,           /* registers of 16 bytes, which are everywhere */
    SIMD_32            /* of 32: AVX2 */
};

/* Any thread.  The best that the machine has. */
enum simd simd_best(void);

/* For tests, before anything asks: no better than this. */
void simd_limit(enum simd most);

#endif
