/* visit.c -- see visit.h. */
#include "server/api/visit.h"

#include <stdlib.h>

#include "model/core/ids.h"
#include "model/rank/predict.h"

static void forget(struct visit_room *room)
{
    free(room->ratings);
    free(room->liked);
    free(room->rows);
    room->ratings = NULL;
    room->liked = NULL;
    room->rows = NULL;
    room->n = 0;
}

void visit_room_free(struct visit_room *room)
{
    if (!room)
        return;
    forget(room);
    row_set_release(&room->known);
    free(room);
}

bool visit_reserve(struct worker *w, uint32_t n)
{
    if (!w->visits)
        w->visits = calloc(1, sizeof *w->visits);
    struct visit_room *room = w->visits;
    if (!room)
        return false;
    if (n <= room->n)
        return true;
    forget(room);
    room->ratings = malloc(n * sizeof *room->ratings);
    room->liked = malloc(n * sizeof *room->liked);
    room->rows = malloc(n * sizeof *room->rows);
    if (!room->ratings || !room->liked || !room->rows)
        return false;
    room->n = n;
    return true;
}

void visit_begin(struct visit *v, const struct worker *w,
                 const struct table *t, const struct predict_pair *pair)
{
    v->user = ROW_NONE;
    if (pair->user.len)
        v->user = ids_find(live_user_ids(w->live), pair->user, t->users.n);
    v->item = ids_find(live_item_ids(w->live), pair->item, t->items.n);
    v->time_ms = pair->time_ms;
    v->nhistory = 0;
    v->visitor = NULL;
    v->rvec = NULL;
}

void visit_rate(struct visit *v, struct worker *w, const struct table *t,
                const struct past *past)
{
    const struct ids *items = live_item_ids(w->live);
    struct visit_room *room = w->visits;
    for (uint32_t i = 0; i < past->n; i++) {
        room->rows[i] = ids_find(items, past->items[i].item, t->items.n);
        room->ratings[i] = (struct visitor_rating){
            .item = room->rows[i],
            .inner = predict_to_inner(&w->settings, past->items[i].rating)};
    }
    v->nhistory = past->n;
    if (past->n == 0)
        return;
    visitor_learn(&v->own, t, &w->settings, v->user, room->ratings, past->n);
    v->visitor = &v->own;
}

bool visit_recall(struct visit *v, struct worker *w, const struct table *t)
{
    struct taste recent[LIKED_ITEMS];
    struct taste_query q = {.user = v->user, .known = &w->visits->known};
    taste_recall(t, &w->settings, recent, &q);
    if (q.n == 0)
        return true;
    if (!taste_know_seen(t, v->user, &w->visits->known))
        return false;
    taste_vector(t, live_item_ids(w->live), &w->settings, &q, &v->own_rvec);
    v->rvec = (const float *)v->own_rvec.v;
    return true;
}

bool visit_like(struct visit *v, struct worker *w, const struct table *t,
                const struct recommend_past *past, uint32_t n)
{
    const struct ids *items = live_item_ids(w->live);
    struct visit_room *room = w->visits;
    struct taste_query q = {.user = v->user, .history = room->liked,
                            .known = &room->known};
    if (n == 0)
        return true;
    if (!taste_know_seen(t, v->user, &room->known))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t row = ids_find(items, past[i].item, t->items.n);
        room->rows[i] = row;
        if (row == ROW_NONE)
            continue;
        row_set_add(&room->known, row);
        room->liked[q.n++] = (struct taste){row, past[i].weight};
    }
    v->nhistory = n;
    taste_vector(t, items, &w->settings, &q, &v->own_rvec);
    v->rvec = (const float *)v->own_rvec.v;
    return true;
}

unsigned char visit_cold(const struct visit *v)
{
    bool user = v->user == ROW_NONE && !v->visitor && !v->rvec;
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
        .visitor = v->visitor, .rvec = v->rvec,
        .history = w->visits->rows,
        .nhistory = v->nhistory,
        .scan = scan < EXPLAIN_SCAN ? scan : EXPLAIN_SCAN};
    if (ranking)
        explain_score(t, &q, out);
    else
        explain_rating(t, &w->settings, &q, out);
}
