/* reclaim.c -- see reclaim.h.
 *
 * One list is enough: at a flip everything in it was retired before the last
 * publish, because the next batch has not begun to write.
 */
#include "model/core/reclaim.h"

#include <stdlib.h>

#include "model/core/live_point.h"

struct list {
    void **blocks;
    size_t n;
    size_t cap;
};

struct reclaim {
    struct list retired;
    struct list held;      /* ... while `hold` */
    bool hold;
};

struct reclaim *reclaim_new(void)
{
    return calloc(1, sizeof(struct reclaim));
}

static void free_all(struct list *l)
{
    for (size_t i = 0; i < l->n; i++)
        free(l->blocks[i]);
    l->n = 0;
}

void reclaim_flip(struct reclaim *r)
{
    free_all(&r->retired);
}

void reclaim_free(struct reclaim *r)
{
    if (!r)
        return;
    free_all(&r->retired);
    free_all(&r->held);
    free(r->retired.blocks);
    free(r->held.blocks);
    free(r);
}

static void add(struct list *l, void *p)
{
    if (!p)
        return;
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 64;
        void **blocks = realloc(l->blocks, cap * sizeof *blocks);
        if (!blocks)
            return; // leaked rather than freed under a reader
        l->blocks = blocks;
        l->cap = cap;
    }
    l->blocks[l->n++] = p;
}

void reclaim_retire(struct reclaim *r, void *p)
{
    add(&r->retired, p);
}

void reclaim_retire_held(struct reclaim *r, void *p)
{
    add(r->hold && LIVE_HOLDS ? &r->held : &r->retired, p);
}

/* What was held may be looked at by readers of now: it is retired, not freed. */
void reclaim_hold(struct reclaim *r, bool hold)
{
    r->hold = hold;
    if (hold)
        return;
    for (size_t i = 0; i < r->held.n; i++)
        add(&r->retired, r->held.blocks[i]);
    r->held.n = 0;
}
