/* line_reader.c -- see line_reader.h. */
#include "server/cli/line_reader.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define BLOCK 65536

struct line_reader {
    int fd;                 /* standard input, or -1 */
    gzFile gz;              /* a file, gzipped or plain */
    char *buf;              /* what was read and not handed out: at .. end */
    size_t at, end, cap;
    bool eof;
    double size;            /* of the file, as it lies there; 0: not known */
    char error[256];
};

static bool open_file(struct line_reader *r, const char *path,
                      char error[256])
{
    struct stat st;
    errno = 0;
    r->gz = gzopen(path, "rbe");
    if (!r->gz || stat(path, &st) != 0) {
        snprintf(error, 256, "%.200s: %s", path,
                 errno ? strerror(errno) : "out of memory");
        return false;
    }
    if (S_ISDIR(st.st_mode)) {
        snprintf(error, 256, "%.200s: is a directory", path);
        return false;
    }
    gzbuffer(r->gz, BLOCK);
    if (S_ISREG(st.st_mode))
        r->size = (double)st.st_size;
    return true;
}

struct line_reader *line_reader_open(const char *path, char error[256])
{
    struct line_reader *r = calloc(1, sizeof *r);
    if (r)
        r->buf = malloc(2 * BLOCK);
    if (!r || !r->buf) {
        snprintf(error, 256, "out of memory");
        free(r);
        return NULL;
    }
    r->cap = 2 * BLOCK;
    r->fd = -1;
    if (strcmp(path, "-") == 0) {
        r->fd = STDIN_FILENO;
    } else if (!open_file(r, path, error)) {
        line_reader_close(r);
        return NULL;
    }
    return r;
}

void line_reader_close(struct line_reader *r)
{
    if (!r)
        return;
    if (r->gz)
        gzclose(r->gz);
    free(r->buf);
    free(r);
}

const char *line_reader_error(const struct line_reader *r)
{
    return r->error[0] ? r->error : NULL;
}

double line_reader_part(const struct line_reader *r)
{
    return r->size > 0 ? (double)gzoffset(r->gz) / r->size : -1;
}

static bool fail(struct line_reader *r, const char *what)
{
    snprintf(r->error, sizeof r->error, "%s", what);
    return false;
}

/* Room for a block behind `end`. */
static bool make_room(struct line_reader *r)
{
    memmove(r->buf, r->buf + r->at, r->end - r->at);
    r->end -= r->at;
    r->at = 0;
    if (r->end > LINE_READER_MAX)
        return fail(r, "a line is longer than a megabyte");
    if (r->cap - r->end >= BLOCK)
        return true;
    char *buf = realloc(r->buf, r->cap * 2);
    if (!buf)
        return fail(r, "out of memory");
    r->buf = buf;
    r->cap *= 2;
    return true;
}

static bool fill(struct line_reader *r)
{
    int code = Z_OK;
    ssize_t n;
    if (!make_room(r))
        return false;
    if (r->gz)
        n = gzread(r->gz, r->buf + r->end, BLOCK);
    else
        n = read(r->fd, r->buf + r->end, BLOCK);
    if (n < 0 && !r->gz && errno == EINTR)
        n = 0;
    if (n < 0)
        return fail(r, r->gz ? gzerror(r->gz, &code) : strerror(errno));
    if (n == 0 && r->gz) {
        gzerror(r->gz, &code);
        if (code == Z_BUF_ERROR)
            return fail(r, "the gzip data ends too early");
    }
    r->eof = n == 0;
    r->end += (size_t)n;
    return true;
}

bool line_reader_next(struct line_reader *r, const char **line, size_t *n)
{
    size_t seen = r->at; // no newline before this
    while (!r->error[0]) {
        char *lf = memchr(r->buf + seen, '\n', r->end - seen);
        if (lf || (r->eof && r->end > r->at)) {
            *line = r->buf + r->at;
            *n = (size_t)((lf ? lf : r->buf + r->end) - *line);
            r->at += *n + (lf != NULL);
            return true;
        }
        size_t part = r->end - r->at;
        if (r->eof || !fill(r))
            return false;
        seen = part; // the part is at the front now
    }
    return false;
}

bool line_reader_wait(struct line_reader *r, int fd, int timeout_ms)
{
    struct pollfd p[2] = {{.fd = r->fd, .events = POLLIN},
                          {.fd = fd, .events = POLLIN}};
    if (r->gz || r->eof || r->error[0] ||
        memchr(r->buf + r->at, '\n', r->end - r->at))
        return true;
    return poll(p, 2, timeout_ms) > 0 && p[0].revents;
}
