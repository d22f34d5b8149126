/* evaluation.h -- GET /v1/evaluation: structs -> JSON.
 *
 *   {"model_seq","rank_every","overall":{...},"recent":{...},
 *    "curve":[{"from_seq","to_seq",...},...],
 *    "minutes":[{"time","seconds",...},...]}
 *
 * Every number of the model stands beside that of its baseline: rmse and
 * rmse_mean, hr10 and hr10_popularity.  Any thread, pure.
 */
#ifndef FRESHET_PROTO_EVALUATION_H
#define FRESHET_PROTO_EVALUATION_H

#include "proto/buf.h"

/* The model's, and the baseline's: the running mean, or popularity.  NAN is
 * written as null. */
struct evaluation_errors {
    uint64_t ratings;
    double rmse, rmse_mean, mae, mae_mean;
};
struct evaluation_places {
    double hr10, ndcg10, precision10, mrr;
};
struct evaluation_numbers {
    struct evaluation_errors all, cold_items, cold_users;
    uint64_t rank_samples;
    struct evaluation_places model, popularity;
};

/* In this order; each list is opened, gets its points and is closed. */
void evaluation_begin(struct buf *out, uint64_t model_seq, uint64_t rank_every);
/* "overall", "recent": everything. */
void evaluation_whole(struct buf *out, const char *name,
                      const struct evaluation_numbers *n);
void evaluation_list(struct buf *out, const char *name);
/* A point of a series: "from_seq" and "to_seq", or "time" and "seconds". */
struct evaluation_span {
    const char *from_name, *to_name;
    uint64_t from, to;
};
void evaluation_point(struct buf *out, const struct evaluation_span *span,
                      const struct evaluation_numbers *n);
void evaluation_list_end(struct buf *out);
void evaluation_end(struct buf *out);

#endif
