/* bench_fold.c -- how fast the fold is, on one core.
 *
 *   make bench-fold
 *
 *   step    one SGD step with its prediction and its count-scaled rates, on
 *           pairs drawn at random: what the arithmetic costs
 *   event   model_fold_run() with all it does (ids, test, step, popularity,
 *           seen, replay, history), published every 256 events as the daemon
 *           does; the same events again and again
 *   first   the same from an empty model, every event once: rows, ids, lists and
 *           the history grow, as in a daemon that is fed for the first time
 *
 * "small" fits the caches (1,000 users x 1,000 items), "large" does not
 * (100,000 x 20,000).  Each row is the best of ROUNDS rounds after one that
 * warms up, in CPU time of the thread, so that other processes count for less.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/core/bytes.h"
#include "model/core/card.h"
#include "model/core/random.h"
#include "model/learn/step.h"
#include "model/learn/step_table.h"
#include "model/model.h"
#include "model/rank/predict.h"

#define ROUNDS        5
#define STEPS         2000000u
#define EVENTS        200000u
#define FIRST_ROUNDS  2
#define FIRST_EVENTS  1000000u
#define PUBLISH_EVERY 256u /* a multiple of MODEL_RUN */

struct world {
    const char *name;
    uint32_t users, items;
};
static const struct world worlds[] = {{"small", 1000, 1000},
                                      {"large", 100000, 20000}};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void die(const char *what)
{
    fprintf(stderr, "bench_fold: %s\n", what);
    exit(1);
}

/* What is folded. */
struct kind {
    uint32_t dim, replay;
    uint32_t features;       /* per item */
    uint32_t rdim;           /* 0: the rating head alone; with 8 negatives and
                                replay 4 as is the default */
    uint32_t hidden;         /* units of the neural head */
};

#define MAX_FEATURES 100u

static struct model *model_for(const struct kind *k)
{
    struct settings s = {
        .seed = 1, .dim = k->dim, .max_users = 1u << 20, .max_items = 1u << 20,
        .rating_min = 1, .rating_max = 5, .init = 0.1f, .factor_rate = 0.17f,
        .factor_half = 15, .factor_l2 = 0.015f, .bias_rate = 0.044f,
        .bias_count = 4.5f, .bias_l2 = 0.07f, .replay = k->replay,
        .hidden_1 = k->hidden, .mlp_rate = 0.0003f, .mlp_l2 = 0.01f,
        .history = 1000000, .max_seen = 10000, .half_life_days = 30,
        .max_features = MAX_FEATURES, .item_features = 1,
        .feature_rate = 0.075f, .feature_bias_rate = 0.023f,
        .rdim = k->rdim, .rank_init = 0.2f, .rank_rate = 0.22f,
        .rank_half = 140, .rank_l2 = 0.005f, .rank_feature_rate = 0.085f,
        .negatives = 8, .rank_replay = 4, .rank_replay_rate = 0.31f,
        .positives = 1000000, .positive_from = 1};
    struct model *m;
    if (model_new(&s, 1, &m) != ERR_OK)
        die("out of memory");
    return m;
}

/* Something that can be learned: noise would only test what diverges. */
static float rating_of(uint32_t user, uint32_t item)
{
    return user % 3 == item % 3 ? 4.5f : 2.5f;
}

/* ---- events ------------------------------------------------------------ */

struct events {
    char (*id)[2][8];
    struct event *e;
};

static uint32_t skewed(uint64_t r, uint32_t n)
{
    double x = (double)(r >> 11) * 0x1p-53;
    return (uint32_t)(x * x * n); // popular ones first, as in life
}

static struct events events_new(const struct world *w, uint32_t n)
{
    struct events out = {calloc(n, sizeof *out.id), calloc(n, sizeof *out.e)};
    if (!out.id || !out.e)
        die("out of memory");
    for (uint32_t k = 0; k < n; k++) {
        uint64_t r = random_u64(7, RANDOM_REPLAY, k, 0);
        uint64_t q = random_u64(7, RANDOM_REPLAY, k, 1);
        uint32_t u = random_below(r, w->users), i = skewed(q, w->items);
        char *user = out.id[k][0], *item = out.id[k][1];
        int nu = snprintf(user, 8, "%u", u), ni = snprintf(item, 8, "%u", i);
        out.e[k] = (struct event){
            .type = EVENT_RATING, .user = {user, (uint32_t)nu},
            .item = {item, (uint32_t)ni}, .value = rating_of(u, i),
            .time_ms = 1700000000000 + (int64_t)k * 1000};
    }
    return out;
}

static void events_free(struct events *x)
{
    free(x->id);
    free(x->e);
}

/* Folds the events from..n as seqs of their own. */
static double fold_all(struct model *m, const struct events *x, uint32_t n,
                       uint64_t seq)
{
    double from = now();
    for (uint32_t k = 0, run; k < n; k += run) {
        run = n - k < MODEL_RUN ? n - k : MODEL_RUN;
        if (k % PUBLISH_EVERY == 0)
            model_begin(m);
        model_fold_run(m, &x->e[k], run, seq + k, NULL);
        if ((k + run) % PUBLISH_EVERY == 0 || k + run == n)
            model_publish(m);
    }
    return now() - from;
}

/* Every item of the world gets a card; returns how many events that were. */
static uint64_t put_cards(struct model *m, const struct world *w,
                          const struct kind *kind)
{
    if (kind->features == 0)
        return 0;
    model_begin(m);
    for (uint32_t i = 0; i < w->items; i++) {
        unsigned char card[1024], one[4];
        char item[12], name[12];
        size_t n = 0;
        put_f32(one, 1.0f);
        for (uint32_t k = 0; k < kind->features; k++) {
            uint64_t r = random_u64(11, RANDOM_REPLAY, i, k);
            uint32_t each = MAX_FEATURES / kind->features; // no one twice
            int len = snprintf(name, sizeof name, "f%u",
                               k * each + random_below(r, each));
            struct card_field f = {CARD_FEATURE, name, (uint32_t)len, one, 4};
            if (!card_put(card, sizeof card, &n, &f))
                die("a card has no room");
        }
        int len = snprintf(item, sizeof item, "%u", i);
        struct event e = {.type = EVENT_ITEM_PUT, .item = {item, (uint32_t)len},
                          .payload = card, .payload_bytes = (uint32_t)n};
        model_fold(m, &e, i + 1, NULL);
    }
    model_publish(m);
    return w->items;
}

static uint64_t skipped(struct model *m)
{
    uint64_t n = live_pin(model_live(m), 0)->totals.skipped;
    live_unpin(model_live(m), 0);
    return n;
}

static void print_row(const char *what, const struct kind *k,
                      const struct world *w, double per_second)
{
    printf("%s  K=%-3u replay %-3u features %u  hidden %-2u  ranking R=%-2u %-6s "
           "%8.2f M/s\n", what, k->dim, k->replay, k->features, k->hidden,
           k->rdim, w->name, per_second / 1e6);
}

static void bench_event(const struct world *w, const struct kind *k)
{
    struct events x = events_new(w, EVENTS);
    struct model *m = model_for(k);
    uint64_t seq = 1 + put_cards(m, w, k);
    double best = INFINITY;
    for (int round = 0; round <= ROUNDS; round++) {
        double took = fold_all(m, &x, EVENTS,
                               seq + (uint64_t)round * EVENTS);
        if (round > 0 && took < best)
            best = took;
    }
    if (skipped(m))
        die("an event was skipped");
    print_row("event", k, w, EVENTS / best);
    model_free(m);
    events_free(&x);
}

static void bench_first(const struct world *w, const struct kind *k)
{
    struct events x = events_new(w, FIRST_EVENTS);
    double best = INFINITY;
    for (int round = 0; round < FIRST_ROUNDS; round++) {
        struct model *m = model_for(k);
        double took = fold_all(m, &x, FIRST_EVENTS, 1);
        if (took < best)
            best = took;
        if (skipped(m))
            die("an event was skipped");
        model_free(m);
    }
    print_row("first", k, w, FIRST_EVENTS / best);
    events_free(&x);
}

/* ---- bare steps -------------------------------------------------------- */

static double step_all(struct table *t, const struct settings *s,
                       const uint32_t *pair, struct step_table *steps)
{
    static struct step_room room;
    struct step_decay decay = {s->bias_l2, s->factor_l2};
    float mean = (float)predict_mean(t);
    memset(t->users.count, 0, t->users.n * sizeof *t->users.count);
    memset(t->items.count, 0, t->items.n * sizeof *t->items.count);
    double from = now();
    for (uint32_t k = 0; k < STEPS; k++) {
        uint32_t user = pair[2 * (k % EVENTS)];
        uint32_t item = pair[2 * (k % EVENTS) + 1];
        struct step_sizes u = step_table_get(steps, t->users.count[user]);
        struct step_sizes i = step_table_get(steps, t->items.count[item]);
        struct step_rates r = {.user_bias = u.bias, .item_bias = i.bias,
                               .user_factor = u.factor,
                               .item_factor = i.factor};
        float e = rating_of(user, item) - predict_pair(t, mean, user, item);
        if (!step_pair(t, user, item, e, &r, &decay, &room))
            die("a step was not finite");
        t->users.count[user]++;
        t->items.count[item]++;
    }
    return now() - from;
}

static void bench_step(const struct world *w, uint32_t dim)
{
    struct events x = events_new(w, EVENTS);
    struct model *m = model_for(&(struct kind){.dim = dim});
    struct step_table *steps = malloc(sizeof *steps);
    uint32_t *pair = malloc(EVENTS * 2 * sizeof *pair);
    double best = INFINITY;
    if (!steps || !pair)
        die("out of memory");
    step_table_init(steps, model_settings(m));
    fold_all(m, &x, EVENTS, 1);
    struct table *t = live_begin(model_live(m));
    for (uint32_t k = 0; k < EVENTS; k++) {
        pair[2 * k] = random_below(random_u64(9, RANDOM_REPLAY, k, 0),
                                   t->users.n);
        pair[2 * k + 1] = random_below(random_u64(9, RANDOM_REPLAY, k, 1),
                                       t->items.n);
    }
    for (int round = 0; round <= ROUNDS; round++) {
        double took = step_all(t, model_settings(m), pair, steps);
        if (round > 0 && took < best)
            best = took;
    }
    printf("step   K=%-3u            %-6s %8.2f M/s\n", dim, w->name,
           STEPS / best / 1e6);
    live_publish(model_live(m));
    free(pair);
    free(steps);
    model_free(m);
    events_free(&x);
}

int main(void)
{
    static const struct kind kinds[] = {
        {.dim = 16},
        {.dim = 16, .replay = 8},
        {.dim = 16, .replay = 8, .hidden = 16},
        {.dim = 16, .replay = 8, .features = 2},
        {.dim = 16, .replay = 8, .features = 5},
        {.dim = 16, .replay = 8, .rdim = 32},
        {.dim = 16, .replay = 8, .features = 5, .rdim = 32}};
    bench_step(&worlds[0], 16);
    bench_step(&worlds[0], 64);
    for (size_t w = 0; w < sizeof worlds / sizeof *worlds; w++)
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
            bench_event(&worlds[w], &kinds[k]);
    bench_first(&worlds[1], &kinds[1]);
    bench_first(&worlds[1], &kinds[5]);
    return 0;
}
