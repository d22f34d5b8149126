/* explain_rig.h -- a table of one user and some items by hand, for
 * check_explain and check_explain_past. */
#ifndef FRESHET_TESTS_UNIT_EXPLAIN_RIG_H
#define FRESHET_TESTS_UNIT_EXPLAIN_RIG_H

#include <stdint.h>
#include <string.h>

#include "model/core/table.h"

#define RIG_ITEMS    8
#define RIG_FEATURES 3

/* A user and some items whose columns are plain arrays. */
struct rig {
    struct table t;
    _Alignas(32) float p[8], q[RIG_ITEMS][8], e[RIG_FEATURES][8];
    float bu, bi[RIG_ITEMS], be[RIG_FEATURES], session;
    int64_t last_ms;
    uint32_t nseen;
    struct seen_list *seen;
    struct card *user_card, *item_card[RIG_ITEMS];
};

static inline void rig_init(struct rig *r, struct seen_list *seen)
{
    memset(r, 0, sizeof *r);
    r->t.dim = 8;
    r->t.users.n = 1;
    r->t.items.n = RIG_ITEMS;
    r->t.features.n = RIG_FEATURES;
    r->t.users.vec = r->p;
    r->t.items.vec = r->q[0];
    r->t.features.vec = r->e[0];
    r->t.users.bias = &r->bu;
    r->t.items.bias = r->bi;
    r->t.features.bias = r->be;
    r->t.users.card = &r->user_card;
    r->t.items.card = r->item_card;
    r->t.users.session = &r->session;
    r->t.users.last_ms = &r->last_ms;
    r->seen = seen;
    r->t.users.seen = &r->seen;
    r->t.users.nseen = &r->nseen;
    r->t.totals.events = 10;
    r->t.totals.scaled_sum = 40; // with ten threes: a mean of 3.5
}

#endif
