/* evaluate_holdout.c -- the holdout of `freshet evaluate` as a test of ranking:
 * each of its positive ratings is an item to be found among all that its user
 * has not seen.  With one rating per user this is leave-one-out over the full
 * catalogue.
 */
#include "model/core/ids.h"
#include "model/rank/rank_of.h"
#include "model/rank/taste_score.h"
#include "server/cli/evaluation.h"

/* A user nobody knows is shown what is popular. */
static uint32_t rank_by_head(const struct evaluation *e, const struct table *t,
                             const struct rank_target *g,
                             struct taste_scratch *room)
{
    const struct ids *items = live_item_ids(model_live(e->model));
    if (g->user == ROW_NONE ||
        taste_scores(t, items, &e->settings, g->user, g->nitems, room) !=
            ERR_OK)
        return rank_by_trend(t, g);
    return rank_by_score(t, g, room->scores.score);
}

static void add(struct quality_places *to, uint32_t rank)
{
    struct quality_places p = quality_places_one(rank);
    to->hits += p.hits;
    to->ndcg += p.ndcg;
    to->reciprocal += p.reciprocal;
}

void evaluation_rank_holdout(struct evaluation *e)
{
    struct live *live = model_live(e->model);
    struct taste_scratch room = {.known = {.bits = NULL}};
    const struct table *t = live_pin(live, 0);
    for (size_t i = 0; i < e->held.n; i++) {
        struct rating r = ratings_set_get(&e->held, i);
        struct rank_target g = {
            ids_find(live_user_ids(live), r.user, t->users.n),
            ids_find(live_item_ids(live), r.item, t->items.n), t->items.n};
        if (r.value < e->settings.positive_from ||
            (g.user != ROW_NONE && t->users.nseen[g.user] &&
             !rank_is_fair(t, &g)))
            continue; // not liked, or known already
        e->found.n++;
        add(&e->found.model, rank_by_head(e, t, &g, &room));
        add(&e->found.popular, rank_by_trend(t, &g));
    }
    live_unpin(live, 0);
    taste_scratch_release(&room);
}
