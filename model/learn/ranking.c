/* ranking.c -- see ranking.h. */
#include "model/learn/ranking.h"

#include <string.h>

#include "model/core/rows.h"
#include "model/learn/fold_internal.h"
#include "model/learn/influence.h"
#include "model/learn/liked.h"
#include "model/learn/rank_step.h"
#include "model/learn/seen.h"

#define NEGATIVES_STRIDE ((uint64_t)SETTINGS_NEGATIVES_MAX)

/* ---- one step ---------------------------------------------------------- */

/* *v += part * what the step has changed of the user's sum.  False: it would not
 * be finite, and stays as it is. */
static bool follow(const struct rank_step *s, float part, float *v)
{
    dot_half *own = (dot_half *)__builtin_assume_aligned(v, 16);
    const dot_half *p = (const dot_half *)__builtin_assume_aligned(s->p, 16);
    const dot_half *after = (const dot_half *)__builtin_assume_aligned(s->after,
                                                                       16);
    dot_half *to = s->f->rank_room.v, bad = {0};
    for (uint32_t j = 0; j < s->t->rdim / 4; j++) {
        to[j] = own[j] + part * (after[j] - p[j]);
        bad += to[j] - to[j];
    }
    if (!((bad[0] + bad[1]) + (bad[2] + bad[3]) == 0))
        return false;
    memcpy(v, to, s->t->rdim * sizeof *v);
    return true;
}

/* What the step has changed of the user's vector, to the user and in part to
 * the features. */
static void store_user(const struct rank_step *s, uint32_t user)
{
    struct table *t = s->t;
    struct fold *f = s->f;
    const struct card *c = t->users.card[user];
    float *own = &t->users.rvec[(size_t)user * t->rdim];
    if (!(f->s.freeze & FREEZE_USERS)) {
        if (!compose_has(c))
            memcpy(own, s->after, t->rdim * sizeof *own);
        else if (!follow(s, 1.0f, own))
            t->totals.skipped++;
        rows_mark(f->marks.users, user, ROWS_RANK);
    }
    if (!compose_has(c) || f->s.freeze & FREEZE_FEATURES)
        return;
    for (uint32_t i = 0; i < c->nfeatures; i++) {
        uint32_t row = c->feature[i].row;
        float part = f->s.rank_feature_rate * c->feature[i].weight;
        if (!follow(s, part, &t->features.rvec[(size_t)row * t->rdim]))
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
    uint32_t item[RANK_STEP_MAX]; /* (n) the user's, then those that it is
                                         compared with */
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
    _Alignas(32) struct compose_room before, after;
    uint32_t user = turn->user, item = turn->item[0];
    uint32_t known = t->users.positives[user];
    float weight = turn->weight;
    struct rank_step s = {.f = f, .t = t, .item = turn->item,
                     .n = 1 + seen_leave_out(t->users.seen[user],
                                             t->users.nseen[user],
                                             turn->item + 1, turn->n - 1),
                     .label = weight > 0 ? 1.0f : 0.0f,
                     .p = compose_rank_user(t, user, &before),
                     .after = (float *)after.v,
                     .user_rate = turn->scale * rank_rate_at(f, known),
                     .item_scale = turn->scale * influence_trust(known, &f->s),
                     .weight = weight < 0 ? -weight : weight,
                     .l2 = f->s.rank_l2,
                     .feature_rate = f->s.rank_feature_rate};
    rank_step_learn(&s);
    store_user(&s, user);
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
