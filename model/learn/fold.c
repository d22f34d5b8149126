/* fold.c -- see fold.h. */
#include <math.h>
#include <stdlib.h>

#include "model/core/hash.h"
#include "model/core/ids.h"
#include "model/core/random.h"
#include "model/learn/control.h"
#include "model/learn/look.h"
#include "model/learn/progress.h"
#include "model/learn/seen.h"
#include "model/learn/session.h"
#include "model/learn/trend.h"
#include "model/rank/predict.h"

#define REPLAY_PART 0.6f    /* replay steps of one event together, as a part of
                               a fresh step: measured best for k = 2..16 */

bool fold_derive(struct fold *f)
{
    const struct settings *s = &f->s;
    if (s->replay && !f->history)
        f->history = history_new(s->history, s->seed);
    if (s->replay && (!f->history || !history_resize(f->history, s->history)))
        return false;
    if (!s->replay) { // what is not replayed is not kept
        history_free(f->history);
        f->history = NULL;
    }
    step_table_init(&f->steps, s);
    f->decay = (struct step_decay){s->bias_l2, s->factor_l2};
    f->replay_rate = s->replay_rate;
    if (s->replay && !(s->replay_rate > 0))
        f->replay_rate = REPLAY_PART / (float)s->replay;
    // four 16-bit uniforms: their sum has standard deviation 65536 / sqrt(3)
    f->init_scale = s->init / sqrtf((float)s->dim) / 37837.227f;
    if (s->replay)
        picks_init(&f->picks, f->history, s->seed, s->replay);
    return true;
}

struct fold *fold_new(const struct settings *s, struct live *live)
{
    struct fold *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->s = *s;
    f->live = live;
    f->quality = quality_new();
    if (!f->quality || !fold_derive(f)) {
        fold_free(f);
        return NULL;
    }
    return f;
}

void fold_free(struct fold *f)
{
    if (!f)
        return;
    history_free(f->history);
    quality_free(f->quality);
    free(f);
}

struct history *fold_history(const struct fold *f)
{
    return f->history;
}

struct quality *fold_quality(const struct fold *f)
{
    return f->quality;
}

uint64_t fold_seen_hash(const struct fold *f)
{
    return f->seen_hash;
}

uint64_t fold_seen_bytes(const struct fold *f)
{
    return f->seen_bytes;
}

/* ---- rows -------------------------------------------------------------- */

static void first_vector(const struct fold *f, float *v,
                         enum random_kind kind, uint64_t key)
{
    for (uint32_t d = 0; d < f->s.dim; d++) {
        uint64_t r = random_u64(f->s.seed, kind, key, d);
        int32_t sum = (int32_t)((r & 0xffff) + (r >> 16 & 0xffff) +
                                (r >> 32 & 0xffff) + (r >> 48));
        v[d] = (float)(sum - 131070) * f->init_scale;
    }
}

/* Is id known, or is there a row left for it?  Looked at before anything is
 * added: an event that is skipped leaves no half of a pair behind. */
static bool has_room(const struct ids *ids, struct id id, uint32_t n,
                     uint32_t max)
{
    return n < max || ids_find(ids, id, n) != ROW_NONE;
}

/* The rows of an event's user and item, made when they are new.  False: a table
 * is full. */
static bool resolve(struct fold *f, struct table *t, const struct event *e,
                    const struct look *look, uint64_t seq, uint32_t *user,
                    uint32_t *item)
{
    bool added;
    struct ids *users = live_user_ids_mutable(f->live);
    struct ids *items = live_item_ids_mutable(f->live);
    if (!has_room(users, e->user, t->users.n, f->s.max_users) ||
        !has_room(items, e->item, t->items.n, f->s.max_items))
        return false;
    *user = ids_add_hashed(users, e->user, look->user_hash, seq, &added);
    if (*user == ROW_NONE)
        return false;
    if (added) {
        first_vector(f, &t->users.vec[(size_t)*user * t->dim],
                     RANDOM_INIT_USER, ids_key(users, *user));
        live_touch_user(f->live, *user);
        t->users.n = *user + 1;
    }
    *item = ids_add_hashed(items, e->item, look->item_hash, seq, &added);
    if (*item == ROW_NONE)
        return false;
    if (added) {
        first_vector(f, &t->items.vec[(size_t)*item * t->dim],
                     RANDOM_INIT_ITEM, ids_key(items, *item));
        live_touch_item(f->live, *item);
        t->items.n = *item + 1;
    }
    return true;
}

/* ---- steps ------------------------------------------------------------- */

/* Learns the error e; false when the result would not be finite. */
static bool step(struct fold *f, struct table *t, uint32_t user, uint32_t item,
                 float e, const struct step_rates *r)
{
    if (!step_pair(t, user, item, e, r, &f->decay, &f->room))
        return false;
    live_touch_step(f->live, user, item);
    return true;
}

static bool fresh_step(struct fold *f, struct table *t, uint32_t user,
                       uint32_t item, float e)
{
    struct step_sizes u = step_table_get(&f->steps, t->users.count[user]);
    struct step_sizes i = step_table_get(&f->steps, t->items.count[item]);
    struct step_rates r = {u.bias, i.bias, u.factor, i.factor};
    return step(f, t, user, item, e, &r);
}

static void replay_step(struct fold *f, struct table *t, float mean,
                        const struct history_entry *h)
{
    struct step_sizes u = step_table_get(&f->steps, t->users.count[h->user]);
    struct step_sizes i = step_table_get(&f->steps, t->items.count[h->item]);
    float bias = f->replay_rate * f->s.bias_rate;
    struct step_rates r = {bias, bias, f->replay_rate * u.factor,
                           f->replay_rate * i.factor};
    float e = h->inner - predict_pair(t, mean, h->user, h->item);
    if (!step(f, t, h->user, h->item, e, &r))
        t->totals.skipped++;
}

static void replay(struct fold *f, struct table *t)
{
    float mean = (float)predict_mean(t);
    if (history_count(f->history) == 0)
        return;
    for (uint32_t j = 0; j < f->s.replay; j++)
        replay_step(f, t, mean, picks_next(&f->picks, t));
}

/* ---- one event --------------------------------------------------------- */

static bool acceptable(const struct fold *f, const struct event *e)
{
    return e->value >= f->s.rating_min && e->value <= f->s.rating_max;
}

/* For the reports, before the event counts: how it was predicted. */
static void report(struct fold *f, const struct table *t, uint32_t user,
                   uint32_t item, const struct event *e, uint64_t seq,
                   float test)
{
    struct quality_rating r = {
        .seq = seq, .time_ms = e->time_ms, .rating = e->value,
        .predicted = test,
        .baseline = predict_clip(&f->s, (float)predict_mean(t)),
        .user_count = t->users.count[user],
        .item_count = t->items.count[item]};
    quality_rated(f->quality, &r);
}

/* What is remembered besides biases and factors. */
static void remember(struct fold *f, struct table *t, uint32_t user,
                     uint32_t item, const struct event *e, float inner)
{
    uint32_t before = t->users.nseen[user];
    t->items.trend[item] = trend_add(t->items.trend[item],
                                     t->items.count[item] != 0,
                                     trend_time(e->time_ms,
                                                f->s.half_life_days));
    t->users.count[user]++;
    t->items.count[item]++;
    t->totals.events++;
    t->totals.scaled_sum += (double)inner;
    if (e->time_ms > t->totals.clock_ms)
        t->totals.clock_ms = e->time_ms;
    if (!seen_add(&t->users, user, item, f->s.max_seen, live_reclaim(f->live),
                  &f->seen_bytes))
        t->totals.skipped++;
    if (t->users.nseen[user] != before) {
        uint64_t h = hash_start(HASH_SEEN,
                                ids_key(live_user_ids(f->live), user));
        f->seen_hash += hash_word(h, ids_key(live_item_ids(f->live), item));
    }
}

static void fold_one(struct fold *f, struct table *t, const struct event *e,
                     const struct look *look, uint64_t seq, float *predicted)
{
    if (e->type != EVENT_RATING) {
        if (predicted)
            *predicted = NAN;
        control_event(f, t, e, seq);
        return;
    }
    uint32_t user, item;
    float inner = predict_to_inner(&f->s, e->value);
    // What is new adds nothing to the test, as when it is served.
    uint32_t nusers = t->users.n, nitems = t->items.n;
    t->totals.seq = seq;
    if (predicted)
        *predicted = NAN;
    if (!acceptable(f, e) || !resolve(f, t, e, look, seq, &user, &item)) {
        t->totals.skipped++;
        return;
    }
    if (f->history) {
        picks_seek(&f->picks, seq);
        history_expect_leaving(f->history, seq);
    }
    float pair = predict_pair(t, (float)predict_mean(t), user, item);
    float test = user < nusers && item < nitems
                     ? pair
                     : predict_inner(t, user < nusers ? user : ROW_NONE,
                                     item < nitems ? item : ROW_NONE);
    float mood = session_value(&t->users, user, e->time_ms, &f->s);
    test = predict_clip(&f->s, test + mood);
    float error = inner - (pair + mood);
    if (!fresh_step(f, t, user, item, error)) {
        t->totals.skipped++;
        return;
    }
    live_touch_user(f->live, user); // from here on all of both rows
    live_touch_item(f->live, item);
    session_learn(&t->users, user, e->time_ms, error, &f->s);
    progress_add(&t->totals, test, e->value);
    report(f, t, user, item, e, seq, test);
    remember(f, t, user, item, e, inner);
    if (f->history) {
        history_expect_hole(f->history);
        replay(f, t);
        if (!history_put(f->history, user, item, inner, seq))
            t->totals.skipped++;
        picks_end(&f->picks, t);
    }
    if (predicted)
        *predicted = test;
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
        if (now < n)
            fold_one(f, t, &e[now], &look[now % LOOK_RING], seq + now,
                     predicted ? &predicted[now] : NULL);
    }
}

void fold_event(struct fold *f, struct table *t, const struct event *e,
                uint64_t seq, float *predicted)
{
    fold_run(f, t, e, 1, seq, predicted);
}
