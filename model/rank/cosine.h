/* cosine.h -- one vector and many, each with those of its features: cosines.
 *
 *   cosine(p, q) = p . q / sqrt(q . q),  q = compose() of the row, |p| = 1
 *
 * The bits of compose() and dot_rows(), but q stays in registers and is never
 * written.  Where the machine has AVX the eight lanes are one register.
 *
 * Any thread with a pinned table; pure.
 */
#ifndef FRESHET_MODEL_RANK_COSINE_H
#define FRESHET_MODEL_RANK_COSINE_H

#include "model/core/card.h"
#include "model/core/table.h"

/* What q is the sum of. */
struct cosine_parts {
    const float *vec;            /* (dim), as all of them 32-byte aligned */
    uint32_t n;                  /* 0..CARD_FEATURES_MAX */
    bool weighed;                /* else each weight is 1 */
    const float *of[CARD_FEATURES_MAX];
    float weight[CARD_FEATURES_MAX];
};

/* p: (dim), 16-byte aligned; dim a multiple of 8.  Not finite where q is 0 or too
 * large. */
float cosine(const float *p, const struct cosine_parts *q, uint32_t dim);

#endif
