/* fold.c -- see fold.h. */
#include <math.h>
#include <stdlib.h>

#include "model/core/ids.h"
#include "model/core/card.h"
#include "model/core/random.h"
#include "model/core/rows.h"
#include "model/learn/control.h"
#include "model/learn/distill.h"
#include "model/learn/guard.h"
#include "model/learn/influence.h"
#include "model/learn/look.h"
#include "model/learn/pace.h"
#include "model/learn/progress.h"
#include "model/learn/ranking.h"
#include "model/learn/rating.h"
#include "model/learn/session.h"
#include "model/learn/trend.h"
#include "model/rank/predict.h"

#define REPLAY_PART 0.6f    /* replay steps of one event together, as a part of
                               a fresh step: measured best for k = 2..16 */

/* Of one of the two histories (NULL: there is none) what the settings want: it
 * itself, or another.  What is not replayed is not kept: NULL.  False: no
 * memory. */
static bool next_history(struct history *now, enum history_kind kind,
                         uint32_t per_event, uint32_t cap, uint64_t seed,
                         struct history **next)
{
    *next = NULL;
    if (!per_event)
        return true;
    if (!now)
        *next = history_new(kind, cap, seed);
    else
        *next = history_cap(now) == cap ? now : history_copy(now, cap);
    return *next != NULL;
}

static void take_history(struct history **now, struct history *next)
{
    if (*now != next)
        history_free(*now);
    *now = next;
}

/* Both or none: one may be shorter now, when the other finds no memory. */
static bool derive_histories(struct fold *f, uint32_t rank_replay)
{
    const struct settings *s = &f->s;
    struct history *ratings, *positives;
    if (!next_history(f->history, HISTORY_RATINGS, s->replay, s->history,
                      s->seed, &ratings))
        return false;
    if (!next_history(f->positives, HISTORY_POSITIVES, rank_replay,
                      s->positives, s->seed, &positives)) {
        if (ratings != f->history)
            history_free(ratings);
        return false;
    }
    take_history(&f->history, ratings);
    take_history(&f->positives, positives);
    return true;
}

static float replay_rate(float rate, uint32_t per_event)
{
    return per_event && !(rate > 0) ? REPLAY_PART / (float)per_event : rate;
}

bool fold_derive(struct fold *f)
{
    const struct settings *s = &f->s;
    uint32_t rank_replay = s->rdim ? s->rank_replay : 0;
    if (!derive_histories(f, rank_replay))
        return false;
    step_table_init(&f->steps, s);
    f->decay = (struct step_decay){s->bias_l2, s->factor_l2};
    f->replay_rate = replay_rate(s->replay_rate, s->replay);
    f->rank_replay_rate = replay_rate(s->rank_replay_rate, s->rank_replay);
    f->feature_rate = s->feature_rate;
    f->init_scale = fold_init_scale(s->init, s->dim);
    for (uint32_t n = 0; s->rdim && n < RANK_RATES; n++)
        f->rank_rates[n] = rank_rate(s, n);
    if (s->rdim)
        f->rank_init_scale = fold_init_scale(s->rank_init, s->rdim);
    if (s->replay)
        picks_init(&f->picks, f->history, s->seed, s->replay);
    if (rank_replay)
        picks_init(&f->rank_picks, f->positives, s->seed, s->rank_replay);
    return true;
}

struct fold *fold_new(const struct settings *s, struct live *live)
{
    struct fold *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    size_t wide = ((size_t)s->dim + 8) * sizeof(float);
    size_t rank_wide = ((size_t)s->rdim + 8) * sizeof(float); // never nothing
    f->s = *s;
    f->configured = *s;
    f->live = live;
    f->simd = simd_best();
    f->marks = live_marks(live);
    f->quality = quality_new();
    f->feature_room = aligned_alloc(32, 2 * (CARD_FEATURES_MAX + 1) * wide);
    f->rank_sums = aligned_alloc(32, RANK_STEP_MAX * rank_wide);
    if (s->hidden_1)
        f->neural = neural_new();
    if (!f->quality || !f->feature_room || !f->rank_sums ||
        (s->hidden_1 && !f->neural) || !fold_derive(f)) {
        fold_free(f);
        return NULL;
    }
    return f;
}

void fold_free(struct fold *f)
{
    if (!f)
        return;
    voids_release(&f->voids);
    history_free(f->history);
    history_free(f->positives);
    free(f->feature_room);
    free(f->rank_sums);
    neural_free(f->neural);
    taste_scratch_release(&f->tastes);
    quality_free(f->quality);
    free(f);
}

/* ---- one event --------------------------------------------------------- */

static bool acceptable(const struct fold *f, const struct event *e)
{
    return e->value >= f->s.rating_min && e->value <= f->s.rating_max;
}

/* The item was met: popular, and seen by the user. */
static void remember(struct fold *f, struct table *t, uint32_t user,
                     uint32_t item, const struct event *e)
{
    if (e->type == EVENT_RATING || e->value > 0) {
        t->items.trend[item] = trend_add(t->items.trend[item],
                                         t->items.events[item] != 0,
                                         trend_time(e->time_ms,
                                                    f->s.half_life_days));
        t->items.events[item]++;
    }
    if (e->time_ms > t->totals.clock_ms)
        t->totals.clock_ms = e->time_ms;
    fold_seen_take(f, t, user, item, e);
}

/* Each feature of the item was part of one event more. */
static void count_features(struct fold *f, struct table *t, uint32_t item)
{
    const struct card *c = t->items.card[item];
    for (uint32_t i = 0; c && i < c->nfeatures; i++) {
        t->features.count[c->feature[i].row]++;
        rows_mark(f->marks.features, c->feature[i].row, ROWS_EVENT);
    }
}

static void count_rating(struct table *t, uint32_t user, uint32_t item,
                         float inner)
{
    t->users.count[user]++;
    t->items.count[item]++;
    t->totals.events++;
    t->totals.scaled_sum += (double)inner;
}

/* The event counts towards the user's share, whatever becomes of it.  False: it
 * is one too many. */
static bool may_teach(struct fold *f, struct table *t, uint32_t user,
                      const struct event *e)
{
    if (f->s.influence_cap)
        rows_mark(f->marks.users, user, ROWS_EVENT);
    if (influence_take(&t->users, user, e->time_ms, &f->s))
        return true;
    t->totals.skipped++;
    t->totals.capped++;
    return false;
}

static void fold_rating(struct fold *f, struct table *t, const struct event *e,
                        const struct look *look, uint64_t seq, float *predicted)
{
    uint32_t user, item;
    float target = distill_target(&f->s, e);
    // What is new adds nothing to the test, as when it is served.
    uint32_t nusers = t->users.n, nitems = t->items.n;
    if (!acceptable(f, e) || !fold_pair(f, t, e, look, seq, &user, &item)) {
        t->totals.skipped++;
        return;
    }
    if (!may_teach(f, t, user, e))
        return;
    if (f->history) {
        picks_seek(&f->picks, seq);
        history_expect_leaving(f->history, seq);
    }
    float mean = (float)predict_mean(t);
    float pair = rating_pair(f, t, mean, user, item);
    float test = user < nusers && item < nitems
                     ? pair
                     : predict_inner(t, user < nusers ? user : ROW_NONE,
                                     item < nitems ? item : ROW_NONE);
    float mood = session_value(&t->users, user, e->time_ms, &f->s);
    test = predict_clip(&f->s, test + mood);
    float error = target - (pair + mood);
    f->pace = pace_now(&t->totals.course, &f->s);
    if (!rating_learn(f, t, user, item, error)) {
        t->totals.skipped++;
        return;
    }
    live_touch_user(f->live, user); // from here on all of both rows
    live_touch_item(f->live, item);
    session_learn(&t->users, user, e->time_ms, error, &f->s);
    progress_add(&t->totals, test, e->value);
    guard_add(&t->totals, test, predict_clip(&f->s, mean), e->value);
    fold_report_rating(f, t, user, item, e, seq, test);
    bool positive = e->value >= f->s.positive_from;
    if (positive)
        fold_report_rank(f, t, user, item, nitems, e);
    count_rating(t, user, item, predict_to_inner(&f->s, e->value));
    remember(f, t, user, item, e);
    count_features(f, t, item);
    if (f->history) {
        history_expect_hole(f->history);
        rating_replay(f, t);
        if (!history_put(f->history, user, item, target, seq))
            t->totals.skipped++;
        picks_end(&f->picks, t);
    }
    if (f->s.rdim && positive)
        ranking_learn(f, t, user, item, 1.0f, seq);
    if (predicted)
        *predicted = test;
}

/* What a neutral one says is that the two have met. */
static void fold_behaviour(struct fold *f, struct table *t,
                           const struct event *e, const struct look *look,
                           uint64_t seq)
{
    uint32_t user, item, nitems = t->items.n;
    if (!isfinite(e->value) || !fold_pair(f, t, e, look, seq, &user, &item)) {
        t->totals.skipped++;
        return;
    }
    if (!may_teach(f, t, user, e))
        return;
    live_touch_user(f->live, user);
    live_touch_item(f->live, item);
    t->totals.behaviours++;
    if (e->value > 0)
        fold_report_rank(f, t, user, item, nitems, e);
    if (e->value != 0)
        remember(f, t, user, item, e);
    if (f->s.rdim && e->value != 0)
        ranking_learn(f, t, user, item, e->value, seq);
}

static void fold_one(struct fold *f, struct table *t, const struct event *e,
                     const struct look *look, uint64_t seq, float *predicted)
{
    if (predicted)
        *predicted = NAN;
    t->totals.seq = seq;
    if (event_teaches(e->type) && voids_cover(&f->voids, seq))
        return;
    if (e->type == EVENT_RATING)
        fold_rating(f, t, e, look, seq, predicted);
    else if (e->type == EVENT_BEHAVIOUR)
        fold_behaviour(f, t, e, look, seq);
    else
        control_event(f, t, e, seq);
}

void fold_run(struct fold *f, struct table *t, const struct event *e,
              uint32_t n, uint64_t seq, float *predicted)
{
    struct look look[LOOK_RING];
    for (uint32_t k = 0; k < n + LOOK_IDS; k++) {
        uint32_t rows = k - (LOOK_IDS - LOOK_ROWS);
        uint32_t lists = k - (LOOK_IDS - LOOK_LISTS);
        uint32_t now = k - LOOK_IDS; // all wrap round before they begin
        if (k < n)
            look_ids(&look[k % LOOK_RING], f->live, &e[k]);
        if (rows < n)
            look_rows(&look[rows % LOOK_RING], f->live, t, f->history);
        if (lists < n)
            look_lists(&look[lists % LOOK_RING], t, f->history);
        if (now >= n)
            continue;
        fold_one(f, t, &e[now], &look[now % LOOK_RING], seq + now,
                 predicted ? &predicted[now] : NULL);
        if ((seq + now) % GUARD_EVENTS == 0)
            guard_look(&t->totals, &f->s);
    }
}

void fold_event(struct fold *f, struct table *t, const struct event *e,
                uint64_t seq, float *predicted)
{
    fold_run(f, t, e, 1, seq, predicted);
}
