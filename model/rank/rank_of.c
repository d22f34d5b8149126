/* rank_of.c -- see rank_of.h.
 *
 * The scan knows nothing of what has been seen, so that it is a plain loop over
 * one column; what has been seen, far less, is taken back afterwards.
 */
#include "model/rank/rank_of.h"

#include <math.h>

#include "model/learn/seen.h"

static uint32_t nseen(const struct table *t, uint32_t user)
{
    return user == ROW_NONE ? 0 : t->users.nseen[user];
}

bool rank_is_fair(const struct table *t, const struct rank_target *g)
{
    uint32_t n = nseen(t, g->user);
    return n > 0 && !(g->item < g->nitems &&
                      seen_has(t->users.seen[g->user], n, g->item));
}

/* What the items are ordered by: score, or popularity when that is NULL. */
static inline double key_of(const struct table *t, const float *score,
                            uint32_t item)
{
    if (score)
        return (double)score[item];
    return t->items.events[item] ? t->items.trend[item] : -(double)INFINITY;
}

static inline uint32_t rank_by(const struct table *t,
                               const struct rank_target *g, const float *score)
{
    uint32_t above = 0, equal = 0, n = nseen(t, g->user);
    if (g->item >= g->nitems)
        return RANK_NONE;
    double mine = key_of(t, score, g->item);
    if (isnan(mine))
        return RANK_NONE;
    for (uint32_t i = 0; i < g->nitems; i++) {
        double key = key_of(t, score, i);
        above += key > mine;
        equal += key == mine;
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t item = t->users.seen[g->user]->item[i];
        if (item >= g->nitems || item == g->item ||
            !seen_is_first(t->users.seen[g->user], i))
            continue;
        double key = key_of(t, score, item);
        above -= key > mine;
        equal -= key == mine;
    }
    return above + equal / 2; // equal has the target too: half of the others,
                              // rounded up
}

uint32_t rank_by_score(const struct table *t, const struct rank_target *g,
                       const float *score)
{
    return rank_by(t, g, score);
}

uint32_t rank_by_trend(const struct table *t, const struct rank_target *g)
{
    return rank_by(t, g, NULL);
}
