/* dots.h -- one vector times many rows: dot_rows() of each, the same bits.
 *
 * DESIGN  Why not a sgemv of BLAS: its sums depend on the machine and on where in
 * a block a row stands, so an item would have one score in a list, another one
 * among candidates or in an explanation.  The scan waits for memory, not for
 * arithmetic, so nothing is lost (make bench BENCH=recommend).  Four rows go
 * side by side, so that the additions of one do not wait for those of another;
 * where the machine has AVX the eight lanes of dot.h are one register.  Lanes
 * and their order are the same on every machine.
 */
#ifndef FRESHET_MODEL_RANK_DOTS_H
#define FRESHET_MODEL_RANK_DOTS_H

#include <stdint.h>

/* Any thread; pure.  rows: (n, dim), 32-byte aligned, p: (dim), 16-byte aligned,
 * dim a multiple of 8; out: (n). */
void dots(const float *p, const float *rows, uint32_t dim, uint32_t n,
          float *out);

#endif
