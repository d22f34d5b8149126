/* recommend.h -- POST /v1/recommend and its short form, both ways.
 *
 *   {"user_id" and/or "history":["i1",{"item_id":"i2","weight":0.5},...],
 *    "n":10,"offset":0,"exclude_seen":true}
 *     -> {"items":[{"item_id","score"},...],"by":"ranking"|"popular"|"latest",
 *         "model_seq"[,"cold":["user"]]}
 */
#ifndef FRESHET_PROTO_RECOMMEND_H
#define FRESHET_PROTO_RECOMMEND_H

#include <stdbool.h>

#include "proto/buf.h"
#include "proto/errors.h"
#include "proto/limits.h"

#define RECOMMEND_N           10
#define RECOMMEND_HISTORY_MAX 500
#define RECOMMEND_WEIGHT_MAX  100

/* An item of a history, and how much it was liked: disliked below 0. */
struct recommend_past {
    struct id item;
    float weight;
};

/* What it points to is borrowed until the thread's next document. */
struct recommend_request {
    struct id user;          /* len 0: nobody by name */
    const struct recommend_past *history; /* (nhistory) */
    uint32_t nhistory;
    uint32_t n;              /* 1..limits.top_n */
    uint32_t offset;
    bool exclude_seen;
};

/* Any thread. */
bool recommend_parse(const char *bytes, size_t n,
                     const struct proto_limits *limits,
                     struct recommend_request *out, struct fail *f);

/* Any thread.  One query parameter of GET /v1/users/{id}/recommendations
 * (decoded); fills n, offset or exclude_seen.  An unknown name is bad_query. */
bool recommend_query(struct recommend_request *req, const char *name,
                     const char *value, const struct proto_limits *limits,
                     struct fail *f);

/* Any thread.  Writing: what belongs to an item may be put between its begin
 * and its end, as members that begin with a comma. */
void recommend_begin(struct buf *out);
void recommend_item_begin(struct buf *out, bool first, struct id item,
                          float score);
void recommend_item_end(struct buf *out);
/* by: the ranker's name. */
void recommend_end(struct buf *out, const char *by, uint64_t model_seq,
                   bool cold_user);

#endif
