/* evaluation.c -- GET /v1/evaluation: what the model reports of itself
 * (learn/quality.h), as a document.
 */
#include "proto/evaluation.h"

#include <stdlib.h>
#include <string.h>

#include "model/learn/quality.h"
#include "server/api/api.h"
#include "server/http/query.h"

#define POINTS     120     /* of each series, unless asked for otherwise */
#define POINTS_MAX QUALITY_MINUTES
#define MINUTE_MS  60000

static struct evaluation_errors errors_of(const struct quality_errors *e)
{
    struct quality_numbers n = quality_errors_of(e);
    return (struct evaluation_errors){e->n, n.rmse, n.rmse_mean, n.mae,
                                      n.mae_mean};
}

static struct evaluation_places places_of(const struct quality_places *p,
                                          uint64_t n)
{
    struct quality_top top = quality_top_of(p, n);
    return (struct evaluation_places){top.hr10, top.ndcg10, top.precision10,
                                      top.mrr};
}

static struct evaluation_numbers numbers_of(const struct quality_sums *s)
{
    return (struct evaluation_numbers){
        .all = errors_of(&s->all),
        .cold_items = errors_of(&s->cold_items),
        .cold_users = errors_of(&s->cold_users),
        .rank_samples = s->ranks.n,
        .model = places_of(&s->ranks.model, s->ranks.n),
        .popularity = places_of(&s->ranks.popular, s->ranks.n)};
}

static void write_whole(struct buf *out, const char *name,
                        const struct quality_sums *s)
{
    struct evaluation_numbers n = numbers_of(s);
    evaluation_whole(out, name, &n);
}

/* Nothing happened: no point. */
static void write_point(struct buf *out, const struct evaluation_span *span,
                        const struct quality_sums *s)
{
    if (quality_is_empty(s))
        return;
    struct evaluation_numbers n = numbers_of(s);
    evaluation_point(out, span, &n);
}

/* Of the buckets in use, so many to a point that there are enough points. */
static void write_curve(struct buf *out, const struct quality_state *s,
                        uint32_t points)
{
    uint32_t used = QUALITY_CURVE;
    while (used > 0 && quality_is_empty(&s->curve[used - 1]))
        used--;
    uint32_t group = (used + points - 1) / points;
    evaluation_list(out, "curve");
    for (uint32_t i = 0; i < used; i += group) {
        struct quality_sums sum = {0};
        for (uint32_t k = i; k < i + group && k < used; k++)
            quality_add(&sum, &s->curve[k]);
        struct evaluation_span span = {"from_seq", "to_seq", i * s->width,
                                       (i + group) * s->width - 1};
        write_point(out, &span, &sum);
    }
    evaluation_list_end(out);
}

/* The day before now, in parts that begin at multiples of their length: so they
 * stay where they are when it is asked for again.  The day then begins within a
 * part, so there is one more. */
static void write_minutes(struct buf *out, const struct quality_state *s,
                          uint32_t points, int64_t now_ms)
{
    int64_t group = (QUALITY_MINUTES + points - 1) / points;
    int64_t now = now_ms / MINUTE_MS;
    int64_t oldest = now - (int64_t)QUALITY_MINUTES + 1;
    evaluation_list(out, "minutes");
    for (int64_t from = oldest / group * group; from <= now; from += group) {
        struct quality_sums sum = {0};
        for (int64_t m = from < oldest ? oldest : from;
             m < from + group && m <= now; m++) {
            const struct quality_minute *b =
                &s->minutes[quality_minute_place(m)];
            if (b->minute == m)
                quality_add(&sum, &b->sums);
        }
        struct evaluation_span span = {"time", "seconds",
                                       (uint64_t)(60 * from),
                                       (uint64_t)(60 * group)};
        write_point(out, &span, &sum);
    }
    evaluation_list_end(out);
}

static bool read_query(struct request *r, uint32_t *points, struct fail *f)
{
    struct query q = {.at = r->query ? r->query : ""};
    while (query_next(&q, f)) {
        uint64_t n;
        if (strcmp(q.name, "min_seq") == 0)
            continue; // read with the head
        if (strcmp(q.name, "points") != 0)
            return fail_set(f, FAIL_bad_query, "the parameter \"%s\" is not "
                            "known here", q.name);
        if (!query_uint(q.value, POINTS_MAX, &n) || n == 0)
            return fail_set(f, FAIL_bad_query, "points must be 1..%u",
                            POINTS_MAX);
        *points = (uint32_t)n;
    }
    return true;
}

/* The seq is read first: the reports are of that copy, or of a newer one. */
static void write_all(struct worker *w, struct quality_state *s,
                      uint32_t points)
{
    struct app *app = w->app;
    struct quality_sums recent = {0};
    struct buf *out = &w->body;
    uint64_t seq = live_seq(w->live);
    quality_read(model_quality(w->model), s);
    for (uint32_t i = 0; i < QUALITY_BLOCKS; i++)
        quality_add(&recent, &s->recent[i]);
    buf_clear(out);
    evaluation_begin(out, seq, (uint64_t)app_config(app)->evaluation_rank_every);
    write_whole(out, "overall", &s->overall);
    write_whole(out, "recent", &recent);
    write_curve(out, s, points);
    write_minutes(out, s, points, app_now_ms());
    evaluation_end(out);
}

void api_evaluation(struct request *r)
{
    uint32_t points = POINTS;
    struct fail f;
    if (!read_query(r, &points, &f)) {
        request_reply_fail(r, &f);
        return;
    }
    struct quality_state *s = malloc(sizeof *s);
    if (!s) {
        request_fail(r, FAIL_busy, NULL);
        return;
    }
    write_all(r->w, s, points);
    free(s);
    request_reply_json(r, 200, &r->w->body);
}
