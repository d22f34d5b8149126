/* score.c -- see score.h. */
#include "model/rank/score.h"

#include <stdlib.h>
#include <string.h>

#include "model/rank/compose.h"

void score_scratch_release(struct score_scratch *s)
{
    free(s->score);
    free(s->feature);
    memset(s, 0, sizeof *s);
}

/* Room for n floats, a half more so that it seldom grows. */
static bool grow(float **p, uint32_t *room, uint32_t n)
{
    if (n <= *room)
        return true;
    uint32_t more = n + n / 2 + 64;
    float *next = malloc(more * sizeof *next);
    if (!next)
        return false;
    free(*p);
    *p = next;
    *room = more;
    return true;
}

static void score_known(const struct table *t, const float *p, uint32_t nitems,
                        struct score_scratch *s)
{
    const float *row = t->items.rvec;
    for (uint32_t f = 0; f < t->features.n; f++)
        s->feature[f] = dot_rows(p, &t->features.rvec[(size_t)f * t->rdim],
                                 t->rdim);
    for (uint32_t i = 0; i < nitems; i++, row += t->rdim) {
        const struct card *c = t->items.card[i];
        float score = t->items.rbias[i] + dot_rows(p, row, t->rdim);
        for (uint32_t k = 0; c && k < c->nfeatures; k++)
            score += c->feature[k].weight * s->feature[c->feature[k].row];
        s->score[i] = score;
    }
}

enum err score_items(const struct table *t, uint32_t user, uint32_t nitems,
                     struct score_scratch *s)
{
    struct compose_room room;
    if (!grow(&s->score, &s->items, nitems) ||
        !grow(&s->feature, &s->features, t->features.n))
        return ERR_NOMEM;
    if (user == ROW_NONE)
        memcpy(s->score, t->items.rbias, nitems * sizeof *s->score);
    else
        score_known(t, compose_rank_user(t, user, &room), nitems, s);
    return ERR_OK;
}
