/* history_index.h -- where in the history a pair is: (user, item) -> place.
 *
 * DESIGN  Open addressing with linear probing; removal shifts back, so there
 * are no tombstones.  It starts small and doubles, up to twice the capacity.  A
 * slot holds half of the pair's hash beside the place, so that looking for a
 * pair that is not here, removing and doubling look at no entry: each would be
 * a cache miss.  For history.c; trainer only.
 */
#ifndef FRESHET_MODEL_LEARN_HISTORY_INDEX_H
#define FRESHET_MODEL_LEARN_HISTORY_INDEX_H

#include "model/learn/history.h"

struct history_index {
    uint64_t *slot;    /* (mask + 1) half hash << 32, place + 1; 0: empty */
    uint32_t mask;
};

bool history_index_init(struct history_index *x);
void history_index_release(struct history_index *x);

/* Makes sure that a pair fits when n are here.  False: no memory. */
bool history_index_make_room(struct history_index *x, uint32_t n);

/* Hints that the pair will be looked for: where its slot is, is sent for. */
void history_index_expect(const struct history_index *x, uint32_t user,
                          uint32_t item);

/* A little later.  The place of the pair, most likely, or ROW_NONE. */
uint32_t history_index_guess(const struct history_index *x, uint32_t user,
                             uint32_t item);

/* The slot of the pair, or the empty one where it would go. */
uint32_t history_index_find(const struct history_index *x,
                            const struct history_entry *entries, uint32_t user,
                            uint32_t item);

/* The place in a slot; ROW_NONE: it is empty. */
static inline uint32_t history_index_place(const struct history_index *x,
                                           uint32_t slot)
{
    return (uint32_t)x->slot[slot] - 1;
}

/* The slot is the pair's from now on. */
void history_index_set(struct history_index *x, uint32_t slot, uint32_t user,
                       uint32_t item, uint32_t place);
void history_index_remove(struct history_index *x, uint32_t slot);

size_t history_index_bytes(const struct history_index *x);

#endif
