/* history.h -- past ratings to learn again: a capped, uniform reservoir.
 *
 * At most one entry per (user, item): a re-rating supersedes.  While there is
 * room every rating is kept; when full, the n-th rating of a pair that is not
 * here takes place r mod n when that is below cap (Vitter's algorithm R), with
 * r = random_u64(seed, RANDOM_RESERVOIR (or RANDOM_RANK_RESERVOIR), seq, 0), so the history is a pure
 * function of the events.  Trainer only.
 */
#ifndef FRESHET_MODEL_LEARN_HISTORY_H
#define FRESHET_MODEL_LEARN_HISTORY_H

#include <stdbool.h>

#include "model/types.h"

struct history;
struct ids;
struct overlay;

/* There are two: of ratings, for the rating head, and of positive events, for
 * the ranking head, where `inner` is the event's weight. */
enum history_kind { HISTORY_RATINGS, HISTORY_POSITIVES };

struct history_entry {
    uint32_t user;      /* rows */
    uint32_t item;
    float inner;        /* the rating on the inner scale */
    uint32_t zero;
    uint64_t seq;       /* of the event that it comes from */
};

/* Boot only.  cap >= 1.  Memory is committed as entries come. */
struct history *history_new(enum history_kind kind, uint32_t cap,
                            uint64_t seed);
void history_free(struct history *h);

/* How many entries, and where they are: the pointer stays the same, entries
 * 0 .. count-1 change with history_put(). */
uint32_t history_count(const struct history *h);
uint32_t history_cap(const struct history *h);
enum history_kind history_kind_of(const struct history *h);
const struct history_entry *history_entries(const struct history *h);

/* Hints that a put will follow: of this pair, whose slot of the index is sent
 * for; a little later its entry, if it has one. */
void history_expect(const struct history *h, uint32_t user, uint32_t item);
void history_expect_entry(const struct history *h, uint32_t user,
                          uint32_t item);
/* The next put, of event seq: the entry that makes room for a new pair, if the
 * history is full, is sent for; a little later its slot of the index. */
void history_expect_leaving(struct history *h, uint64_t seq);
void history_expect_hole(const struct history *h);

/* Offers a rating.  False: no memory for the index (the entry is not kept). */
bool history_put(struct history *h, uint32_t user, uint32_t item, float inner,
                 uint64_t seq);

/* The same with another capacity: what lies at a place beyond it is left out.
 * NULL: no memory. */
struct history *history_copy(const struct history *h, uint32_t cap);

/* Takes out the entry of (user, item), or with item ROW_NONE all of the user's;
 * the last entries move into their places.  How many there were. */
uint32_t history_remove(struct history *h, uint32_t user, uint32_t item);

/* ---- snapshots ---------------------------------------------------------- */

/* From now on, until it is NULL again, what a put overwrites is kept in the
 * overlay first (core/overlay.h).  Borrowed. */
void history_set_overlay(struct history *h, struct overlay *o);

/* Ratings of pairs that were not here when they came. */
uint64_t history_offered(const struct history *h);

/* Boot only.  The entry of the next place, as it was saved.  ERR_RANGE: the
 * pair is here already, or there is no place left; ERR_NOMEM. */
enum err history_restore(struct history *h, const struct history_entry *e)
    MUSTCHECK;
void history_restore_offered(struct history *h, uint64_t offered);

/* ---- reports ------------------------------------------------------------ */

/* A commutative hash of the entries, keyed by the ids' keys, and the memory. */
uint64_t history_hash(struct history *h, const struct ids *users,
                      const struct ids *items);
size_t history_bytes(const struct history *h);

/* Any thread.  What that hash is the sum of: one for each entry, one for the
 * counts. */
uint64_t history_hash_entry(enum history_kind kind,
                            const struct history_entry *e, uint32_t place,
                            const struct ids *users, const struct ids *items);
uint64_t history_hash_counts(enum history_kind kind, uint32_t n,
                             uint64_t offered);

#endif
