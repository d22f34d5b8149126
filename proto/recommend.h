/* recommend.h -- POST /v1/recommend and its short form, both ways.
 *
 *   {"user_id"[,"n":10][,"offset":0][,"exclude_seen":true]}
 *     -> {"items":[{"item_id","score"},...],"model_seq"[,"cold":["user"]]}
 */
#ifndef FRESHET_PROTO_RECOMMEND_H
#define FRESHET_PROTO_RECOMMEND_H

#include <stdbool.h>

#include "proto/buf.h"
#include "proto/errors.h"
#include "proto/limits.h"

#define RECOMMEND_N 10

struct recommend_request {
    struct id user;          /* borrowed until the thread's next document */
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

/* Any thread.  Writing, item by item. */
void recommend_begin(struct buf *out);
void recommend_item(struct buf *out, bool first, struct id item, float score);
void recommend_end(struct buf *out, uint64_t model_seq, bool cold_user);

#endif
