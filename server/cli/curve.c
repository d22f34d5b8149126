/* curve.c -- see curve.h. */
#include "server/cli/curve.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static bool fail(const struct curve *c)
{
    fprintf(stderr, "freshet evaluate: %s: %s\n", c->path, strerror(errno));
    return false;
}

static void put_header(FILE *to, const char *before)
{
    static const char *const names[] = {
        "rmse", "rmse_mean", "mae", "mae_mean", "hr10", "hr10_popularity",
        "ndcg10", "ndcg10_popularity"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        fprintf(to, ",%s%s", before, names[i]);
}

bool curve_open(struct curve *c, const char *path)
{
    *c = (struct curve){.path = path};
    if (!path)
        return true;
    errno = 0;
    c->to = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
    if (!c->to)
        return fail(c);
    fputs("events", c->to);
    put_header(c->to, "");
    put_header(c->to, "window_");
    fputc('\n', c->to);
    return true;
}

/* Where point p ends: the last one at n, whatever n is. */
static size_t end_of(size_t p, size_t n)
{
    return (size_t)((double)n * (double)p / CURVE_POINTS);
}

size_t curve_next(const struct curve *c, size_t from, size_t n)
{
    if (!c->to)
        return n;
    size_t p = c->points + 1;
    while (p < CURVE_POINTS && end_of(p, n) <= from)
        p++;
    return p < CURVE_POINTS ? end_of(p, n) : n;
}

static void put(FILE *to, double v)
{
    if (isnan(v))
        fputc(',', to);
    else
        fprintf(to, ",%.6f", v);
}

static void put_sums(FILE *to, const struct quality_sums *s)
{
    struct quality_numbers e = quality_errors_of(&s->all);
    struct quality_top m = quality_top_of(&s->ranks.model, s->ranks.n);
    struct quality_top p = quality_top_of(&s->ranks.popular, s->ranks.n);
    put(to, e.rmse);
    put(to, e.rmse_mean);
    put(to, e.mae);
    put(to, e.mae_mean);
    put(to, m.hr10);
    put(to, p.hr10);
    put(to, m.ndcg10);
    put(to, p.ndcg10);
}

void curve_reach(struct curve *c, size_t at, size_t n, struct quality *q)
{
    struct quality_sums now, recent;
    if (!c->to || at < end_of(c->points + 1, n))
        return;
    while (c->points < CURVE_POINTS && end_of(c->points + 1, n) <= at)
        c->points++;
    quality_read_sums(q, &now, &recent);
    struct quality_sums window = now;
    quality_take(&window, &c->before);
    fprintf(c->to, "%zu", at);
    put_sums(c->to, &now);
    put_sums(c->to, &window);
    fputc('\n', c->to);
    c->before = now;
}

bool curve_close(struct curve *c)
{
    if (!c->to)
        return true;
    errno = 0;
    bool ok = fflush(c->to) == 0 && !ferror(c->to);
    if (c->to != stdout)
        ok = fclose(c->to) == 0 && ok;
    c->to = NULL;
    return ok || fail(c);
}
