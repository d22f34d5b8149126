/* seen.h -- the items a user has rated, shared by both copies of the model.
 *
 * DESIGN  One block per user: item[0..sorted) ascending, then a tail in order
 * of arrival.  The trainer writes only behind what any published copy may look
 * at (each copy has its own users.nseen), so readers need no lock; a full block
 * is merged into a new, larger one and retired (reclaim.h).  The tail is a
 * quarter of the block and at most 128 entries, so looking an item up is a
 * binary search and a short scan.
 */
#ifndef FRESHET_MODEL_LEARN_SEEN_H
#define FRESHET_MODEL_LEARN_SEEN_H

#include <stdbool.h>

#include "model/core/table.h"

struct reclaim;

/* Any thread with the copy that nseen comes from. */
bool seen_has(const struct seen_list *l, uint32_t nseen, uint32_t item);

/* Trainer only, on the shadow.  Adds item to the user's list unless it is there
 * or max are.  *bytes grows by what was allocated.  False: no memory. */
bool seen_add(struct users *u, uint32_t user, uint32_t item, uint32_t max,
              struct reclaim *reclaim, uint64_t *bytes);

#endif
