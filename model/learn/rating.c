/* rating.c -- see rating.h. */
#include "model/learn/rating.h"

#include "model/core/rows.h"
#include "model/learn/influence.h"
#include "model/learn/lanes.h"

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

/* ---- replays ------------------------------------------------------------- */

/* What the replays of an event share. */
struct replay {
    struct fold *f;
    struct table *t;
    float mean;
    uint64_t seq;
};

static inline struct step_rates replay_rates(const struct fold *f,
                                             const struct table *t,
                                             const struct history_entry *h)
{
    struct step_sizes u = step_table_get(&f->steps, t->users.count[h->user]);
    struct step_sizes i = step_table_get(&f->steps, t->items.count[h->item]);
    float rate = f->pace * f->replay_rate, bias = rate * f->s.bias_rate;
    return (struct step_rates){bias, bias, rate * u.factor, rate * i.factor,
                               rate * f->s.mlp_rate};
}

/* In the j-th replay the item's features stand alone (learn.feature_dropout). */
static inline bool replay_drops(const struct replay *s,
                                const struct history_entry *h, uint32_t j)
{
    float part = s->f->s.feature_dropout;
    if (!(part > 0) || !compose_has(s->t->items.card[h->item]))
        return false;
    uint64_t r = random_u64(s->f->s.seed, RANDOM_DROPOUT, s->seq, j);
    return (float)(r >> 40) * 0x1p-24f < part;
}

/* They learn what they would say of an item that nobody has rated. */
static void replay_alone(const struct replay *s, const struct history_entry *h,
                         const struct step_rates *r)
{
    static const float none[COMPOSE_DIM_MAX] __attribute__((aligned(16)));
    struct fold *f = s->f;
    const struct table *t = s->t;
    const struct card *cu = t->users.card[h->user];
    const struct card *ci = t->items.card[h->item];
    struct compose_room p, q;
    float pair = ((s->mean + compose_bias(t->users.bias[h->user], cu,
                                          t->features.bias)) +
                  compose_bias(0, ci, t->features.bias)) +
                 dot_rows(compose_user(t, h->user, &p),
                          compose(none, ci, t->features.vec, t->dim, &q),
                          t->dim);
    if (!feature_step_alone(f, s->t, h->user, h->item,
                            clip(f, h->inner - pair), r))
        s->t->totals.skipped++;
}

static void replay_step(const struct replay *s, const struct history_entry *h,
                        const struct step_rates *r, uint32_t j)
{
    struct fold *f = s->f;
    if (replay_drops(s, h, j)) {
        replay_alone(s, h, r);
        return;
    }
    float e = h->inner - rating_pair(f, s->t, s->mean, h->user, h->item);
    if (!rating_step(f, s->t, h->user, h->item, e, r))
        s->t->totals.skipped++;
}

#define LANES 4
#define LANES_TARGET
#include "model/learn/rating_kernel.h"
#undef LANES
#undef LANES_TARGET
#ifdef __x86_64__
#define LANES 8
#define LANES_TARGET __attribute__((target("avx2")))
#include "model/learn/rating_kernel.h"
#else
#define replay8 replay4
#endif

/* Pairs may be learned by kernels: nothing is frozen, there is no neural head,
 * and with what the settings have no step is too large (lanes.h). */
static bool is_usual(const struct fold *f)
{
    return f->simd != SIMD_CAREFUL && !f->neural && !f->s.freeze &&
           lanes_is_rate(f->decay.factor_l2) &&
           lanes_is_rate(f->decay.bias_l2) &&
           lanes_is_rate(f->pace * f->replay_rate * f->s.bias_rate) &&
           lanes_is_rate(f->s.feature_rate) &&
           lanes_is_rate(f->s.feature_bias_rate);
}

void rating_replay(struct fold *f, struct table *t)
{
    struct replay s = {f, t, (float)predict_mean(t), t->totals.seq};
    if (history_count(f->history) == 0)
        return;
    if (is_usual(f) && f->simd == SIMD_32) {
        replay8(&s);
    } else if (is_usual(f)) {
        replay4(&s);
    } else {
        for (uint32_t j = 0; j < f->s.replay; j++) {
            const struct history_entry *h = picks_next(&f->picks, t);
            struct step_rates r = replay_rates(f, t, h);
            replay_step(&s, h, &r, j);
        }
    }
}
