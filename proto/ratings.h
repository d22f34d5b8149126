/* ratings.h -- POST /v1/ratings: bytes -> ratings, and the receipt.
 *
 *   {"user_id","item_id","rating"[,"timestamp"][,"event_id"][,"teacher_rating"]}
 *   or an array of them; application/x-ndjson: one such object per line.
 *
 * timestamp: seconds since 1970 as a JSON number, fractions kept to the
 * millisecond; 0 <= t <= now + future_ms.  A number that looks like
 * milliseconds gets a message that says so.
 * event_id: the client's own name of the event, under the rules of all ids.
 * Left out: rating.event_id.len is 0.  Whether it was used before is the
 * journal's question.
 * teacher_rating: what a larger model says of the pair, in the range of ratings.
 * It may stand in the place of a rating that nobody gave.
 */
#ifndef FRESHET_PROTO_RATINGS_H
#define FRESHET_PROTO_RATINGS_H

#include <stdbool.h>

#include "proto/buf.h"
#include "proto/errors.h"
#include "proto/limits.h"

/* Receives each rating in order; its bytes are borrowed until it returns.  True
 * to go on; false stops the parse, having set *f. */
typedef bool (*ratings_sink)(void *arg, const struct rating *r,
                             struct fail *f);

/* Any thread.  A document of one object or an array (all or nothing: the sink's
 * owner throws away what it got when this returns false).  f->index is the
 * element's place in an array, -1 for a single object. */
bool ratings_parse(const char *bytes, size_t n,
                   const struct proto_limits *limits, ratings_sink sink,
                   void *arg, struct fail *f);

/* Any thread.  The same without the short cut of ratings_scan.h, which must
 * never make a difference: for the tests that compare them. */
bool ratings_parse_tree(const char *bytes, size_t n,
                        const struct proto_limits *limits, ratings_sink sink,
                        void *arg, struct fail *f);

/* Any thread.  One line of an NDJSON stream (no newline). */
bool ratings_parse_line(const char *bytes, size_t n,
                        const struct proto_limits *limits, ratings_sink sink,
                        void *arg, struct fail *f);

/* What became of a request, or of a stream so far. */
#define RECEIPT_ERRORS 20
struct receipt {
    uint64_t accepted;         /* new events */
    uint64_t duplicates;       /* accepted before, under the same event_id */
    uint64_t rejected;
    uint64_t seq;              /* of the last event that is in the log, a
                                  duplicate's being its first; 0: none */
    uint64_t model_seq;        /* written when has_model_seq */
    bool has_model_seq;
    uint32_t nerrors;          /* kept, of `rejected` */
    struct fail errors[RECEIPT_ERRORS];  /* index: line number from 0 */
};

/* Any thread.  {"accepted","duplicates","rejected","errors":[..],"seq"
 * [,"model_seq"]} */
void receipt_write(struct buf *out, const struct receipt *r);

/* Any thread.  ,"timestamp":seconds */
void ratings_write_time(struct buf *out, int64_t time_ms);

/* Any thread.  One rating as a line of NDJSON, with its newline: what the
 * client commands send.  TIME_UNSET: no timestamp; event_id.len 0: none. */
void ratings_write_line(struct buf *out, const struct rating *r);

#endif
