/* vectors.h -- POST /v1/admin/vectors: what another model has learned of users
 * and items, one row at a time.
 *
 *   {"item_id" or "user_id","head":"rating"|"ranking","vector":[...]
 *    [,"bias"][,"count"]}     or an array of them, or one per line (NDJSON)
 *   {"mean"[,"count"]}        the mean of the ratings it was trained on
 *   {"layer","unit","weights":[...][,"bias"][,"layers"]}
 *                             a unit of a dense layer, both from 0, of so many
 *                             layers; the last one, of one unit, is added to r
 *
 * A model of ratings says  r = mean + user bias + item bias + user . item  in
 * rating units; "head":"ranking" ranks by  item bias + user . item.  count: how
 * many ratings the row was learned from, so that what comes after moves it as
 * little as they would have; 0, the default: it is moved like a new one.
 */
#ifndef FRESHET_PROTO_VECTORS_H
#define FRESHET_PROTO_VECTORS_H

#include <stdbool.h>

#include "model/types.h"
#include "proto/buf.h"
#include "proto/errors.h"
#include "proto/limits.h"

#define VECTORS_COUNT_MAX 16777216u   /* 2^24: any count is a binary32 too */

struct vector {
    struct id user, item;     /* one of them; neither: it is the mean */
    bool ranking;             /* of that head, else of ratings */
    bool is_layer;            /* a unit of a layer, whose weights `at` are */
    uint32_t layer, unit;
    uint32_t layers;          /* that there are; 0: not said */
    float bias;               /* or the mean */
    uint32_t count;
    const float *at;          /* (n) */
    uint32_t n;
};

/* Receives each in order; what it points to is borrowed until it returns.  True
 * to go on; false stops the parse, having set *f. */
typedef bool (*vectors_sink)(void *arg, const struct vector *v,
                             struct fail *f);

/* Any thread.  As ratings_parse() and ratings_parse_line(). */
bool vectors_parse(const char *bytes, size_t n,
                   const struct proto_limits *limits, vectors_sink sink,
                   void *arg, struct fail *f);
bool vectors_parse_line(const char *bytes, size_t n,
                        const struct proto_limits *limits, vectors_sink sink,
                        void *arg, struct fail *f);

/* Any thread.  One as a line of NDJSON, with its newline. */
void vectors_write_line(struct buf *out, const struct vector *v);

#endif
