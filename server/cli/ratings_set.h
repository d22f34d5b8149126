/* ratings_set.h -- a whole file of ratings in memory, in order.  One thread. */
#ifndef FRESHET_SERVER_CLI_RATINGS_SET_H
#define FRESHET_SERVER_CLI_RATINGS_SET_H

#include <stdbool.h>

#include "model/types.h"
#include "proto/buf.h"
#include "proto/limits.h"

struct ratings_record {
    size_t user, item;         /* offsets into bytes */
    uint16_t user_len, item_len;
    float value;
    int64_t time_ms;           /* TIME_UNSET: the file had none */
    uint64_t place;            /* in the file, from 0 */
};

struct ratings_set {
    struct ratings_record *at; /* (n) */
    size_t n, cap;
    struct buf bytes;          /* the ids */
};

/* Reads path (line_reader.h, proto/ratings_file.h), at most `limit` ratings (0:
 * all), with a progress bar.  False: `error` says what, with the line. */
bool ratings_set_load(struct ratings_set *s, const char *path,
                      const struct proto_limits *limits, uint64_t limit,
                      char error[512]);
void ratings_set_release(struct ratings_set *s);

/* By time, equal times in the order of the file; ratings without one first. */
void ratings_set_sort(struct ratings_set *s);

/* The i-th; its ids are borrowed from the set. */
struct rating ratings_set_get(const struct ratings_set *s, size_t i);

#endif
