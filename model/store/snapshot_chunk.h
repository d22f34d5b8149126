/* snapshot_chunk.h -- a copy of some rows of an entity on its way into the file.
 * For snapshot_rows.c; the snapshot's thread.
 */
#ifndef FRESHET_MODEL_STORE_SNAPSHOT_CHUNK_H
#define FRESHET_MODEL_STORE_SNAPSHOT_CHUNK_H

#include "model/core/column.h"
#include "model/core/ids.h"
#include "model/store/snapshot_stream.h"

#define CHUNK_BYTES (256u * 1024u)
#define PIN_BYTES   (32u * 1024u)

/* What is true of one entity, and its chunk. */
struct chunk {
    const char *entity;
    const struct column *columns;
    size_t ncolumns;
    size_t tensor[COLUMNS_MAX];   /* of each column; of cards their bytes */
    size_t birth, card_end;       /* their tensors */
    uint32_t most;                /* rows it has room for, */
    uint32_t per_pin;             /* ... of which to copy under one pin */
    void *view;                   /* struct users, items or features: of the
                                     chunk */
    char *memory;                 /* the columns */
    uint64_t *words;              /* (most) births, ends of cards */
    unsigned char *cards;         /* bytes of the chunk's cards, */
    size_t cards_room;
    uint64_t cards_total;         /* ... and of all until now */
};

/* entity, columns, ncolumns and view are set.  False: no memory; to be released
 * in any case. */
bool chunk_init(struct chunk *c, const struct stream *s);
void chunk_release(struct chunk *c);

/* Under a pin: n rows of the entity from row a on, to row `at` of the chunk. */
void chunk_copy(struct chunk *c, const void *from, struct dims dims, uint32_t a,
                uint32_t at, uint32_t n);

/* The first n rows of the chunk, which are rows a .. of the entity, to the file,
 * with their births and cards. */
enum err chunk_put(struct chunk *c, struct stream *s, const struct ids *ids,
                   uint32_t a, uint32_t n) MUSTCHECK;

#endif
