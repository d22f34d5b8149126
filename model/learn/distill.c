/* distill.c -- see distill.h. */
#include "model/learn/distill.h"

#include "model/core/ids.h"
#include "model/learn/rating.h"
#include "model/rank/predict.h"

static bool in_range(const struct settings *s, float rating)
{
    return rating >= s->rating_min && rating <= s->rating_max;
}

float distill_target(const struct settings *s, const struct event *e)
{
    float own = predict_to_inner(s, e->value);
    if (!e->has_second || !in_range(s, e->second))
        return own;
    return (1 - s->distill) * own +
           s->distill * predict_to_inner(s, e->second);
}

void distill_event(struct fold *f, struct table *t, const struct event *e,
                   uint64_t seq)
{
    struct look look = {
        .user_hash = ids_expect(live_user_ids(f->live), e->user),
        .item_hash = ids_expect(live_item_ids(f->live), e->item)};
    uint32_t user, item;
    if (!in_range(&f->s, e->value) ||
        !fold_pair(f, t, e, &look, seq, &user, &item)) {
        t->totals.skipped++;
        return;
    }
    struct step_sizes u = step_table_get(&f->steps, t->users.count[user]);
    struct step_sizes i = step_table_get(&f->steps, t->items.count[item]);
    struct step_rates r = {.user_bias = u.bias,
                           .item_bias = i.bias,
                           .user_factor = u.factor,
                           .item_factor = i.factor,
                           .neural = f->s.mlp_rate};
    float error = predict_to_inner(&f->s, e->value) -
                  rating_pair(f, t, (float)predict_mean(t), user, item);
    if (!rating_step(f, t, user, item, error, &r))
        t->totals.skipped++;
}
