/* voids.c -- see voids.h. */
#include "model/learn/voids.h"

#include <stdlib.h>

bool voids_know(const struct voids *v, struct void_range range)
{
    for (size_t i = 0; i < v->n; i++)
        if (v->at[i].after == range.after && v->at[i].to == range.to)
            return true;
    return false;
}

bool voids_cover(const struct voids *v, uint64_t seq)
{
    for (size_t i = 0; i < v->n; i++)
        if (seq > v->at[i].after && seq <= v->at[i].to)
            return true;
    return false;
}

/* Rollbacks are few: one more place at a time will do. */
bool voids_add(struct voids *v, struct void_range range)
{
    if (voids_know(v, range))
        return true;
    struct void_range *more = realloc(v->at, (v->n + 1) * sizeof *more);
    if (!more)
        return false;
    v->at = more;
    more[v->n++] = range;
    return true;
}

void voids_release(struct voids *v)
{
    free(v->at);
    *v = (struct voids){0, NULL};
}
