/* seen.h -- the items a user has rated, shared by both copies of the model.
 *
 * DESIGN  One block per user: item[0..sorted) ascending, then a tail in order
 * of arrival.  The trainer writes only behind what any published copy may look
 * at (each copy has its own users.nseen), so readers need no lock; a full block
 * is merged into a new, larger one and retired (reclaim.h).  The tail is a
 * quarter of the block and at most 32 entries, so looking an item up is a
 * binary search and a short scan.  What stands in the block that readers look
 * at does not change, but for entries behind theirs.
 */
#ifndef FRESHET_MODEL_LEARN_SEEN_H
#define FRESHET_MODEL_LEARN_SEEN_H

#include <stdbool.h>

#include "model/core/table.h"

struct reclaim;

/* Any thread with the copy that nseen comes from. */
bool seen_has(const struct seen_list *l, uint32_t nseen, uint32_t item);

/* As above.  The first n entries to out, ascending. */
void seen_sorted(const struct seen_list *l, uint32_t n, uint32_t *out);

/* Boot only.  The user, who has none, gets this list: n >= 1 items, ascending.
 * *bytes grows by what was allocated.  False: no memory. */
bool seen_restore(struct users *u, uint32_t user, const uint32_t *items,
                  uint32_t n, uint64_t *bytes);

/* Trainer only, on the shadow.  Adds item to the user's list unless it is there
 * or max are.  *bytes grows by what was allocated.  False: no memory. */
bool seen_add(struct users *u, uint32_t user, uint32_t item, uint32_t max,
              struct reclaim *reclaim, uint64_t *bytes);

/* Trainer only, on the shadow.  Takes the item out of the user's list: true if
 * it was there (and there was memory). */
bool seen_remove(struct users *u, uint32_t user, uint32_t item,
                 struct reclaim *reclaim);

/* Trainer only, on the shadow.  The list is empty from now on. */
void seen_clear(struct users *u, uint32_t user, struct reclaim *reclaim,
                uint64_t *bytes);

#endif
