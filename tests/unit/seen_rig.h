/* seen_rig.h -- one user's seen list, changed as the trainer does. */
#ifndef FRESHET_TESTS_UNIT_SEEN_RIG_H
#define FRESHET_TESTS_UNIT_SEEN_RIG_H

#include "model_test.h"

#include <stdbool.h>

#include "model/core/reclaim.h"
#include "model/learn/seen.h"

#define ITEMS 3000u

struct rig {
    struct users u;
    struct seen_list *list[1];
    uint32_t n[1];
    struct reclaim *reclaim;
    uint64_t bytes;
};

static inline void rig_init(struct rig *r)
{
    memset(r, 0, sizeof *r);
    r->u.n = 1;
    r->u.seen = r->list;
    r->u.nseen = r->n;
    r->reclaim = reclaim_new();
}

static inline void rig_release(struct rig *r)
{
    free(r->list[0]);
    reclaim_free(r->reclaim);
}

static inline struct seen_book book(struct rig *r, uint32_t max)
{
    return (struct seen_book){&r->u, r->reclaim, &r->bytes, max};
}

static inline enum seen_result add(struct rig *r, uint32_t item, uint32_t stamp,
                            uint32_t max)
{
    struct seen_book b = book(r, max);
    uint32_t before;
    enum seen_result got = seen_add(&b, 0, item, stamp, &before);
    ck_assert_int_ne(got, SEEN_NO_MEMORY);
    return got;
}

static inline bool drop(struct rig *r, uint32_t item)
{
    struct seen_book b = book(r, ITEMS);
    return seen_remove(&b, 0, item);
}

static inline void clear(struct rig *r)
{
    struct seen_book b = book(r, ITEMS);
    seen_clear(&b, 0);
}

#define RATED seen_stamp(1, SEEN_RATING)

/* Does the list say so, as seat.c asks it? */
static inline bool list_has(const struct seen_list *l, uint32_t n, uint32_t item,
                     struct seen_want want)
{
    for (uint32_t i = 0; i < n; i++)
        if (l->item[i] == item && seen_counts(seen_stamps(l)[i], want))
            return true;
    return false;
}

#endif
