/* rows.h -- the rows of one entity: reserving, marking, copying, hashing.
 *
 * Walks the registry of table.h, so that a column declared there is reserved,
 * copied and hashed without another line.  Trainer only; for live.c, and for the
 * fold, which marks what it writes.
 */
#ifndef FRESHET_MODEL_CORE_ROWS_H
#define FRESHET_MODEL_CORE_ROWS_H

#include <stdbool.h>

#include "model/core/hash.h"
#include "model/core/table.h"

struct ids;

/* Which columns of a row were written (table.h).  A replay of the rating head
 * does not make the swap copy the vectors of the ranking head. */
#define ROWS_STEP  1u
#define ROWS_RANK  2u
#define ROWS_EVENT 4u
#define ROWS_ALL   7u

struct rows {
    uint32_t max;
    uint8_t *touched;     /* (max) reserved: ROWS_... since the last publish */
    uint32_t *list;       /* (max) reserved: the touched rows, each once */
    uint32_t nlist;
    uint64_t *stale;      /* (max) bits: changed since last hashed */
    uint64_t *hashes;     /* (max) reserved: hash of each row when hashed */
    uint64_t sum;         /* of hashes */
};

bool rows_init(struct rows *r, uint32_t max);
void rows_release(struct rows *r);

/* Those columns of the row are written. */
static inline void rows_mark(struct rows *r, uint32_t row, unsigned what)
{
    unsigned before = r->touched[row];
    if ((before & what) == what)
        return;
    if (!before)
        r->list[r->nlist++] = row;
    r->touched[row] = (uint8_t)(before | what);
}

/* Forgets the marks; what was marked is stale for the hash from now on. */
void rows_clear(struct rows *r);

/* For each entity, here `users` (items and features likewise): */
#define ROWS_ENTITIES(X)                                                       \
    X(users, user, HASH_USER, USER_STEP_COLUMNS, USER_RANK_COLUMNS,            \
      USER_EVENT_COLUMNS)                                                      \
    X(items, item, HASH_ITEM, ITEM_STEP_COLUMNS, ITEM_RANK_COLUMNS,            \
      ITEM_EVENT_COLUMNS)                                                      \
    X(features, feature, HASH_FEATURE, FEATURE_STEP_COLUMNS,                   \
      FEATURE_RANK_COLUMNS, FEATURE_EVENT_COLUMNS)

/*  rows_reserve_users, rows_unreserve_users   address space for max rows
 *  rows_copy_users    of the marked rows what was written
 *  rows_hash_users    the sum over all rows; rehashes only stale and marked ones
 *  rows_user_hash     Any thread.  Of one row of the entity, which may be part
 *                     of a copy: its key and birth are the caller's to know
 *  rows_user_bytes    of one row in one copy */
#define ROWS_DECLARE(entity, one, kind, step, rank, event)                     \
    bool rows_reserve_##entity(struct entity *t, struct dims d, uint32_t max); \
    void rows_unreserve_##entity(struct entity *t, struct dims d,              \
                                 uint32_t max);                                \
    void rows_copy_##entity(const struct rows *r, struct entity *to,           \
                            const struct entity *from, struct dims d);         \
    uint64_t rows_hash_##entity(struct rows *r, const struct entity *t,        \
                                struct dims d, const struct ids *ids);         \
    uint64_t rows_##one##_hash(const struct entity *t, struct dims d,          \
                               uint32_t row, uint64_t key, uint64_t birth);    \
    size_t rows_##one##_bytes(struct dims d);

ROWS_ENTITIES(ROWS_DECLARE)

#endif
