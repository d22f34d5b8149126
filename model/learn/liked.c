/* liked.c -- see liked.h. */
#include "model/learn/liked.h"

#include <string.h>

#include "model/core/hash.h"
#include "model/core/ids.h"
#include "model/learn/fold_internal.h"

static uint32_t *liked_of(const struct table *t, uint32_t user)
{
    return &t->users.liked[(size_t)user * LIKED_ITEMS];
}

static uint64_t hash_of(const struct fold *f, uint32_t user,
                        const uint32_t *liked)
{
    if (!liked[0])
        return 0; // who has none adds nothing
    uint64_t h = hash_start(HASH_LIKED, ids_key(live_user_ids(f->live), user));
    for (uint32_t i = 0; i < LIKED_ITEMS && liked[i]; i++)
        h = hash_word(h, ids_key(live_item_ids(f->live), liked[i] - 1));
    return h;
}

/* Where the item is, or the last place. */
static uint32_t place_of(const uint32_t *liked, uint32_t item)
{
    uint32_t i = 0;
    while (i < LIKED_ITEMS - 1 && liked[i] != item + 1)
        i++;
    return i;
}

void liked_take(struct fold *f, struct table *t, uint32_t user, uint32_t item)
{
    uint32_t *liked = liked_of(t, user), at = place_of(liked, item);
    f->liked_hash -= hash_of(f, user, liked);
    memmove(&liked[1], &liked[0], at * sizeof *liked);
    liked[0] = item + 1;
    f->liked_hash += hash_of(f, user, liked);
}

bool liked_drop(struct fold *f, struct table *t, uint32_t user, uint32_t item)
{
    uint32_t *liked = liked_of(t, user), at = place_of(liked, item);
    if (liked[at] != item + 1)
        return false;
    f->liked_hash -= hash_of(f, user, liked);
    memmove(&liked[at], &liked[at + 1],
            (LIKED_ITEMS - 1 - at) * sizeof *liked);
    liked[LIKED_ITEMS - 1] = 0;
    f->liked_hash += hash_of(f, user, liked);
    return true;
}

void liked_clear(struct fold *f, struct table *t, uint32_t user)
{
    uint32_t *liked = liked_of(t, user);
    f->liked_hash -= hash_of(f, user, liked);
    memset(liked, 0, LIKED_ITEMS * sizeof *liked);
}

bool liked_restore(struct fold *f, const struct table *t, uint32_t user,
                   uint32_t nitems)
{
    const uint32_t *liked = liked_of(t, user);
    for (uint32_t i = 0; i < LIKED_ITEMS; i++) {
        if (liked[i] > nitems || (i && liked[i] && !liked[i - 1]))
            return false;
        for (uint32_t k = 0; k < i && liked[i]; k++)
            if (liked[k] == liked[i])
                return false;
    }
    f->liked_hash += hash_of(f, user, liked);
    return true;
}
