/* similar.c -- see similar.h. */
#include "model/rank/similar.h"

#include <math.h>

#include "model/rank/cosine.h"

/* What items and users have in common: the features of whichever head it is. */
static struct similar_space space_of(const struct table *t)
{
    return (struct similar_space){
        .features = t->rdim ? t->features.rvec : t->features.vec,
        .met = t->features.count,
        .dim = t->rdim ? t->rdim : t->dim};
}

struct similar_space similar_items(const struct table *t)
{
    struct similar_space s = space_of(t);
    s.vec = t->rdim ? t->items.rvec : t->items.vec;
    s.learned = t->rdim ? t->items.positives : t->items.count;
    s.card = t->items.card;
    s.brief = t->items.brief;
    s.n = t->items.n;
    return s;
}

struct similar_space similar_users(const struct table *t)
{
    struct similar_space s = space_of(t);
    s.vec = t->rdim ? t->users.rvec : t->users.vec;
    s.learned = t->rdim ? t->users.positives : t->users.count;
    s.card = t->users.card;
    s.n = t->users.n;
    return s;
}

static bool learned(const struct similar_space *s, uint32_t row)
{
    const struct card *c = s->card[row];
    if (s->learned[row])
        return true;
    for (uint32_t i = 0; c && i < c->nfeatures; i++)
        if (s->met[c->feature[i].row])
            return true;
    return false;
}

bool similar_vector(const struct similar_space *s, uint32_t row,
                    struct compose_room *p)
{
    if (!learned(s, row))
        return false;
    const float *q = compose(&s->vec[(size_t)row * s->dim], s->card[row],
                             s->features, s->dim, p);
    float size = sqrtf(dot_rows(q, q, s->dim));
    if (!(size > 0) || !isfinite(size))
        return false;
    const dot_half *from = (const dot_half *)__builtin_assume_aligned(q, 16);
    for (uint32_t j = 0; j < s->dim / 4; j++)
        p->v[j] = from[j] / size;
    return true;
}

/* Of a brief that has all: no look at a card, which lies anywhere. */
static bool take_brief(const struct similar_space *s, const struct brief *b,
                       struct cosine_parts *q)
{
    bool learned = false;
    q->weighed = false;
    q->n = b->n;
    for (uint32_t k = 0; k < q->n; k++) {
        uint32_t f = brief_row(b, k);
        q->of[k] = &s->features[(size_t)f * s->dim];
        learned |= s->met[f] != 0;
    }
    return learned;
}

static bool take_card(const struct similar_space *s, const struct card *c,
                      struct cosine_parts *q)
{
    bool learned = false;
    q->weighed = true;
    q->n = c ? c->nfeatures : 0;
    for (uint32_t k = 0; k < q->n; k++) {
        uint32_t f = c->feature[k].row;
        q->of[k] = &s->features[(size_t)f * s->dim];
        q->weight[k] = c->feature[k].weight;
        learned |= s->met[f] != 0;
    }
    return learned;
}

float similar_to(const struct similar_space *s, const float *p, uint32_t row)
{
    const struct brief *b = s->brief ? &s->brief[row] : NULL;
    struct cosine_parts q;
    q.vec = &s->vec[(size_t)row * s->dim];
    bool learned = b && b->n != BRIEF_SEE_CARD ? take_brief(s, b, &q)
                                               : take_card(s, s->card[row], &q);
    if (!learned && !s->learned[row])
        return 0;
    float c = cosine(p, &q, s->dim);
    return isfinite(c) ? c : 0;
}
