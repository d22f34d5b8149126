/* ratings_source.h -- ratings one by one from a file or standard input, in any
 * form of proto/ratings_file.h, gzipped or not.  One thread. */
#ifndef FRESHET_SERVER_CLI_RATINGS_SOURCE_H
#define FRESHET_SERVER_CLI_RATINGS_SOURCE_H

#include <stdbool.h>

#include "model/types.h"
#include "proto/limits.h"

struct ratings_source;

/* path, or "-" for standard input.  NULL: `error` says why. */
struct ratings_source *ratings_source_open(const char *path,
                                           const struct proto_limits *limits,
                                           char error[512]);
void ratings_source_close(struct ratings_source *s);

enum ratings_next {
    NEXT_RATING,   /* *r is it; its ids are borrowed until the next call */
    NEXT_END,
    NEXT_BAD,      /* a line is wrong; the one after it may be right */
    NEXT_FAILED    /* nothing more can be read */
};

/* For NEXT_BAD and NEXT_FAILED `error` has file, line and what is wrong. */
enum ratings_next ratings_source_next(struct ratings_source *s,
                                      struct rating *r, char error[512]);

/* See line_reader_wait() and line_reader_part(). */
bool ratings_source_wait(struct ratings_source *s, int fd, int timeout_ms);
double ratings_source_part(const struct ratings_source *s);

#endif
