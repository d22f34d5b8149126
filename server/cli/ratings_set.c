/* ratings_set.c -- see ratings_set.h. */
#include "server/cli/ratings_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/ratings_file.h"
#include "server/cli/line_reader.h"
#include "server/cli/progress_bar.h"

static bool add(struct ratings_set *s, const struct rating *r)
{
    if (s->n == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 4096;
        struct ratings_record *at = realloc(s->at, cap * sizeof *at);
        if (!at)
            return false;
        s->at = at;
        s->cap = cap;
    }
    size_t user = s->bytes.len;
    buf_put(&s->bytes, r->user.s, r->user.len);
    buf_put(&s->bytes, r->item.s, r->item.len);
    s->at[s->n] = (struct ratings_record){
        .user = user, .item = user + r->user.len,
        .user_len = (uint16_t)r->user.len, .item_len = (uint16_t)r->item.len,
        .value = r->value, .time_ms = r->time_ms, .place = s->n};
    s->n++;
    return !s->bytes.failed;
}

/* What a wrong line says, and what to do when it is the range. */
static void explain(char error[512], const char *path, const struct fail *f)
{
    snprintf(error, 512, "%.200s, line %lld: %s%s", path,
             (long long)f->index, f->message,
             f->code == FAIL_invalid_rating
                 ? "; is that the range of this file?" : "");
}

bool ratings_set_load(struct ratings_set *s, const char *path,
                      const struct proto_limits *limits, uint64_t limit,
                      char error[512])
{
    struct ratings_file file;
    struct progress_bar bar;
    struct rating r;
    struct fail f;
    const char *line;
    size_t n;
    bool has, ok = true;
    struct line_reader *in = line_reader_open(path, error);
    if (!in)
        return false;
    ratings_file_init(&file, limits);
    progress_bar_start(&bar, "reading ", line_reader_size(in));
    while (ok && (!limit || s->n < limit) && line_reader_next(in, &line, &n)) {
        ok = ratings_file_line(&file, line, n, &r, &has, &f);
        if (!ok)
            explain(error, path, &f);
        else if (has && !add(s, &r)) {
            snprintf(error, 512, "out of memory");
            ok = false;
        }
        if (bar.terminal)
            progress_bar_show(&bar, line_reader_at(in));
    }
    if (bar.drawn)
        fputs("\r\033[K", stderr);
    if (ok && line_reader_error(in)) {
        snprintf(error, 512, "%.200s: %.250s", path, line_reader_error(in));
        ok = false;
    }
    if (ok && s->n == 0) {
        snprintf(error, 512, "%.200s: there is no rating in it", path);
        ok = false;
    }
    line_reader_close(in);
    return ok;
}

void ratings_set_release(struct ratings_set *s)
{
    free(s->at);
    buf_release(&s->bytes);
    memset(s, 0, sizeof *s);
}

static int by_time(const void *a, const void *b)
{
    const struct ratings_record *x = a, *y = b;
    if (x->time_ms != y->time_ms)
        return x->time_ms < y->time_ms ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

void ratings_set_sort(struct ratings_set *s)
{
    if (s->n)
        qsort(s->at, s->n, sizeof *s->at, by_time);
}

struct rating ratings_set_get(const struct ratings_set *s, size_t i)
{
    const struct ratings_record *r = &s->at[i];
    return (struct rating){{s->bytes.p + r->user, r->user_len},
                           {s->bytes.p + r->item, r->item_len}, r->value,
                           r->time_ms};
}
