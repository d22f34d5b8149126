/* rank_of.h -- the place of one item among all that a user has not seen: how a
 * ranking is tested (learn/quality.h).
 *
 * Rank 0 is the first.  The rank is the number of other items the user has not
 * seen that stand above the target, and half of those that equal it, rounded
 * up: a head that scores all alike is no better than chance, and nothing is won
 * by the order of rows.  All items count, no sample of them: measured against
 * sampled items even a bad ranking looks good.
 *
 * Rows from nitems on do not exist for this: in the fold these are what the
 * event itself has made.  A target among them could not have been recommended:
 * its rank is RANK_NONE, a miss however few items there are.
 *
 * Trainer on the shadow, or any thread with a pinned table; pure, allocates
 * nothing.
 */
#ifndef FRESHET_MODEL_RANK_RANK_OF_H
#define FRESHET_MODEL_RANK_RANK_OF_H

#include <stdbool.h>

#include "model/core/table.h"

#define RANK_NONE UINT32_MAX

struct rank_target {
    uint32_t user;          /* ROW_NONE: somebody who has seen nothing */
    uint32_t item;          /* >= nitems: nobody could have shown it */
    uint32_t nitems;        /* <= t->items.n */
};

/* May it be asked?  No: the user has seen nothing, so there is no taste to find,
 * or the target already, so it is not shown again. */
bool rank_is_fair(const struct table *t, const struct rank_target *g);

/* By score (nitems), the higher the better; what is not a number is below:
 * a target like that has RANK_NONE. */
uint32_t rank_by_score(const struct table *t, const struct rank_target *g,
                       const float *score);

/* By popularity, as recommend.h lists it: items nobody rated are last.  (On
 * MovieLens-100k a stronger baseline than plain counts: HR@10 .074, not .070.) */
uint32_t rank_by_trend(const struct table *t, const struct rank_target *g);

#endif
