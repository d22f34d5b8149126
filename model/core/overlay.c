/* overlay.c -- see overlay.h.
 *
 * DESIGN  Rows are found by number: for every 64 rows a word of bits (saved)
 * and the head of a list of what is saved.  What is saved lies in slabs, which
 * are freed whole.  The snapshot's thread keeps a few empty ones at hand whose
 * pages it has written to: the page faults cost as much as the saving.
 *
 * A list is only ever pushed to, for rows at or above the mark: once the mark
 * is at b, the lists of all 64 rows below b stand still, and only the head of
 * the one that b falls into has to be read under the lock.
 */
#include <stdlib.h>
#include <string.h>

#include "model/core/column.h"
#include "model/core/overlay_internal.h"
#include "model/core/reserve.h"
#include "model/core/rows.h"

#define AHEAD      8u          /* rows sent for before they are saved, */
#define LIST_AHEAD 4u          /* ... and their lists, whose pointers are there
                                  by then */

static size_t groups_bytes(uint32_t n)
{
    return ((size_t)n / OVERLAY_GROUP + 1) * sizeof(uint64_t);
}
_Static_assert(sizeof(void *) == sizeof(uint64_t), "one size for both");

struct overlay *overlay_new(void)
{
    struct overlay *o = calloc(1, sizeof *o);
    if (o && pthread_mutex_init(&o->lock, NULL) != 0) {
        free(o);
        return NULL;
    }
    if (o)
        overlay_refill(o);
    return o;
}

static void free_slabs(struct slab *s)
{
    while (s) {
        struct slab *next = s->next;
        reserve_free(s, s->size);
        s = next;
    }
}

void overlay_free(struct overlay *o)
{
    if (!o)
        return;
    for (int i = 0; i < OVERLAY_PARTS; i++) {
        reserve_free(o->part[i].bits, groups_bytes(o->part[i].n));
        reserve_free(o->part[i].heads, groups_bytes(o->part[i].n));
    }
    free_slabs(o->slabs);
    free_slabs(o->spare);
    pthread_mutex_destroy(&o->lock);
    free(o);
}

/* ---- trainer only ------------------------------------------------------ */

const struct overlay_entity overlay_entities[OVERLAY_ROWS] = {
    [OVERLAY_USERS] = {user_columns, USER_NCOLUMNS,
                       offsetof(struct table, users)},
    [OVERLAY_ITEMS] = {item_columns, ITEM_NCOLUMNS,
                       offsetof(struct table, items)},
    [OVERLAY_FEATURES] = {feature_columns, FEATURE_NCOLUMNS,
                          offsetof(struct table, features)}};

/* The list that a user's row points to is saved behind the columns, which leave
 * it aligned. */
static size_t row_bytes(const struct overlay_entity *e, struct dims dims)
{
    size_t bytes = 0;
    for (size_t i = 0; i < e->ncolumns; i++)
        if (column_is_kept(&e->columns[i]))
            bytes += column_width(&e->columns[i], dims);
    return (bytes + 3) & ~(size_t)3;
}

bool overlay_start(struct overlay *o, struct dims dims, size_t entry_bytes,
                   const uint32_t n[OVERLAY_PARTS])
{
    o->dims = dims;
    for (int i = 0; i < OVERLAY_PARTS; i++) {
        struct part *p = &o->part[i];
        p->n = n[i];
        p->row_bytes = i < OVERLAY_ROWS ? row_bytes(&overlay_entities[i], dims)
                                        : entry_bytes;
        if (i == OVERLAY_MLP) { // all weights are one row
            p->n = n[i] > 0;
            p->row_bytes = n[i] * sizeof(float);
        }
        p->bits = reserve_new(groups_bytes(p->n));
        p->heads = reserve_new(groups_bytes(p->n));
        if (!p->bits || !p->heads)
            return false;
    }
    return true;
}

struct slab *overlay_slab_new(size_t size)
{
    struct slab *s = reserve_new(size);
    if (s)
        *s = (struct slab){.size = size, .used = sizeof *s};
    return s;
}

/* An empty slab with room for so many bytes becomes the newest. */
static bool slab_add(struct overlay *o, size_t bytes)
{
    struct slab *s = o->spare;
    size_t size = sizeof *s + bytes;
    if (size > OVERLAY_SLAB_BYTES) {
        s = overlay_slab_new(size);
    } else if (s) {
        o->spare = s->next;
        o->nspare--;
    } else {
        s = overlay_slab_new(OVERLAY_SLAB_BYTES);
    }
    if (!s)
        return false;
    s->next = o->slabs;
    o->slabs = s;
    o->stats.bytes += s->size;
    return true;
}

/* Room in a slab, aligned; NULL: no memory. */
static void *slab_take(struct overlay *o, size_t bytes)
{
    bytes = (bytes + 7) & ~(size_t)7;
    if ((!o->slabs || o->slabs->size - o->slabs->used < bytes) &&
        !slab_add(o, bytes))
        return NULL;
    void *p = (char *)o->slabs + o->slabs->used;
    o->slabs->used += bytes;
    return p;
}

/* Is the row's value at the cut still to be read, and not saved? */
static bool wants(const struct part *p, uint32_t row)
{
    return row >= p->mark && row < p->n &&
           !(p->bits[row / OVERLAY_GROUP] >> (row % OVERLAY_GROUP) & 1);
}

/* Room for the row's pre-image, and so much more; NULL: there is no memory, and
 * the snapshot has failed. */
static struct saved *keep(struct overlay *o, struct part *p, uint32_t row,
                          size_t more)
{
    struct saved *s = slab_take(o, sizeof *s + p->row_bytes + more);
    if (!s) {
        o->state = ERR_NOMEM;
        return NULL;
    }
    s->next = p->heads[row / OVERLAY_GROUP];
    s->row = row;
    s->list = NULL;
    p->bits[row / OVERLAY_GROUP] |= (uint64_t)1 << (row % OVERLAY_GROUP);
    p->heads[row / OVERLAY_GROUP] = s;
    o->stats.saved++;
    return s;
}

static void pack(struct saved *s, const struct overlay_entity *e,
                 const void *entity, struct dims dims)
{
    unsigned char *to = s->bytes;
    for (size_t i = 0; i < e->ncolumns; i++) {
        if (!column_is_kept(&e->columns[i]))
            continue;
        size_t width = column_width(&e->columns[i], dims);
        memcpy(to, column_row(&e->columns[i], entity, dims, s->row), width);
        to += width;
    }
}

static void save_user(struct overlay *o, const struct users *u, uint32_t row)
{
    struct part *p = &o->part[OVERLAY_USERS];
    size_t list = u->seen[row] ? seen_list_bytes(u->nseen[row]) : 0;
    struct saved *s = keep(o, p, row, list);
    if (!s)
        return;
    pack(s, &overlay_entities[OVERLAY_USERS], u, o->dims);
    if (list) {
        s->list = (struct seen_list *)(void *)(s->bytes + p->row_bytes);
        seen_list_copy(s->list, u->seen[row], u->nseen[row]);
    }
}

static void save_row(struct overlay *o, enum overlay_part part,
                     const void *entity, uint32_t row)
{
    struct saved *s = keep(o, &o->part[part], row, 0);
    if (s)
        pack(s, &overlay_entities[part], entity, o->dims);
}

/* Sends for the row: it lies in the copy that the trainer did not write. */
static void fetch(const struct overlay_entity *e, const void *entity,
                  struct dims dims, uint32_t row)
{
    for (size_t i = 0; i < e->ncolumns; i++) {
        const char *p = column_row(&e->columns[i], entity, dims, row);
        for (size_t at = 0; at < column_width(&e->columns[i], dims); at += 64)
            __builtin_prefetch(p + at);
    }
}

static void save_users(struct overlay *o, const struct rows *touched,
                       const struct users *u)
{
    const struct part *p = &o->part[OVERLAY_USERS];
    const uint32_t *row = touched->list;
    uint32_t n = touched->nlist;
    for (uint32_t i = 0; i < n && o->state == ERR_OK; i++) {
        if (i + AHEAD < n && wants(p, row[i + AHEAD]))
            fetch(&overlay_entities[OVERLAY_USERS], u, o->dims, row[i + AHEAD]);
        if (i + LIST_AHEAD < n && wants(p, row[i + LIST_AHEAD]))
            __builtin_prefetch(u->seen[row[i + LIST_AHEAD]]);
        if (wants(p, row[i]))
            save_user(o, u, row[i]);
    }
}

static void save_others(struct overlay *o, enum overlay_part part,
                        const struct rows *touched, const void *entity)
{
    const struct part *p = &o->part[part];
    const uint32_t *row = touched->list;
    uint32_t n = touched->nlist;
    for (uint32_t i = 0; i < n && o->state == ERR_OK; i++) {
        if (i + AHEAD < n && wants(p, row[i + AHEAD]))
            fetch(&overlay_entities[part], entity, o->dims, row[i + AHEAD]);
        if (wants(p, row[i]))
            save_row(o, part, entity, row[i]);
    }
}

void overlay_save_rows(struct overlay *o,
                       const struct rows *const touched[OVERLAY_ROWS],
                       const struct table *published)
{
    pthread_mutex_lock(&o->lock);
    save_users(o, touched[OVERLAY_USERS], &published->users);
    save_others(o, OVERLAY_ITEMS, touched[OVERLAY_ITEMS], &published->items);
    save_others(o, OVERLAY_FEATURES, touched[OVERLAY_FEATURES],
                &published->features);
    pthread_mutex_unlock(&o->lock);
}

void overlay_save_mlp(struct overlay *o, const float *published)
{
    struct part *p = &o->part[OVERLAY_MLP];
    pthread_mutex_lock(&o->lock);
    if (o->state == ERR_OK && wants(p, 0)) {
        struct saved *s = keep(o, p, 0, 0);
        if (s)
            memcpy(s->bytes, published, p->row_bytes);
    }
    pthread_mutex_unlock(&o->lock);
}

void overlay_write_entry(struct overlay *o, enum overlay_part part,
                         uint32_t place, void *entry, const void *value)
{
    struct part *p = &o->part[part];
    pthread_mutex_lock(&o->lock);
    if (o->state == ERR_OK && wants(p, place)) {
        struct saved *s = keep(o, p, place, 0);
        if (s)
            memcpy(s->bytes, entry, p->row_bytes);
    }
    memcpy(entry, value, p->row_bytes);
    pthread_mutex_unlock(&o->lock);
}

void overlay_spoil(struct overlay *o)
{
    pthread_mutex_lock(&o->lock);
    if (o->state == ERR_OK)
        o->state = ERR_FULL;
    pthread_mutex_unlock(&o->lock);
}
