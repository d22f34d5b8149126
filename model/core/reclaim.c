/* reclaim.c -- see reclaim.h.
 *
 * One list is enough: at a flip everything in it was retired before the last
 * publish, because the next batch has not begun to write.
 */
#include "model/core/reclaim.h"

#include <stdlib.h>

struct reclaim {
    void **blocks;
    size_t n;
    size_t cap;
};

struct reclaim *reclaim_new(void)
{
    return calloc(1, sizeof(struct reclaim));
}

void reclaim_flip(struct reclaim *r)
{
    for (size_t i = 0; i < r->n; i++)
        free(r->blocks[i]);
    r->n = 0;
}

void reclaim_free(struct reclaim *r)
{
    if (!r)
        return;
    reclaim_flip(r);
    free(r->blocks);
    free(r);
}

void reclaim_retire(struct reclaim *r, void *p)
{
    if (!p)
        return;
    if (r->n == r->cap) {
        size_t cap = r->cap ? r->cap * 2 : 64;
        void **blocks = realloc(r->blocks, cap * sizeof *blocks);
        if (!blocks)
            return; // leaked rather than freed under a reader
        r->blocks = blocks;
        r->cap = cap;
    }
    r->blocks[r->n++] = p;
}
