/* visit.h -- a question about a person and an item, as the pinned model sees
 * it.  Worker only, all.
 *
 * The person is a row of the table, and what a history that comes along makes
 * of it: for the rating head a visitor (model/rank/visitor.h), for the ranking
 * head a vector (model/rank/taste.h).  Nothing of it is kept.
 */
#ifndef FRESHET_SERVER_API_VISIT_H
#define FRESHET_SERVER_API_VISIT_H

#include "model/rank/explain.h"
#include "model/rank/taste.h"
#include "proto/predict.h"
#include "proto/recommend.h"
#include "server/worker.h"

/* A worker's scratch for histories. */
struct visit_room {
    struct visitor_rating *ratings;
    struct taste *liked;
    uint32_t *rows;
    size_t n;                        /* entries that each has room for */
    struct row_set known;
};
void visit_room_free(struct visit_room *room);

struct visit {
    uint32_t user, item;             /* rows, or ROW_NONE */
    int64_t time_ms;
    uint32_t nhistory;               /* of the room's rows */
    const struct visitor *visitor;   /* NULL: the row is asked */
    const float *rvec;               /* likewise */
    struct visitor own;
    struct compose_room own_rvec;
};

/* Room for a history of n in w's scratch; before the pin.  False: no memory. */
bool visit_reserve(struct worker *w, uint32_t n);

/* Under the pin on t, like all that follows.  Finds the rows. */
void visit_begin(struct visit *v, const struct worker *w,
                 const struct table *t, const struct predict_pair *pair);

/* Learns a history, for which there is room: ratings, for the rating head. */
void visit_rate(struct visit *v, struct worker *w, const struct table *t,
                const struct past *past);

/* The same of what was liked, for the ranking head.  False: no memory. */
bool visit_like(struct visit *v, struct worker *w, const struct table *t,
                const struct recommend_past *past, uint32_t n);

/* Instead of that, for the ranking head: what the user liked last, as a list for
 * them has it.  False: no memory. */
bool visit_recall(struct visit *v, struct worker *w, const struct table *t);

/* PREDICT_COLD_...: who brings a history is not cold. */
unsigned char visit_cold(const struct visit *v);

float visit_rating(const struct visit *v, const struct worker *w,
                   const struct table *t);

/* The rating or, with ranking, the score in parts; at most `scan` past items
 * are looked at. */
void visit_explain(const struct visit *v, const struct worker *w,
                   const struct table *t, bool ranking, uint32_t scan,
                   struct explanation *out);

#endif
