/* score.c -- see score.h. */
#include "model/rank/score.h"

#include <stdlib.h>
#include <string.h>

#include "model/rank/compose.h"
#include "model/rank/dots.h"

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

enum err score_features(const struct table *t, const float *p,
                        struct score_scratch *s)
{
    if (!grow(&s->feature, &s->features, t->features.n + 1))
        return ERR_NOMEM;
    s->feature[0] = 0;
    dots(p, t->features.rvec, t->rdim, t->features.n, &s->feature[1]);
    return ERR_OK;
}

static inline float add_features(const struct table *t,
                                 const struct score_scratch *s, uint32_t item,
                                 float score)
{
    const struct brief *b = &t->items.brief[item];
    if (b->n != BRIEF_SEE_CARD) {
        for (uint32_t k = 0; k < b->n; k++)
            score += s->feature[b->slot[k]];
        return score;
    }
    const struct card *c = t->items.card[item];
    for (uint32_t k = 0; k < c->nfeatures; k++)
        score += c->feature[k].weight * s->feature[c->feature[k].row + 1];
    return score;
}

void score_block(const struct table *t, const float *p,
                 const struct score_scratch *s, uint32_t from, uint32_t n,
                 float *out)
{
    const float *bias = &t->items.rbias[from];
    dots(p, &t->items.rvec[(size_t)from * t->rdim], t->rdim, n, out);
    for (uint32_t i = 0; i < n; i++)
        out[i] = add_features(t, s, from + i, bias[i] + out[i]);
}

float score_item(const struct table *t, const float *p, uint32_t item)
{
    const struct card *c = t->items.card[item];
    float score = t->items.rbias[item] +
                  dot_rows(p, &t->items.rvec[(size_t)item * t->rdim], t->rdim);
    for (uint32_t k = 0; c && k < c->nfeatures; k++)
        score += c->feature[k].weight *
                 dot_rows(p,
                          &t->features.rvec[(size_t)c->feature[k].row *
                                            t->rdim], t->rdim);
    return score;
}

enum err score_items_by(const struct table *t, const float *p, uint32_t nitems,
                        struct score_scratch *s)
{
    if (!grow(&s->score, &s->items, nitems))
        return ERR_NOMEM;
    enum err err = score_features(t, p, s);
    if (err == ERR_OK)
        score_block(t, p, s, 0, nitems, s->score);
    return err;
}

enum err score_items(const struct table *t, uint32_t user, uint32_t nitems,
                     struct score_scratch *s)
{
    struct compose_room room;
    if (user != ROW_NONE)
        return score_items_by(t, compose_rank_user(t, user, &room), nitems, s);
    if (!grow(&s->score, &s->items, nitems))
        return ERR_NOMEM;
    memcpy(s->score, t->items.rbias, nitems * sizeof *s->score);
    return ERR_OK;
}
