/* ids_forget.c -- the part of ids.h that takes names away again. */
#include <stdlib.h>

#include "model/core/ids_internal.h"
#include "model/core/random.h"
#include "model/core/siphash.h"

uint32_t ids_find_birth(const struct ids *ids, uint64_t birth)
{
    uint32_t lo = 0, hi = ids->n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (ids->births[mid] < birth)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < ids->n && ids->births[lo] == birth ? lo : ROW_NONE;
}

static void bury(struct slots *s, uint64_t hash, uint32_t row)
{
    uint64_t entry = (hash >> 32 << 32) | (row + 1);
    for (uint64_t i = hash & s->mask;; i = (i + 1) & s->mask) {
        uint64_t e = atomic_load_explicit(&s->slot[i], memory_order_relaxed);
        if (!e)
            return;
        if (e != entry)
            continue;
        atomic_store_explicit(&s->slot[i], TOMBSTONE, memory_order_release);
        return;
    }
}

static uint64_t forgotten_key(const struct ids *ids, uint32_t row)
{
    return random_mix(ids->births[row]);
}

/* The key says who it was as well as the name would (it is a plain hash), so it
 * goes at once. */
static void forget_key(struct ids *ids, uint32_t row)
{
    atomic_store_explicit(&ids->names[row].key, forgotten_key(ids, row),
                          memory_order_relaxed);
}

bool ids_is_forgotten(const struct ids *ids, uint32_t row)
{
    return ids_key(ids, row) == forgotten_key(ids, row);
}

static void wipe(struct name *name)
{
    char *s = name->bytes;
    if (name->len > SHORT_BYTES)
        memcpy(&s, name->bytes, sizeof s);
    explicit_bzero(s, name->len);
    explicit_bzero(name->bytes, SHORT_BYTES);
    name->len = 0;
}

void ids_forget(struct ids *ids, uint32_t row)
{
    struct id id = ids_name(ids, row);
    uint64_t hash = siphash13(ids->secret, id.s, id.len);
    const struct view *v = atomic_load_explicit(&ids->view,
                                                memory_order_relaxed);
    bury(v->now, hash, row);
    if (v->old)
        bury(v->old, hash, row);
    forget_key(ids, row);
    uint32_t *more = realloc(ids->forgotten,
                             (ids->nforgotten + 1) * sizeof *more);
    if (!more)
        return; // found by nobody; its bytes stay in memory until the end
    ids->forgotten = more;
    more[ids->nforgotten++] = row;
}

void ids_flip(struct ids *ids)
{
    if (ids->nforgotten == 0)
        return;
    for (size_t i = 0; i < ids->nold; i++)
        wipe(&ids->names[ids->forgotten[i]]);
    ids->nforgotten -= ids->nold;
    memmove(ids->forgotten, ids->forgotten + ids->nold,
            ids->nforgotten * sizeof *ids->forgotten);
    ids->nold = ids->nforgotten;
}

uint32_t ids_add_nameless(struct ids *ids, uint64_t birth)
{
    if (ids->n >= ids->max)
        return ROW_NONE;
    ids->births[ids->n] = birth;
    forget_key(ids, ids->n);
    ids_count_bytes(ids, sizeof *ids->names + sizeof *ids->births);
    return ids->n++;
}
