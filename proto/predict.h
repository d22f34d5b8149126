/* predict.h -- POST /v1/predict, both ways.
 *
 *   {"user_id"|"history","item_id"[,"timestamp"][,"explain"]}
 *                      -> {"rating"[,"explanation"],"model_seq"}
 *   {"instances":[{"user_id","item_id"[,"timestamp"]},...][,"explain"]}
 *                      -> {"ratings":[..][,"explanations":[..]],"model_seq"}
 *
 * timestamp: when the rating would be given (seconds since 1970, default now);
 * a session's mood (model/learn/session.h) fades with it.  history: see past.h.
 * "explain":true wants an explanation (explain.h) with each rating.
 *
 * A side that the model does not know yet is named in "cold": ["user"],
 * ["item"] or both; in a batch "cold" is an object {"3":["user"]} keyed by the
 * instance's index.  Written only when something is cold.
 */
#ifndef FRESHET_PROTO_PREDICT_H
#define FRESHET_PROTO_PREDICT_H

#include <stdbool.h>

#include "proto/buf.h"
#include "proto/errors.h"
#include "proto/limits.h"
#include "proto/past.h"

struct predict_pair {
    struct id user;          /* len 0: the history's */
    struct id item;
    int64_t time_ms;         /* "timestamp", or now */
};

/* The pairs in order; they and their ids are borrowed from the request's bytes
 * or the thread's arena: until predict_write() or the thread's next document.
 * Not to be copied: pairs may point into it. */
struct predict_request {
    bool batch;              /* the "instances" form */
    bool explain;
    struct past past;        /* of a single */
    uint32_t n;
    struct predict_pair *pairs;
    struct predict_pair one; /* what pairs points to for a plain single */
};

/* Any thread. */
bool predict_parse(const char *bytes, size_t n,
                   const struct proto_limits *limits,
                   struct predict_request *out, struct fail *f);

/* Any thread.  The same without the short cut of predict_scan.h, which must
 * never make a difference: for the tests that compare them. */
bool predict_parse_tree(const char *bytes, size_t n,
                        const struct proto_limits *limits,
                        struct predict_request *out, struct fail *f);

#define PREDICT_COLD_USER 1
#define PREDICT_COLD_ITEM 2

/* Any thread.  A mask as the list of names that it is. */
void predict_put_cold(struct buf *out, unsigned char mask);

struct predict_answer {
    const float *ratings;        /* one for each pair of the request */
    const unsigned char *cold;   /* masks of PREDICT_COLD_..., likewise */
    const struct buf *explained; /* explanations, a comma between them; looked
                                    at when they are wanted */
    uint64_t model_seq;
};

/* Any thread, the one that parsed.  Gives the memory of the request back. */
void predict_write(struct buf *out, const struct predict_request *req,
                   const struct predict_answer *a);

#endif
