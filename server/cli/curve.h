/* curve.h -- how the numbers of `freshet evaluate` came to be: a CSV file of
 * CURVE_POINTS lines, evenly spread over the ratings.
 *
 *   events            ratings learned so far
 *   rmse ... ndcg10_popularity          over all of them
 *   window_rmse ... window_ndcg10_popularity   over those since the line before
 *
 * A field is empty where there is nothing to tell.  Main thread.
 */
#ifndef FRESHET_SERVER_CLI_CURVE_H
#define FRESHET_SERVER_CLI_CURVE_H

#include <stdio.h>

#include "model/learn/quality.h"

#define CURVE_POINTS 200

struct curve {
    FILE *to;                    /* NULL: nobody wants one */
    const char *path;
    size_t points;               /* written */
    struct quality_sums before;  /* at the last of them */
};

/* path: NULL for no curve, "-" for standard output.  False, having said why. */
bool curve_open(struct curve *c, const char *path);

/* Of n events `from` are learned: how many will be at the next line. */
size_t curve_next(const struct curve *c, size_t from, size_t n);

/* `at` events are learned and q is published: writes a line, if it is time. */
void curve_reach(struct curve *c, size_t at, size_t n, struct quality *q);

/* False, having said why: it could not be written. */
bool curve_close(struct curve *c);

#endif
