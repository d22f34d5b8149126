/* past.h -- "history": ratings that a question brings along, to be answered as
 * if they had been learned.
 *
 *   "history":[{"item_id":"dune","rating":5},...]
 */
#ifndef FRESHET_PROTO_PAST_H
#define FRESHET_PROTO_PAST_H

#include <stdbool.h>

#include "model/types.h"
#include "proto/errors.h"
#include "proto/limits.h"

struct json_t; // jansson's, for proto/ only

struct past_item {
    struct id item;
    float rating;            /* rating_min..rating_max */
};

/* In order; borrowed until the thread's next document. */
struct past {
    uint32_t n;
    struct past_item *items;
};

/* Any thread; for proto/ only, both.  The value of "history", NULL: there is
 * none.  False: *f says why, its index is the place in the list. */
bool past_take(const struct json_t *history, const struct proto_limits *limits,
               struct past *out, struct fail *f);

/* Whom a question is about, from the values of "user_id" and "history", NULL:
 * not there.  Without the one there must be the other; then *out has len 0. */
bool past_take_user(const struct json_t *user, const struct json_t *history,
                    struct id *out, struct fail *f);

#endif
