/* sift.h -- what an item's score cannot exceed, from a quarter of its bytes.
 *
 * With an item's vector in small (core/sieve.h), q = step * code + rest, and the
 * user's likewise, p = grid * round + crumb:
 *
 *   p . q = grid * step * (round . code) + grid * (round . rest) + crumb . q
 *
 *   |grid * (round . rest)| <= (|p| + |crumb|) * loss
 *   |crumb . q|             <= |crumb| * (127 * sqrt(dim) * step + loss)
 *
 * and so score(i) <= rb_i + sum of (p . er_f) + step * (grid * (round . code) + B)
 * + loss * A, where A and B are of the user alone.  round . code is a sum of
 * integers and exact.  What the float arithmetic of score_item() and of this may
 * lose is in A, B and a slack of 1e-5 of what is added.
 *
 * With p and q like normal numbers, dim 64, the bound is 5 % of a score's
 * standard deviation above it: for the best 10 of 1,000,000 some 15 vectors are
 * read more than in a list of those 10 alone.  round has 16 bits, so next to all of
 * it is the items' loss.
 *
 * Any thread with a pinned table; pure.
 */
#ifndef FRESHET_MODEL_RANK_SIFT_H
#define FRESHET_MODEL_RANK_SIFT_H

#include "model/rank/compose.h"
#include "model/rank/score.h"

#define SIFT_BLOCK 256u

/* Who is asking. */
struct sift {
    _Alignas(32) int16_t round[COMPOSE_DIM_MAX];
    float grid;
    float a, b;              /* A, B */
    float slack;             /* of the sums of features */
};

/* p: (dim), a user's ranking vector; feature: of score_features(), nfeatures + 1
 * entries. */
void sift_begin(struct sift *s, const float *p, uint32_t dim,
                const float *feature, uint32_t nfeatures);

/* After that, of n <= SIFT_BLOCK items from `from` on, to most (n): no less than
 * score_item().  Infinite or not a number where nothing is known. */
void sift_block(const struct sift *s, const struct table *t,
                const float *feature, uint32_t from, uint32_t n, float *most);

#endif
