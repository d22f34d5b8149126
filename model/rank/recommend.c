/* recommend.c -- see recommend.h. */
#include "model/rank/recommend.h"

#include <stdlib.h>

#include "model/core/ids.h"
#include "model/learn/trend.h"
#include "model/rank/score.h"
#include "model/rank/shown.h"
#include "model/rank/topn.h"

#define BLOCK 1024u          /* scores at a time: they stay in the cache */

struct recommend {
    struct topn top;
    struct row_set out;      /* rows that are left out */
    struct score_scratch scores;
    struct scored *list;
    uint32_t room;           /* of list */
};

/* One list on its way. */
struct run {
    struct recommend *r;
    const struct table *t;
    const struct ids *items;
    const struct recommend_query *q;
};

struct recommend *recommend_new(void)
{
    return calloc(1, sizeof(struct recommend));
}

void recommend_free(struct recommend *r)
{
    if (!r)
        return;
    topn_release(&r->top);
    row_set_release(&r->out);
    score_scratch_release(&r->scores);
    free(r->list);
    free(r);
}

/* ---- candidates --------------------------------------------------------- */

/* What the user has seen and what the history names: added, or taken away. */
static void mark_known(struct run *x, void (*mark)(struct row_set *, uint32_t))
{
    const struct recommend_query *q = x->q;
    const struct users *u = &x->t->users;
    for (uint32_t i = 0; q->user != ROW_NONE && i < u->nseen[q->user]; i++)
        mark(&x->r->out, u->seen[q->user]->item[i]);
    for (uint32_t i = 0; i < q->nhistory; i++)
        mark(&x->r->out, q->history[i].item);
}

static inline void offer(struct run *x, double key, uint32_t row)
{
    struct topn *top = &x->r->top;
    if (topn_wants(top, key, row) && !row_set_has(&x->r->out, row) &&
        shown_at(x->t->items.card[row], x->q->at_ms))
        topn_keep(top, key, row);
}

/* ---- rankers ------------------------------------------------------------ */

static enum err scan_scores(struct run *x, const float *p)
{
    struct score_scratch *s = &x->r->scores;
    float score[BLOCK];
    uint32_t nitems = x->t->items.n;
    enum err err = score_features(x->t, p, s);
    for (uint32_t from = 0; err == ERR_OK && from < nitems; from += BLOCK) {
        uint32_t n = nitems - from < BLOCK ? nitems - from : BLOCK;
        score_block(x->t, p, s, from, n, score);
        for (uint32_t i = 0; i < n; i++)
            if (score[i] == score[i]) // a number
                offer(x, (double)score[i], from + i);
    }
    return err;
}

/* Below every trend, which is not negative; newer rows are above older ones. */
static double key_of_untouched(uint32_t row)
{
    return (double)row - 0x1p40;
}

static void scan_popular(struct run *x)
{
    const struct items *items = &x->t->items;
    for (uint32_t i = 0; i < items->n; i++)
        offer(x, items->events[i] ? items->trend[i] : key_of_untouched(i), i);
}

static void scan_latest(struct run *x)
{
    for (uint32_t i = x->t->items.n; i-- > 0;)
        offer(x, (double)i, i);
}

/* Has any item been met? */
static bool met(const struct table *t)
{
    return t->totals.events + t->totals.behaviours > 0;
}

static enum err scan(struct run *x, enum recommend_by *by)
{
    struct taste_query who = {.user = x->q->user,
                              .history = x->q->history,
                              .n = x->q->nhistory,
                              .known = &x->r->out};
    struct compose_room p;
    mark_known(x, row_set_add);
    *by = x->q->by;
    if (*by == RECOMMEND_RANKING && !taste_known(x->t, &who))
        *by = RECOMMEND_POPULAR;
    if (*by == RECOMMEND_POPULAR && !met(x->t))
        *by = RECOMMEND_LATEST;
    if (*by == RECOMMEND_RANKING)
        taste_vector(x->t, x->items, x->q->s, &who, &p);
    if (!x->q->exclude_seen)
        mark_known(x, row_set_remove);
    if (*by == RECOMMEND_RANKING)
        return scan_scores(x, (const float *)p.v);
    if (*by == RECOMMEND_POPULAR)
        scan_popular(x);
    else
        scan_latest(x);
    return ERR_OK;
}

/* ---- the list ----------------------------------------------------------- */

/* What a client is told of the key. */
static float score_of(const struct run *x, enum recommend_by by,
                      const struct topn_entry *e)
{
    if (by == RECOMMEND_RANKING)
        return (float)e->key;
    if (by == RECOMMEND_LATEST || x->t->items.events[e->row] == 0)
        return 0;
    return (float)trend_value(e->key, trend_time(x->t->totals.clock_ms,
                                                 x->q->s->half_life_days));
}

static bool reserve_list(struct recommend *r, uint32_t n)
{
    if (n <= r->room)
        return true;
    struct scored *list = malloc(n * sizeof *list);
    if (!list)
        return false;
    free(r->list);
    r->list = list;
    r->room = n;
    return true;
}

enum err recommend_run(struct recommend *r, const struct table *t,
                       const struct ids *items,
                       const struct recommend_query *q,
                       struct recommend_list *out)
{
    struct run x = {.r = r, .t = t, .items = items, .q = q};
    uint64_t want = (uint64_t)q->offset + q->n;
    uint32_t cap = want < t->items.n ? (uint32_t)want : t->items.n;
    if (!topn_begin(&r->top, items, cap) || !reserve_list(r, q->n) ||
        !row_set_begin(&r->out, t->items.n))
        return ERR_NOMEM;
    enum err err = scan(&x, &out->by);
    if (err != ERR_OK)
        return err;
    topn_sort(&r->top);
    out->items = r->list;
    out->n = 0;
    for (uint32_t i = q->offset; i < r->top.n; i++) {
        const struct topn_entry *e = &r->top.at[i];
        r->list[out->n++] = (struct scored){e->row, score_of(&x, out->by, e)};
    }
    return ERR_OK;
}
