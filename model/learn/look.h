/* look.h -- the events to come, their memory on its way.
 *
 * DESIGN  What an event needs lies in cold memory, and each piece is found by
 * the one before: the slots of its ids, the names and rows, the user's list of
 * seen items.  One after the other they would take longer than all the
 * arithmetic.  So while an event is folded those behind it are looked at in
 * three stages, each when the memory of the one before has come:
 *
 *   LOOK_IDS events ahead    ids are hashed, their slots sent for
 *   LOOK_ROWS ahead          rows are guessed; they, the names and the slot of
 *                            the history's index are sent for
 *   LOOK_LISTS ahead         the list of seen items and the entry that the
 *                            history has of the pair are sent for
 *
 * A wrong guess costs time and nothing else; a hash is a hash.  Trainer only.
 */
#ifndef FRESHET_MODEL_LEARN_LOOK_H
#define FRESHET_MODEL_LEARN_LOOK_H

#include "model/core/live.h"
#include "model/learn/history.h"
#include "model/store/event.h"

#define LOOK_IDS  8u
#define LOOK_ROWS 5u
#define LOOK_LISTS 2u
#define LOOK_RING 16u /* a power of two, above LOOK_IDS */

/* What is known of an event before its turn. */
struct look {
    uint64_t user_hash, item_hash;   /* of ids_expect() */
    uint32_t user, item;             /* guessed rows, or ROW_NONE */
};

void look_ids(struct look *l, const struct live *live, const struct event *e);
/* history: NULL when there is none. */
void look_rows(struct look *l, const struct live *live, const struct table *t,
               const struct history *history);
void look_lists(const struct look *l, const struct table *t,
                const struct history *history);

#endif
