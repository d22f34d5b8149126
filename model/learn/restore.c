/* restore.c -- see restore.h. */
#include "model/learn/restore.h"

#include "model/core/hash.h"
#include "model/core/ids.h"
#include "model/learn/fold_internal.h"
#include "model/learn/seen.h"

bool restore_seen(struct fold *f, struct table *t, uint32_t user,
                  const uint32_t *items, uint32_t n)
{
    const struct ids *ids = live_item_ids(f->live);
    uint64_t h = hash_start(HASH_SEEN, ids_key(live_user_ids(f->live), user));
    if (!seen_restore(&t->users, user, items, n, &f->seen_bytes))
        return false;
    for (uint32_t i = 0; i < n; i++)
        f->seen_hash += hash_word(h, ids_key(ids, items[i]));
    return true;
}
