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
    struct taste_query q = {.user = user, .nitems = nitems,
                            .known = &scratch->known};
    struct score_scratch *scores = &scratch->scores;
    taste_recall(t, s, recent, &q);
    if (q.n == 0)
        return score_items(t, user, nitems, scores);
    if (!taste_know_seen(t, user, &scratch->known))
        return ERR_NOMEM;
    struct compose_room p;
    taste_vector(t, items, s, &q, &p);
    return score_items_by(t, (const float *)p.v, nitems, scores);
}
