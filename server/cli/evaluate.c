/* evaluate.c -- `freshet evaluate`: test-then-train over a file, in process.
 *
 * The model is the daemon's, the fold is the daemon's; only the journal and the
 * threads are missing.  A daemon that is fed the same ratings in the same order
 * ends with the same model_hash.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "model/core/ids.h"
#include "model/model.h"
#include "model/rank/popular.h"
#include "model/rank/predict.h"
#include "proto/setup.h"
#include "server/app.h"
#include "server/cli/arguments.h"
#include "server/cli/command.h"
#include "server/cli/item_names.h"
#include "server/cli/progress_bar.h"
#include "server/cli/ratings_set.h"
#include "server/cli/usage.h"
#include "server/fold_settings.h"

#define PUBLISH_EVERY 4096   /* events; the fold does not depend on it */
#define TOP_N         5

struct evaluation {
    const char *file, *items;
    bool json, by_time;
    struct settings settings;
    struct ratings_set ratings;
    struct item_names names;
    struct model *model;
    /* what came out */
    struct error_sums all, last_half, mean_only;
    uint64_t skipped;
    double seconds;
    uint64_t hash;
};

static void add(struct error_sums *s, double error)
{
    s->n++;
    s->squared += error * error;
    s->absolute += fabs(error);
}

static double rmse(const struct error_sums *s)
{
    return s->n ? sqrt(s->squared / (double)s->n) : (double)NAN;
}

static double mae(const struct error_sums *s)
{
    return s->n ? s->absolute / (double)s->n : (double)NAN;
}

/* The whole file through the fold.  Only folding is timed. */
static void learn(struct evaluation *e)
{
    struct progress_bar bar;
    float predicted[PUBLISH_EVERY];
    size_t n = e->ratings.n;
    double sum = 0;
    progress_bar_start(&bar, "learning", n);
    for (size_t from = 0; from < n; from += PUBLISH_EVERY) {
        size_t to = from + PUBLISH_EVERY < n ? from + PUBLISH_EVERY : n;
        int64_t start = app_now_ns();
        model_begin(e->model);
        for (size_t i = from; i < to; i++) {
            struct rating r = ratings_set_get(&e->ratings, i);
            struct event ev = {EVENT_RATING, r.user, r.item, r.value,
                               r.time_ms == TIME_UNSET ? 0 : r.time_ms};
            model_fold(e->model, &ev, i + 1, &predicted[i - from]);
        }
        model_publish(e->model);
        e->seconds += (double)(app_now_ns() - start) * 1e-9;
        for (size_t i = from; i < to; i++) {
            double value = (double)e->ratings.at[i].value;
            double error = (double)predicted[i - from] - value;
            double mean = i ? sum / (double)i
                            : 0.5 * ((double)e->settings.rating_min +
                                     (double)e->settings.rating_max);
            sum += value;
            if (isnan(error)) {
                e->skipped++;
                continue;
            }
            add(&e->all, error);
            add(&e->mean_only, mean - value);
            if (i >= n / 2)
                add(&e->last_half, error);
        }
        progress_bar_show(&bar, to);
    }
    if (bar.drawn && bar.terminal)
        fputs("\r\033[K", stderr);
    e->hash = model_hash(e->model);
}

/* ---- the report -------------------------------------------------------- */

static void print_json(const struct evaluation *e, const struct table *t)
{
    struct buf b = {0};
    buf_printf(&b, "{\"events\":%zu,\"users\":%u,\"items\":%u,"
               "\"skipped\":%llu,\"rmse\":%.6f,\"rmse_last_half\":%.6f,"
               "\"mae\":%.6f,\"rmse_mean\":%.6f,\"events_per_second\":%.0f,"
               "\"model_hash\":\"%016llx\",\"settings\":{\"seed\":%llu,"
               "\"rating_dim\":%u,\"replay\":%u,\"rating_min\":%g,"
               "\"rating_max\":%g}",
               e->ratings.n, t->users.n, t->items.n,
               (unsigned long long)e->skipped, rmse(&e->all),
               rmse(&e->last_half), mae(&e->all), rmse(&e->mean_only),
               (double)e->ratings.n / e->seconds,
               (unsigned long long)e->hash,
               (unsigned long long)e->settings.seed, e->settings.dim,
               e->settings.replay, (double)e->settings.rating_min,
               (double)e->settings.rating_max);
    if (e->items)
        buf_printf(&b, ",\"items_named\":%zu", e->names.n);
    buf_puts(&b, "}\n");
    fwrite(b.p, 1, b.len, stdout);
    buf_release(&b);
}

static uint32_t count_unnamed(const struct evaluation *e,
                              const struct table *t)
{
    const struct ids *ids = live_item_ids(model_live(e->model));
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->items.n; i++)
        n += item_names_find(&e->names, ids_name(ids, i)) == NULL;
    return n;
}

/* What it learned to be popular, by name. */
static void print_items(const struct evaluation *e, const struct table *t)
{
    const struct ids *ids = live_item_ids(model_live(e->model));
    struct popular_scratch scratch = {0};
    struct scored top[TOP_N];
    uint32_t found = 0;
    printf("items named     %zu; %u rated ones are not\n", e->names.n,
           count_unnamed(e, t));
    if (popular_top(t, ids, e->settings.half_life_days, ROW_NONE, 0, 0, TOP_N,
                    &scratch, top, &found) != ERR_OK)
        return;
    printf("popular now     ");
    for (uint32_t i = 0; i < found; i++) {
        struct id id = ids_name(ids, top[i].row);
        const char *title = item_names_find(&e->names, id);
        printf("%s%.*s (%u ratings, predicted for a new user %.2f)\n",
               i ? "                " : "", title ? 60 : (int)id.len,
               title ? title : id.s, t->items.count[top[i].row],
               (double)predict_rating(t, &e->settings, ROW_NONE, top[i].row));
    }
    popular_scratch_release(&scratch);
}

static void print_report(const struct evaluation *e, const struct table *t)
{
    printf("%s: %zu ratings of %u items by %u users, %s\n\n", e->file,
           e->ratings.n, t->items.n, t->users.n,
           e->by_time ? "in time order" : "in the order of the file");
    printf("RMSE            %.4f   each rating predicted before it is "
           "learned\n", rmse(&e->all));
    printf("RMSE, last half %.4f\n", rmse(&e->last_half));
    printf("MAE             %.4f\n", mae(&e->all));
    printf("RMSE of a mean  %.4f   for comparison: always the mean so far\n",
           rmse(&e->mean_only));
    if (e->skipped)
        printf("skipped         %llu ratings (a table is full, or a step was "
               "not finite)\n", (unsigned long long)e->skipped);
    printf("learning        %.0f ratings/s on one core (K=%u, replay %u; "
           "reading not counted)\n", (double)e->ratings.n / e->seconds,
           e->settings.dim, e->settings.replay);
    printf("model_hash      %016llx\n", (unsigned long long)e->hash);
    if (e->items)
        print_items(e, t);
}

/* ---- the command ------------------------------------------------------- */

static int load(struct evaluation *e, const struct config *cfg)
{
    struct proto_limits limits = {
        .json_depth = (uint32_t)cfg->limits_json_depth,
        .array_elements = (uint32_t)cfg->limits_array_elements,
        .json_values = (uint32_t)cfg->limits_json_values,
        .rating_min = e->settings.rating_min,
        .rating_max = e->settings.rating_max,
        .now_ms = app_now_ms(),
        .future_ms = cfg->limits_future_seconds * 1000};
    char error[512];
    bool ok = ratings_set_load(&e->ratings, e->file, &limits, 0, error) &&
              (!e->items || item_names_load(&e->names, e->items, error));
    if (!ok) {
        fprintf(stderr, "freshet evaluate: %s\n", error);
        return EX_DATAERR;
    }
    if (e->by_time)
        ratings_set_sort(&e->ratings);
    if (model_new(&e->settings, 1, &e->model) != ERR_OK) {
        fprintf(stderr, "freshet evaluate: no memory for the model\n");
        return EX_OSERR;
    }
    return 0;
}

static int run(struct evaluation *e, const struct config *cfg)
{
    int status = load(e, cfg);
    if (status == 0) {
        learn(e);
        const struct table *t = live_pin(model_live(e->model), 0);
        if (e->json)
            print_json(e, t);
        else
            print_report(e, t);
        live_unpin(model_live(e->model), 0);
    }
    model_free(e->model);
    ratings_set_release(&e->ratings);
    item_names_release(&e->names);
    return status;
}

static bool take_word(struct evaluation *e, const char *word)
{
    const char *items = argument_value(word, "items");
    const char *order = argument_value(word, "order");
    if (strcmp(word, "--json") == 0) {
        e->json = true;
    } else if (items) {
        e->items = items;
    } else if (order) {
        return argument_order("evaluate", order, &e->by_time);
    } else if (word[0] != '-' && !e->file) {
        e->file = word;
    } else {
        usage_unknown_word("evaluate", word);
        return false;
    }
    return true;
}

int cmd_evaluate(int argc, char **argv)
{
    static struct config cfg;
    struct evaluation e = {.by_time = true};
    char error[CONFIG_ERROR_MAX];
    const char **rest = calloc((size_t)argc + 1, sizeof *rest);
    int nrest = 0, status = EX_USAGE;
    if (!rest || !config_load(&cfg, argc, argv, rest, &nrest, error)) {
        fprintf(stderr, "freshet evaluate: %s\n", rest ? error : "no memory");
        status = EX_CONFIG;
        goto out;
    }
    for (int i = 0; i < nrest; i++) {
        if (strcmp(rest[i], "--items") == 0 && i + 1 < nrest)
            e.items = rest[++i];
        else if (!take_word(&e, rest[i]))
            goto out;
    }
    if (!e.file) {
        fprintf(stderr, "freshet evaluate: which FILE? See freshet help "
                "evaluate\n");
        goto out;
    }
    proto_setup();
    e.settings = fold_settings(&cfg);
    status = run(&e, &cfg);
out:
    free(rest);
    return status;
}
