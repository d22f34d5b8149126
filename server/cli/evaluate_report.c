/* evaluate_report.c -- what `freshet evaluate` prints. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/ids.h"
#include "model/learn/quality.h"
#include "proto/training.h"
#include "server/cli/evaluation.h"
#include "server/cli/progress.h"

#define TOP_N       5
#define LIKED_PRIOR 20   /* ratings at the mean that an item starts with, so
                            that two fives do not beat two hundred */

/* ---- the items ---------------------------------------------------------- */

struct item_sums {
    uint32_t row, n;
    double sum, liked;       /* liked: the mean, drawn to that of all */
};

static int by_count(const void *a, const void *b)
{
    const struct item_sums *x = a, *y = b;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static int by_liked(const void *a, const void *b)
{
    const struct item_sums *x = a, *y = b;
    if (x->liked != y->liked)
        return x->liked > y->liked ? -1 : 1;
    return by_count(a, b);
}

static void print_top(const char *title, const struct evaluation *e,
                      const struct item_sums *items, uint32_t n)
{
    const struct ids *ids = live_item_ids(model_live(e->model));
    for (uint32_t i = 0; i < n && i < TOP_N; i++) {
        struct id id = ids_name(ids, items[i].row);
        const char *name = item_names_find(&e->names, id);
        bool named = name && name[0];
        printf("%-17s %5u x %.2f  %.*s\n", i ? "" : title, items[i].n,
               items[i].sum / items[i].n, named ? 48 : (int)id.len,
               named ? name : id.s);
    }
}

/* Over the ratings once more: the model keeps no plain sums. */
static double sum_items(const struct evaluation *e, const struct table *t,
                        struct item_sums *items)
{
    const struct ids *ids = live_item_ids(model_live(e->model));
    double sum = 0, rated = 0;
    for (uint32_t i = 0; i < t->items.n; i++)
        items[i].row = i;
    for (size_t i = 0; i < e->ratings.n; i++) {
        struct rating r = ratings_set_get(&e->ratings, i);
        if (r.unrated)
            continue;
        uint32_t row = ids_find(ids, r.item, t->items.n);
        sum += (double)r.value;
        rated++;
        if (row == ROW_NONE)
            continue; // skipped: the table was full
        items[row].n++;
        items[row].sum += (double)r.value;
    }
    return rated > 0 ? sum / rated : 0;
}

static void print_items(const struct evaluation *e, const struct table *t)
{
    const struct ids *ids = live_item_ids(model_live(e->model));
    uint32_t n = t->items.n, unnamed = 0;
    struct item_sums *items = calloc(n + 1u, sizeof *items);
    if (!items)
        return;
    double mean = sum_items(e, t, items);
    for (uint32_t i = 0; i < n; i++) {
        unnamed += !item_names_find(&e->names, ids_name(ids, i));
        items[i].liked = (items[i].sum + LIKED_PRIOR * mean) /
                         (items[i].n + LIKED_PRIOR);
    }
    printf("\n%-17s %zu in %s; of the items rated, %u are not among them\n",
           "items described", e->names.n, e->items, unnamed);
    qsort(items, n, sizeof *items, by_count);
    print_top("most rated", e, items, n);
    qsort(items, n, sizeof *items, by_liked);
    print_top("best liked", e, items, n);
    free(items);
}

/* ---- the report --------------------------------------------------------- */

static double per_second(const struct evaluation *e)
{
    return e->seconds > 0 ? (double)e->ratings.n / e->seconds : 0;
}

static void print_cold(const char *title, const char *of,
                       const struct quality_errors *sums)
{
    struct quality_numbers n = quality_errors_of(sums);
    if (sums->n)
        printf("%-17s %.4f %.4f  %llu ratings of %s with less than %u before "
               "(mean %.4f)\n", title, n.rmse, n.mae,
               (unsigned long long)sums->n, of, QUALITY_COLD, n.rmse_mean);
}

/* A line of the model's, a line of popularity's. */
static void print_ranks(const char *title, const char *what,
                        const struct quality_ranks *r)
{
    struct quality_top m = quality_top_of(&r->model, r->n);
    struct quality_top p = quality_top_of(&r->popular, r->n);
    if (r->n == 0)
        return;
    printf("%-17s HR@10  NDCG@10 MRR\n", title);
    printf("%-17s %.4f %.4f  %.4f  %llu %s\n", "ranking head", m.hr10, m.ndcg10,
           m.mrr, (unsigned long long)r->n, what);
    printf("%-17s %.4f %.4f  %.4f  to compare: the same items by popularity\n\n",
           "popularity", p.hr10, p.ndcg10, p.mrr);
}

static void print_ranking(const struct evaluation *e)
{
    print_ranks("all unseen items", "items looked for before they are learned",
                &e->sums.ranks);
    print_ranks("holdout", "items that were not learned", &e->found);
}

static void print_errors(const struct evaluation *e)
{
    printf("\n                   RMSE    MAE\n");
    printf("%-17s %.4f %.4f  each rating predicted before it is learned\n",
           "all ratings", evaluation_rmse(&e->all), evaluation_mae(&e->all));
    printf("%-17s %.4f %.4f\n", "the last half",
           evaluation_rmse(&e->last_half), evaluation_mae(&e->last_half));
    struct quality_numbers all = quality_errors_of(&e->sums.all);
    printf("%-17s %.4f %.4f  to compare: the mean of all ratings so far\n",
           "running mean", all.rmse_mean, all.mae_mean);
    print_cold("cold items", "items", &e->sums.cold_items);
    print_cold("cold users", "users", &e->sums.cold_users);
    putchar('\n');
    if (e->holdout)
        printf("%-17s %.4f %.4f  %s: %llu ratings that were not learned, %llu "
               "of them cold\n\n", "holdout", evaluation_rmse(&e->unseen),
               evaluation_mae(&e->unseen), e->holdout,
               (unsigned long long)e->unseen.n,
               (unsigned long long)e->unseen_cold);
}

void evaluation_print_report(const struct evaluation *e)
{
    char events[32], speed[32];
    struct live *live = model_live(e->model);
    const struct table *t = live_pin(live, 0);
    printf("%s: %s ratings by %u users of %u items, in %s\n", e->file,
           progress_count(events, e->ratings.n), t->users.n, t->items.n,
           e->by_time ? "time order" : "the order of the file");
    if (e->ratings.untimed)
        printf("%zu of them have no time and stay behind the one before "
               "them\n", e->ratings.untimed);
    print_errors(e);
    print_ranking(e);
    if (e->skipped)
        printf("%-17s %llu: no row left (model.max_users, model.max_items), or "
               "a step that was not finite\n", "not learned",
               (unsigned long long)e->skipped);
    printf("%-17s %s ratings/s on one core, without reading and ranking "
           "(K = %u, replay %u)\n", "speed",
           progress_count(speed, (uint64_t)per_second(e)), e->settings.dim,
           e->settings.replay);
    printf("%-17s %016llx\n", "model_hash", (unsigned long long)e->hash);
    if (e->trains)
        printf("%-17s %u epochs over the history in %.2f s\n", "training",
               e->training.epochs, e->train_seconds);
    if (e->items)
        print_items(e, t);
    live_unpin(live, 0);
}

/* ---- JSON --------------------------------------------------------------- */

static void put_error(struct buf *b, const char *name, double v)
{
    buf_printf(b, ",\"%s\":", name);
    if (v == v) // NAN: nothing was learned
        buf_double(b, v, 9);
    else
        buf_puts(b, "null");
}

static void put_quality(struct buf *b, const struct quality_sums *s)
{
    struct quality_numbers all = quality_errors_of(&s->all);
    struct quality_numbers items = quality_errors_of(&s->cold_items);
    struct quality_numbers users = quality_errors_of(&s->cold_users);
    put_error(b, "rmse_mean", all.rmse_mean);
    put_error(b, "mae_mean", all.mae_mean);
    put_error(b, "rmse_cold_items", items.rmse);
    put_error(b, "rmse_mean_cold_items", items.rmse_mean);
    put_error(b, "rmse_cold_users", users.rmse);
    put_error(b, "rmse_mean_cold_users", users.rmse_mean);
}

static void put_place(struct buf *b, const char *before, const char *name,
                      double v)
{
    char full[64];
    snprintf(full, sizeof full, "%s%s", before, name);
    put_error(b, full, v);
}

static void put_ranks(struct buf *b, const char *before,
                      const struct quality_ranks *r)
{
    struct quality_top m = quality_top_of(&r->model, r->n);
    struct quality_top p = quality_top_of(&r->popular, r->n);
    put_place(b, before, "hr10", m.hr10);
    put_place(b, before, "hr10_popularity", p.hr10);
    put_place(b, before, "ndcg10", m.ndcg10);
    put_place(b, before, "ndcg10_popularity", p.ndcg10);
    put_place(b, before, "precision10", m.precision10);
    put_place(b, before, "mrr", m.mrr);
    put_place(b, before, "mrr_popularity", p.mrr);
}

/* All options that the fold depends on, by their names. */
static void put_settings(struct buf *b, const struct config *cfg)
{
    size_t n;
    const struct config_option *o = config_options(&n);
    const char *comma = "";
    buf_puts(b, ",\"settings\":{");
    for (size_t i = 0; i < n; i++) {
        char value[CONFIG_STR_MAX];
        if (strcmp(o[i].section, "model") != 0 &&
            strcmp(o[i].section, "learn") != 0 &&
            strcmp(o[i].section, "items") != 0 &&
            strcmp(o[i].section, "ranking") != 0)
            continue;
        config_print(cfg, &o[i], value, sizeof value);
        buf_printf(b, "%s\"%s\":", comma, o[i].name);
        if (o[i].type == CONFIG_TYPE_INT || o[i].type == CONFIG_TYPE_REAL)
            buf_puts(b, value);
        else
            buf_json_string(b, value, strlen(value));
        comma = ",";
    }
    buf_putc(b, '}');
}

void evaluation_print_json(const struct evaluation *e)
{
    struct buf b = {0};
    struct live *live = model_live(e->model);
    const struct table *t = live_pin(live, 0);
    buf_printf(&b, "{\"events\":%zu,\"users\":%u,\"items\":%u,"
               "\"skipped\":%llu", e->ratings.n, t->users.n, t->items.n,
               (unsigned long long)e->skipped);
    live_unpin(live, 0);
    put_error(&b, "rmse", evaluation_rmse(&e->all));
    put_error(&b, "rmse_last_half", evaluation_rmse(&e->last_half));
    put_error(&b, "mae", evaluation_mae(&e->all));
    put_quality(&b, &e->sums);
    buf_printf(&b, ",\"rank_every\":%u,\"rank_samples\":%llu", e->rank_every,
               (unsigned long long)e->sums.ranks.n);
    put_ranks(&b, "", &e->sums.ranks);
    if (e->holdout) {
        put_error(&b, "holdout_rmse", evaluation_rmse(&e->unseen));
        put_error(&b, "holdout_mae", evaluation_mae(&e->unseen));
        buf_printf(&b, ",\"holdout_events\":%llu,\"holdout_cold\":%llu",
                   (unsigned long long)e->unseen.n,
                   (unsigned long long)e->unseen_cold);
        buf_printf(&b, ",\"holdout_rank_samples\":%llu",
                   (unsigned long long)e->found.n);
        put_ranks(&b, "holdout_", &e->found);
    }
    put_error(&b, "events_per_second", per_second(e));
    if (e->trains) {
        buf_printf(&b, ",\"train_seconds\":%.6f,\"training\":",
                   e->train_seconds);
        training_write(&b, &e->training);
    }
    buf_printf(&b, ",\"model_hash\":\"%016llx\",\"order\":\"%s\"",
               (unsigned long long)e->hash, e->by_time ? "time" : "file");
    put_settings(&b, e->cfg);
    buf_puts(&b, "}\n");
    fwrite(b.p, 1, b.len, stdout);
    buf_release(&b);
}
