/* neural.c -- see neural.h. */
#include "model/learn/neural.h"

#include <stdlib.h>

#include "model/learn/fold_internal.h"
#include "model/learn/mlp_step.h"
#include "model/rank/compose.h"

struct neural {
    uint32_t user, item;           /* whose work is there; ROW_NONE: nobody's */
    const float *p, *q;            /* theirs: rows, or rooms */
    struct compose_room p_room, q_room;
    struct compose_room p_along, q_along;
    struct mlp_work work;
    struct mlp_gradient gradient;
};

struct neural *neural_new(void)
{
    size_t bytes = (sizeof(struct neural) + 15) / 16 * 16;
    struct neural *n = aligned_alloc(16, bytes);
    if (n)
        n->user = ROW_NONE;
    return n;
}

void neural_free(struct neural *n)
{
    free(n);
}

void fold_begin(struct fold *f, struct table *t)
{
    if (!t->mlp)
        return;
    mlp_init(&t->mlp_shape, f->s.seed, t->mlp);
    *f->marks.mlp = true;
}

float neural_output(struct neural *n, const struct table *t, uint32_t user,
                    uint32_t item)
{
    n->user = user;
    n->item = item;
    n->p = compose_user(t, user, &n->p_room);
    n->q = compose_item(t, item, &n->q_room);
    return mlp_forward(&t->mlp_shape, t->mlp, n->p, n->q, &n->work);
}

/* What p moves along per error, to room: q + df/dp, and likewise. */
static const float *along(const float *other, const float *gradient,
                          uint32_t dim, struct compose_room *room)
{
    const dot_half *o = (const dot_half *)__builtin_assume_aligned(other, 16);
    const dot_half *g = (const dot_half *)__builtin_assume_aligned(gradient,
                                                                   16);
    for (uint32_t j = 0; j < dim / 4; j++)
        room->v[j] = o[j] + g[j];
    return (const float *)room->v;
}

bool neural_step(struct fold *f, struct table *t, uint32_t user, uint32_t item,
                 float e, const struct step_rates *r)
{
    struct neural *n = f->neural;
    const struct mlp_gradient *g = &n->gradient;
    const struct mlp_rates rates = {.rate = r->neural, .l2 = f->s.mlp_l2};
    if (n->user != user || n->item != item)
        (void)neural_output(n, t, user, item);
    n->user = ROW_NONE; // the rows are about to change
    mlp_backward(&t->mlp_shape, t->mlp, &n->work, &n->gradient);
    if (!mlp_step_ok(g, e))
        return false;
    struct step_along to = {.user = along(n->q, g->p, t->dim, &n->p_along),
                            .item = along(n->p, g->q, t->dim, &n->q_along)};
    if (!feature_step_along(f, t, user, item, e, r, &to))
        return false;
    if (f->s.freeze == FREEZE_ALL)
        return true;
    mlp_step(&t->mlp_shape, t->mlp, &n->work, g, e, &rates);
    *f->marks.mlp = true;
    return true;
}
