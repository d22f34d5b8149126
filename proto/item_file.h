/* item_file.h -- the lines of a file that names items, in any of the forms
 * people have.
 *
 *   u.item        id|title|...|19 flags, one per genre of MovieLens 100k
 *   movies.csv    a header names the columns; comma, tab or semicolon
 *   movies.dat    id::title::genre|genre
 *   NDJSON        {"item_id"[,"title"][,"categories":[..]]} per line; other
 *                 members are passed over
 *
 * The form is told from the first line.  Header names are matched without case,
 * underscores, hyphens and blanks: item, itemid, movie, movieid, product,
 * productid; title, name; genre(s), category, categories.  Text that is not
 * UTF-8 is taken for Latin-1.  Any thread, one at a time; reads no files
 * (server/ does).
 */
#ifndef FRESHET_PROTO_ITEM_FILE_H
#define FRESHET_PROTO_ITEM_FILE_H

#include <stdbool.h>

#include "model/types.h"
#include "proto/errors.h"
#include "proto/limits.h"

enum item_form {
    ITEM_FORM_UNKNOWN = 0,
    ITEM_FORM_FLAGS,
    ITEM_FORM_CSV,
    ITEM_FORM_DOUBLE_COLON,
    ITEM_FORM_NDJSON
};

#define ITEM_TEXT_MAX 1024  /* longer titles and lists are cut */

struct item_file {
    enum item_form form;
    char separator;               /* ITEM_FORM_CSV */
    int item, title, categories;  /* column numbers; the last two may be -1 */
    uint64_t line;                /* lines read */
    struct proto_limits limits;
    char id[ID_BYTES_MAX];        /* of the current line */
    char title_text[ITEM_TEXT_MAX];
    char categories_text[ITEM_TEXT_MAX];
};

/* What a line says, borrowed until the next call.  UTF-8; a text that is not
 * there is "". */
struct item_line {
    struct id item;
    const char *title;
    const char *categories;       /* "Crime|Drama" */
};

/* limits: for NDJSON. */
void item_file_init(struct item_file *f, const struct proto_limits *limits);

/* One line without its newline.  *has is false for a header, a blank line or a
 * comment (#).  On false *fail says what is wrong, with index = line number
 * from 1. */
bool item_file_line(struct item_file *f, const char *s, size_t n,
                    struct item_line *out, bool *has, struct fail *fail);

#endif
