/* compose.h -- an item's (or a user's) vector with those of its features.
 *
 *   q = vec + sum of weight * features.vec, in the order of the card
 *
 * Any thread with a pinned table; pure.
 */
#ifndef FRESHET_MODEL_RANK_COMPOSE_H
#define FRESHET_MODEL_RANK_COMPOSE_H

#include <stdbool.h>

#include "model/core/table.h"
#include "model/rank/dot.h"

#define COMPOSE_DIM_MAX 512

/* Where a sum is put when there is something to add: 16-byte aligned. */
struct compose_room {
    dot_half v[COMPOSE_DIM_MAX / 4];
};

static inline bool compose_has(const struct card *c)
{
    return c && c->nfeatures > 0;
}

static inline __attribute__((always_inline)) void
compose_halves(const float *vec, const struct card *c, const float *features,
               uint32_t n, struct compose_room *room)
{
    const dot_half *from = (const dot_half *)__builtin_assume_aligned(vec, 16);
    room->v[0] = from[0]; // n is 2 at least
    room->v[1] = from[1];
    for (uint32_t j = 2; j < n; j++)
        room->v[j] = from[j];
    for (uint32_t i = 0; i < c->nfeatures; i++) {
        const dot_half *f = (const dot_half *)__builtin_assume_aligned(
            &features[(size_t)c->feature[i].row * 4 * n], 16);
        float w = c->feature[i].weight;
        for (uint32_t j = 0; j < n; j++)
            room->v[j] += w * f[j];
    }
}

/* vec: (dim); features: (F, dim).  The sum, which is vec itself when the card
 * has no features. */
static inline const float *compose(const float *vec, const struct card *c,
                                   const float *features, uint32_t dim,
                                   struct compose_room *room)
{
    if (!compose_has(c))
        return vec;
    if (dim == 16) // lengths that stay in registers
        compose_halves(vec, c, features, 4, room);
    else if (dim == 32)
        compose_halves(vec, c, features, 8, room);
    else
        compose_halves(vec, c, features, dim / 4, room);
    return (const float *)room->v;
}

/* bias + sum of weight * features.bias. */
static inline float compose_bias(float bias, const struct card *c,
                                 const float *features)
{
    for (uint32_t i = 0; c && i < c->nfeatures; i++)
        bias += c->feature[i].weight * features[c->feature[i].row];
    return bias;
}

/* The four sums there are.  room: of the caller. */
static inline const float *compose_user(const struct table *t, uint32_t user,
                                        struct compose_room *room)
{
    return compose(&t->users.vec[(size_t)user * t->dim], t->users.card[user],
                   t->features.vec, t->dim, room);
}

static inline const float *compose_item(const struct table *t, uint32_t item,
                                        struct compose_room *room)
{
    return compose(&t->items.vec[(size_t)item * t->dim], t->items.card[item],
                   t->features.vec, t->dim, room);
}

static inline const float *compose_rank_user(const struct table *t,
                                             uint32_t user,
                                             struct compose_room *room)
{
    return compose(&t->users.rvec[(size_t)user * t->rdim], t->users.card[user],
                   t->features.rvec, t->rdim, room);
}

static inline const float *compose_rank_item(const struct table *t,
                                             uint32_t item,
                                             struct compose_room *room)
{
    return compose(&t->items.rvec[(size_t)item * t->rdim], t->items.card[item],
                   t->features.rvec, t->rdim, room);
}

#endif
