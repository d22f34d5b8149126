/* seen.c -- see seen.h. */
#include "model/learn/seen.h"

#include <stdlib.h>
#include <string.h>

#include "model/core/reclaim.h"

#define FIRST_CAP 6    /* a block of 32 bytes for the many with few ratings */
#define TAIL_MAX  128

bool seen_has(const struct seen_list *l, uint32_t nseen, uint32_t item)
{
    if (!l)
        return false;
    uint32_t lo = 0, hi = l->sorted < nseen ? l->sorted : nseen;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (l->item[mid] < item)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo < l->sorted && lo < nseen && l->item[lo] == item)
        return true;
    for (uint32_t i = l->sorted; i < nseen; i++)
        if (l->item[i] == item)
            return true;
    return false;
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

/* A larger block with everything sorted: the tail is sorted, then merged. */
static struct seen_list *grown(const struct seen_list *l, uint32_t n)
{
    uint32_t cap = next_cap(n), tail[TAIL_MAX], ntail = 0, i = 0;
    struct seen_list *next = malloc(sizeof *next + cap * sizeof(uint32_t));
    if (!next)
        return NULL;
    next->cap = cap;
    next->sorted = n;
    if (n) {
        ntail = n - l->sorted;
        memcpy(tail, &l->item[l->sorted], ntail * sizeof *tail);
        qsort(tail, ntail, sizeof *tail, by_row);
    }
    for (uint32_t k = 0, j = 0; k < n; k++) {
        bool first = j == ntail || (i < l->sorted && l->item[i] < tail[j]);
        next->item[k] = first ? l->item[i++] : tail[j++];
    }
    return next;
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
