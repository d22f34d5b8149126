/* seen.c -- see seen.h. */
#include "model/learn/seen.h"

#include <stdlib.h>
#include <string.h>

#include "model/core/reclaim.h"

#define FIRST_CAP 3    /* a block of 36 bytes for the many with few events */
#define TAIL_MAX  32
#define GROUP_MAX (SEEN_KINDS + TAIL_MAX)

/* ---- looking ------------------------------------------------------------ */

/* The first of n, which are sorted, that is not below item, or the last; without
 * branches on what is found, which nobody can foresee. */
static inline const uint32_t *search(const uint32_t *from, uint32_t n,
                                     uint32_t item)
{
    for (uint32_t left = n; left > 1; left -= left / 2)
        from += from[left / 2 - 1] < item ? left / 2 : 0;
    return from;
}

/* Where item is among them, or would be. */
static uint32_t lower(const uint32_t *sorted, uint32_t n, uint32_t item)
{
    const uint32_t *at = search(sorted, n, item);
    return (uint32_t)(at - sorted) + (n && *at < item);
}

static uint32_t sorted_of(const struct seen_list *l, uint32_t n)
{
    return l->sorted < n ? l->sorted : n;
}

bool seen_has(const struct seen_list *l, uint32_t nseen, uint32_t item)
{
    if (!l)
        return false;
    uint32_t n = sorted_of(l, nseen), same = 0;
    if (n && *search(l->item, n, item) == item)
        return true;
    for (uint32_t i = n; i < nseen; i++)
        same |= l->item[i] == item;
    return same;
}

bool seen_is_first(const struct seen_list *l, uint32_t i)
{
    if (i < l->sorted)
        return i == 0 || l->item[i - 1] != l->item[i];
    return !seen_has(l, i, l->item[i]);
}

/* ---- folding ------------------------------------------------------------ */

/* The stamps of an item: the newest day first, a kind where it comes first.
 * Returns how many are left; SEEN_KINDS at most, for each has a kind that those
 * before it have not. */
static uint32_t fold_stamps(uint32_t *stamp, uint32_t n)
{
    uint32_t kept = 0, known = 0;
    for (uint32_t i = 1; i < n; i++) {
        uint32_t s = stamp[i], k = i;
        for (; k > 0 && stamp[k - 1] < s; k--)
            stamp[k] = stamp[k - 1];
        stamp[k] = s;
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t day = stamp[i] >> SEEN_DAY_SHIFT;
        uint32_t kinds = stamp[i] & SEEN_ANY & ~known;
        known |= kinds;
        if (kept && stamp[kept - 1] >> SEEN_DAY_SHIFT == day)
            stamp[kept - 1] |= kinds;
        else if (kinds)
            stamp[kept++] = seen_stamp(day, kinds);
    }
    return kept;
}

uint32_t seen_stamps_of(const struct seen_list *l, uint32_t nseen,
                        uint32_t item, uint32_t out[SEEN_KINDS])
{
    uint32_t stamp[GROUP_MAX], n = l ? sorted_of(l, nseen) : 0, found = 0;
    for (uint32_t i = n ? lower(l->item, n, item) : 0;
         i < n && l->item[i] == item; i++)
        stamp[found++] = seen_stamps(l)[i];
    for (uint32_t i = n; l && i < nseen; i++)
        if (l->item[i] == item)
            stamp[found++] = seen_stamps(l)[i];
    found = fold_stamps(stamp, found);
    memcpy(out, stamp, found * sizeof *out);
    return found;
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* A list on its way into another. */
struct folding {
    const struct seen_list *from;
    uint64_t tail[TAIL_MAX]; /* (ntail) item, stamp: ascending */
    uint32_t ntail;
    uint32_t *items, *stamps; /* NULL: it is only counted */
    struct seen_fold out;
};

/* Entries [a, b) of the sorted part as they are. */
static void put_run(struct folding *f, uint32_t a, uint32_t b)
{
    if (f->items) {
        memcpy(&f->items[f->out.n], &f->from->item[a],
               (b - a) * sizeof *f->items);
        memcpy(&f->stamps[f->out.n], &seen_stamps(f->from)[a],
               (b - a) * sizeof *f->stamps);
    }
    f->out.n += b - a;
}

/* The item of entry j of the tail: with what the sorted part has of it from
 * entry *a on.  Returns the next j. */
static uint32_t put_item(struct folding *f, uint32_t j, uint32_t *a)
{
    uint32_t stamp[GROUP_MAX], n = 0, from = *a;
    uint32_t item = (uint32_t)(f->tail[j] >> 32);
    for (; *a < f->from->sorted && f->from->item[*a] == item; ++*a)
        stamp[n++] = seen_stamps(f->from)[*a];
    f->out.items += *a == from;
    for (; j < f->ntail && f->tail[j] >> 32 == item; j++)
        stamp[n++] = (uint32_t)f->tail[j];
    n = fold_stamps(stamp, n);
    for (uint32_t i = 0; f->items && i < n; i++) {
        f->items[f->out.n + i] = item;
        f->stamps[f->out.n + i] = stamp[i];
    }
    f->out.n += n;
    return j;
}

struct seen_fold seen_fold(const struct seen_list *l, uint32_t n,
                           uint32_t *items, uint32_t *stamps)
{
    struct folding f = {.from = l, .items = items, .stamps = stamps};
    uint32_t at = 0;
    if (!n)
        return f.out;
    f.out.items = l->items;
    for (uint32_t i = l->sorted; i < n; i++)
        f.tail[f.ntail++] = (uint64_t)l->item[i] << 32 | seen_stamps(l)[i];
    qsort(f.tail, f.ntail, sizeof *f.tail, by_value);
    for (uint32_t j = 0; j < f.ntail;) {
        uint32_t a = at + lower(&l->item[at], l->sorted - at,
                                (uint32_t)(f.tail[j] >> 32));
        put_run(&f, at, a);
        j = put_item(&f, j, &a);
        at = a;
    }
    put_run(&f, at, l->sorted);
    return f.out;
}

/* ---- blocks ------------------------------------------------------------- */

static uint32_t next_cap(uint32_t n)
{
    uint32_t tail = n < FIRST_CAP ? FIRST_CAP - n : n / 4 + 4;
    if (tail > TAIL_MAX)
        tail = TAIL_MAX;
    return n + tail;
}

static struct seen_list *block_new(uint32_t cap)
{
    struct seen_list *l = malloc(seen_list_bytes(cap));
    if (l)
        l->cap = cap;
    return l;
}

/* A block with everything folded, and room for more. */
static struct seen_list *folded(const struct seen_list *l, uint32_t n)
{
    struct seen_fold f = seen_fold(l, n, NULL, NULL);
    struct seen_list *next = block_new(next_cap(f.n));
    if (!next)
        return NULL;
    next->sorted = f.n;
    next->items = f.items;
    seen_fold(l, n, next->item, seen_stamps(next));
    return next;
}

/* The user's block from now on. */
static void take_block(const struct seen_book *b, uint32_t user,
                       struct seen_list *next, uint32_t n)
{
    struct seen_list *l = b->u->seen[user];
    *b->bytes += next ? seen_list_bytes(next->cap) : 0;
    *b->bytes -= l ? seen_list_bytes(l->cap) : 0;
    if (l)
        reclaim_retire(b->reclaim, l);
    b->u->seen[user] = next;
    b->u->nseen[user] = n;
}

static uint32_t count_items(const uint32_t *item, uint32_t n)
{
    uint32_t count = n > 0;
    for (uint32_t i = 1; i < n; i++)
        count += item[i] != item[i - 1];
    return count;
}

bool seen_is_folded(const uint32_t *items, const uint32_t *stamps, uint32_t n,
                    uint32_t below)
{
    for (uint32_t i = 0, known = 0; i < n; i++) {
        uint32_t kinds = stamps[i] & SEEN_ANY;
        bool more = i && items[i] == items[i - 1];
        if (!kinds || items[i] >= below || (i && items[i] < items[i - 1]))
            return false;
        if (more && (kinds & known || stamps[i] >> SEEN_DAY_SHIFT >=
                                          stamps[i - 1] >> SEEN_DAY_SHIFT))
            return false;
        known = more ? known | kinds : kinds;
    }
    return true;
}

bool seen_restore(struct users *u, uint32_t user, const uint32_t *items,
                  const uint32_t *stamps, uint32_t n, uint64_t *bytes)
{
    struct seen_list *l = block_new(n);
    if (!l)
        return false;
    l->sorted = n;
    l->items = count_items(items, n);
    memcpy(l->item, items, n * sizeof *items);
    memcpy(seen_stamps(l), stamps, n * sizeof *stamps);
    u->seen[user] = l;
    u->nseen[user] = n;
    *bytes += seen_list_bytes(n);
    return true;
}

/* ---- the trainer -------------------------------------------------------- */

/* The newest day of the kind. */
static uint32_t day_of(const struct seen_list *l, uint32_t n, uint32_t item,
                       uint32_t kind)
{
    uint32_t stamp[SEEN_KINDS], found = seen_stamps_of(l, n, item, stamp);
    for (uint32_t i = 0; i < found; i++)
        if (stamp[i] & kind)
            return stamp[i] >> SEEN_DAY_SHIFT;
    return SEEN_NEVER;
}

/* Most lists are small and have it without a count. */
static bool has_room(const struct seen_list *l, uint32_t n, uint32_t max,
                     bool known)
{
    if (n < max)
        return true;
    struct seen_fold f = seen_fold(l, n, NULL, NULL);
    return f.n < 2 * (uint64_t)max && (known || f.items < max);
}

enum seen_result seen_add(const struct seen_book *b, uint32_t user,
                          uint32_t item, uint32_t stamp, uint32_t *before)
{
    struct seen_list *l = b->u->seen[user];
    uint32_t n = b->u->nseen[user];
    bool known = seen_has(l, n, item);
    *before = known ? day_of(l, n, item, stamp & SEEN_ANY) : SEEN_NEVER;
    if ((*before != SEEN_NEVER && *before >= stamp >> SEEN_DAY_SHIFT) ||
        !has_room(l, n, b->max, known))
        return SEEN_AS_BEFORE;
    if (!l || n == l->cap || n - l->sorted == TAIL_MAX) {
        l = folded(l, n);
        if (!l)
            return SEEN_NO_MEMORY;
        n = l->sorted;
        take_block(b, user, l, n);
    }
    l->item[n] = item;
    seen_stamps(l)[n] = stamp;
    b->u->nseen[user] = n + 1;
    return SEEN_ADDED;
}

/* The block is not changed, for readers look at it: one without the item takes
 * its place. */
bool seen_remove(const struct seen_book *b, uint32_t user, uint32_t item)
{
    struct seen_list *l = b->u->seen[user];
    uint32_t n = b->u->nseen[user];
    if (!seen_has(l, n, item))
        return false;
    struct seen_list *next = folded(l, n);
    if (!next)
        return false;
    uint32_t from = lower(next->item, next->sorted, item), to = from;
    while (to < next->sorted && next->item[to] == item)
        to++;
    size_t rest = (next->sorted - to) * sizeof *next->item;
    memmove(&next->item[from], &next->item[to], rest);
    memmove(&seen_stamps(next)[from], &seen_stamps(next)[to], rest);
    next->sorted -= to - from;
    next->items--;
    take_block(b, user, next, next->sorted);
    return true;
}

void seen_clear(const struct seen_book *b, uint32_t user)
{
    take_block(b, user, NULL, 0);
}
