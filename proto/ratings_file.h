/* ratings_file.h -- the lines of a file of ratings, in any of the forms people
 * have.
 *
 *   u.data           user TAB item TAB rating TAB seconds, no header
 *   ratings.csv      a header names the columns; comma, tab or semicolon
 *   a::b::c::d       MovieLens 1M, MovieTweetings
 *   NDJSON           what POST /v1/ratings takes, one object per line; the
 *                    only form with an event_id
 *
 * The form is told from the first line.  Header names are matched without case,
 * underscores, hyphens and blanks: user, userid, item, itemid, movie, movieid,
 * product, productid, rating, score, stars, timestamp, time, ts (seconds;
 * milliseconds are recognised by their size; an empty one is "now").  CSV
 * quoting follows RFC 4180 within a line.  Any thread, one at a time; reads no
 * files (server/ does).
 */
#ifndef FRESHET_PROTO_RATINGS_FILE_H
#define FRESHET_PROTO_RATINGS_FILE_H

#include <stdbool.h>

#include "model/types.h"
#include "proto/errors.h"
#include "proto/limits.h"

enum ratings_form {
    FORM_UNKNOWN = 0,
    FORM_CSV,
    FORM_DOUBLE_COLON,
    FORM_NDJSON
};

struct ratings_file {
    enum ratings_form form;
    char separator;        /* FORM_CSV */
    int user, item, rating, time;   /* column numbers, time may be -1 */
    uint64_t line;         /* lines read */
    struct proto_limits limits;
    char scratch[3 * ID_BYTES_MAX]; /* the ids of the current line */
};

/* limits: range of ratings; now_ms/future_ms are applied too. */
void ratings_file_init(struct ratings_file *f, const struct proto_limits *l);

/* One line without its newline (a trailing CR is dropped).  *has is false for a
 * header, a blank line or a comment (#).  On false *fail says what is wrong,
 * with index = line number from 1.  r's ids are borrowed until the next
 * call. */
bool ratings_file_line(struct ratings_file *f, const char *s, size_t n,
                       struct rating *r, bool *has, struct fail *fail);

#endif
