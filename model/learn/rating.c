/* rating.c -- see rating.h. */
#include "model/learn/rating.h"

#include "model/core/rows.h"
#include "model/learn/influence.h"

/* The step of a pair without features; rows of frozen tables stay as they are. */
static bool plain_step(struct fold *f, struct table *t, uint32_t user,
                       uint32_t item, float e, const struct step_rates *r)
{
    struct step_rates rates = *r;
    if (f->s.freeze & FREEZE_USERS)
        rates.user_bias = rates.user_factor = 0;
    if (f->s.freeze & FREEZE_ITEMS)
        rates.item_bias = rates.item_factor = 0;
    return step_pair(t, user, item, e, &rates, &f->decay, &f->room);
}

static float clip(const struct fold *f, float e)
{
    float most = f->s.error_clip;
    if (most > 0 && e > most)
        return most;
    return most > 0 && e < -most ? -most : e;
}

bool rating_step(struct fold *f, struct table *t, uint32_t user, uint32_t item,
                 float e, const struct step_rates *r)
{
    bool features = compose_has(t->users.card[user]) ||
                    compose_has(t->items.card[item]);
    e = clip(f, e);
    bool taken = f->neural  ? neural_step(f, t, user, item, e, r)
                 : features ? feature_step(f, t, user, item, e, r)
                            : plain_step(f, t, user, item, e, r);
    if (!taken)
        return false;
    rows_mark(f->marks.users, user, ROWS_STEP);
    rows_mark(f->marks.items, item, ROWS_STEP);
    return true;
}

bool rating_learn(struct fold *f, struct table *t, uint32_t user,
                  uint32_t item, float e)
{
    struct step_sizes u = step_table_get(&f->steps, t->users.count[user]);
    struct step_sizes i = step_table_get(&f->steps, t->items.count[item]);
    struct step_rates r = {f->pace * u.bias, f->pace * i.bias,
                           f->pace * u.factor, f->pace * i.factor,
                           f->pace * f->s.mlp_rate};
    float trust = influence_trust(t->users.count[user], &f->s);
    r.item_bias *= trust;
    r.item_factor *= trust;
    if (!rating_step(f, t, user, item, e, &r))
        return false;
    if (!(f->s.freeze & FREEZE_USERS))
        step_cap_norm(&t->users.vec[(size_t)user * t->dim], t->dim,
                      f->s.norm_cap);
    if (!(f->s.freeze & FREEZE_ITEMS))
        step_cap_norm(&t->items.vec[(size_t)item * t->dim], t->dim,
                      f->s.norm_cap);
    return true;
}

/* predict_composed() and a step with the item's sum made once. */
static void replay_usual(struct fold *f, struct table *t, float mean,
                         const struct history_entry *h,
                         const struct step_rates *r)
{
    struct compose_room room;
    const float *q = compose_item(t, h->item, &room);
    float pair = ((mean + t->users.bias[h->user]) +
                  compose_bias(t->items.bias[h->item], t->items.card[h->item],
                               t->features.bias)) +
                 dot_rows(&t->users.vec[(size_t)h->user * t->dim], q, t->dim);
    float e = clip(f, h->inner - pair);
    if (!feature_item_step(f, t, h->user, h->item, q, e, r)) {
        t->totals.skipped++;
        return;
    }
    rows_mark(f->marks.users, h->user, ROWS_STEP);
    rows_mark(f->marks.items, h->item, ROWS_STEP);
}

static void replay_step(struct fold *f, struct table *t, float mean,
                        const struct history_entry *h)
{
    struct step_sizes u = step_table_get(&f->steps, t->users.count[h->user]);
    struct step_sizes i = step_table_get(&f->steps, t->items.count[h->item]);
    float rate = f->pace * f->replay_rate;
    float bias = rate * f->s.bias_rate;
    struct step_rates r = {bias, bias, rate * u.factor, rate * i.factor,
                           rate * f->s.mlp_rate};
    if (!f->neural && feature_is_usual(f, t, h->user, h->item)) {
        replay_usual(f, t, mean, h, &r);
        return;
    }
    float e = h->inner - rating_pair(f, t, mean, h->user, h->item);
    if (!rating_step(f, t, h->user, h->item, e, &r))
        t->totals.skipped++;
}

void rating_replay(struct fold *f, struct table *t)
{
    float mean = (float)predict_mean(t);
    if (history_count(f->history) == 0)
        return;
    for (uint32_t j = 0; j < f->s.replay; j++)
        replay_step(f, t, mean, picks_next(&f->picks, t));
}
