/* line_reader.h -- the lines of a file or of standard input, gzipped or not.
 * One thread. */
#ifndef FRESHET_SERVER_CLI_LINE_READER_H
#define FRESHET_SERVER_CLI_LINE_READER_H

#include <stdbool.h>
#include <stddef.h>

#define LINE_READER_MAX (1 << 20)   /* bytes of the longest line */

struct line_reader;

/* path, or "-" for standard input (not gunzipped: it is read as it comes).
 * NULL: `error` says why. */
struct line_reader *line_reader_open(const char *path, char error[256]);
void line_reader_close(struct line_reader *r);

/* The next line without its newline, borrowed until the next call.  False at
 * the end, or on an error: then line_reader_error() is not NULL.  A signal
 * without SA_RESTART that meets a read of standard input is an end. */
bool line_reader_next(struct line_reader *r, const char **line, size_t *n);
const char *line_reader_error(const struct line_reader *r);

/* Waits until line_reader_next() need not wait (or would wait for the rest of a
 * line), until `fd` (-1: none) can be read, or for timeout_ms (-1: for ever).
 * True: a line, an end or an error is there.  A file never waits. */
bool line_reader_wait(struct line_reader *r, int fd, int timeout_ms);

/* How much of the file has been read, 0..1; -1: not known. */
double line_reader_part(const struct line_reader *r);

#endif
