/* fold_seen.c -- the part of fold_internal.h that is seen lists, and their hash:
 * of what they say, a word for each item, kind and newest day.
 */
#include "model/core/hash.h"
#include "model/core/ids.h"
#include "model/learn/fold_internal.h"
#include "model/learn/seen.h"
#include "model/learn/seen_kinds.h"

static struct seen_book book_of(struct fold *f, struct table *t)
{
    return (struct seen_book){&t->users, live_reclaim(f->live), &f->seen_bytes,
                              f->s.max_seen};
}

static uint64_t hash_start_of(const struct fold *f, uint32_t user,
                              uint32_t item)
{
    uint64_t h = hash_start(HASH_SEEN, ids_key(live_user_ids(f->live), user));
    return hash_word(h, ids_key(live_item_ids(f->live), item));
}

/* The stamp's kinds one by one. */
static uint64_t hash_stamp(uint64_t h, uint32_t stamp)
{
    uint64_t sum = 0;
    for (uint32_t kinds = stamp & SEEN_ANY; kinds; kinds &= kinds - 1)
        sum += hash_word(h, seen_stamp(stamp >> SEEN_DAY_SHIFT,
                                       kinds & -kinds));
    return sum;
}

void fold_seen_count(struct fold *f, uint32_t user, uint32_t item,
                     uint32_t stamp)
{
    f->seen_hash += hash_stamp(hash_start_of(f, user, item), stamp);
}

void fold_seen_take(struct fold *f, struct table *t, uint32_t user,
                    uint32_t item, const struct event *e)
{
    struct seen_book book = book_of(f, t);
    uint32_t kind = seen_kind_of(&t->totals.kinds, e), before;
    uint32_t stamp = seen_stamp(seen_day_of(e->time_ms), kind);
    enum seen_result got = seen_add(&book, user, item, stamp, &before);
    if (got == SEEN_NO_MEMORY)
        t->totals.skipped++;
    if (got != SEEN_ADDED)
        return;
    uint64_t h = hash_start_of(f, user, item);
    f->seen_hash += hash_stamp(h, stamp);
    if (before != SEEN_NEVER)
        f->seen_hash -= hash_stamp(h, seen_stamp(before, kind));
}

/* What the list says of the item goes from the hash. */
static void uncount(struct fold *f, const struct table *t, uint32_t user,
                    uint32_t item)
{
    uint32_t stamp[SEEN_KINDS];
    uint32_t n = seen_stamps_of(t->users.seen[user], t->users.nseen[user],
                                item, stamp);
    for (uint32_t i = 0; i < n; i++)
        f->seen_hash -= hash_stamp(hash_start_of(f, user, item), stamp[i]);
}

bool fold_seen_drop(struct fold *f, struct table *t, uint32_t user,
                    uint32_t item)
{
    struct seen_book book = book_of(f, t);
    uint64_t hash = f->seen_hash;
    uncount(f, t, user, item);
    if (seen_remove(&book, user, item))
        return true;
    f->seen_hash = hash;
    return false;
}

void fold_seen_clear(struct fold *f, struct table *t, uint32_t user)
{
    struct seen_book book = book_of(f, t);
    const struct seen_list *l = t->users.seen[user];
    for (uint32_t i = 0; i < t->users.nseen[user]; i++)
        if (seen_is_first(l, i))
            uncount(f, t, user, l->item[i]);
    seen_clear(&book, user);
}
