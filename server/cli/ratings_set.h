/* ratings_set.h -- a whole file of ratings in memory, in order.  One thread. */
#ifndef FRESHET_SERVER_CLI_RATINGS_SET_H
#define FRESHET_SERVER_CLI_RATINGS_SET_H

#include <stdbool.h>

#include "model/store/event.h"
#include "proto/buf.h"
#include "proto/limits.h"

struct ratings_record {
    size_t ids;                /* offset into bytes: user's, item's, event's */
    int64_t time_ms;           /* if untimed: that of the rating before it in
                                  the file, or 0 */
    float value;               /* NAN: nobody has rated it, teacher has */
    float teacher;             /* NAN: none */
    uint16_t user_len, item_len, event_len;
    bool untimed;              /* the file gives it no time */
};

/* {0} is an empty one. */
struct ratings_set {
    struct ratings_record *at; /* (n) */
    size_t n, cap;
    size_t untimed;            /* how many are */
    struct buf bytes;          /* the ids, in the order of the file */
};

/* Reads path (line_reader.h, proto/ratings_file.h), at most `limit` ratings (0:
 * all), with a progress bar on a terminal.  False: `error` says what, with the
 * line; release it all the same. */
bool ratings_set_load(struct ratings_set *s, const char *path,
                      const struct proto_limits *limits, uint64_t limit,
                      char error[512]);
void ratings_set_release(struct ratings_set *s);

/* By time; equal times stay in the order of the file, and so does a rating
 * without a time behind the one before it. */
void ratings_set_sort(struct ratings_set *s);

/* The i-th; its ids are borrowed from the set; untimed: TIME_UNSET. */
struct rating ratings_set_get(const struct ratings_set *s, size_t i);

/* The i-th as the event that the daemon makes of it, without its event_id. */
struct event ratings_set_event(const struct ratings_set *s, size_t i);

#endif
