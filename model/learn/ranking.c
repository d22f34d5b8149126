/* ranking.c -- see ranking.h. */
#include "model/learn/ranking.h"

#include <string.h>

#include "model/core/rows.h"
#include "model/learn/fold_internal.h"
#include "model/learn/influence.h"
#include "model/learn/lanes.h"
#include "model/learn/liked.h"
#include "model/learn/rank_step.h"
#include "model/learn/seen.h"

#define NEGATIVES_STRIDE ((uint64_t)SETTINGS_NEGATIVES_MAX)

/* A step on its way: the user's vector with features, which goes from one room
 * to the other with each example, and what its examples share. */
struct pass {
    struct fold *f;
    struct table *t;
    struct compose_room *now, *next;
    float user_rate;
    float item_scale;            /* ... of the items' rates; with trust
                                    (influence.h) */
    float weight;
    float l2, feature_rate;      /* of the settings */
};

/* ---- one example ------------------------------------------------------- */

/* The features of the item, from the user's vector before the example. */
static void learn_features(struct pass *s, const struct card *c, float g,
                           float rate, const dot_half *p)
{
    struct table *t = s->t;
    float l2 = s->f->s.rank_l2;
    rate *= s->f->s.rank_feature_rate;
    if (s->f->s.freeze & FREEZE_FEATURES)
        return;
    for (uint32_t i = 0; i < c->nfeatures; i++) {
        uint32_t row = c->feature[i].row;
        dot_half *e = (dot_half *)__builtin_assume_aligned(
            &t->features.rvec[(size_t)row * t->rdim], 16);
        float gw = g * c->feature[i].weight;
        dot_half bad = {0};
        for (uint32_t j = 0; j < t->rdim / 4; j++) {
            dot_half x = e[j] + rate * (gw * p[j] - l2 * e[j]);
            bad += x - x;
            s->f->rank_room.v[j] = x;
        }
        if (!((bad[0] + bad[1]) + (bad[2] + bad[3]) == 0))
            continue;
        memcpy(e, s->f->rank_room.v, t->rdim * sizeof(float));
        rows_mark(s->f->marks.features, row, ROWS_RANK);
    }
}

/* The item with that label.  False: it would not be finite, nothing changed.
 * n: halves of a vector, known to the compiler where it is the usual one. */
static inline __attribute__((always_inline)) bool
learn_halves(struct pass *s, uint32_t item, float label, uint32_t n)
{
    struct table *t = s->t;
    struct fold *f = s->f;
    struct compose_room sum;
    const struct card *c = t->items.card[item];
    const float *q = compose_rank_item(t, item, &sum);
    const dot_half *b = (const dot_half *)__builtin_assume_aligned(q, 16);
    const dot_half *a = s->now->v;
    dot_half *own = (dot_half *)__builtin_assume_aligned(
        &t->items.rvec[(size_t)item * 4 * n], 16);
    dot_half *x = s->next->v, *y = f->rank_room.v;
    float bias = t->items.rbias[item], l2 = f->s.rank_l2, ru = s->user_rate;
    float score = bias + dot_rows((const float *)a, q, 4 * n);
    float g = s->weight * (label - sigmoid(score));
    float rate = s->item_scale * rank_rate_at(f, t->items.positives[item]);
    dot_half bad = {0};
    for (uint32_t j = 0; j < n; j++) {
        x[j] = a[j] + ru * (g * b[j] - l2 * a[j]);
        y[j] = own[j] + rate * (g * a[j] - l2 * own[j]);
        bad += (x[j] - x[j]) + (y[j] - y[j]);
    }
    bias += rate * (g - l2 * bias);
    if (!(((bad[0] + bad[1]) + (bad[2] + bad[3])) + (bias - bias) == 0))
        return false;
    s->next = s->now;
    s->now = (struct compose_room *)(void *)x;
    if (!(f->s.freeze & FREEZE_ITEMS)) {
        for (uint32_t j = 0; j < n; j++)
            own[j] = y[j];
        t->items.rbias[item] = bias;
        rows_mark(f->marks.items, item, ROWS_RANK);
    }
    if (compose_has(c))
        learn_features(s, c, g, rate, a);
    return true;
}

static void learn_example(struct pass *s, uint32_t item, float label)
{
    bool taken = s->t->rdim == 32 ? learn_halves(s, item, label, 8)
                                  : learn_halves(s, item, label,
                                                 s->t->rdim / 4);
    if (!taken)
        s->t->totals.skipped++;
}

/* ---- the same, fast ------------------------------------------------------ */

#define LANES 4
#define LANES_TARGET
#include "model/learn/rank_kernel.h"
#undef LANES
#undef LANES_TARGET
#ifdef __x86_64__
#define LANES 8
#define LANES_TARGET __attribute__((target("avx2")))
#include "model/learn/rank_kernel.h"
#else
#define learn_examples8 learn_examples4
#endif

/* The first item with that label, the others with label 0. */
static void learn_examples(struct pass *s, const uint32_t *item, uint32_t n,
                           float label)
{
    bool fast = s->f->simd != SIMD_CAREFUL && !s->f->s.freeze &&
                lanes_is_rate(s->user_rate) &&
                lanes_is_rate(s->weight) && lanes_is_rate(s->l2) &&
                lanes_is_rate(s->feature_rate);
    if (fast && s->f->simd == SIMD_32)
        learn_examples8(s, item, n, label);
    else if (fast)
        learn_examples4(s, item, n, label);
    for (uint32_t k = 0; !fast && k < n; k++)
        learn_example(s, item[k], k ? 0.0f : label);
}

/* ---- one step ---------------------------------------------------------- */

/* *v += part * what the step has changed of the user's sum.  False: it would not
 * be finite, and stays as it is. */
static bool follow(const struct pass *s, const struct compose_room *before,
                   float part, float *v)
{
    dot_half *own = (dot_half *)__builtin_assume_aligned(v, 16);
    dot_half bad = {0};
    for (uint32_t j = 0; j < s->t->rdim / 4; j++) {
        dot_half x = own[j] + part * (s->now->v[j] - before->v[j]);
        bad += x - x;
        s->f->rank_room.v[j] = x;
    }
    if (!((bad[0] + bad[1]) + (bad[2] + bad[3]) == 0))
        return false;
    memcpy(v, s->f->rank_room.v, s->t->rdim * sizeof *v);
    return true;
}

/* What the step has changed of the user's vector, to the user and in part to
 * the features. */
static void store_user(struct pass *s, uint32_t user,
                       const struct compose_room *before)
{
    struct table *t = s->t;
    struct fold *f = s->f;
    const struct card *c = t->users.card[user];
    float *own = &t->users.rvec[(size_t)user * t->rdim];
    if (!(f->s.freeze & FREEZE_USERS)) {
        if (!compose_has(c))
            memcpy(own, s->now->v, t->rdim * sizeof *own);
        else if (!follow(s, before, 1.0f, own))
            t->totals.skipped++;
        rows_mark(f->marks.users, user, ROWS_RANK);
    }
    if (!compose_has(c) || f->s.freeze & FREEZE_FEATURES)
        return;
    for (uint32_t i = 0; i < c->nfeatures; i++) {
        uint32_t row = c->feature[i].row;
        float part = f->s.rank_feature_rate * c->feature[i].weight;
        if (!follow(s, before, part, &t->features.rvec[(size_t)row * t->rdim]))
            t->totals.skipped++;
        rows_mark(f->marks.features, row, ROWS_RANK);
    }
}

/* The event's own step is number 0, its replays follow. */
struct turn {
    uint64_t seq;
    uint32_t step;
    uint32_t user;
    float weight;
    float scale;     /* of the rates: 1, or the replay rate */
    uint32_t n;
    uint32_t item[1 + SETTINGS_NEGATIVES_MAX]; /* (n) the user's, then those
                                                  that it is compared with */
};

/* Draws what the pair is compared with, and sends for it. */
static void turn_draw(const struct fold *f, const struct table *t,
                      struct turn *turn, uint32_t item)
{
    uint32_t negatives = turn->weight > 0 ? f->s.negatives : 0;
    turn->item[0] = item;
    turn->n = 1;
    for (uint32_t k = 0; k < negatives; k++) {
        uint64_t r = random_u64(f->s.seed, RANDOM_NEGATIVE, turn->seq,
                                NEGATIVES_STRIDE * turn->step + k);
        uint32_t drawn = random_below(r, t->items.n);
        rank_expect_item(t, drawn);
        turn->item[turn->n] = drawn;
        turn->n += drawn != item;
    }
}

static void turn_learn(struct fold *f, struct table *t, struct turn *turn)
{
    _Alignas(32) struct compose_room before, rooms[2];
    uint32_t user = turn->user, item = turn->item[0];
    uint32_t known = t->users.positives[user];
    float weight = turn->weight;
    struct pass s = {.f = f, .t = t, .now = &rooms[0], .next = &rooms[1],
                     .user_rate = turn->scale * rank_rate_at(f, known),
                     .item_scale = turn->scale * influence_trust(known, &f->s),
                     .weight = weight < 0 ? -weight : weight,
                     .l2 = f->s.rank_l2,
                     .feature_rate = f->s.rank_feature_rate};
    const float *p = compose_rank_user(t, user, &before);
    memcpy(rooms[0].v, p, t->rdim * sizeof(float));
    turn->n = 1 + seen_leave_out(t->users.seen[user], t->users.nseen[user],
                                 turn->item + 1, turn->n - 1);
    learn_examples(&s, turn->item, turn->n, weight > 0 ? 1.0f : 0.0f);
    store_user(&s, user, &before);
    if (turn->step > 0)
        return;
    if (!(f->s.freeze & FREEZE_USERS))
        step_cap_norm(&t->users.rvec[(size_t)user * t->rdim], t->rdim,
                      f->s.norm_cap);
    if (!(f->s.freeze & FREEZE_ITEMS))
        step_cap_norm(&t->items.rvec[(size_t)item * t->rdim], t->rdim,
                      f->s.norm_cap);
}

void ranking_again(struct fold *f, struct table *t,
                   const struct history_entry *e, float scale, uint64_t seq,
                   uint32_t step)
{
    struct turn turn = {.seq = seq, .step = step, .user = e->user,
                        .weight = e->inner, .scale = scale};
    turn_draw(f, t, &turn, e->item);
    turn_learn(f, t, &turn);
}

/* The turn of the event's next pick, which follows the turn `now`; the lists
 * that the one after it needs are sent for. */
static void turn_next(struct fold *f, const struct table *t, struct turn *next,
                      const struct turn *now)
{
    const struct history_entry *e = picks_next(&f->rank_picks, t);
    next->seq = now->seq;
    next->step = now->step + 1;
    next->user = e->user;
    next->weight = e->inner;
    next->scale = f->rank_replay_rate;
    turn_draw(f, t, next, e->item);
    seen_expect(t->users.seen[e->user], t->users.nseen[e->user]);
}

/* Each turn is drawn before the one in front of it is learned, while which its
 * rows are on their way. */
static void learn_turns(struct fold *f, struct table *t, struct turn *turns,
                        uint32_t replays)
{
    for (uint32_t j = 0; j <= replays; j++) {
        if (j < replays)
            turn_next(f, t, &turns[(j + 1) % 2], &turns[j % 2]);
        turn_learn(f, t, &turns[j % 2]);
        if (j == 0 && turns[0].weight > 0) {
            uint32_t item = turns[0].item[0];
            t->users.positives[turns[0].user]++;
            t->items.positives[item]++;
            t->totals.positives++;
            if (f->positives) {
                history_expect_hole(f->positives);
                history_expect_entry(f->positives, turns[0].user, item);
            }
        }
    }
}

void ranking_learn(struct fold *f, struct table *t, uint32_t user,
                   uint32_t item, float weight, uint64_t seq)
{
    struct turn turns[2];
    uint32_t replays = 0;
    if (f->positives) {
        picks_seek(&f->rank_picks, seq);
        history_expect_leaving(f->positives, seq);
        history_expect(f->positives, user, item);
        if (weight > 0 && history_count(f->positives))
            replays = f->s.rank_replay;
    }
    turns[0] = (struct turn){.seq = seq, .user = user, .weight = weight,
                             .scale = 1.0f};
    turn_draw(f, t, &turns[0], item);
    learn_turns(f, t, turns, replays);
    if (weight > 0)
        liked_take(f, t, user, item);
    if (!(weight > 0) || !f->positives)
        return;
    if (!history_put(f->positives, user, item, weight, seq))
        t->totals.skipped++;
    picks_end(&f->rank_picks, t);
}
