/* rows.h -- the rows of one entity: reserving, marking, copying, hashing.
 *
 * Walks the registry of table.h, so that a column declared there is reserved,
 * copied and hashed without another line.  Trainer only; for live.c.
 */
#ifndef FRESHET_MODEL_CORE_ROWS_H
#define FRESHET_MODEL_CORE_ROWS_H

#include <stdbool.h>

#include "model/core/hash.h"
#include "model/core/table.h"

struct ids;

struct rows {
    uint32_t max;
    uint64_t *marks;      /* (max) bits: touched since the last publish */
    uint64_t *whole;      /* (max) bits: ... and not in the step columns only */
    uint32_t *list;       /* (max) reserved: the touched rows, each once */
    uint32_t nlist;
    uint64_t *stale;      /* (max) bits: changed since last hashed */
    uint64_t *hashes;     /* (max) reserved: hash of each row when hashed */
    uint64_t sum;         /* of hashes */
};

bool rows_init(struct rows *r, uint32_t max);
void rows_release(struct rows *r);

/* Step columns (table.h) of the row are written. */
static inline void rows_mark_step(struct rows *r, uint32_t row)
{
    uint64_t bit = (uint64_t)1 << (row & 63);
    if (r->marks[row >> 6] & bit)
        return;
    r->marks[row >> 6] |= bit;
    r->list[r->nlist++] = row;
}

/* Any column of the row is written. */
static inline void rows_mark(struct rows *r, uint32_t row)
{
    r->whole[row >> 6] |= (uint64_t)1 << (row & 63);
    rows_mark_step(r, row);
}

/* Forgets the marks; what was marked is stale for the hash from now on. */
void rows_clear(struct rows *r);

bool rows_reserve_users(struct users *u, uint32_t dim, uint32_t max);
bool rows_reserve_items(struct items *t, uint32_t dim, uint32_t max);
void rows_unreserve_users(struct users *u, uint32_t dim, uint32_t max);
void rows_unreserve_items(struct items *t, uint32_t dim, uint32_t max);

/* Copies of the marked rows what was written. */
void rows_copy_users(const struct rows *r, struct users *to,
                     const struct users *from, uint32_t dim);
void rows_copy_items(const struct rows *r, struct items *to,
                     const struct items *from, uint32_t dim);

/* The sum over all rows; rehashes only stale and marked ones. */
uint64_t rows_hash_users(struct rows *r, const struct users *u, uint32_t dim,
                         const struct ids *ids);
uint64_t rows_hash_items(struct rows *r, const struct items *t, uint32_t dim,
                         const struct ids *ids);

/* Any thread.  The hash of one row of the entity, which may be part of a copy:
 * its key and birth are the caller's to know. */
uint64_t rows_user_hash(const struct users *u, uint32_t dim, uint32_t row,
                        uint64_t key, uint64_t birth);
uint64_t rows_item_hash(const struct items *t, uint32_t dim, uint32_t row,
                        uint64_t key, uint64_t birth);

/* Bytes of one row in one copy. */
size_t rows_user_bytes(uint32_t dim);
size_t rows_item_bytes(uint32_t dim);

#endif
