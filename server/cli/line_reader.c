/* line_reader.c -- see line_reader.h. */
#include "server/cli/line_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define BLOCK 65536

struct line_reader {
    int fd;            /* standard input, or -1 */
    gzFile gz;         /* a file, gzipped or plain */
    char *buf;         /* what was read and not handed out: at .. end */
    size_t at, end, cap;
    bool eof;
    uint64_t size;
    char error[256];
};

struct line_reader *line_reader_open(const char *path, char error[256])
{
    struct stat st;
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
        return r;
    }
    r->gz = gzopen(path, "rb");
    if (!r->gz || stat(path, &st) != 0 || S_ISDIR(st.st_mode)) {
        snprintf(error, 256, "%.200s: %s", path,
                 r->gz ? "not a file" : strerror(errno));
        line_reader_close(r);
        return NULL;
    }
    gzbuffer(r->gz, BLOCK);
    r->size = (uint64_t)st.st_size;
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

uint64_t line_reader_at(const struct line_reader *r)
{
    return r->gz ? (uint64_t)gzoffset(r->gz) : 0;
}

uint64_t line_reader_size(const struct line_reader *r)
{
    return r->size;
}

static bool fill(struct line_reader *r)
{
    int code;
    ssize_t n;
    if (r->at) {
        memmove(r->buf, r->buf + r->at, r->end - r->at);
        r->end -= r->at;
        r->at = 0;
    }
    if (r->cap - r->end < BLOCK) {
        char *buf = r->cap < LINE_READER_MAX ? realloc(r->buf, r->cap * 2)
                                             : NULL;
        if (!buf) {
            snprintf(r->error, sizeof r->error, "a line is longer than %d "
                     "bytes", LINE_READER_MAX);
            return false;
        }
        r->buf = buf;
        r->cap *= 2;
    }
    if (r->gz)
        n = gzread(r->gz, r->buf + r->end, BLOCK);
    else
        do
            n = read(r->fd, r->buf + r->end, BLOCK);
        while (n < 0 && errno == EINTR);
    if (n < 0) {
        snprintf(r->error, sizeof r->error, "%s",
                 r->gz ? gzerror(r->gz, &code) : strerror(errno));
        return false;
    }
    r->eof = n == 0;
    r->end += (size_t)n;
    return true;
}

bool line_reader_next(struct line_reader *r, const char **line, size_t *n)
{
    for (;;) {
        char *from = r->buf + r->at;
        char *lf = memchr(from, '\n', r->end - r->at);
        if (lf || (r->eof && r->end > r->at)) {
            *line = from;
            *n = lf ? (size_t)(lf - from) : r->end - r->at;
            r->at += *n + (lf != NULL);
            return true;
        }
        if (r->eof || !fill(r))
            return false;
    }
}

bool line_reader_would_wait(struct line_reader *r)
{
    struct pollfd p = {.fd = r->fd, .events = POLLIN};
    if (r->gz || r->eof || memchr(r->buf + r->at, '\n', r->end - r->at))
        return false;
    return poll(&p, 1, 0) == 0;
}
