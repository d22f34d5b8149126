/* ids.c -- see ids.h.
 *
 * DESIGN  What readers look at is a `view`: the newest slots and, while a move
 * is going on, the ones before.  A view never changes after it is published
 * (ids->view, release; readers acquire) but for its slots, which only ever go
 * from 0 to an entry and from there to TOMBSTONE.  An entry is written with
 * release after its row's name, so whoever finds it can read the name.
 *
 *   1. insert puts the entry into the newest slots only;
 *   2. every insert also copies MOVE_STEP entries of the old slots; an entry is
 *      in one of the two at every moment, in the old until well after it is in
 *      the new;
 *   3. when all are copied a view without the old slots is published, and the
 *      old view and slots are retired: a reader that still holds them is pinned
 *      (reclaim.h).
 *
 * A row's key is written with its name, and once more when that is forgotten.
 * It is atomic, relaxed, for who reads it just then: a snapshot, which is thrown
 * away afterwards (overlay.h).
 */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "model/core/ids_internal.h"
#include "model/core/random.h"
#include "model/core/reclaim.h"
#include "model/core/reserve.h"
#include "model/core/siphash.h"

#define FIRST_SLOTS 1024u
#define MOVE_STEP   8u
#define CHUNK_BYTES (256u * 1024u)

static struct slots *slots_new(uint64_t n)
{
    struct slots *s = calloc(1, sizeof *s + n * sizeof s->slot[0]);
    if (s)
        s->mask = n - 1;
    return s;
}

struct ids *ids_new(uint32_t max_rows, struct reclaim *reclaim)
{
    struct ids *ids = calloc(1, sizeof *ids);
    struct view *v = calloc(1, sizeof *v);
    if (!ids || !v)
        goto fail;
    ids->max = max_rows;
    ids->reclaim = reclaim;
    v->now = slots_new(FIRST_SLOTS);
    ids->names = reserve_new(max_rows * sizeof *ids->names);
    ids->births = reserve_new(max_rows * sizeof *ids->births);
    if (!v->now || !ids->names || !ids->births)
        goto fail;
    if (getrandom(ids->secret, sizeof ids->secret, 0) !=
        (ssize_t)sizeof ids->secret)
        goto fail;
    atomic_init(&ids->view, v);
    atomic_init(&ids->bytes, FIRST_SLOTS * sizeof(uint64_t));
    return ids;
fail:
    if (v)
        free(v->now);
    free(v);
    if (ids) {
        reserve_free(ids->names, max_rows * sizeof *ids->names);
        reserve_free(ids->births, max_rows * sizeof *ids->births);
    }
    free(ids);
    return NULL;
}

void ids_free(struct ids *ids)
{
    if (!ids)
        return;
    struct view *v = atomic_load_explicit(&ids->view, memory_order_relaxed);
    free(v->now);
    free(v->old);
    free(v);
    for (size_t i = 0; i < ids->nchunks; i++)
        free(ids->chunks[i]);
    free(ids->chunks);
    free(ids->forgotten);
    reserve_free(ids->names, ids->max * sizeof *ids->names);
    reserve_free(ids->births, ids->max * sizeof *ids->births);
    free(ids);
}

/* ---- finding ----------------------------------------------------------- */

/* The row of id in one set of slots, or ROW_NONE. */
static uint32_t probe(const struct ids *ids, const struct slots *s,
                      uint64_t hash, struct id id)
{
    uint64_t tag = hash >> 32;
    for (uint64_t i = hash & s->mask;; i = (i + 1) & s->mask) {
        uint64_t e = atomic_load_explicit(&s->slot[i], memory_order_acquire);
        if (e == 0)
            return ROW_NONE;
        if (e >> 32 != tag)
            continue;
        uint32_t row = (uint32_t)e - 1;
        if (row == ROW_NONE)
            continue; // a tombstone
        const struct name *name = &ids->names[row];
        if (name->len == id.len &&
            memcmp(ids_bytes_of(name), id.s, id.len) == 0)
            return row;
    }
}

static uint32_t find(const struct ids *ids, uint64_t hash, struct id id)
{
    const struct view *v = atomic_load_explicit(&ids->view,
                                                memory_order_acquire);
    uint32_t row = probe(ids, v->now, hash, id);
    if (row == ROW_NONE && v->old)
        row = probe(ids, v->old, hash, id);
    return row;
}

uint32_t ids_find(const struct ids *ids, struct id id, uint32_t nrows)
{
    uint32_t row = find(ids, siphash13(ids->secret, id.s, id.len), id);
    return row < nrows ? row : ROW_NONE;
}

uint64_t ids_expect(const struct ids *ids, struct id id)
{
    uint64_t hash = siphash13(ids->secret, id.s, id.len);
    const struct view *v = atomic_load_explicit(&ids->view,
                                                memory_order_relaxed);
    __builtin_prefetch(&v->now->slot[hash & v->now->mask]);
    if (v->old)
        __builtin_prefetch(&v->old->slot[hash & v->old->mask]);
    return hash;
}

/* By the tag alone: two ids of one tag close to each other are rare. */
static uint32_t guess_in(const struct slots *s, uint64_t hash)
{
    for (uint64_t i = hash & s->mask;; i = (i + 1) & s->mask) {
        uint64_t e = atomic_load_explicit(&s->slot[i], memory_order_relaxed);
        if (e == 0)
            return ROW_NONE;
        if (e >> 32 == hash >> 32 && e != TOMBSTONE)
            return (uint32_t)e - 1;
    }
}

uint32_t ids_guess(const struct ids *ids, uint64_t hash)
{
    const struct view *v = atomic_load_explicit(&ids->view,
                                                memory_order_relaxed);
    uint32_t row = guess_in(v->now, hash);
    if (row == ROW_NONE && v->old)
        row = guess_in(v->old, hash);
    if (row != ROW_NONE)
        __builtin_prefetch(&ids->names[row]);
    return row;
}

struct id ids_name(const struct ids *ids, uint32_t row)
{
    return (struct id){ids_bytes_of(&ids->names[row]), ids->names[row].len};
}

uint64_t ids_key(const struct ids *ids, uint32_t row)
{
    return atomic_load_explicit(&ids->names[row].key, memory_order_relaxed);
}

uint64_t ids_birth(const struct ids *ids, uint32_t row)
{
    return ids->births[row];
}

uint32_t ids_max(const struct ids *ids)
{
    return ids->max;
}

size_t ids_bytes(const struct ids *ids)
{
    return atomic_load_explicit(&ids->bytes, memory_order_relaxed);
}

/* ---- adding (trainer only) --------------------------------------------- */

static void put(struct slots *s, uint64_t hash, uint64_t entry)
{
    uint64_t i = hash & s->mask;
    while (atomic_load_explicit(&s->slot[i], memory_order_relaxed))
        i = (i + 1) & s->mask;
    atomic_store_explicit(&s->slot[i], entry, memory_order_release);
}

/* Copies the bytes of a long id to where they stay; NULL: no memory. */
static const char *keep_bytes(struct ids *ids, struct id id)
{
    if (ids->chunk_left < id.len) {
        void **chunks = realloc(ids->chunks,
                                (ids->nchunks + 1) * sizeof *chunks);
        if (!chunks)
            return NULL;
        ids->chunks = chunks;
        char *chunk = malloc(CHUNK_BYTES);
        if (!chunk)
            return NULL;
        ids->chunks[ids->nchunks++] = chunk;
        ids->chunk = chunk;
        ids->chunk_left = CHUNK_BYTES;
        ids_count_bytes(ids, CHUNK_BYTES);
    }
    char *to = ids->chunk;
    memcpy(to, id.s, id.len);
    ids->chunk += id.len;
    ids->chunk_left -= id.len;
    return to;
}

static bool name_init(struct name *name, struct ids *ids, struct id id)
{
    if (id.len <= SHORT_BYTES) {
        memcpy(name->bytes, id.s, id.len);
    } else {
        const char *s = keep_bytes(ids, id);
        if (!s)
            return false;
        memcpy(name->bytes, &s, sizeof s);
    }
    atomic_store_explicit(&name->key, random_id(id.s, id.len),
                          memory_order_relaxed);
    name->len = id.len;
    return true;
}

static bool publish_view(struct ids *ids, struct slots *now,
                         struct slots *old)
{
    struct view *v = malloc(sizeof *v);
    if (!v)
        return false;
    v->now = now;
    v->old = old;
    struct view *before = atomic_load_explicit(&ids->view,
                                               memory_order_relaxed);
    atomic_store_explicit(&ids->view, v, memory_order_release);
    reclaim_retire(ids->reclaim, before);
    return true;
}

/* Copies a few entries of the old slots; drops them when all are copied. */
static void move_some(struct ids *ids, struct view *v, uint64_t steps)
{
    for (; steps && ids->moved <= v->old->mask; steps--, ids->moved++) {
        uint64_t e = atomic_load_explicit(&v->old->slot[ids->moved],
                                          memory_order_relaxed);
        if (!e || e == TOMBSTONE)
            continue;
        struct id id = ids_name(ids, (uint32_t)e - 1);
        put(v->now, siphash13(ids->secret, id.s, id.len), e);
    }
    if (ids->moved <= v->old->mask)
        return;
    struct slots *old = v->old;
    if (publish_view(ids, v->now, NULL)) {
        ids_count_bytes(ids, 0 - (old->mask + 1) * sizeof(uint64_t));
        reclaim_retire(ids->reclaim, old);
    }
}

/* Makes sure that one more entry fits below 3/4 of the slots. */
static bool make_room(struct ids *ids)
{
    struct view *v = atomic_load_explicit(&ids->view, memory_order_relaxed);
    if (v->old)
        move_some(ids, v, MOVE_STEP);
    v = atomic_load_explicit(&ids->view, memory_order_relaxed);
    uint64_t n = v->now->mask + 1;
    if (ids->n + 1 <= n / 4 * 3)
        return true;
    if (v->old) { // never with MOVE_STEP > 4/3: for safety, finish the move
        move_some(ids, v, UINT64_MAX);
        v = atomic_load_explicit(&ids->view, memory_order_relaxed);
        if (v->old)
            return false;
    }
    struct slots *next = slots_new(n * 2);
    if (!next)
        return false;
    if (!publish_view(ids, next, v->now)) {
        free(next);
        return false;
    }
    ids_count_bytes(ids, n * 2 * sizeof(uint64_t));
    ids->moved = 0;
    return true;
}

uint32_t ids_add(struct ids *ids, struct id id, uint64_t birth, bool *added)
{
    uint64_t hash = siphash13(ids->secret, id.s, id.len);
    return ids_add_hashed(ids, id, hash, birth, added);
}

uint32_t ids_add_hashed(struct ids *ids, struct id id, uint64_t hash,
                        uint64_t birth, bool *added)
{
    uint32_t row = find(ids, hash, id);
    *added = false;
    if (row != ROW_NONE)
        return row;
    if (ids->n >= ids->max || !make_room(ids))
        return ROW_NONE;
    if (!name_init(&ids->names[ids->n], ids, id))
        return ROW_NONE;
    ids->births[ids->n] = birth;
    row = ids->n++;
    ids_count_bytes(ids, sizeof *ids->names + sizeof *ids->births);
    struct view *v = atomic_load_explicit(&ids->view, memory_order_relaxed);
    put(v->now, hash, (hash >> 32 << 32) | (row + 1));
    *added = true;
    return row;
}
