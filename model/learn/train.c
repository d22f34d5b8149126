/* train.c -- see train.h. */

#include "model/learn/train.h"

#include "model/core/random.h"
#include "model/core/training.h"
#include "model/learn/influence.h"
#include "model/learn/ranking.h"
#include "model/learn/rating.h"
#include "model/rank/predict.h"

#define ROUNDS   4
#define RANK_TOTAL 1.5f /* of fresh steps, the first epoch's share times epochs */
#define RANK_MOST  0.31f /* ... which does not go above this */
#define BLOCK    32u   /* steps whose memory is sent for together */

/* ---- the order ----------------------------------------------------------- */

/* A permutation of 0 .. n-1. */
struct order {
    uint32_t n;
    unsigned low_bits;            /* of a place; the others are the high ones */
    uint32_t low_mask, high_mask;
    uint64_t key[ROUNDS];
};

static void order_init(struct order *o, uint64_t seed, uint64_t seq,
                       uint32_t epoch, uint32_t n)
{
    unsigned bits = n > 4 ? 32 - (unsigned)__builtin_clz(n - 1) : 2;
    o->n = n;
    o->low_bits = bits / 2;
    o->low_mask = (1u << o->low_bits) - 1;
    o->high_mask = (1u << (bits - o->low_bits)) - 1;
    for (unsigned k = 0; k < ROUNDS; k++)
        o->key[k] = random_u64(seed, RANDOM_TRAIN, seq,
                               (uint64_t)epoch * ROUNDS + k);
}

/* Each round changes one half by a function of the other, so that all of it can
 * be undone: what goes in differs, so does what comes out. */
static uint32_t order_at(const struct order *o, uint32_t i)
{
    do {
        uint32_t high = i >> o->low_bits, low = i & o->low_mask;
        for (unsigned k = 0; k < ROUNDS; k += 2) {
            high ^= (uint32_t)random_mix(o->key[k] + low) & o->high_mask;
            low ^= (uint32_t)random_mix(o->key[k + 1] + high) & o->low_mask;
        }
        i = high << o->low_bits | low;
    } while (i >= o->n);
    return i;
}

uint32_t train_place(uint64_t seed, uint64_t seq, uint32_t epoch, uint32_t n,
                     uint32_t i)
{
    struct order o;
    order_init(&o, seed, seq, epoch, n);
    return order_at(&o, i);
}

/* ---- the epochs ---------------------------------------------------------- */

struct run {
    struct fold *f;
    struct table *t;
    struct order order;
    float mean;
    struct step_rates rates;
};

/* Steps from .. from+n-1 of the epoch, n <= BLOCK. */
static void learn_block(struct run *r, uint32_t from, uint32_t n)
{
    const struct history_entry *all = history_entries(r->f->history);
    const struct history_entry *at[BLOCK];
    for (uint32_t i = 0; i < n; i++) {
        at[i] = &all[order_at(&r->order, from + i)];
        __builtin_prefetch(at[i]);
    }
    for (uint32_t i = 0; i < n; i++)
        step_expect(r->t, at[i]->user, at[i]->item);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t user = at[i]->user, item = at[i]->item;
        float e = at[i]->inner - rating_pair(r->f, r->t, r->mean, user, item);
        float trust = influence_trust(r->t->users.count[user], &r->f->s);
        struct step_rates rates = r->rates;
        rates.item_bias *= trust;
        rates.item_factor *= trust;
        if (!rating_step(r->f, r->t, user, item, e, &rates))
            r->t->totals.skipped++;
    }
}

/* Sessions end; of a fresh start, what was learned goes. */
static void prepare(struct fold *f, struct table *t, const struct training *p)
{
    const struct history_entry *all = history_entries(f->history);
    for (uint32_t i = 0; i < history_count(f->history); i++) {
        t->users.session[all[i].user] = 0;
        live_touch_user(f->live, all[i].user);
        if (!p->fresh)
            continue;
        if (!(f->s.freeze & FREEZE_USERS))
            fold_renew_user(f, t, all[i].user, p->init);
        if (!(f->s.freeze & FREEZE_ITEMS))
            fold_renew_item(f, t, all[i].item, p->init);
    }
    if (!p->fresh || f->s.freeze & FREEZE_FEATURES)
        return;
    for (uint32_t row = 0; row < t->features.n; row++)
        fold_renew_feature(f, t, row, p->init);
}

static void learn_epochs(struct run *r, const struct training *p, uint64_t seq)
{
    uint32_t n = history_count(r->f->history);
    for (uint32_t k = 0; k < p->epochs && n > 0; k++) {
        order_init(&r->order, r->f->s.seed, seq, k, n);
        for (uint32_t i = 0; i < n; i += BLOCK)
            learn_block(r, i, n - i < BLOCK ? n - i : BLOCK);
        r->rates.user_bias *= p->decay;
        r->rates.item_bias *= p->decay;
        r->rates.user_factor *= p->decay;
        r->rates.item_factor *= p->decay;
        r->rates.neural *= p->decay;
    }
}

/* The ranking head: positives again, from where it is. */
static void learn_ranking(struct run *r, const struct training *p, uint64_t seq)
{
    const struct history *h = r->f->positives;
    uint32_t n = h ? history_count(h) : 0, step = 0;
    float scale = RANK_TOTAL / (float)p->epochs;
    scale = scale < RANK_MOST ? scale : RANK_MOST;
    for (uint32_t k = 0; k < p->epochs && n > 0; k++, scale *= p->decay) {
        order_init(&r->order, r->f->s.seed, seq, TRAINING_EPOCHS_MAX + k, n);
        for (uint32_t i = 0; i < n; i++)
            ranking_again(r->f, r->t,
                          &history_entries(h)[order_at(&r->order, i)], scale,
                          seq, ++step);
    }
}

void train_event(struct fold *f, struct table *t, const struct event *e,
                 uint64_t seq)
{
    struct training p;
    if (!training_decode(e->payload, e->payload_bytes, &p) ||
        (!f->history && !f->positives)) {
        t->totals.skipped++;
        return;
    }
    struct run r = {.f = f, .t = t, .mean = (float)predict_mean(t),
                    .rates = {.user_bias = p.bias_rate,
                              .item_bias = p.bias_rate,
                              .user_factor = p.factor_rate,
                              .item_factor = p.factor_rate,
                              .neural = f->s.mlp_rate}};
    struct step_decay decay = f->decay;
    if (f->history)
        prepare(f, t, &p);
    f->decay = (struct step_decay){p.bias_l2, p.factor_l2};
    f->feature_rate = p.feature_rate;
    if (f->history)
        learn_epochs(&r, &p, seq);
    learn_ranking(&r, &p, seq);
    f->decay = decay;
    f->feature_rate = f->s.feature_rate;
}
