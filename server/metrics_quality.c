/* metrics_quality.c -- see metrics_quality.h. */
#include "server/metrics_quality.h"

#include <math.h>

#include "model/learn/quality.h"

static void family(struct buf *out, const char *name, const char *type,
                   const char *help)
{
    buf_printf(out, "# HELP freshet_%s %s\n# TYPE freshet_%s %s\n", name, help,
               name, type);
}

/* Each of the model's beside that of its baseline. */
static void write_sums(struct buf *out, const char *window,
                    const struct quality_sums *s)
{
    struct quality_numbers e = quality_errors_of(&s->all);
    struct quality_top m = quality_top_of(&s->ranks.model, s->ranks.n);
    struct quality_top p = quality_top_of(&s->ranks.popular, s->ranks.n);
    const struct {
        const char *name, *of;
        double value;
    } row[] = {{"rmse", "model", e.rmse},   {"rmse", "mean", e.rmse_mean},
               {"mae", "model", e.mae},     {"mae", "mean", e.mae_mean},
               {"hr10", "model", m.hr10},   {"hr10", "popularity", p.hr10},
               {"ndcg10", "model", m.ndcg10},
               {"ndcg10", "popularity", p.ndcg10}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        if (!isnan(row[i].value))
            buf_printf(out, "freshet_quality{measure=\"%s\",of=\"%s\","
                       "over=\"%s\"} %.9g\n", row[i].name, row[i].of, window,
                       row[i].value);
}

void metrics_quality_write(struct quality *q, struct buf *out)
{
    struct quality_sums all, recent;
    quality_read_sums(q, &all, &recent);
    if (!quality_is_empty(&all))
        family(out, "quality", "gauge", "Errors and ranks of events before "
               "they were learned, of the model and of its baseline");
    write_sums(out, "all", &all);
    write_sums(out, "recent", &recent);
    family(out, "rank_samples_total", "counter",
           "Events at which all items were ranked");
    buf_printf(out, "freshet_rank_samples_total %llu\n",
               (unsigned long long)all.ranks.n);
    family(out, "ranking_seconds_total", "counter",
           "Time the trainer spent on ranking them");
    buf_printf(out, "freshet_ranking_seconds_total %.9g\n",
               (double)quality_ranking_ns(q) * 1e-9);
}
