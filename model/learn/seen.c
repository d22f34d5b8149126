/* seen.c -- see seen.h. */
#include "model/learn/seen.h"

#include <stdlib.h>
#include <string.h>

#include "model/core/reclaim.h"

#define FIRST_CAP 6    /* a block of 32 bytes for the many with few ratings */
#define TAIL_MAX  32

bool seen_has(const struct seen_list *l, uint32_t nseen, uint32_t item)
{
    if (!l)
        return false;
    // without branches on what is found, which nobody can foresee
    const uint32_t *from = l->item;
    uint32_t n = l->sorted < nseen ? l->sorted : nseen, same = 0;
    for (uint32_t left = n; left > 1; left -= left / 2)
        from += from[left / 2 - 1] < item ? left / 2 : 0;
    if (n && *from == item)
        return true;
    for (uint32_t i = n; i < nseen; i++)
        same |= l->item[i] == item;
    return same;
}

static int by_row(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static uint32_t next_cap(uint32_t n)
{
    uint32_t tail = n < FIRST_CAP ? FIRST_CAP - n : n / 4 + 4;
    if (tail > TAIL_MAX)
        tail = TAIL_MAX;
    return n + tail;
}

/* The tail is sorted, then merged. */
void seen_sorted(const struct seen_list *l, uint32_t n, uint32_t *out)
{
    uint32_t tail[TAIL_MAX], ntail = n ? n - l->sorted : 0, i = 0;
    if (ntail > TAIL_MAX) { // what seen_remove() leaves may have a longer one
        memcpy(out, l->item, n * sizeof *out);
        qsort(out, n, sizeof *out, by_row);
        return;
    }
    if (ntail) {
        memcpy(tail, &l->item[l->sorted], ntail * sizeof *tail);
        qsort(tail, ntail, sizeof *tail, by_row);
    }
    for (uint32_t k = 0, j = 0; k < n; k++) {
        bool first = j == ntail || (i < l->sorted && l->item[i] < tail[j]);
        out[k] = first ? l->item[i++] : tail[j++];
    }
}

static struct seen_list *block_new(uint32_t cap)
{
    struct seen_list *l = malloc(sizeof *l + cap * sizeof(uint32_t));
    if (l)
        l->cap = cap;
    return l;
}

/* A larger block with everything sorted. */
static struct seen_list *grown(const struct seen_list *l, uint32_t n)
{
    struct seen_list *next = block_new(next_cap(n));
    if (!next)
        return NULL;
    next->sorted = n;
    seen_sorted(l, n, next->item);
    return next;
}

bool seen_restore(struct users *u, uint32_t user, const uint32_t *items,
                  uint32_t n, uint64_t *bytes)
{
    struct seen_list *l = block_new(n);
    if (!l)
        return false;
    l->sorted = n;
    memcpy(l->item, items, n * sizeof *items);
    u->seen[user] = l;
    u->nseen[user] = n;
    *bytes += sizeof *l + n * sizeof *items;
    return true;
}

bool seen_add(struct users *u, uint32_t user, uint32_t item, uint32_t max,
              struct reclaim *reclaim, uint64_t *bytes)
{
    struct seen_list *l = u->seen[user];
    uint32_t n = u->nseen[user];
    if (n >= max || seen_has(l, n, item))
        return true;
    if (!l || n == l->cap) {
        struct seen_list *next = grown(l, n);
        if (!next)
            return false;
        *bytes += (next->cap - (l ? l->cap : 0)) * sizeof(uint32_t) +
                  (l ? 0 : sizeof *l);
        reclaim_retire(reclaim, l);
        u->seen[user] = l = next;
    }
    l->item[n] = item;
    u->nseen[user] = n + 1;
    return true;
}

/* The block is not changed, for readers look at it: a copy without the item
 * takes its place. */
bool seen_remove(struct users *u, uint32_t user, uint32_t item,
                 struct reclaim *reclaim)
{
    struct seen_list *l = u->seen[user];
    uint32_t n = u->nseen[user], kept = 0;
    if (!seen_has(l, n, item))
        return false;
    struct seen_list *next = block_new(l->cap);
    if (!next)
        return false;
    next->sorted = l->sorted;
    for (uint32_t i = 0; i < n; i++) {
        if (l->item[i] != item)
            next->item[kept++] = l->item[i];
        else if (i < l->sorted)
            next->sorted--;
    }
    reclaim_retire(reclaim, l);
    u->seen[user] = next;
    u->nseen[user] = kept;
    return true;
}

void seen_clear(struct users *u, uint32_t user, struct reclaim *reclaim,
                uint64_t *bytes)
{
    struct seen_list *l = u->seen[user];
    if (l) {
        *bytes -= sizeof *l + l->cap * sizeof(uint32_t);
        reclaim_retire(reclaim, l);
    }
    u->seen[user] = NULL;
    u->nseen[user] = 0;
}
