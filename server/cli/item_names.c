/* item_names.c -- see item_names.h. */
#include "server/cli/item_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/item_file.h"
#include "server/cli/line_reader.h"

static int compare(const char *a, size_t n, const char *b, size_t m)
{
    int c = memcmp(a, b, n < m ? n : m);
    return c ? c : n < m ? -1 : n > m;
}

static int by_id(const void *a, const void *b, void *bytes)
{
    const struct item_name *x = a, *y = b;
    const char *p = bytes;
    return compare(p + x->id, x->id_len, p + y->id, y->id_len);
}

static bool add(struct item_names *s, const struct item_line *line)
{
    if (s->n == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 1024;
        struct item_name *at = realloc(s->at, cap * sizeof *at);
        if (!at)
            return false;
        s->at = at;
        s->cap = cap;
    }
    s->at[s->n].id = s->bytes.len;
    s->at[s->n].id_len = line->item.len;
    buf_put(&s->bytes, line->item.s, line->item.len);
    s->at[s->n++].title = s->bytes.len;
    buf_puts(&s->bytes, line->title);
    buf_putc(&s->bytes, '\0');
    return !s->bytes.failed;
}

bool item_names_load(struct item_names *s, const char *path, char error[512])
{
    static const struct proto_limits limits = {
        .json_depth = 32, .array_elements = 10000, .json_values = 200000};
    struct item_file file;
    struct item_line item;
    struct fail f;
    const char *line;
    size_t n;
    bool has, ok = true;
    struct line_reader *in = line_reader_open(path, error);
    if (!in)
        return false;
    item_file_init(&file, &limits);
    while (ok && line_reader_next(in, &line, &n)) {
        ok = item_file_line(&file, line, n, &item, &has, &f);
        if (!ok)
            snprintf(error, 512, "%.200s, line %lld: %s", path,
                     (long long)f.index, f.message);
        else if (has && !add(s, &item)) {
            snprintf(error, 512, "out of memory");
            ok = false;
        }
    }
    if (ok && line_reader_error(in)) {
        snprintf(error, 512, "%.200s: %.250s", path, line_reader_error(in));
        ok = false;
    }
    line_reader_close(in);
    if (s->n)
        qsort_r(s->at, s->n, sizeof *s->at, by_id, s->bytes.p);
    return ok;
}

void item_names_release(struct item_names *s)
{
    free(s->at);
    buf_release(&s->bytes);
    memset(s, 0, sizeof *s);
}

const char *item_names_find(const struct item_names *s, struct id id)
{
    size_t lo = 0, hi = s->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = compare(s->bytes.p + s->at[mid].id, s->at[mid].id_len, id.s,
                        id.len);
        if (c == 0)
            return s->bytes.p + s->at[mid].title;
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}
