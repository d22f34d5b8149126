/* seat.c -- see seat.h. */
#include "model/rank/seat.h"

#include <math.h>

#include "model/core/ids.h"
#include "model/learn/trend.h"

void seat_release(struct seat *s)
{
    topn_release(&s->top);
    row_set_release(&s->out);
    score_scratch_release(&s->scores);
}

static bool passes(const struct filter *f, const struct card *c)
{
    return c ? filter_passes(f, table_card_bytes(c), c->bytes)
             : filter_passes(f, NULL, 0);
}

bool recommend_may_show(const struct table *t, uint32_t item, int64_t at_ms)
{
    return passes(&(struct filter){.at_ms = at_ms}, t->items.card[item]);
}

/* ---- what is shared ----------------------------------------------------- */

static bool is_pinned(const struct seat_run *x, uint32_t row)
{
    for (uint32_t i = 0; i < x->npinned; i++)
        if (x->pinned[i] == row)
            return true;
    return false;
}

void seat_run_begin(struct seat_run *x)
{
    const struct recommend_query *q = x->q;
    uint64_t want = (uint64_t)q->offset + q->n;
    x->space = similar_items(x->t);
    filter_mask_make(&x->mask, q->filter);
    x->npinned = 0;
    x->most = 0;
    for (uint32_t i = 0; i < q->pinned.n; i++) {
        uint32_t row = q->pinned.row[i];
        if (!is_pinned(x, row) &&
            recommend_may_show(x->t, row, q->filter->at_ms))
            x->pinned[x->npinned++] = row;
    }
    want = want > x->npinned ? want - x->npinned : 0;
    if (q->diversity > 0 && want)
        want = DIVERSE_POOL;
    x->cap = want < x->t->items.n ? (uint32_t)want : x->t->items.n;
    for (uint32_t i = 0; i < q->nboosts; i++) {
        x->add[i] = log((double)q->boost[i].by);
        if (x->add[i] > 0)
            x->most += x->add[i];
    }
}

/* ---- begin -------------------------------------------------------------- */

/* What the user has seen, if it counts, and what the history names: added, or
 * taken away. */
static void mark_known(struct seat *s, const struct seat_run *x, uint32_t user,
                       struct seen_want want,
                       void (*mark)(struct row_set *, uint32_t))
{
    const struct recommend_query *q = x->q;
    const struct users *u = &x->t->users;
    const struct seen_list *l = user != ROW_NONE ? u->seen[user] : NULL;
    for (uint32_t i = 0; l && i < u->nseen[user]; i++)
        if (seen_counts(seen_stamps(l)[i], want))
            mark(&s->out, l->item[i]);
    for (uint32_t i = 0; i < q->nhistory; i++)
        mark(&s->out, q->history[i].item);
}

/* Has any item been met? */
static bool met(const struct table *t)
{
    return t->totals.events + t->totals.behaviours > 0;
}

static void choose(struct seat *s, const struct seat_run *x, uint32_t user)
{
    struct taste_query who = {.user = user,
                              .history = x->q->history,
                              .n = x->q->nhistory,
                              .known = &s->out};
    struct taste recent[LIKED_ITEMS];
    s->by = x->q->by;
    if (s->by == RECOMMEND_SIMILAR &&
        !similar_vector(&x->space, x->q->similar_to, &s->p))
        s->by = RECOMMEND_POPULAR;
    if (s->by == RECOMMEND_RANKING && !taste_known(x->t, &who))
        s->by = RECOMMEND_POPULAR;
    if (s->by == RECOMMEND_POPULAR && !met(x->t))
        s->by = RECOMMEND_LATEST;
    if (s->by != RECOMMEND_RANKING)
        return;
    if (who.n == 0)
        taste_recall(x->t, x->q->s, recent, &who);
    s->tasted = who.n > 0;
    taste_vector(x->t, x->items, x->q->s, &who, &s->p);
}

enum err seat_begin(struct seat *s, const struct seat_run *x, uint32_t user)
{
    const struct recommend_query *q = x->q;
    if (!topn_begin(&s->top, x->items, x->cap) ||
        !row_set_begin(&s->out, x->t->items.n))
        return ERR_NOMEM;
    mark_known(s, x, user, SEEN_WANT_ANY, row_set_add);
    choose(s, x, user);
    if (!q->exclude_seen || q->seen)
        mark_known(s, x, user, SEEN_WANT_ANY, row_set_remove);
    if (q->exclude_seen && q->seen)
        mark_known(s, x, user, *q->seen, row_set_add);
    for (uint32_t i = 0; i < q->exclude.n; i++)
        row_set_add(&s->out, q->exclude.row[i]);
    for (uint32_t i = 0; i < x->npinned; i++)
        row_set_add(&s->out, x->pinned[i]);
    if (q->by == RECOMMEND_SIMILAR)
        row_set_add(&s->out, q->similar_to);
    if (s->by != RECOMMEND_RANKING)
        return ERR_OK;
    enum err err = score_features(x->t, (const float *)s->p.v, &s->scores);
    if (err == ERR_OK)
        sift_begin(&s->sift, (const float *)s->p.v, x->t->rdim,
                   s->scores.feature, x->t->features.n);
    return err;
}

/* ---- items -------------------------------------------------------------- */

/* Below every trend, which is not negative; newer rows are above older ones. */
static double key_of_untouched(uint32_t row)
{
    return (double)row - 0x1p40;
}

double seat_key(const struct seat *s, const struct seat_run *x, uint32_t row)
{
    const struct items *items = &x->t->items;
    switch (s->by) {
    case RECOMMEND_RANKING:
        return (double)score_item(x->t, (const float *)s->p.v, row);
    case RECOMMEND_POPULAR:
        return items->events[row] ? items->trend[row] : key_of_untouched(row);
    case RECOMMEND_LATEST:
        return (double)row;
    case RECOMMEND_SIMILAR:
        return (double)similar_to(&x->space, (const float *)s->p.v, row);
    }
    return (double)NAN;
}

/* Natural logarithms to the unit of the keys. */
static double unit_of(enum recommend_by by)
{
    return by == RECOMMEND_RANKING ? 1 : by == RECOMMEND_POPULAR ? 1 / log(2)
                                                                 : 0;
}

static bool in_rows(const struct recommend_rows *rows, uint32_t row)
{
    uint32_t low = 0, high = rows->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (rows->row[middle] < row)
            low = middle + 1;
        else
            high = middle;
    }
    return low < rows->n && rows->row[low] == row;
}

static double boosts_of(const struct seat_run *x, uint32_t row)
{
    double sum = 0;
    for (uint32_t i = 0; i < x->q->nboosts; i++) {
        const struct recommend_boost *b = &x->q->boost[i];
        if ((!b->items || in_rows(b->items, row)) &&
            (!b->filter || passes(b->filter, x->t->items.card[row])))
            sum += x->add[i];
    }
    return sum;
}

static bool qualifies(const struct seat *s, const struct seat_run *x,
                      uint32_t row)
{
    enum filter_said said = filter_ask_bits(&x->mask,
                                            x->t->items.labels[row].bits);
    return said != FILTER_NO && !row_set_has(&s->out, row) &&
           (said == FILTER_YES ||
            passes(x->q->filter, x->t->items.card[row]));
}

double seat_least(const struct seat *s, const struct seat_run *x)
{
    if (s->top.n < s->top.cap)
        return -(double)INFINITY;
    // twice the rounding of the sum that is left out here
    double most = x->most * unit_of(s->by) * (1 + 0x1p-50);
    return s->top.at[0].key - most - fabs(s->top.at[0].key) * 0x1p-50;
}

float seat_floor(const struct seat *s, const struct seat_run *x)
{
    double least = seat_least(s, x);
    return isinf(least) ? -INFINITY : nextafterf((float)least, -INFINITY);
}

void seat_offer(struct seat *s, const struct seat_run *x, double key,
                uint32_t row)
{
    // not an item without events: what is multiplied there is 0
    double unit = x->q->nboosts && key > -0x1p39 ? unit_of(s->by) : 0;
    if (!topn_wants(&s->top, key + x->most * unit, row) ||
        !qualifies(s, x, row))
        return;
    if (unit != 0) {
        key += boosts_of(x, row) * unit;
        if (!topn_wants(&s->top, key, row))
            return;
    }
    topn_keep(&s->top, key, row);
}

float seat_score(const struct seat *s, const struct seat_run *x, double key,
                 uint32_t row)
{
    if (s->by == RECOMMEND_RANKING || s->by == RECOMMEND_SIMILAR)
        return (float)key;
    if (s->by == RECOMMEND_LATEST || x->t->items.events[row] == 0)
        return 0;
    return (float)trend_value(key, trend_time(x->t->totals.clock_ms,
                                              x->q->s->half_life_days));
}
