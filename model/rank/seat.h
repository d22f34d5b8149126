/* seat.h -- one user's list on its way through a scan of the items.  Parts of
 * recommend.c; nobody else's.
 */
#ifndef FRESHET_MODEL_RANK_SEAT_H
#define FRESHET_MODEL_RANK_SEAT_H

#include "model/rank/recommend.h"
#include "model/rank/score.h"
#include "model/rank/sift.h"
#include "model/rank/similar.h"
#include "model/rank/topn.h"

/* What the seats of a run share. */
struct seat_run {
    const struct table *t;
    const struct ids *items;
    const struct recommend_query *q;
    struct similar_space space;
    struct filter_mask mask; /* of q->filter */
    uint32_t cap;            /* entries a seat keeps */
    uint32_t pinned[RECOMMEND_PINNED_MAX];
    uint32_t npinned;        /* that may be shown */
    double add[RECOMMEND_BOOSTS_MAX]; /* a boost's, natural logarithm */
    double most;             /* the sum of those above 0 */
};

/* Zero-initialise; seat_release(). */
struct seat {
    struct compose_room p;   /* who is asking (taste.h), or the item */
    enum recommend_by by;
    bool tasted;             /* it is not the table's */
    struct topn top;
    struct row_set out;      /* rows that are left out */
    struct score_scratch scores;
    struct sift sift;        /* of p, where the ranker is the ranking head */
};

void seat_release(struct seat *s);

/* Fills what q does not say itself: x->t, items and q are there. */
void seat_run_begin(struct seat_run *x);

/* Chooses the ranker and what is left out. */
enum err seat_begin(struct seat *s, const struct seat_run *x, uint32_t user)
    MUSTCHECK;

/* What the row is ordered by before boosts; NaN: it is not. */
double seat_key(const struct seat *s, const struct seat_run *x, uint32_t row);

/* A key below which no item is kept, whatever boosts it. */
double seat_least(const struct seat *s, const struct seat_run *x);

/* The same of the ranking head, not above it. */
float seat_floor(const struct seat *s, const struct seat_run *x);

/* Keeps the row if it qualifies and is good enough. */
void seat_offer(struct seat *s, const struct seat_run *x, double key,
                uint32_t row);

/* What a client is told of a key. */
float seat_score(const struct seat *s, const struct seat_run *x, double key,
                 uint32_t row);

#endif
