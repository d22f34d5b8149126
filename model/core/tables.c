/* tables.c -- see tables.h. */
#include "model/core/tables.h"

#include <string.h>

#include "model/core/reserve.h"

bool touched_init(struct touched *w, const struct live_shape *shape)
{
    w->mlp = false;
    return rows_init(&w->users, shape->max_users) &&
           rows_init(&w->items, shape->max_items) &&
           rows_init(&w->features, shape->max_features);
}

void touched_release(struct touched *w)
{
    rows_release(&w->users);
    rows_release(&w->items);
    rows_release(&w->features);
}

void touched_clear(struct touched *w)
{
    rows_clear(&w->users);
    rows_clear(&w->items);
    rows_clear(&w->features);
    w->mlp = false;
}

bool tables_reserve(struct table *t, const struct live_shape *s)
{
    t->dim = s->dims.rating;
    t->rdim = s->dims.ranking;
    t->mlp_shape = s->mlp;
    t->mlp = s->mlp.floats ? reserve_new(mlp_bytes(&s->mlp)) : NULL;
    return rows_reserve_users(&t->users, s->dims, s->max_users) &&
           rows_reserve_items(&t->items, s->dims, s->max_items) &&
           rows_reserve_features(&t->features, s->dims, s->max_features) &&
           (t->mlp || !s->mlp.floats);
}

void tables_unreserve(struct table *t, const struct touched *w)
{
    struct dims d = table_dims(t);
    rows_unreserve_users(&t->users, d, w->users.max);
    rows_unreserve_items(&t->items, d, w->items.max);
    rows_unreserve_features(&t->features, d, w->features.max);
    reserve_free(t->mlp, mlp_bytes(&t->mlp_shape));
}

void tables_derive(const struct touched *w, struct table *t)
{
    const struct rows *r = &w->items;
    for (uint32_t i = 0; t->rdim && i < r->nlist; i++) {
        size_t row = r->list[i];
        if (r->touched[row] & ROWS_RANK)
            sieve_make(&t->items.rvec[row * t->rdim], t->rdim,
                       &t->items.code[row * t->rdim], &t->items.grain[row]);
    }
}

void tables_copy(const struct touched *w, struct table *to,
                 const struct table *from)
{
    struct dims d = table_dims(from);
    rows_copy_users(&w->users, &to->users, &from->users, d);
    rows_copy_items(&w->items, &to->items, &from->items, d);
    rows_copy_features(&w->features, &to->features, &from->features, d);
    if (w->mlp)
        memcpy(to->mlp, from->mlp, mlp_bytes(&from->mlp_shape));
}

size_t tables_bytes(const struct table *t)
{
    struct dims d = table_dims(t);
    return t->users.n * rows_user_bytes(d) + t->items.n * rows_item_bytes(d) +
           t->features.n * rows_feature_bytes(d) + mlp_bytes(&t->mlp_shape);
}
