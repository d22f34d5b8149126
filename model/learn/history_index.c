/* history_index.c -- see history_index.h. */
#include "model/learn/history_index.h"

#include "model/core/random.h"
#include "model/core/reserve.h"

#define FIRST_SLOTS 1024u

bool history_index_init(struct history_index *x)
{
    x->mask = FIRST_SLOTS - 1;
    x->slot = reserve_new(FIRST_SLOTS * sizeof *x->slot);
    return x->slot != NULL;
}

size_t history_index_bytes(const struct history_index *x)
{
    return ((size_t)x->mask + 1) * sizeof *x->slot;
}

void history_index_release(struct history_index *x)
{
    reserve_free(x->slot, history_index_bytes(x));
    x->slot = NULL;
}

/* Its lower bits are where the pair would like to be; it is the half that the
 * slot holds. */
static uint32_t hash_of(uint32_t user, uint32_t item)
{
    return (uint32_t)random_mix((uint64_t)user << 32 | item);
}

void history_index_expect(const struct history_index *x, uint32_t user,
                          uint32_t item)
{
    __builtin_prefetch(&x->slot[hash_of(user, item) & x->mask], 1);
}

uint32_t history_index_guess(const struct history_index *x, uint32_t user,
                             uint32_t item)
{
    uint32_t hash = hash_of(user, item), i = hash & x->mask;
    while (x->slot[i] && x->slot[i] >> 32 != hash)
        i = (i + 1) & x->mask;
    return history_index_place(x, i);
}

uint32_t history_index_find(const struct history_index *x,
                            const struct history_entry *entries, uint32_t user,
                            uint32_t item)
{
    uint32_t hash = hash_of(user, item), i = hash & x->mask;
    for (; x->slot[i]; i = (i + 1) & x->mask) {
        if (x->slot[i] >> 32 != hash)
            continue;
        const struct history_entry *e = &entries[history_index_place(x, i)];
        if (e->user == user && e->item == item)
            break;
    }
    return i;
}

void history_index_set(struct history_index *x, uint32_t slot, uint32_t user,
                       uint32_t item, uint32_t place)
{
    x->slot[slot] = (uint64_t)hash_of(user, item) << 32 | (place + 1);
}

/* Read and written from one end to the other. */
bool history_index_make_room(struct history_index *x, uint32_t n)
{
    struct history_index next = {.mask = x->mask * 2 + 1};
    if ((n + 1) * 2ull <= x->mask)
        return true;
    next.slot = reserve_new(history_index_bytes(&next));
    if (!next.slot)
        return false;
    for (uint32_t old = 0; old <= x->mask; old++) {
        uint32_t i = (uint32_t)(x->slot[old] >> 32) & next.mask;
        if (!x->slot[old])
            continue;
        while (next.slot[i])
            i = (i + 1) & next.mask;
        next.slot[i] = x->slot[old];
    }
    history_index_release(x);
    *x = next;
    return true;
}

/* Knuth 6.4, algorithm R: entries behind the hole move up unless that would put
 * them before their home. */
void history_index_remove(struct history_index *x, uint32_t slot)
{
    uint32_t hole = slot, i = slot;
    for (;;) {
        i = (i + 1) & x->mask;
        if (!x->slot[i])
            break;
        uint32_t home = (uint32_t)(x->slot[i] >> 32) & x->mask;
        if (((i - home) & x->mask) >= ((i - hole) & x->mask)) {
            x->slot[hole] = x->slot[i];
            hole = i;
        }
    }
    x->slot[hole] = 0;
}
