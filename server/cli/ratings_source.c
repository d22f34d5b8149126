/* ratings_source.c -- see ratings_source.h. */
#include "server/cli/ratings_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/ratings_file.h"
#include "server/cli/line_reader.h"

struct ratings_source {
    const char *name;           /* for messages */
    struct line_reader *lines;
    struct ratings_file file;
};

struct ratings_source *ratings_source_open(const char *path,
                                           const struct proto_limits *limits,
                                           char error[512])
{
    char why[256] = "out of memory";
    struct ratings_source *s = calloc(1, sizeof *s);
    if (s)
        s->lines = line_reader_open(path, why);
    if (!s || !s->lines) {
        snprintf(error, 512, "%s", why);
        free(s);
        return NULL;
    }
    s->name = strcmp(path, "-") == 0 ? "standard input" : path;
    ratings_file_init(&s->file, limits);
    return s;
}

void ratings_source_close(struct ratings_source *s)
{
    if (!s)
        return;
    line_reader_close(s->lines);
    free(s);
}

enum ratings_next ratings_source_next(struct ratings_source *s,
                                      struct rating *r, char error[512])
{
    const char *line;
    size_t n;
    bool has = false;
    struct fail f;
    while (!has) {
        if (!line_reader_next(s->lines, &line, &n)) {
            const char *why = line_reader_error(s->lines);
            if (why)
                snprintf(error, 512, "%.200s, line %llu: %.250s", s->name,
                         (unsigned long long)s->file.line + 1, why);
            return why ? NEXT_FAILED : NEXT_END;
        }
        if (!ratings_file_line(&s->file, line, n, r, &has, &f)) {
            snprintf(error, 512, "%.200s, line %lld: %s", s->name,
                     (long long)f.index, f.message);
            return NEXT_BAD;
        }
    }
    return NEXT_RATING;
}

bool ratings_source_wait(struct ratings_source *s, int fd, int timeout_ms)
{
    return line_reader_wait(s->lines, fd, timeout_ms);
}

double ratings_source_part(const struct ratings_source *s)
{
    return line_reader_part(s->lines);
}
