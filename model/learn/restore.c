/* restore.c -- see restore.h. */
#include "model/learn/restore.h"

#include "model/learn/fold_internal.h"
#include "model/learn/seen.h"

bool restore_seen(struct fold *f, struct table *t, uint32_t user,
                  const uint32_t *items, const uint32_t *stamps, uint32_t n)
{
    if (!seen_restore(&t->users, user, items, stamps, n, &f->seen_bytes))
        return false;
    for (uint32_t i = 0; i < n; i++)
        fold_seen_count(f, user, items[i], stamps[i]);
    return true;
}
