/* diverse.h -- a list with less of the same in it: maximal marginal relevance
 * (Carbonell and Goldstein 1998).
 *
 * The next item is the one with the largest
 *
 *   (1 - d) * relevance - d * largest similarity to those before it
 *
 * where relevance is the item's key, 0 for the worst of the pool to 1 for the
 * best, and similarity is that of similar.h.  The first items do not depend on how
 * many are wanted, so pages fit together.  Of equals the one that stood first.
 *
 * Any thread, one at a time, with a pinned table.
 */
#ifndef FRESHET_MODEL_RANK_DIVERSE_H
#define FRESHET_MODEL_RANK_DIVERSE_H

#include "model/core/table.h"
#include "model/rank/topn.h"

#define DIVERSE_POOL 500u    /* the best so many are chosen from */
#define DIVERSE_MAX  100u    /* chosen at most */

/* Zero-initialise; diverse_release(). */
struct diverse {
    float *vec;              /* (pool, dim) of length 1, or all 0 */
    size_t room;             /* floats */
};
void diverse_release(struct diverse *d);

/* Puts the first `want` of the sorted list (n <= DIVERSE_POOL) into their new
 * order; what the others are in is not said.  part: d, 0..1. */
enum err diverse_order(struct diverse *d, const struct table *t,
                       struct topn_entry *list, uint32_t n, uint32_t want,
                       float part) MUSTCHECK;

#endif
