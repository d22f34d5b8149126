/* seen.h -- what a user has done with which items, and on which day last, shared
 * by both copies of the model.
 *
 * What a list says is, for each item and each kind of event, its newest day
 * (seen_list.h, seen_kinds.h).  The same can be said by other entries: what a
 * newer one says as well, an older one may say still.  So entries are any-match:
 * each is true, and whoever asks whether something happened looks for one that
 * says so.
 *
 * DESIGN  One block per user: item[0..sorted) ascending, an item's entries side
 * by side with the newest day first, each kind in one of them; then a tail in
 * order of arrival.  The trainer writes only behind what any published copy may
 * look at (each copy has its own users.nseen), so readers need no lock; a full
 * block is folded into a new, larger one, which drops what is said twice, and
 * retired (reclaim.h).  The tail is a quarter of the block and at most 32
 * entries, so looking an item up is a binary search and a short scan.  What
 * stands in the block that readers look at does not change, but for entries
 * behind theirs.
 *
 * An entry takes 8 bytes, 4 of them its stamp.  A list has at most `max` items
 * and 2 max entries and a tail; what would be more is not remembered.  Whether
 * there is room is asked of what the list says, not of its entries, so that a
 * list out of a snapshot goes on as the one that was saved.
 */
#ifndef FRESHET_MODEL_LEARN_SEEN_H
#define FRESHET_MODEL_LEARN_SEEN_H

#include <stdbool.h>

#include "model/core/table.h"

struct reclaim;

/* Any thread with the copy that nseen comes from. */
bool seen_has(const struct seen_list *l, uint32_t nseen, uint32_t item);

/* As above.  Hints that the list will be looked at; the ends of long ones are left out. */
static inline __attribute__((always_inline)) void
seen_expect(const struct seen_list *l, uint32_t nseen)
{
    for (uint32_t i = 0; l && i < nseen && i < 256; i += 16) // a cache line
        __builtin_prefetch(&l->item[i]);
}

/* As above.  Of n items, those that are not in the list, in their order, to the
 * front; returns how many. */
uint32_t seen_leave_out(const struct seen_list *l, uint32_t nseen,
                        uint32_t *item, uint32_t n);

/* As above.  Is entry i the first that is of its item?  Who walks all entries and
 * wants each item once asks this. */
bool seen_is_first(const struct seen_list *l, uint32_t i);

/* As above.  The stamps of the item, folded: each kind in one of them, the newest
 * day first.  Returns how many. */
uint32_t seen_stamps_of(const struct seen_list *l, uint32_t nseen,
                        uint32_t item, uint32_t out[SEEN_KINDS]);

/* As above.  The list folded: items ascending, stamps of an item as above, each
 * with room for n or both NULL. */
struct seen_fold {
    uint32_t n;              /* entries */
    uint32_t items;          /* different ones */
};
struct seen_fold seen_fold(const struct seen_list *l, uint32_t n,
                           uint32_t *items, uint32_t *stamps);

/* Any thread.  Are these n entries as seen_fold() makes them, of items below
 * `below`? */
bool seen_is_folded(const uint32_t *items, const uint32_t *stamps, uint32_t n,
                    uint32_t below);

/* Boot only.  The user, who has none, gets this list: n >= 1 entries, folded.
 * *bytes grows by what was allocated.  False: no memory. */
bool seen_restore(struct users *u, uint32_t user, const uint32_t *items,
                  const uint32_t *stamps, uint32_t n, uint64_t *bytes);

/* Where the trainer changes lists, and what that needs. */
struct seen_book {
    struct users *u;         /* of the shadow */
    struct reclaim *reclaim;
    uint64_t *bytes;         /* allocated by all lists */
    uint32_t max;            /* items of a list */
};

/* Trainer only.  One thing that was done: the stamp has one kind.  SEEN_ADDED:
 * the list says something new.  *before: the day it knew of this kind until
 * then, or SEEN_NEVER. */
#define SEEN_NEVER UINT32_MAX
enum seen_result { SEEN_ADDED, SEEN_AS_BEFORE, SEEN_NO_MEMORY };
enum seen_result seen_add(const struct seen_book *b, uint32_t user,
                          uint32_t item, uint32_t stamp, uint32_t *before);

/* Trainer only.  Takes the item out of the user's list, whatever was done with
 * it: true if it was there (and there was memory). */
bool seen_remove(const struct seen_book *b, uint32_t user, uint32_t item);

/* Trainer only.  The list is empty from now on. */
void seen_clear(const struct seen_book *b, uint32_t user);

#endif
