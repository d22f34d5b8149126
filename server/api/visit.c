/* visit.c -- see visit.h. */
#include "server/api/visit.h"

#include <stdlib.h>

#include "model/core/ids.h"
#include "model/rank/predict.h"
#include "proto/explain.h"

bool visit_reserve(struct worker *w, const struct past *past)
{
    if (past->n <= w->nhistory)
        return true;
    struct visitor_rating *more = realloc(w->history, past->n * sizeof *more);
    if (!more)
        return false;
    w->history = more;
    w->nhistory = past->n;
    return true;
}

void visit_begin(struct visit *v, struct worker *w, const struct table *t,
                 const struct predict_pair *pair, const struct past *past)
{
    const struct ids *items = live_item_ids(w->live);
    v->user = ROW_NONE;
    if (pair->user.len)
        v->user = ids_find(live_user_ids(w->live), pair->user, t->users.n);
    v->item = ids_find(items, pair->item, t->items.n);
    v->time_ms = pair->time_ms;
    v->nhistory = past->n;
    v->visitor = NULL;
    for (uint32_t i = 0; i < past->n; i++)
        w->history[i] = (struct visitor_rating){
            .item = ids_find(items, past->items[i].item, t->items.n),
            .inner = predict_to_inner(&w->settings,
                                      past->items[i].rating)};
    if (past->n == 0)
        return;
    visitor_learn(&v->room, t, &w->settings, v->user, w->history, past->n);
    v->visitor = &v->room;
}

unsigned char visit_cold(const struct visit *v)
{
    bool user = v->user == ROW_NONE && !v->visitor;
    return (unsigned char)((user ? PREDICT_COLD_USER : 0) |
                           (v->item == ROW_NONE ? PREDICT_COLD_ITEM : 0));
}

float visit_rating(const struct visit *v, const struct worker *w,
                   const struct table *t)
{
    const struct settings *s = &w->settings;
    return v->visitor
               ? visitor_rating(v->visitor, t, s, v->item, v->time_ms)
               : predict_rating(t, s, v->user, v->item, v->time_ms);
}

void visit_explain(const struct visit *v, const struct worker *w,
                   const struct table *t, bool ranking, uint32_t scan,
                   struct explanation *out)
{
    struct explain_query q = {
        .user = v->user, .item = v->item, .time_ms = v->time_ms,
        .visitor = v->visitor, .history = w->history,
        .nhistory = v->nhistory,
        .scan = scan < EXPLAIN_SCAN ? scan : EXPLAIN_SCAN};
    if (ranking)
        explain_score(t, &q, out);
    else
        explain_rating(t, &w->settings, &q, out);
}

void visit_write(struct buf *out, const struct live *live,
                 const struct explanation *e)
{
    const struct ids *items = live_item_ids(live);
    const struct ids *features = live_feature_ids(live);
    explain_parts(out);
    for (uint32_t i = 0; i < e->nparts; i++) {
        const struct explain_part *p = &e->part[i];
        struct id name = {NULL, 0};
        if (p->feature != ROW_NONE)
            name = ids_name(features, p->feature);
        explain_part(out, i == 0, explain_kind_name(p->kind), name, p->value);
    }
    explain_because(out);
    for (uint32_t i = 0; i < e->npast; i++)
        explain_past_item(out, i == 0, ids_name(items, e->past[i].item),
                          e->past[i].similarity, e->past[i].pull);
    explain_done(out);
}
