/* ratings_scan.h -- the plain rating, without a tree.
 *
 * {"user_id","item_id","rating"[,"timestamp"][,"event_id"][,"teacher_rating"]}
 * in any order, ids that are printable ASCII without escapes or whole numbers
 * without a sign, numbers without sign and exponent, is read in one pass over
 * the bytes.  Anything else, right or wrong, is left to jansson (ratings.c),
 * which alone decides what is JSON and says what is wrong.  So this may only
 * accept what that accepts, with the same ids and the same doubles; whether they
 * are in range is asked behind both.  check_ratings_scan and fuzz_ratings
 * compare them.  A line of a stream costs jansson 16,800 instructions, this
 * 1,000.
 * For proto/ only; any thread, pure.
 */
#ifndef FRESHET_PROTO_RATINGS_SCAN_H
#define FRESHET_PROTO_RATINGS_SCAN_H

#include <stdbool.h>

#include "model/types.h"

struct ratings_plain {
    struct id user, item;
    struct id event_id;      /* len 0: none */
    double rating;
    double time;             /* seconds; only when has_time */
    bool has_time;
    bool has_teacher;
    double teacher;          /* only when has_teacher */
};

/* True: *out is the rating, ids borrowed from bytes.  False: ask jansson. */
bool ratings_scan(const char *bytes, size_t n, struct ratings_plain *out);

#endif
