/* ids_internal.h -- what an id map is made of, for the files that are ids.h:
 * ids.c (finding, adding) and ids_forget.c.  DESIGN in ids.c.
 */
#ifndef FRESHET_MODEL_CORE_IDS_INTERNAL_H
#define FRESHET_MODEL_CORE_IDS_INTERNAL_H

#include <stdatomic.h>
#include <string.h>

#include "model/core/ids.h"

#define SHORT_BYTES 20u
#define TOMBSTONE   ((uint64_t)1 << 32) /* an entry without a row */

struct slots {
    uint64_t mask;
    _Atomic uint64_t slot[]; /* hash's upper half << 32 | row + 1; 0: empty */
};

struct view {
    struct slots *now;
    struct slots *old;       /* NULL when no move is going on */
};

/* Half a cache line.  Most ids are short, and then looking one up meets no
 * cache line but this and the slot's. */
struct name {
    _Atomic uint64_t key;    /* random_id() */
    uint32_t len;
    char bytes[SHORT_BYTES]; /* the id when it is that short, else where it
                                is: a const char * */
};
_Static_assert(sizeof(struct name) == 32, "a name crosses cache lines");

struct ids {
    /* set at boot, then read-only */
    uint64_t secret[2];
    uint32_t max;
    struct reclaim *reclaim;
    struct name *names;      /* (max) reserved; row's name, written once */
    /* shared: atomic */
    _Atomic(struct view *) view;
    _Atomic size_t bytes;    /* relaxed: for reports */
    /* trainer only */
    uint64_t *births;        /* (max) reserved; ascending */
    uint32_t *forgotten;     /* rows whose names are still to be overwritten, */
    size_t nforgotten;       /* ... how many, */
    size_t nold;             /* ... the first of them since before a publish */
    uint32_t n;
    uint64_t moved;          /* slots of view->old copied so far */
    char *chunk;             /* where the next name's bytes go */
    size_t chunk_left;
    void **chunks;           /* all of them, to free at the end */
    size_t nchunks;
};

static inline const char *ids_bytes_of(const struct name *name)
{
    const char *s;
    if (name->len <= SHORT_BYTES)
        return name->bytes;
    memcpy(&s, name->bytes, sizeof s);
    return s;
}

static inline void ids_count_bytes(struct ids *ids, size_t more)
{
    atomic_fetch_add_explicit(&ids->bytes, more, memory_order_relaxed);
}

#endif
