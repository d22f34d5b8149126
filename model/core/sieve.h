/* sieve.h -- an item's ranking vector in one byte per number, and what that
 * cannot tell.
 *
 *   q_j = step * code_j + rest_j        code_j in -127..127,  |rest| <= loss
 *
 * A scan for the best few of many reads these, a quarter of the bytes, and
 * from them a score that the item cannot exceed (rank/sift.h); the vector
 * itself only of the few that may be among the best.  So lists are exact, and
 * the sieve decides nothing but how long they take: it is not hashed and is in no
 * file.  The trainer makes it when a copy is published, of the rows whose vectors
 * were written (tables.h).
 *
 * The scale is the row's own, so an outlier among the items costs no other its
 * precision.  With 64 numbers like those of a normal distribution loss is 0.5 %
 * of |q|.
 *
 * Any thread: pure.
 */
#ifndef FRESHET_MODEL_CORE_SIEVE_H
#define FRESHET_MODEL_CORE_SIEVE_H

#include <stdint.h>

#define SIEVE_CODE_MAX 127

/* Never too small, whatever was rounded on the way: infinite when nothing is
 * known. */
struct grain {
    float step;              /* 0: all codes are */
    float loss;              /* at least the length of rest */
};

/* q: (dim), 32-byte aligned, finite; code: (dim).  dim a multiple of 8. */
void sieve_make(const float *q, uint32_t dim, int8_t *code, struct grain *g);

#endif
