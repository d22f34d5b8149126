/* overlay_restore.c -- the part of overlay.h that is the snapshot's. */
#include <string.h>

#include "model/core/column.h"
#include "model/core/live_point.h"
#include "model/core/overlay_internal.h"

#define SPARES 4u              /* slabs: what the trainer fills in the time of a
                                  few chunks */

void overlay_refill(struct overlay *o)
{
    for (;;) {
        pthread_mutex_lock(&o->lock);
        bool enough = o->nspare >= SPARES;
        pthread_mutex_unlock(&o->lock);
        struct slab *s = enough ? NULL : overlay_slab_new(OVERLAY_SLAB_BYTES);
        if (!s)
            return; // the trainer will look for memory itself
        memset(s + 1, 0, s->size - sizeof *s);
        pthread_mutex_lock(&o->lock);
        s->next = o->spare;
        o->spare = s;
        o->nspare++;
        pthread_mutex_unlock(&o->lock);
    }
}

/* Rows below b are done with.  Returns the head of the list that b falls into,
 * which the trainer may push to.  The caller holds the lock. */
static const struct saved *pass(struct part *p, uint32_t b)
{
    p->mark = b;
    return p->heads[(b - 1) / OVERLAY_GROUP];
}

static void unpack(const struct saved *s, const struct overlay_entity *e,
                   void *view, struct dims dims, uint32_t row)
{
    const unsigned char *from = s->bytes;
    for (size_t i = 0; i < e->ncolumns; i++) {
        void *to = column_row(&e->columns[i], view, dims, row);
        size_t width = column_width(&e->columns[i], dims);
        if (e->columns[i].type == COLUMN_LISTS) {
            memcpy(to, &s->list, sizeof s->list);
        } else if (column_is_kept(&e->columns[i])) {
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
    uint32_t end = (b - 1) / OVERLAY_GROUP;
    for (uint32_t g = a / OVERLAY_GROUP; g <= end; g++) {
        const struct saved *s = g == end ? last : p->heads[g];
        for (; s; s = s->next) {
            uint32_t row = s->row - a;
            if (s->row < a || s->row >= b)
                continue;
            if (which < OVERLAY_ROWS)
                unpack(s, &overlay_entities[which], to, o->dims, row);
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
    overlay_refill(o);
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

bool overlay_restore_features(struct overlay *o, uint32_t a, uint32_t b,
                              struct features *view)
{
    return restore(o, OVERLAY_FEATURES, a, b, view);
}

bool overlay_restore_mlp(struct overlay *o, float *block)
{
    return restore(o, OVERLAY_MLP, 0, 1, block);
}

bool overlay_read_entries(struct overlay *o, enum overlay_part part, uint32_t a,
                          uint32_t b, const void *entries, void *to)
{
    struct part *p = &o->part[part];
    bool ok = overlay_lock(o);
    if (ok)
        memcpy(to, (const char *)entries + a * p->row_bytes,
               (b - a) * p->row_bytes);
    const struct saved *last = pass(p, b);
    overlay_unlock(o);
    if (ok)
        put_back(o, part, a, b, last, to);
    overlay_refill(o);
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
