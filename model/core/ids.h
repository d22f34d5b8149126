/* ids.h -- external id -> row.
 *
 * One map serves both copies of the model: rows are given in the order of
 * first appearance and never given again, so a reader that finds a row at or
 * above its own copy's count knows that the id is not in its copy yet.
 *
 * DESIGN  Open addressing over 64-bit slots (upper half: part of the hash,
 * lower half: row + 1), written by the trainer with release, read by anyone
 * with acquire.  Growth is incremental: a table of twice the size is filled a
 * few entries per insert while readers look in the new one, then in the old
 * one; the old one is retired (reclaim.h) when it has nothing the new one
 * lacks.  A forgotten id leaves a tombstone that matches nothing.  The hash is
 * SipHash-1-3 with a key from the kernel, so that a client cannot choose ids
 * that collide.
 */
#ifndef FRESHET_MODEL_CORE_IDS_H
#define FRESHET_MODEL_CORE_IDS_H

#include <stdbool.h>

#include "model/types.h"

struct ids;
struct reclaim;

/* Boot only.  Room for max_rows ids; `reclaim` is borrowed. */
struct ids *ids_new(uint32_t max_rows, struct reclaim *reclaim);
void ids_free(struct ids *ids);

/* Any thread that holds a pin, or the trainer.  The row of id when it is below
 * nrows (the pinned copy's count), else ROW_NONE. */
uint32_t ids_find(const struct ids *ids, struct id id, uint32_t nrows);

/* Trainer only.  The row of id, giving it the next one when it is new (*added);
 * `birth` is the seq of the event that makes it, larger than that of the row
 * before.  ROW_NONE when the map is full or memory is out. */
uint32_t ids_add(struct ids *ids, struct id id, uint64_t birth, bool *added);

/* ---- looking ahead, trainer only --------------------------------------- */

/* id will be looked for soon: its slot is sent for.  The map's hash of id. */
uint64_t ids_expect(const struct ids *ids, struct id id);

/* A little later.  The row that an id of this hash has, most likely, or
 * ROW_NONE; the row's name is sent for. */
uint32_t ids_guess(const struct ids *ids, uint64_t hash);

/* ids_add() of an id whose hash is known. */
uint32_t ids_add_hashed(struct ids *ids, struct id id, uint64_t hash,
                        uint64_t birth, bool *added);

/* Any thread that holds a pin on a copy with more than `row` rows, or the
 * trainer.  The bytes live as long as the map. */
struct id ids_name(const struct ids *ids, uint32_t row);

/* Any thread that may know of the row.  random_id() of the name, remembered. */
uint64_t ids_key(const struct ids *ids, uint32_t row);

/* Any thread that may know of the row.  The seq of the event that made it. */
uint64_t ids_birth(const struct ids *ids, uint32_t row);

/* ---- forgetting, trainer only ------------------------------------------ */

/* The row whose birth this is, or ROW_NONE. */
uint32_t ids_find_birth(const struct ids *ids, uint64_t birth);

/* From now on nothing finds the row by its id; the same id gets a new row.  Its
 * key becomes one made from its birth.  The bytes of its name are overwritten
 * by the second ids_flip() after this, when no reader can hold them. */
void ids_forget(struct ids *ids, uint32_t row);

/* At once after ids_forget(), and for good; does not say whether the bytes of
 * the name are gone yet. */
bool ids_is_forgotten(const struct ids *ids, uint32_t row);

/* Called by live_begin() after W2, like reclaim_flip(). */
void ids_flip(struct ids *ids);

/* A row that was forgotten before it was saved: it has a birth, no name.
 * ROW_NONE when the map is full. */
uint32_t ids_add_nameless(struct ids *ids, uint64_t birth);

/* Any thread. */
uint32_t ids_max(const struct ids *ids);
size_t ids_bytes(const struct ids *ids);   /* memory committed */

#endif
