/* history.c -- see history.h.
 *
 * DESIGN  Entries lie in one reserved array; where a pair is, an index knows
 * (history_index.h).
 */
#include <stdlib.h>
#include <string.h>

#include "model/core/hash.h"
#include "model/core/ids.h"
#include "model/core/overlay.h"
#include "model/core/random.h"
#include "model/core/reserve.h"
#include "model/learn/history_index.h"

struct history {
    enum history_kind kind;
    uint32_t cap;
    uint32_t n;
    uint64_t seed;
    uint64_t offered;               /* ratings of pairs that were not here */
    struct history_entry *entry;    /* (cap) reserved */
    struct history_index index;
    uint32_t leaving;               /* a hint, not state: ROW_NONE, or who makes
                                       room for the next pair */
    uint64_t *stale;                /* (cap) bits: changed since hashed */
    uint64_t *hashes;               /* (cap) reserved: of each place */
    uint64_t sum;                   /* of hashes */
    struct overlay *overlay;        /* NULL: no snapshot is being taken */
};

static size_t bits_bytes(uint32_t cap)
{
    return ((size_t)cap + 63) / 64 * sizeof(uint64_t);
}

struct history *history_new(enum history_kind kind, uint32_t cap,
                            uint64_t seed)
{
    struct history *h = calloc(1, sizeof *h);
    if (!h)
        return NULL;
    h->kind = kind;
    h->cap = cap;
    h->seed = seed;
    h->entry = reserve_new((size_t)cap * sizeof *h->entry);
    h->stale = reserve_new(bits_bytes(cap));
    h->hashes = reserve_new((size_t)cap * sizeof *h->hashes);
    if (!history_index_init(&h->index) || !h->entry || !h->stale ||
        !h->hashes) {
        history_free(h);
        return NULL;
    }
    return h;
}

void history_free(struct history *h)
{
    if (!h)
        return;
    reserve_free(h->entry, (size_t)h->cap * sizeof *h->entry);
    reserve_free(h->stale, bits_bytes(h->cap));
    reserve_free(h->hashes, (size_t)h->cap * sizeof *h->hashes);
    history_index_release(&h->index);
    free(h);
}

uint32_t history_count(const struct history *h)
{
    return h->n;
}

uint32_t history_cap(const struct history *h)
{
    return h->cap;
}

enum history_kind history_kind_of(const struct history *h)
{
    return h->kind;
}

const struct history_entry *history_entries(const struct history *h)
{
    return h->entry;
}

void history_expect(const struct history *h, uint32_t user, uint32_t item)
{
    history_index_expect(&h->index, user, item);
}

void history_expect_entry(const struct history *h, uint32_t user,
                          uint32_t item)
{
    uint32_t place = history_index_guess(&h->index, user, item);
    if (place != ROW_NONE)
        __builtin_prefetch(&h->entry[place], 1);
}

/* ---- putting in ---------------------------------------------------------- */

static uint32_t find_slot(const struct history *h, uint32_t user,
                          uint32_t item)
{
    return history_index_find(&h->index, h->entry, user, item);
}

static void set_entry(struct history *h, uint32_t place,
                      const struct history_entry *e)
{
    if (h->overlay)
        overlay_write_entry(h->overlay,
                            h->kind == HISTORY_RATINGS ? OVERLAY_HISTORY
                                                       : OVERLAY_POSITIVES,
                            place, &h->entry[place], e);
    else
        h->entry[place] = *e;
    h->stale[place >> 6] |= (uint64_t)1 << (place & 63);
}

/* Its pair, which has no slot, is at this place from now on. */
static void add_entry(struct history *h, uint32_t place,
                      const struct history_entry *e)
{
    uint32_t slot = find_slot(h, e->user, e->item);
    set_entry(h, place, e);
    history_index_set(&h->index, slot, e->user, e->item, place);
}

/* The place that the n-th new pair, of event seq, takes when it is full; at or
 * above cap: none. */
static uint64_t draw_place(const struct history *h, uint64_t n, uint64_t seq)
{
    return random_u64(h->seed,
                      h->kind == HISTORY_RATINGS ? RANDOM_RESERVOIR
                                                 : RANDOM_RANK_RESERVOIR,
                      seq, 0) % n;
}

void history_expect_leaving(struct history *h, uint64_t seq)
{
    uint64_t place = h->cap;
    if (h->n == h->cap)
        place = draw_place(h, h->offered + 1, seq);
    h->leaving = place < h->cap ? (uint32_t)place : ROW_NONE;
    if (h->leaving != ROW_NONE)
        __builtin_prefetch(&h->entry[place], 1);
}

void history_expect_hole(const struct history *h)
{
    if (h->leaving != ROW_NONE)
        history_index_expect(&h->index, h->entry[h->leaving].user,
                             h->entry[h->leaving].item);
}

bool history_put(struct history *h, uint32_t user, uint32_t item, float inner,
                 uint64_t seq)
{
    struct history_entry e = {.user = user, .item = item, .inner = inner,
                              .seq = seq};
    uint32_t place = history_index_place(&h->index, find_slot(h, user, item));
    if (place != ROW_NONE) { // a re-rating supersedes
        set_entry(h, place, &e);
        return true;
    }
    h->offered++;
    if (h->n < h->cap) {
        if (!history_index_make_room(&h->index, h->n))
            return false;
        add_entry(h, h->n++, &e);
        return true;
    }
    uint64_t drawn = draw_place(h, h->offered, seq);
    if (drawn < h->cap) {
        const struct history_entry *old = &h->entry[drawn];
        history_index_remove(&h->index, find_slot(h, old->user, old->item));
        add_entry(h, (uint32_t)drawn, &e);
    }
    return true;
}

/* ---- snapshots ---------------------------------------------------------- */

void history_set_overlay(struct history *h, struct overlay *o)
{
    h->overlay = o;
}

uint64_t history_offered(const struct history *h)
{
    return h->offered;
}

enum err history_restore(struct history *h, const struct history_entry *e)
{
    uint32_t slot = find_slot(h, e->user, e->item);
    if (h->n == h->cap || history_index_place(&h->index, slot) != ROW_NONE)
        return ERR_RANGE;
    if (!history_index_make_room(&h->index, h->n))
        return ERR_NOMEM;
    add_entry(h, h->n++, e);
    return ERR_OK;
}

void history_restore_offered(struct history *h, uint64_t offered)
{
    h->offered = offered;
}

/* ---- taking out --------------------------------------------------------- */

/* The hash of a place no longer counts. */
static void unhash(struct history *h, uint32_t place)
{
    h->sum -= h->hashes[place];
    h->hashes[place] = 0;
    h->stale[place >> 6] &= ~((uint64_t)1 << (place & 63));
}

static void remove_place(struct history *h, uint32_t place)
{
    const struct history_entry *e = &h->entry[place];
    uint32_t last = h->n - 1;
    history_index_remove(&h->index, find_slot(h, e->user, e->item));
    unhash(h, place);
    if (place != last) {
        e = &h->entry[last];
        history_index_set(&h->index, find_slot(h, e->user, e->item), e->user,
                          e->item, place);
        unhash(h, last);
        set_entry(h, place, e);
    }
    explicit_bzero(&h->entry[last], sizeof h->entry[last]);
    h->n--;
}

uint32_t history_remove(struct history *h, uint32_t user, uint32_t item)
{
    uint32_t before = h->n;
    if (item != ROW_NONE) {
        uint32_t place = history_index_place(&h->index,
                                             find_slot(h, user, item));
        if (place != ROW_NONE)
            remove_place(h, place);
        return before - h->n;
    }
    for (uint32_t p = h->n; p-- > 0;) // from the end: what moves was seen
        if (h->entry[p].user == user)
            remove_place(h, p);
    return before - h->n;
}

struct history *history_copy(const struct history *h, uint32_t cap)
{
    struct history *copy = history_new(h->kind, cap, h->seed);
    if (!copy)
        return NULL;
    copy->offered = h->offered;
    for (uint32_t p = 0; p < h->n && p < cap; p++) {
        if (history_restore(copy, &h->entry[p]) != ERR_OK) {
            history_free(copy);
            return NULL;
        }
    }
    return copy;
}

/* ---- reports ----------------------------------------------------------- */

static enum hash_kind hash_kind_of(enum history_kind kind)
{
    return kind == HISTORY_RATINGS ? HASH_HISTORY : HASH_POSITIVES;
}

uint64_t history_hash_entry(enum history_kind kind,
                            const struct history_entry *e, uint32_t place,
                            const struct ids *users, const struct ids *items)
{
    uint64_t x = hash_start(hash_kind_of(kind), ids_key(users, e->user));
    x = hash_word(x, ids_key(items, e->item));
    x = hash_bytes(x, &e->inner, sizeof e->inner);
    return hash_word(hash_word(x, e->seq), place);
}

uint64_t history_hash_counts(enum history_kind kind, uint32_t n,
                             uint64_t offered)
{
    return hash_word(hash_start(hash_kind_of(kind), n), offered);
}

/* Only places that changed since the last call are hashed anew. */
uint64_t history_hash(struct history *h, const struct ids *users,
                      const struct ids *items)
{
    for (uint32_t w = 0; w < ((uint64_t)h->n + 63) / 64; w++) {
        for (uint64_t bits = h->stale[w]; bits; bits &= bits - 1) {
            uint32_t p = w * 64 + (uint32_t)__builtin_ctzll(bits);
            uint64_t x = history_hash_entry(h->kind, &h->entry[p], p, users,
                                            items);
            h->sum += x - h->hashes[p];
            h->hashes[p] = x;
        }
        h->stale[w] = 0;
    }
    return h->sum + history_hash_counts(h->kind, h->n, h->offered);
}

size_t history_bytes(const struct history *h)
{
    return h->n * (sizeof *h->entry + sizeof *h->hashes) +
           history_index_bytes(&h->index);
}
