/* overlay_internal.h -- what an overlay is made of, for the files that are
 * overlay.h: overlay.c (the trainer's side) and overlay_restore.c (the
 * snapshot's).  DESIGN in overlay.c.
 */
#ifndef FRESHET_MODEL_CORE_OVERLAY_INTERNAL_H
#define FRESHET_MODEL_CORE_OVERLAY_INTERNAL_H

#include <pthread.h>

#include "model/core/overlay.h"

#define OVERLAY_GROUP      64u         /* rows per list */
#define OVERLAY_SLAB_BYTES (1u << 20)

struct saved {
    const struct saved *next;
    struct seen_list *list;    /* of a user; in the slab too */
    uint32_t row;
    unsigned char bytes[];     /* the columns one behind the other, or the
                                  entry */
};

struct slab {
    struct slab *next;
    size_t size, used;         /* bytes, this head among them */
};

struct part {
    uint32_t n;                /* rows at the cut */
    uint32_t mark;             /* rows below are done with */
    size_t row_bytes;
    uint64_t *bits;            /* (n) reserved: saved */
    const struct saved **heads; /* (n / OVERLAY_GROUP) reserved */
};

struct overlay {
    pthread_mutex_t lock;
    struct dims dims;          /* set at the cut, then read-only */
    /* guarded by lock */
    enum err state;
    struct part part[OVERLAY_PARTS];
    struct slab *slabs;        /* the newest first */
    struct slab *spare;        /* empty ones, their pages there already */
    uint32_t nspare;
    struct overlay_stats stats;
};

/* The columns of an entity, by its part; and where a table has it. */
struct overlay_entity {
    const struct column *columns;
    size_t ncolumns;
    size_t at;                 /* in struct table */
};
extern const struct overlay_entity overlay_entities[OVERLAY_ROWS];

/* An empty slab; NULL: no memory.  Its pages come as they are written. */
struct slab *overlay_slab_new(size_t size);

/* The snapshot's thread.  Sees to it that there are spare slabs. */
void overlay_refill(struct overlay *o);

#endif
