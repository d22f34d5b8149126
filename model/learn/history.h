/* history.h -- past ratings to learn again: a capped, uniform reservoir.
 *
 * At most one entry per (user, item): a re-rating supersedes.  While there is
 * room every rating is kept; when full, the n-th rating of a pair that is not
 * here takes place r mod n when that is below cap (Vitter's algorithm R), with
 * r = random_u64(seed, RANDOM_RESERVOIR, seq, 0), so the history is a pure
 * function of the events.  Trainer only.
 */
#ifndef FRESHET_MODEL_LEARN_HISTORY_H
#define FRESHET_MODEL_LEARN_HISTORY_H

#include <stdbool.h>

#include "model/types.h"

struct history;
struct ids;

struct history_entry {
    uint32_t user;      /* rows */
    uint32_t item;
    float inner;        /* the rating on the inner scale */
    uint32_t zero;
    uint64_t seq;       /* of the event that it comes from */
};

/* Boot only.  cap >= 1.  Memory is committed as entries come. */
struct history *history_new(uint32_t cap, uint64_t seed);
void history_free(struct history *h);

/* How many entries, and where they are: the pointer stays the same for the life
 * of the history, entries 0 .. count-1 change with history_put(). */
uint32_t history_count(const struct history *h);
const struct history_entry *history_entries(const struct history *h);

/* Hints that a put of this pair will follow, so that the cache can have it. */
void history_expect(const struct history *h, uint32_t user, uint32_t item);

/* Offers a rating.  False: no memory for the index (the entry is not kept). */
bool history_put(struct history *h, uint32_t user, uint32_t item, float inner,
                 uint64_t seq);

/* A commutative hash of the entries, keyed by the ids' keys, and the memory. */
uint64_t history_hash(struct history *h, const struct ids *users,
                      const struct ids *items);
size_t history_bytes(const struct history *h);

#endif
