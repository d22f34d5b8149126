/* snapshot_load_rows.c -- the rows, for snapshot_load.h. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "model/core/column.h"
#include "model/core/ids.h"
#include "model/core/live.h"
#include "model/store/snapshot_load.h"

#define PIECE (64u << 20)  /* of a column, read at a time */

/* What is being loaded: users or items. */
struct entity {
    const char *name;
    const struct column *columns;
    size_t ncolumns;
    void *rows;                 /* struct users or items of the shadow */
    uint32_t *n;                /* ... how many it has */
    uint32_t total;
    struct ids *ids;
    bool shared_births;         /* one event makes many rows, of any name */
};

/* ---- ids --------------------------------------------------------------- */

/* The three tensors that ids come from, and the row they are at. */
struct id_readers {
    struct tensor_reader end, bytes, birth;
    uint64_t room;              /* bytes of ids in the file, */
    uint64_t used;              /* ... read */
    uint64_t born;              /* of the row */
    struct id id;               /* borrows from name */
    char name[ID_BYTES_MAX];
};

static enum err next_id(struct load *l, struct id_readers *r,
                        const struct entity *e, uint32_t row)
{
    uint64_t end = 0, birth = 0;
    enum err err = tensor_reader_take(&r->end, &end, sizeof end);
    if (err == ERR_OK)
        err = tensor_reader_take(&r->birth, &birth, sizeof birth);
    if (err != ERR_OK)
        return err;
    uint64_t least = r->born + !(e->shared_births && row > 0);
    if (birth < least || birth > l->info->seq)
        return source_fail(l->source, "%s.birth[%" PRIu32 "]: %" PRIu64
                           " behind %" PRIu64, e->name, row, birth, r->born);
    if (end < r->used || end - r->used > ID_BYTES_MAX || end > r->room)
        return source_fail(l->source, "%s.id_end[%" PRIu32 "]: %" PRIu64
                           " behind %" PRIu64, e->name, row, end, r->used);
    r->born = birth;
    r->id = (struct id){r->name, (uint32_t)(end - r->used)};
    r->used = end;
    return tensor_reader_take(&r->bytes, r->name, r->id.len);
}

/* One row of the map.  Forgotten rows have no id. */
static enum err add_row(struct load *l, const struct entity *e, uint32_t row,
                        struct id id, uint64_t birth)
{
    bool added = true;
    uint32_t got;
    if (id.len == 0) {
        got = ids_add_nameless(e->ids, birth);
    } else {
        if (!e->shared_births && !l->codec->id_ok(id.s, id.len))
            return source_fail(l->source, "the id of %s[%" PRIu32 "] is none",
                               e->name, row);
        got = ids_add(e->ids, id, birth, &added);
    }
    if (got == ROW_NONE)
        return ERR_NOMEM; // there are rows: snapshot_read() saw to that
    if (!added)
        return source_fail(l->source, "%s[%" PRIu32 "] has the id of row %"
                           PRIu32, e->name, row, got);
    return ERR_OK;
}

static enum err load_ids_with(struct load *l, const struct entity *e,
                              struct id_readers *r)
{
    const struct tensor *bytes = source_find_column(l->source, e->name,
                                                    "id_bytes");
    r->room = bytes->end - bytes->begin;
    tensor_reader_init(&r->bytes, l->source, bytes);
    tensor_reader_init(&r->end, l->source,
                       source_find_column(l->source, e->name, "id_end"));
    tensor_reader_init(&r->birth, l->source,
                       source_find_column(l->source, e->name, "birth"));
    for (uint32_t row = 0; row < e->total; row++) {
        enum err err = next_id(l, r, e, row);
        if (err == ERR_OK)
            err = add_row(l, e, row, r->id, r->born);
        if (err != ERR_OK)
            return err;
    }
    if (r->used != r->room)
        return source_fail(l->source, "%s.id_bytes has %" PRIu64 " bytes, not %"
                           PRIu64, e->name, r->room, r->used);
    return ERR_OK;
}

static enum err load_ids(struct load *l, const struct entity *e)
{
    struct id_readers *r = calloc(1, sizeof *r);
    enum err err = r ? load_ids_with(l, e, r) : ERR_NOMEM;
    free(r);
    return err;
}

/* ---- columns ----------------------------------------------------------- */

static bool finite_numbers(const struct column *c, const void *p, uint64_t n)
{
    const float *f = p;
    const double *d = p;
    bool ok = true;
    for (uint64_t i = 0; i < n && c->type == TENSOR_F32; i++)
        ok = ok && isfinite(f[i]);
    for (uint64_t i = 0; i < n && c->type == TENSOR_F64; i++)
        ok = ok && isfinite(d[i]);
    return ok;
}

/* The whole column, to where it lives; no more memory is touched than the file
 * has bytes. */
static enum err load_column(struct load *l, const struct entity *e,
                            const struct column *c)
{
    const struct tensor *tensor = source_find_column(l->source, e->name,
                                                     c->name);
    uint64_t bytes = tensor->end - tensor->begin;
    char *to = column_row(c, e->rows, table_dims(l->t), 0);
    for (uint64_t at = 0; at < bytes;) {
        size_t n = bytes - at < PIECE ? (size_t)(bytes - at) : PIECE;
        enum err err = source_read(l->source, tensor, at, to + at, n);
        if (err != ERR_OK)
            return err;
        at += n;
    }
    if (!finite_numbers(c, to, bytes / c->size))
        return source_fail(l->source, "%s: a number is not finite",
                           tensor->name);
    return ERR_OK;
}

static enum err load_entity(struct load *l, const struct entity *e)
{
    enum err err = load_ids(l, e);
    for (size_t i = 0; i < e->ncolumns && err == ERR_OK; i++)
        if (e->columns[i].type < TENSOR_TYPES)
            err = load_column(l, e, &e->columns[i]);
    if (err == ERR_OK)
        *e->n = e->total;
    return err;
}

enum err load_rows(struct load *l)
{
    struct table *t = l->t;
    const struct entity entities[] = {
        {"users", user_columns, USER_NCOLUMNS, &t->users, &t->users.n,
         l->info->users, live_user_ids_mutable(l->live), false},
        {"items", item_columns, ITEM_NCOLUMNS, &t->items, &t->items.n,
         l->info->items, live_item_ids_mutable(l->live), false},
        {"features", feature_columns, FEATURE_NCOLUMNS, &t->features,
         &t->features.n, l->info->features,
         live_feature_ids_mutable(l->live), true}};
    enum err err = ERR_OK;
    for (size_t i = 0; i < 3 && err == ERR_OK; i++)
        err = load_entity(l, &entities[i]);
    for (uint32_t row = 0; row < t->users.n; row++)
        live_touch_user(l->live, row); // the other copy has them to come
    for (uint32_t row = 0; row < t->items.n; row++)
        live_touch_item(l->live, row);
    for (uint32_t row = 0; row < t->features.n; row++)
        live_touch_feature(l->live, row);
    return err;
}
