/* quality_sums.c -- see quality_sums.h. */
#include "model/learn/quality_sums.h"

#include <math.h>

/* ---- adding up ---------------------------------------------------------- */

static void add_places(struct quality_places *to,
                       const struct quality_places *a)
{
    to->hits += a->hits;
    to->ndcg += a->ndcg;
    to->reciprocal += a->reciprocal;
}

static void add_ranks(struct quality_ranks *to, const struct quality_ranks *a)
{
    to->n += a->n;
    add_places(&to->model, &a->model);
    add_places(&to->popular, &a->popular);
}

void quality_add(struct quality_sums *to, const struct quality_sums *a)
{
    quality_add_errors(&to->all, &a->all);
    quality_add_errors(&to->cold_items, &a->cold_items);
    quality_add_errors(&to->cold_users, &a->cold_users);
    add_ranks(&to->ranks, &a->ranks);
}

static void take_errors(struct quality_errors *from,
                        const struct quality_errors *a)
{
    from->n -= a->n;
    from->squared -= a->squared;
    from->absolute -= a->absolute;
    from->mean_squared -= a->mean_squared;
    from->mean_absolute -= a->mean_absolute;
}

static void take_places(struct quality_places *from,
                        const struct quality_places *a)
{
    from->hits -= a->hits;
    from->ndcg -= a->ndcg;
    from->reciprocal -= a->reciprocal;
}

void quality_take(struct quality_sums *from, const struct quality_sums *a)
{
    take_errors(&from->all, &a->all);
    take_errors(&from->cold_items, &a->cold_items);
    take_errors(&from->cold_users, &a->cold_users);
    from->ranks.n -= a->ranks.n;
    take_places(&from->ranks.model, &a->ranks.model);
    take_places(&from->ranks.popular, &a->ranks.popular);
}

/* ---- one event ---------------------------------------------------------- */

struct quality_errors quality_errors_one(float predicted, float baseline,
                                         float rating)
{
    double e = (double)predicted - (double)rating;
    double b = (double)baseline - (double)rating;
    return (struct quality_errors){.n = 1, .squared = e * e,
                                   .absolute = e < 0 ? -e : e,
                                   .mean_squared = b * b,
                                   .mean_absolute = b < 0 ? -b : b};
}

struct quality_places quality_places_one(uint32_t rank)
{
    static const double gain[QUALITY_TOP] = { // 1 / log2(rank + 2)
        1, 0.6309297535714575, 0.5, 0.43067655807339306, 0.38685280723454163,
        0.3562071871080222, 1.0 / 3, 0.31546487678572877, 0.3010299956639812,
        0.2890648263178879};
    bool hit = rank < QUALITY_TOP;
    return (struct quality_places){.hits = hit, .ndcg = hit ? gain[rank] : 0,
                                   .reciprocal = 1 / ((double)rank + 1)};
}

/* ---- numbers ------------------------------------------------------------ */

static double part(double sum, uint64_t n)
{
    return n ? sum / (double)n : (double)NAN;
}

struct quality_numbers quality_errors_of(const struct quality_errors *e)
{
    return (struct quality_numbers){
        .rmse = sqrt(part(e->squared, e->n)),
        .mae = part(e->absolute, e->n),
        .rmse_mean = sqrt(part(e->mean_squared, e->n)),
        .mae_mean = part(e->mean_absolute, e->n)};
}

struct quality_top quality_top_of(const struct quality_places *p, uint64_t n)
{
    double hr10 = part((double)p->hits, n);
    return (struct quality_top){.hr10 = hr10, .ndcg10 = part(p->ndcg, n),
                                .precision10 = hr10 / QUALITY_TOP,
                                .mrr = part(p->reciprocal, n)};
}
