/* similar.c -- see similar.h. */
#include "model/rank/similar.h"

#include <math.h>

struct similar_space similar_items(const struct table *t)
{
    struct similar_space s = {t->items.vec, t->items.count, t->items.card,
                              t->features.vec, t->features.count, t->items.n,
                              t->dim};
    if (t->rdim) {
        s.vec = t->items.rvec;
        s.learned = t->items.positives;
        s.features = t->features.rvec;
        s.dim = t->rdim;
    }
    return s;
}

struct similar_space similar_users(const struct table *t)
{
    struct similar_space s = {t->users.vec, t->users.count, t->users.card,
                              t->features.vec, t->features.count, t->users.n,
                              t->dim};
    if (t->rdim) {
        s.vec = t->users.rvec;
        s.learned = t->users.positives;
        s.features = t->features.rvec;
        s.dim = t->rdim;
    }
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

static const float *vector(const struct similar_space *s, uint32_t row,
                           struct compose_room *room)
{
    return compose(&s->vec[(size_t)row * s->dim], s->card[row], s->features,
                   s->dim, room);
}

bool similar_vector(const struct similar_space *s, uint32_t row,
                    struct compose_room *p)
{
    if (!learned(s, row))
        return false;
    const float *q = vector(s, row, p);
    float size = sqrtf(dot_rows(q, q, s->dim));
    if (!(size > 0) || !isfinite(size))
        return false;
    const dot_half *from = (const dot_half *)__builtin_assume_aligned(q, 16);
    for (uint32_t j = 0; j < s->dim / 4; j++)
        p->v[j] = from[j] / size;
    return true;
}

float similar_to(const struct similar_space *s, const float *p, uint32_t row)
{
    struct compose_room room;
    if (!learned(s, row))
        return 0;
    const float *q = vector(s, row, &room);
    float cosine = dot_rows(p, q, s->dim) / sqrtf(dot_rows(q, q, s->dim));
    return isfinite(cosine) ? cosine : 0;
}
