/* line_reader.h -- the lines of a file or of standard input, gzipped or not.
 * One thread. */
#ifndef FRESHET_SERVER_CLI_LINE_READER_H
#define FRESHET_SERVER_CLI_LINE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_READER_MAX 1048576   /* longest line */

struct line_reader;

/* path, or "-" for standard input (not gunzipped: it is read as it comes).
 * NULL: `error` says why. */
struct line_reader *line_reader_open(const char *path, char error[256]);
void line_reader_close(struct line_reader *r);

/* The next line without its newline, borrowed until the next call.  False at
 * the end, or on an error: then line_reader_error() is not NULL. */
bool line_reader_next(struct line_reader *r, const char **line, size_t *n);
const char *line_reader_error(const struct line_reader *r);

/* Would line_reader_next() have to wait?  (Standard input only.) */
bool line_reader_would_wait(struct line_reader *r);

/* Bytes of the file read so far and in all (compressed ones); 0: not known. */
uint64_t line_reader_at(const struct line_reader *r);
uint64_t line_reader_size(const struct line_reader *r);

#endif
