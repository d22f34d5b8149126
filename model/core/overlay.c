/* overlay.c -- see overlay.h.
 *
 * DESIGN  Rows are found by number: for every 64 rows a word of bits (saved) and
 * the head of a list of what is saved.  What is saved lies in slabs that grow
 * and are freed whole, so saving costs an allocation every few thousand rows.
 * A list is only ever pushed to, for rows at or above the mark: once the mark
 * is at b, the lists of all 64 rows below b stand still, and only the head of
 * the one that b falls into has to be read under the lock.
 */
#include "model/core/overlay.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/column.h"
#include "model/core/live_point.h"
#include "model/core/reserve.h"
#include "model/core/rows.h"

#define GROUP      64u         /* rows per list */
#define SLAB_BYTES (1u << 20)

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
    const struct saved **heads; /* (n / GROUP) reserved */
};

struct overlay {
    pthread_mutex_t lock;
    uint32_t dim;              /* set at the cut, then read-only */
    /* guarded by lock */
    enum err state;
    struct part part[OVERLAY_PARTS];
    struct slab *slabs;        /* the newest first */
    struct overlay_stats stats;
};

static size_t groups_bytes(uint32_t n)
{
    return ((size_t)n / GROUP + 1) * sizeof(uint64_t);
}
_Static_assert(sizeof(void *) == sizeof(uint64_t), "one size for both");

struct overlay *overlay_new(void)
{
    struct overlay *o = calloc(1, sizeof *o);
    if (o && pthread_mutex_init(&o->lock, NULL) != 0) {
        free(o);
        return NULL;
    }
    return o;
}

void overlay_free(struct overlay *o)
{
    if (!o)
        return;
    for (int i = 0; i < OVERLAY_PARTS; i++) {
        reserve_free(o->part[i].bits, groups_bytes(o->part[i].n));
        reserve_free(o->part[i].heads, groups_bytes(o->part[i].n));
    }
    while (o->slabs) {
        struct slab *s = o->slabs;
        o->slabs = s->next;
        reserve_free(s, s->size);
    }
    pthread_mutex_destroy(&o->lock);
    free(o);
}

/* ---- trainer only ------------------------------------------------------ */

/* The list that a user's row points to is saved behind the columns, which leave
 * it aligned. */
static size_t row_bytes(const struct column *columns, size_t n, uint32_t dim)
{
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++)
        if (columns[i].type != COLUMN_LISTS)
            bytes += column_width(&columns[i], dim);
    return (bytes + 3) & ~(size_t)3;
}

bool overlay_start(struct overlay *o, uint32_t dim, size_t entry_bytes,
                   const uint32_t n[OVERLAY_PARTS])
{
    o->dim = dim;
    for (int i = 0; i < OVERLAY_PARTS; i++) {
        struct part *p = &o->part[i];
        p->n = n[i];
        p->bits = reserve_new(groups_bytes(n[i]));
        p->heads = reserve_new(groups_bytes(n[i]));
        if (!p->bits || !p->heads)
            return false;
    }
    o->part[OVERLAY_USERS].row_bytes = row_bytes(user_columns, USER_NCOLUMNS,
                                                 dim);
    o->part[OVERLAY_ITEMS].row_bytes = row_bytes(item_columns, ITEM_NCOLUMNS,
                                                 dim);
    o->part[OVERLAY_HISTORY].row_bytes = entry_bytes;
    return true;
}

/* Room in a slab, aligned; NULL: no memory. */
static void *slab_take(struct overlay *o, size_t bytes)
{
    bytes = (bytes + 7) & ~(size_t)7;
    struct slab *s = o->slabs;
    if (!s || s->size - s->used < bytes) {
        size_t size = sizeof *s + bytes;
        if (size < SLAB_BYTES)
            size = SLAB_BYTES;
        s = reserve_new(size);
        if (!s)
            return NULL;
        *s = (struct slab){.next = o->slabs, .size = size, .used = sizeof *s};
        o->slabs = s;
        o->stats.bytes += size;
    }
    void *p = (char *)s + s->used;
    s->used += bytes;
    return p;
}

/* Room for the row's pre-image when it is wanted; NULL: it is not, or there is
 * no memory and the snapshot has failed. */
static struct saved *want(struct overlay *o, struct part *p, uint32_t row,
                          size_t more)
{
    uint64_t bit = (uint64_t)1 << (row % GROUP);
    if (p->bits[row / GROUP] & bit)
        return NULL;
    struct saved *s = slab_take(o, sizeof *s + p->row_bytes + more);
    if (!s) {
        o->state = ERR_NOMEM;
        return NULL;
    }
    s->next = p->heads[row / GROUP];
    s->row = row;
    s->list = NULL;
    p->bits[row / GROUP] |= bit;
    p->heads[row / GROUP] = s;
    o->stats.saved++;
    return s;
}

static void pack(struct saved *s, const struct column *columns, size_t n,
                 const void *entity, uint32_t dim)
{
    unsigned char *to = s->bytes;
    for (size_t i = 0; i < n; i++) {
        if (columns[i].type == COLUMN_LISTS)
            continue;
        size_t width = column_width(&columns[i], dim);
        memcpy(to, column_row(&columns[i], entity, dim, s->row), width);
        to += width;
    }
}

static void save_user(struct overlay *o, const struct users *u, uint32_t row)
{
    struct part *p = &o->part[OVERLAY_USERS];
    size_t list = sizeof(struct seen_list) + u->nseen[row] * sizeof(uint32_t);
    if (!u->seen[row])
        list = 0;
    struct saved *s = want(o, p, row, list);
    if (!s)
        return;
    pack(s, user_columns, USER_NCOLUMNS, u, o->dim);
    if (list) {
        s->list = (struct seen_list *)(void *)(s->bytes + p->row_bytes);
        memcpy(s->list, u->seen[row], list);
    }
}

static void save_item(struct overlay *o, const struct items *t, uint32_t row)
{
    struct saved *s = want(o, &o->part[OVERLAY_ITEMS], row, 0);
    if (s)
        pack(s, item_columns, ITEM_NCOLUMNS, t, o->dim);
}

void overlay_save_rows(struct overlay *o, const struct rows *users,
                       const struct rows *items, const struct table *published)
{
    const struct part *u = &o->part[OVERLAY_USERS];
    const struct part *t = &o->part[OVERLAY_ITEMS];
    pthread_mutex_lock(&o->lock);
    for (uint32_t i = 0; i < users->nlist && o->state == ERR_OK; i++)
        if (users->list[i] >= u->mark && users->list[i] < u->n)
            save_user(o, &published->users, users->list[i]);
    for (uint32_t i = 0; i < items->nlist && o->state == ERR_OK; i++)
        if (items->list[i] >= t->mark && items->list[i] < t->n)
            save_item(o, &published->items, items->list[i]);
    pthread_mutex_unlock(&o->lock);
}

void overlay_write_entry(struct overlay *o, uint32_t place, void *entry,
                         const void *value)
{
    struct part *p = &o->part[OVERLAY_HISTORY];
    pthread_mutex_lock(&o->lock);
    if (place >= p->mark && place < p->n && o->state == ERR_OK) {
        struct saved *s = want(o, p, place, 0);
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

/* ---- the snapshot's thread --------------------------------------------- */

/* Rows below b are done with.  Returns the head of the list that b falls into,
 * which the trainer may push to.  The caller holds the lock. */
static const struct saved *pass(struct part *p, uint32_t b)
{
    p->mark = b;
    return p->heads[(b - 1) / GROUP];
}

static void unpack(const struct saved *s, const struct column *columns,
                   size_t n, void *view, uint32_t dim, uint32_t row)
{
    const unsigned char *from = s->bytes;
    for (size_t i = 0; i < n; i++) {
        void *to = column_row(&columns[i], view, dim, row);
        size_t width = column_width(&columns[i], dim);
        if (columns[i].type == COLUMN_LISTS) {
            memcpy(to, &s->list, sizeof s->list);
        } else {
            memcpy(to, from, width);
            from += width;
        }
    }
}

/* What is saved of rows [a, b), over what was read of them; row a lies first in
 * `to`.  `last` is the list of the last group. */
static void put_back(const struct overlay *o, enum overlay_part which,
                     uint32_t a, uint32_t b, const struct saved *last, void *to)
{
    const struct part *p = &o->part[which];
    for (uint32_t g = a / GROUP; g <= (b - 1) / GROUP; g++) {
        const struct saved *s = g == (b - 1) / GROUP ? last : p->heads[g];
        for (; s; s = s->next) {
            uint32_t row = s->row - a;
            if (s->row < a || s->row >= b)
                continue;
            if (which == OVERLAY_USERS)
                unpack(s, user_columns, USER_NCOLUMNS, to, o->dim, row);
            else if (which == OVERLAY_ITEMS)
                unpack(s, item_columns, ITEM_NCOLUMNS, to, o->dim, row);
            else
                memcpy((char *)to + row * p->row_bytes, s->bytes, p->row_bytes);
        }
    }
}

static bool restore(struct overlay *o, enum overlay_part which, uint32_t a,
                    uint32_t b, void *view)
{
    LIVE_POINT(LIVE_S2);
    bool ok = overlay_lock(o);
    const struct saved *last = pass(&o->part[which], b);
    overlay_unlock(o);
    if (ok)
        put_back(o, which, a, b, last, view);
    return ok;
}

bool overlay_restore_users(struct overlay *o, uint32_t a, uint32_t b,
                           struct users *view)
{
    return restore(o, OVERLAY_USERS, a, b, view);
}

bool overlay_restore_items(struct overlay *o, uint32_t a, uint32_t b,
                           struct items *view)
{
    return restore(o, OVERLAY_ITEMS, a, b, view);
}

bool overlay_read_entries(struct overlay *o, uint32_t a, uint32_t b,
                          const void *entries, void *to)
{
    struct part *p = &o->part[OVERLAY_HISTORY];
    bool ok = overlay_lock(o);
    if (ok)
        memcpy(to, (const char *)entries + a * p->row_bytes,
               (b - a) * p->row_bytes);
    const struct saved *last = pass(p, b);
    overlay_unlock(o);
    if (ok)
        put_back(o, OVERLAY_HISTORY, a, b, last, to);
    return ok;
}

bool overlay_lock(struct overlay *o)
{
    pthread_mutex_lock(&o->lock);
    return o->state == ERR_OK;
}

void overlay_unlock(struct overlay *o)
{
    pthread_mutex_unlock(&o->lock);
}

enum err overlay_state(struct overlay *o)
{
    pthread_mutex_lock(&o->lock);
    enum err state = o->state;
    pthread_mutex_unlock(&o->lock);
    return state;
}

void overlay_stats(struct overlay *o, struct overlay_stats *out)
{
    pthread_mutex_lock(&o->lock);
    *out = o->stats;
    pthread_mutex_unlock(&o->lock);
}
