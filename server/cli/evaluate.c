/* evaluate.c -- `freshet evaluate`: test-then-train over a file, in process.
 *
 * Model, settings and fold are the daemon's; only journal and threads are
 * missing.  A daemon that is fed the same ratings in the same order ends with
 * the same model_hash.  (Unless they have no time of their own: the daemon
 * gives such a rating the time of its arrival, here it gets that of the rating
 * before it.)
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "model/core/ids.h"
#include "model/learn/quality.h"
#include "model/rank/predict.h"
#include "proto/setup.h"
#include "server/app.h"
#include "server/cli/arguments.h"
#include "server/cli/command.h"
#include "server/cli/curve.h"
#include "server/cli/evaluation.h"
#include "server/cli/progress.h"
#include "server/cli/training_words.h"
#include "server/fold_settings.h"

#define CHUNK 4096   /* events between publishes; any number folds alike */

double evaluation_rmse(const struct error_sums *s)
{
    return s->n ? sqrt(s->squared / (double)s->n) : (double)NAN;
}

double evaluation_mae(const struct error_sums *s)
{
    return s->n ? s->absolute / (double)s->n : (double)NAN;
}

static void add(struct error_sums *s, double error)
{
    s->n++;
    s->squared += error * error;
    s->absolute += fabs(error);
}

/* Events from .. to-1; event i has seq cards + i + 1.  This is what is timed. */
static void fold(struct evaluation *e, size_t from, size_t to,
                 float predicted[CHUNK])
{
    int64_t start = app_now_ns();
    model_begin(e->model);
    for (size_t i = from; i < to; i += MODEL_RUN) {
        struct event run[MODEL_RUN];
        uint32_t n = 0;
        for (; n < MODEL_RUN && i + n < to; n++)
            run[n] = ratings_set_event(&e->ratings, i + n);
        model_fold_run(e->model, run, n, e->cards.n + i + 1,
                       &predicted[i - from]);
    }
    model_publish(e->model);
    e->seconds += (double)(app_now_ns() - start) * 1e-9;
}

static void score(struct evaluation *e, size_t from, size_t to,
                  const float predicted[CHUNK])
{
    for (size_t i = from; i < to; i++) {
        double value = (double)e->ratings.at[i].value;
        if (isnan(value))
            continue; // a teacher's word alone
        double error = (double)predicted[i - from] - value;
        if (isnan(error)) {
            e->skipped++;
            continue;
        }
        add(&e->all, error);
        if (i >= e->ratings.n / 2)
            add(&e->last_half, error);
    }
}

/* Learns all ratings, and writes a line of the curve now and then. */
static bool learn(struct evaluation *e, struct curve *curve)
{
    float predicted[CHUNK];
    struct progress bar;
    size_t n = e->ratings.n;
    card_set_fold(&e->cards, e->model, 0);
    progress_start(&bar, "learning", false);
    for (size_t from = 0, to; from < n; from = to) {
        to = curve_next(curve, from, n);
        to = to - from > CHUNK ? from + CHUNK : to;
        fold(e, from, to, predicted);
        score(e, from, to, predicted);
        curve_reach(curve, to, n, model_quality(e->model));
        progress_show(&bar, to, (double)to / (double)n);
    }
    progress_clear(&bar);
    struct quality *q = model_quality(e->model);
    struct quality_sums recent;
    quality_read_sums(q, &e->sums, &recent);
    e->seconds -= (double)quality_ranking_ns(q) * 1e-9;
    e->hash = model_hash(e->model);
    return curve_close(curve);
}

/* Epochs over all of it: the event behind the last one. */
static void train(struct evaluation *e)
{
    unsigned char payload[TRAINING_BYTES];
    struct event event = {.type = EVENT_TRAIN, .payload = payload,
                          .payload_bytes = sizeof payload};
    int64_t start = app_now_ns();
    if (!e->trains)
        return;
    training_encode(&e->training, payload);
    model_begin(e->model);
    model_fold(e->model, &event, e->cards.n + e->ratings.n + 1, NULL);
    model_publish(e->model);
    e->train_seconds = (double)(app_now_ns() - start) * 1e-9;
    e->hash = model_hash(e->model);
}

/* The finished model, which learns nothing from these. */
static void score_holdout(struct evaluation *e)
{
    struct live *live = model_live(e->model);
    const struct table *t = live_pin(live, 0);
    for (size_t i = 0; i < e->held.n; i++) {
        struct rating r = ratings_set_get(&e->held, i);
        uint32_t user = ids_find(live_user_ids(live), r.user, t->users.n);
        uint32_t item = ids_find(live_item_ids(live), r.item, t->items.n);
        float p = predict_rating(t, &e->settings, user, item,
                                 e->held.at[i].time_ms);
        add(&e->unseen, (double)p - (double)r.value);
        e->unseen_cold += user == ROW_NONE || item == ROW_NONE;
    }
    live_unpin(live, 0);
}

static int load(struct evaluation *e)
{
    const struct config *cfg = e->cfg;
    struct proto_limits limits = {
        .json_depth = (uint32_t)cfg->limits_json_depth,
        .array_elements = (uint32_t)cfg->limits_array_elements,
        .json_values = (uint32_t)cfg->limits_json_values,
        .rating_min = e->settings.rating_min,
        .rating_max = e->settings.rating_max,
        .now_ms = app_now_ms(),
        .future_ms = cfg->limits_future_seconds * 1000};
    char error[512];
    if (!ratings_set_load(&e->ratings, e->file, &limits, 0, error) ||
        (e->holdout &&
         !ratings_set_load(&e->held, e->holdout, &limits, 0, error)) ||
        (e->users && !card_set_load(&e->cards, e->users, CARD_OF_USER, cfg,
                                    error)) ||
        (e->items && !card_set_load(&e->cards, e->items, CARD_OF_ITEM, cfg,
                                    error)) ||
        (e->items && !item_names_load(&e->names, e->items, error))) {
        fprintf(stderr, "freshet evaluate: %s\n", error);
        return EX_DATAERR;
    }
    if (e->by_time)
        ratings_set_sort(&e->ratings);
    enum err err = model_new(&e->settings, 1, &e->model);
    if (err == ERR_OK)
        return 0;
    fprintf(stderr, "freshet evaluate: %s\n", err == ERR_RANGE
                ? "these options do not make a model"
                : "no memory or address space for the model (model.max_users, "
                  "model.max_items)");
    return err == ERR_RANGE ? EX_CONFIG : EX_OSERR;
}

static int run(struct evaluation *e, bool json, bool hash)
{
    int status = load(e);
    if (status)
        return status;
    struct curve curve;
    if (!curve_open(&curve, e->curve))
        return EX_CANTCREAT;
    quality_sample(model_quality(e->model), e->rank_every, false);
    if (!learn(e, &curve))
        return EX_CANTCREAT;
    train(e);
    score_holdout(e);
    if (e->settings.rdim)
        evaluation_rank_holdout(e);
    if (e->curve && strcmp(e->curve, "-") == 0)
        return 0; // the curve is what was asked for
    if (hash)
        printf("%016llx\n", (unsigned long long)e->hash);
    else if (json)
        evaluation_print_json(e);
    else
        evaluation_print_report(e);
    return 0;
}

int cmd_evaluate(int argc, char **argv)
{
    static struct config cfg;
    struct evaluation e = {.cfg = &cfg};
    struct training_words words = {0};
    bool json = false, hash = false;
    int order = 0;
    double rank_every = 1;
    const struct argument list[] = {
        {"items", ARGUMENT_TEXT, &e.items, 0, 0, NULL},
        {"users", ARGUMENT_TEXT, &e.users, 0, 0, NULL},
        {"holdout", ARGUMENT_TEXT, &e.holdout, 0, 0, NULL},
        {"curve", ARGUMENT_TEXT, &e.curve, 0, 0, NULL},
        {"rank-every", ARGUMENT_NUMBER, &rank_every, 0, 1e9, NULL},
        TRAINING_ARGUMENTS(&words),
        {"order", ARGUMENT_CHOICE, &order, 0, 0, "time|file"},
        {"json", ARGUMENT_FLAG, &json, 0, 0, NULL},
        {"hash", ARGUMENT_FLAG, &hash, 0, 0, NULL}};
    int status = arguments_load("evaluate", list, ARGUMENTS_N(list), argc,
                                argv, &cfg, &e.file);
    if (status)
        return status;
    if (!e.file) {
        fprintf(stderr, "freshet evaluate: which FILE? See freshet help "
                "evaluate\n");
        return EX_USAGE;
    }
    proto_setup();
    status = training_words_take("evaluate", &words, &e.training, &e.trains);
    if (status)
        return status;
    e.by_time = order == 0;
    e.rank_every = (uint32_t)rank_every;
    e.settings = fold_settings(&cfg);
    status = run(&e, json, hash);
    model_free(e.model);
    ratings_set_release(&e.ratings);
    ratings_set_release(&e.held);
    item_names_release(&e.names);
    card_set_release(&e.cards);
    return status;
}
