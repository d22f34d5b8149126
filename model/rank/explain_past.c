/* explain_past.c -- see explain_past.h. */
#include "model/rank/explain_past.h"

#include <math.h>

#include "model/learn/seen.h"

static bool is_listed(const struct explanation *e, uint32_t item)
{
    for (uint32_t i = 0; i < e->npast; i++)
        if (e->past[i].item == item)
            return true;
    return false;
}

/* Into the list, if it pulls harder than the last of it; of equals the first
 * that came stays in front. */
static void offer(struct explanation *e, const struct explain_past *p)
{
    uint32_t at = e->npast;
    if (at == EXPLAIN_PAST_MAX) {
        if (fabsf(e->past[at - 1].pull) >= fabsf(p->pull))
            return;
        at--;
    }
    if (is_listed(e, p->item)) // its history says so, and its list
        return;
    for (; at > 0 && fabsf(e->past[at - 1].pull) < fabsf(p->pull); at--)
        e->past[at] = e->past[at - 1];
    e->past[at] = *p;
    e->npast += e->npast < EXPLAIN_PAST_MAX;
}

static void consider(const struct table *t, const struct past_space *space,
                     const struct explain_query *q, uint32_t row, float norm,
                     struct explanation *out)
{
    struct compose_room room;
    if (row == q->item || row >= t->items.n)
        return; // ROW_NONE, too
    const float *v = compose(&space->items[(size_t)row * space->dim],
                             t->items.card[row], space->features, space->dim,
                             &room);
    float squared = dot_rows(v, v, space->dim);
    float along = dot_rows(v, space->item, space->dim);
    struct explain_past p = {
        .item = row, .similarity = along / sqrtf(squared * norm),
        .pull = space->unit * dot_rows(space->user, v, space->dim) * along /
                squared};
    float bad = (p.pull - p.pull) + (p.similarity - p.similarity);
    if (bad == 0 && p.pull != 0) // 0/0 and the like say nothing
        offer(out, &p);
}

void explain_past(const struct table *t, const struct past_space *space,
                  const struct explain_query *q, struct explanation *out)
{
    float norm = dot_rows(space->item, space->item, space->dim);
    uint32_t left = q->scan, seen = 0;
    for (uint32_t i = 0; i < q->nhistory && left > 0; i++, left--)
        consider(t, space, q, q->history[i], norm, out);
    if (q->user != ROW_NONE)
        seen = t->users.nseen[q->user];
    for (; seen > 0 && left > 0; seen--) {
        const struct seen_list *l = t->users.seen[q->user];
        if (!seen_is_first(l, seen - 1))
            continue;
        consider(t, space, q, l->item[seen - 1], norm, out);
        left--;
    }
}
