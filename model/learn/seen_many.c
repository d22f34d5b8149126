/* seen_many.c -- see seen.h. */
#include <string.h>

#include "model/learn/seen.h"

/* Looked for at once: a search waits for memory at every step, and those of a
 * group wait together. */
#define GROUP 4u
typedef uint32_t group __attribute__((vector_size(16)));

/* Which of the GROUP items are in the list: bits.  Arithmetic instead of
 * branches on what is found, which nobody can foresee. */
static uint32_t find_group(const struct seen_list *l, uint32_t nseen,
                           const uint32_t *item)
{
    uint32_t n = l->sorted < nseen ? l->sorted : nseen, found = 0;
    const uint32_t *a = l->item, *b = a, *c = a, *d = a;
    for (uint32_t left = n; left > 1; left -= left / 2) {
        uint32_t half = left / 2;
        a += half & -(uint32_t)(a[half - 1] < item[0]);
        b += half & -(uint32_t)(b[half - 1] < item[1]);
        c += half & -(uint32_t)(c[half - 1] < item[2]);
        d += half & -(uint32_t)(d[half - 1] < item[3]);
    }
    if (n)
        found = (uint32_t)(*a == item[0]) | (uint32_t)(*b == item[1]) << 1 |
                (uint32_t)(*c == item[2]) << 2 | (uint32_t)(*d == item[3]) << 3;
    group of = {item[0], item[1], item[2], item[3]}, same = {0};
    for (uint32_t i = n; i < nseen; i++)
        same |= (group)(of == l->item[i]);
    return found | (same[0] & 1) | (same[1] & 2) | (same[2] & 4) |
           (same[3] & 8);
}

uint32_t seen_leave_out(const struct seen_list *l, uint32_t nseen,
                        uint32_t *item, uint32_t n)
{
    uint32_t kept = 0;
    if (!l)
        return n;
    for (uint32_t k = 0; k < n; k += GROUP) {
        uint32_t some = n - k < GROUP ? n - k : GROUP, some_of[GROUP] = {0};
        memcpy(some_of, item + k, some * sizeof *item);
        uint32_t found = find_group(l, nseen, some_of);
        for (uint32_t i = 0; i < some; i++) {
            item[kept] = some_of[i];
            kept += !(found >> i & 1);
        }
    }
    return kept;
}
