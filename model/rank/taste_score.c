/* taste_score.c -- see taste_score.h. */
#include "model/rank/taste_score.h"

void taste_scratch_release(struct taste_scratch *s)
{
    score_scratch_release(&s->scores);
    row_set_release(&s->known);
}

enum err taste_scores(const struct table *t, const struct ids *items,
                      const struct settings *s, uint32_t user, uint32_t nitems,
                      struct taste_scratch *scratch)
{
    struct taste recent[LIKED_ITEMS];
    struct taste_query q = {.user = user, .history = recent, .nitems = nitems,
                            .passes = TASTE_AGAIN, .known = &scratch->known,
                            .n = taste_recent(t, s, user, recent)};
    struct score_scratch *scores = &scratch->scores;
    if (q.n == 0)
        return score_items(t, user, nitems, scores);
    if (!row_set_begin(&scratch->known, t->items.n))
        return ERR_NOMEM;
    const struct seen_list *l = t->users.seen[user];
    for (uint32_t i = 0; i < t->users.nseen[user]; i++)
        row_set_add(&scratch->known, l->item[i]);
    struct compose_room p;
    taste_vector(t, items, s, &q, &p);
    return score_items_by(t, (const float *)p.v, nitems, scores);
}
