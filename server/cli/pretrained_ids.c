/* pretrained_ids.c -- the part of pretrained.h that reads ids. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/id.h"
#include "server/cli/line_reader.h"
#include "server/cli/pretrained.h"

void names_release(struct names *s)
{
    buf_release(&s->bytes);
    free(s->end);
    *s = (struct names){.n = 0};
}

struct id names_get(const struct names *s, size_t row)
{
    size_t begin = row ? s->end[row - 1] : 0;
    return (struct id){s->bytes.p + begin, (uint32_t)(s->end[row] - begin)};
}

/* ---- ways ---------------------------------------------------------------- */

struct load {
    struct names *s;
    const char *what;        /* "user_ids" */
    size_t want;             /* rows */
    struct tensor_file *f;
    char *error;             /* (PRETRAINED_ERROR) */
};

static bool add(struct load *l, const char *id, size_t n)
{
    buf_put(&l->s->bytes, id, n);
    l->s->end[l->s->n++] = l->s->bytes.len;
    if (l->s->bytes.failed)
        snprintf(l->error, PRETRAINED_ERROR, "out of memory");
    return !l->s->bytes.failed;
}

static bool add_number(struct load *l, int64_t v)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%" PRId64, v);
    return add(l, text, (size_t)n);
}

static bool count_is(struct load *l, uint64_t n, const char *unit)
{
    if (n == l->want)
        return true;
    snprintf(l->error, PRETRAINED_ERROR, "%s: there are %llu %s for %zu rows",
             l->what, (unsigned long long)n, unit, l->want);
    return false;
}

static bool from_file(struct load *l, const char *dir, const char *name)
{
    char path[2 * MAP_FILE_MAX], why[256] = "";
    const char *line;
    size_t n, lines = 0;
    snprintf(path, sizeof path, "%s%s", name[0] == '/' ? "" : dir, name);
    struct line_reader *r = line_reader_open(path, why);
    bool ok = r != NULL;
    while (ok && line_reader_next(r, &line, &n)) {
        if (n && line[n - 1] == '\r')
            n--;
        if (lines++ < l->want)
            ok = add(l, line, n);
    }
    if (r && line_reader_error(r))
        snprintf(why, sizeof why, "%s", line_reader_error(r));
    line_reader_close(r);
    if (why[0]) {
        snprintf(l->error, PRETRAINED_ERROR, "%s: %.250s", l->what, why);
        return false;
    }
    return ok && count_is(l, lines, "lines");
}

static bool from_first(struct load *l, int64_t first)
{
    bool ok = true;
    for (size_t i = 0; ok && i < l->want; i++)
        ok = add_number(l, first + (int64_t)i);
    return ok;
}

static const struct tensor *find(struct load *l, const char *name)
{
    const struct tensor *t = tensor_file_find(l->f, name);
    if (!t)
        snprintf(l->error, PRETRAINED_ERROR, "%s: there is no tensor \"%s\"",
                 l->what, name);
    return t;
}

static bool from_tensor(struct load *l, const char *name)
{
    const struct tensor *t = find(l, name);
    if (!t || !count_is(l, tensor_file_size(t), "numbers"))
        return false;
    int64_t *v = tensor_file_wholes(l->f, t, l->error);
    bool ok = v != NULL;
    for (size_t i = 0; ok && i < l->want; i++)
        ok = add_number(l, v[i]);
    free(v);
    return ok;
}

/* The id of each row lies between two of the places, of which the first is 0
 * (implied where there are only ends) and the last the end of the bytes. */
static bool add_spans(struct load *l, const int64_t *end, const char *bytes,
                      uint64_t nbytes)
{
    int64_t begin = 0;
    bool ok = true;
    for (size_t i = 0; ok && i < l->want; begin = end[i++]) {
        if (end[i] < begin || (uint64_t)end[i] > nbytes) {
            snprintf(l->error, PRETRAINED_ERROR, "%s: the id of row %zu would "
                     "lie at %" PRId64 " .. %" PRId64 " of %" PRIu64 " bytes",
                     l->what, i, begin, end[i], nbytes);
            return false;
        }
        ok = add(l, bytes + begin, (size_t)(end[i] - begin));
    }
    if (ok && (uint64_t)begin != nbytes) {
        snprintf(l->error, PRETRAINED_ERROR, "%s: the ids end at %" PRId64
                 ", their bytes at %" PRIu64, l->what, begin, nbytes);
        return false;
    }
    return ok;
}

static bool from_spans(struct load *l, const struct map_ids *how)
{
    bool offsets = how->kind == MAP_IDS_OFFSETS;
    const struct tensor *places = find(l, how->tensor);
    const struct tensor *text = places ? find(l, how->bytes) : NULL;
    if (!text)
        return false;
    uint64_t n = tensor_file_size(places);
    if (offsets && n)
        n--;
    if (!count_is(l, n, offsets ? "spans of offsets" : "ends"))
        return false;
    int64_t *at = tensor_file_wholes(l->f, places, l->error);
    char *bytes = at ? tensor_file_bytes(l->f, text, l->error) : NULL;
    bool ok = bytes != NULL;
    if (ok && offsets && at[0] != 0) {
        snprintf(l->error, PRETRAINED_ERROR, "%s: the first offset is not 0",
                 l->what);
        ok = false;
    }
    ok = ok && add_spans(l, at + offsets, bytes, tensor_file_size(text));
    free(at);
    free(bytes);
    return ok;
}

/* ---- checks -------------------------------------------------------------- */

/* Two rows of names. */
static int by_name(const void *a, const void *b, void *names)
{
    const size_t *x = a, *y = b;
    struct id p = names_get(names, *x), q = names_get(names, *y);
    int c = memcmp(p.s, q.s, p.len < q.len ? p.len : q.len);
    if (c)
        return c;
    return p.len < q.len ? -1 : p.len > q.len;
}

static bool all_differ(struct load *l)
{
    size_t *order = malloc((l->s->n + 1) * sizeof *order);
    bool ok = order != NULL;
    if (!ok)
        snprintf(l->error, PRETRAINED_ERROR, "out of memory");
    for (size_t i = 0; ok && i < l->s->n; i++)
        order[i] = i;
    if (ok && l->s->n)
        qsort_r(order, l->s->n, sizeof *order, by_name, l->s);
    for (size_t i = 1; ok && i < l->s->n; i++) {
        if (by_name(&order[i - 1], &order[i], l->s) != 0)
            continue;
        struct id id = names_get(l->s, order[i]);
        if (id.len == 0)
            continue; // rows without one
        snprintf(l->error, PRETRAINED_ERROR, "%s: rows %zu and %zu have the "
                 "same id, %.*s", l->what, order[i - 1], order[i],
                 id.len < 80 ? (int)id.len : 80, id.s);
        ok = false;
    }
    free(order);
    return ok;
}

static bool all_valid(struct load *l, bool may_lack)
{
    for (size_t i = 0; i < l->s->n; i++) {
        struct id id = names_get(l->s, i);
        if (id_valid(id.s, id.len) || (id.len == 0 && may_lack))
            continue;
        snprintf(l->error, PRETRAINED_ERROR, "%s: the id of row %zu is not "
                 "1..%d bytes of UTF-8 without control characters", l->what, i,
                 ID_BYTES_MAX);
        return false;
    }
    return true;
}

bool names_load(struct names *s, const struct map_ids *how, const char *dir,
                struct tensor_file *f, size_t n, const char *what,
                char error[PRETRAINED_ERROR])
{
    struct load l = {.s = s, .what = what, .want = n, .f = f, .error = error};
    bool ok = false;
    s->end = calloc(n + 1, sizeof *s->end);
    if (!s->end || !buf_reserve(&s->bytes, 1)) {
        snprintf(error, PRETRAINED_ERROR, "out of memory");
        return false;
    }
    switch (how->kind) {
    case MAP_IDS_FILE:
        ok = from_file(&l, dir, how->file);
        break;
    case MAP_IDS_FIRST:
        ok = from_first(&l, how->first);
        break;
    case MAP_IDS_TENSOR:
        ok = from_tensor(&l, how->tensor);
        break;
    case MAP_IDS_OFFSETS:
    case MAP_IDS_ENDS:
        ok = from_spans(&l, how);
        break;
    case MAP_IDS_NONE:
        snprintf(error, PRETRAINED_ERROR, "%s is missing", what);
        break;
    }
    return ok && all_valid(&l, how->kind == MAP_IDS_ENDS) && all_differ(&l);
}
