/* quality_sums.h -- sums of errors and of places in a ranking, and the numbers
 * they make.  What quality.h keeps in each of its buckets.
 *
 * Plain data.  Any thread: pure.
 */
#ifndef FRESHET_MODEL_LEARN_QUALITY_SUMS_H
#define FRESHET_MODEL_LEARN_QUALITY_SUMS_H

#include <stdbool.h>
#include <stdint.h>

#define QUALITY_TOP 10   /* the @10 of it */

/* ---- sums, to be divided by n ------------------------------------------- */

struct quality_errors {
    uint64_t n;
    double squared, absolute;             /* prediction - rating */
    double mean_squared, mean_absolute;   /* running mean - rating */
};

struct quality_places {
    uint64_t hits;          /* among the first ten */
    double ndcg;            /* 1 / log2(rank + 2) for a hit, else 0 */
    double reciprocal;      /* 1 / (rank + 1) */
};

struct quality_ranks {
    uint64_t n;
    struct quality_places model, popular;
};

struct quality_sums {
    struct quality_errors all, cold_items, cold_users;
    struct quality_ranks ranks;
};

/* *to += *a.  The first is inline for the fold, which does it often. */
static inline void quality_add_errors(struct quality_errors *to,
                                      const struct quality_errors *a)
{
    to->n += a->n;
    to->squared += a->squared;
    to->absolute += a->absolute;
    to->mean_squared += a->mean_squared;
    to->mean_absolute += a->mean_absolute;
}
void quality_add(struct quality_sums *to, const struct quality_sums *a);
/* *from -= *a, which is a part of it. */
void quality_take(struct quality_sums *from, const struct quality_sums *a);

/* Has nothing been added to it? */
static inline bool quality_is_empty(const struct quality_sums *s)
{
    return s->all.n == 0 && s->ranks.n == 0;
}

/* One rating: what was predicted by the model and by the running mean. */
struct quality_errors quality_errors_one(float predicted, float baseline,
                                         float rating);
/* One item at this place; the first is 0. */
struct quality_places quality_places_one(uint32_t rank);

/* ---- from sums to numbers; NAN when there is nothing -------------------- */

struct quality_numbers {
    double rmse, mae, rmse_mean, mae_mean;
};
struct quality_numbers quality_errors_of(const struct quality_errors *e);

struct quality_top {
    double hr10, ndcg10, precision10, mrr;
};
struct quality_top quality_top_of(const struct quality_places *p, uint64_t n);

#endif
