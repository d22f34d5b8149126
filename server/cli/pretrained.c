/* pretrained.c -- see pretrained.h. */
#include "server/cli/pretrained.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/cli/line_reader.h"

struct load {
    struct tensor_file *f;
    char *error;              /* (PRETRAINED_ERROR) */
};

/* ---- tensors ------------------------------------------------------------- */

static const struct tensor *find(struct load *l, const char *name)
{
    const struct tensor *t = tensor_file_find(l->f, name);
    if (!t)
        snprintf(l->error, PRETRAINED_ERROR, "there is no tensor \"%s\" in "
                 "the file", name);
    return t;
}

static bool transpose(struct matrix *m)
{
    float *out = calloc(m->rows * m->cols + 1, sizeof *out);
    for (size_t r = 0; out && r < m->rows; r++)
        for (size_t c = 0; c < m->cols; c++)
            out[c * m->rows + r] = m->at[r * m->cols + c];
    if (!out)
        return false;
    free(m->at);
    *m = (struct matrix){.at = out, .rows = m->cols, .cols = m->rows};
    return true;
}

static bool load_matrix(struct load *l, const struct map_tensor *how,
                        struct matrix *out)
{
    if (!how->name[0])
        return true;
    const struct tensor *t = find(l, how->name);
    if (!t)
        return false;
    if (t->ndim != 2 || t->shape[0] == 0 || t->shape[1] == 0) {
        snprintf(l->error, PRETRAINED_ERROR, "tensor \"%s\" must have two "
                 "dimensions, neither of them 0", t->name);
        return false;
    }
    out->at = tensor_file_floats(l->f, t, l->error);
    out->rows = t->shape[0];
    out->cols = t->shape[1];
    if (out->at && how->transpose && !transpose(out)) {
        snprintf(l->error, PRETRAINED_ERROR, "out of memory");
        return false;
    }
    return out->at != NULL;
}

/* A number per row: [n], [n,1] or [1,n]. */
static bool load_bias(struct load *l, const struct map_tensor *how,
                      const struct matrix *m, float **out)
{
    if (!how->name[0])
        return true;
    const struct tensor *t = find(l, how->name);
    if (!t)
        return false;
    if (tensor_file_size(t) != m->rows) {
        snprintf(l->error, PRETRAINED_ERROR, "tensor \"%s\" has %llu numbers "
                 "for %zu rows", t->name,
                 (unsigned long long)tensor_file_size(t), m->rows);
        return false;
    }
    *out = tensor_file_floats(l->f, t, l->error);
    return *out != NULL;
}

static bool load_mean(struct load *l, const struct map_head *how,
                      struct pretrained_head *out)
{
    const char *note = tensor_file_note(l->f, "mean");
    const char *format = tensor_file_note(l->f, "format");
    if (how->mean.name[0]) {
        const struct tensor *t = find(l, how->mean.name);
        if (t && tensor_file_size(t) != 1)
            snprintf(l->error, PRETRAINED_ERROR, "tensor \"%s\" must be one "
                     "number: it is the mean", t->name);
        float *v = t && tensor_file_size(t) == 1
                       ? tensor_file_floats(l->f, t, l->error) : NULL;
        out->has_mean = v != NULL;
        out->mean = v ? (double)v[0] : 0;
        free(v);
        return out->has_mean;
    }
    out->has_mean = how->has_mean;
    out->mean = how->mean_value;
    if (!how->has_mean && note && format &&
        strcmp(format, "freshet-snapshot") == 0) {
        out->mean = strtod(note, NULL);
        out->has_mean = true;
    }
    return true;
}

static bool load_head(struct load *l, const struct map_head *how,
                      struct pretrained_head *out)
{
    if (!load_matrix(l, &how->users, &out->users) ||
        !load_matrix(l, &how->items, &out->items) ||
        !load_bias(l, &how->user_bias, &out->users, &out->user_bias) ||
        !load_bias(l, &how->item_bias, &out->items, &out->item_bias))
        return false;
    if (!out->users.at || !out->items.at || out->users.cols == out->items.cols)
        return true;
    snprintf(l->error, PRETRAINED_ERROR, "tensors \"%s\" and \"%s\" have %zu "
             "and %zu columns, which cannot be multiplied%s", how->users.name,
             how->items.name, out->users.cols, out->items.cols,
             out->users.rows == out->items.rows ? " (\"transpose\":true?)"
                                                : "");
    return false;
}

/* Do they fit the factors, and one another? */
static bool layers_fit(struct load *l, const struct pretrained *p,
                       const struct map_head *how)
{
    const struct matrix *rows = p->rating.users.at ? &p->rating.users
                                                   : &p->rating.items;
    size_t in = 3 * rows->cols;
    for (uint32_t i = 0; i < p->nlayers; i++) {
        const struct matrix *w = &p->layer[i].weight;
        bool last = i + 1 == p->nlayers;
        if (w->cols == in && (!last || w->rows == 1)) {
            in = w->rows;
            continue;
        }
        snprintf(l->error, PRETRAINED_ERROR, "tensor \"%s\" is %zu x %zu: "
                 "layer %u has %zu inputs%s (\"transpose\":true?)",
                 how->layer[i].weight.name, w->rows, w->cols, i, in,
                 last ? " and one unit" : "");
        return false;
    }
    return true;
}

static bool load_layers(struct load *l, const struct map_head *how,
                        struct pretrained *p)
{
    for (uint32_t i = 0; i < how->nlayers; i++) {
        struct pretrained_layer *layer = &p->layer[i];
        p->nlayers++;
        if (!load_matrix(l, &how->layer[i].weight, &layer->weight))
            return false;
    }
    bool ok = layers_fit(l, p, how);
    for (uint32_t i = 0; ok && i < p->nlayers; i++)
        ok = load_bias(l, &how->layer[i].bias, &p->layer[i].weight,
                       &p->layer[i].bias);
    return ok;
}

/* The rows of users, or of items, which both heads must agree about; 0: there
 * are none. */
static bool rows_of(struct load *l, const struct matrix *a,
                    const struct matrix *b, const char *what, size_t *n)
{
    *n = a->at ? a->rows : b->rows;
    if (!a->at || !b->at || a->rows == b->rows)
        return true;
    snprintf(l->error, PRETRAINED_ERROR, "rating has %zu %s, ranking %zu",
             a->rows, what, b->rows);
    return false;
}

static bool load_all(struct load *l, struct pretrained *p,
                     const struct model_map *map, const char *dir)
{
    size_t users, items;
    p->count = map->count;
    p->has_range = map->rating.has_range;
    memcpy(p->range, map->rating.range, sizeof p->range);
    return load_head(l, &map->rating, &p->rating) &&
           load_mean(l, &map->rating, &p->rating) &&
           load_layers(l, &map->rating, p) &&
           load_head(l, &map->ranking, &p->ranking) &&
           rows_of(l, &p->rating.users, &p->ranking.users, "users", &users) &&
           rows_of(l, &p->rating.items, &p->ranking.items, "items", &items) &&
           (!users || names_load(&p->user_ids, &map->user_ids, dir, l->f, users,
                                 "user_ids", l->error)) &&
           (!items || names_load(&p->item_ids, &map->item_ids, dir, l->f, items,
                                 "item_ids", l->error));
}

/* ---- the map ------------------------------------------------------------- */

static bool read_map(const char *path, struct model_map *map,
                     char error[PRETRAINED_ERROR])
{
    struct buf text = {0};
    struct fail fail;
    char why[256];
    const char *line;
    size_t n;
    struct line_reader *r = line_reader_open(path, why);
    bool ok = r != NULL;
    while (r && line_reader_next(r, &line, &n)) {
        buf_put(&text, line, n);
        buf_putc(&text, '\n');
    }
    if (r && line_reader_error(r)) {
        snprintf(why, sizeof why, "%.250s", line_reader_error(r));
        ok = false;
    }
    line_reader_close(r);
    if (ok && !model_map_parse(text.p ? text.p : "", text.len, map, &fail)) {
        snprintf(why, sizeof why, "%s", fail.message);
        ok = false;
    }
    if (!ok)
        snprintf(error, PRETRAINED_ERROR, "%.200s: %.250s", path, why);
    buf_release(&text);
    return ok;
}

/* Those of a snapshot's neural head (model/store/snapshot.h), if it has one. */
static void own_layers(const struct tensor_file *f, struct map_head *rating)
{
    while (rating->nlayers < MAP_LAYERS_MAX) {
        uint32_t i = rating->nlayers;
        struct map_layer *layer = &rating->layer[i];
        snprintf(layer->weight.name, TENSOR_NAME_MAX, "mlp.%u.weight", i);
        snprintf(layer->bias.name, TENSOR_NAME_MAX, "mlp.%u.bias", i);
        if (!tensor_file_find(f, layer->weight.name))
            break;
        rating->nlayers++;
    }
}

/* What the file is without a map: ours, or nothing we know. */
static bool own_map(const struct tensor_file *f, const char *path,
                    struct model_map *map, char error[PRETRAINED_ERROR])
{
    const char *format = tensor_file_note(f, "format");
    const char *features = tensor_file_note(f, "features");
    const struct tensor *ranking = tensor_file_find(f, "items.rvec");
    model_map_snapshot(map, ranking && ranking->end > ranking->begin);
    own_layers(f, &map->rating);
    if (!format || strcmp(format, "freshet-snapshot") != 0)
        snprintf(error, PRETRAINED_ERROR, "%.200s is no snapshot of freshet: "
                 "which tensor is what? --map=FILE says it (freshet help "
                 "import)", path);
    else if (features && strcmp(features, "0") != 0)
        snprintf(error, PRETRAINED_ERROR, "%.200s has learned from metadata: "
                 "its rows are only a part of what it knows of an item. "
                 "Import what it learned from", path);
    else
        return true;
    return false;
}

bool pretrained_load(struct pretrained *p, const char *path, const char *map,
                     char error[PRETRAINED_ERROR])
{
    struct model_map how;
    char dir[MAP_FILE_MAX] = "", why[PRETRAINED_ERROR];
    struct load l = {.error = why};
    const char *slash = map ? strrchr(map, '/') : NULL;
    if (slash)
        snprintf(dir, sizeof dir, "%.*s", (int)(slash - map + 1), map);
    if (map && !read_map(map, &how, error))
        return false;
    l.f = tensor_file_open(path, error);
    if (!l.f || (!map && !own_map(l.f, path, &how, error))) {
        tensor_file_close(l.f);
        return false;
    }
    bool ok = load_all(&l, p, &how, dir);
    if (!ok)
        snprintf(error, PRETRAINED_ERROR, "%.120s: %.380s", path, why);
    tensor_file_close(l.f);
    return ok;
}

static void release_head(struct pretrained_head *h)
{
    free(h->users.at);
    free(h->items.at);
    free(h->user_bias);
    free(h->item_bias);
}

void pretrained_release(struct pretrained *p)
{
    release_head(&p->rating);
    release_head(&p->ranking);
    for (uint32_t i = 0; i < p->nlayers; i++) {
        free(p->layer[i].weight.at);
        free(p->layer[i].bias);
    }
    names_release(&p->user_ids);
    names_release(&p->item_ids);
}

/* ---- units --------------------------------------------------------------- */

static void multiply(float *at, size_t n, double by)
{
    for (size_t i = 0; at && i < n; i++)
        at[i] = (float)((double)at[i] * by);
}

/* Factors will be larger by the root of `by`, their products by all of it. */
static void rescale_layers(struct pretrained *p, double by)
{
    struct matrix *first = &p->layer[0].weight;
    for (size_t r = 0; p->nlayers && r < first->rows; r++) {
        float *row = &first->at[r * first->cols];
        multiply(row, first->cols / 3 * 2, 1 / sqrt(by));
        multiply(row + first->cols / 3 * 2, first->cols / 3, 1 / by);
    }
    if (p->nlayers == 0)
        return;
    struct pretrained_layer *last = &p->layer[p->nlayers - 1];
    multiply(last->weight.at, last->weight.cols, by);
    multiply(last->bias, 1, by);
}

void pretrained_rescale(struct pretrained *p, double lowest, double highest)
{
    struct pretrained_head *h = &p->rating;
    if (!p->has_range)
        return;
    double by = (highest - lowest) / (p->range[1] - p->range[0]);
    multiply(h->users.at, h->users.rows * h->users.cols, sqrt(by));
    multiply(h->items.at, h->items.rows * h->items.cols, sqrt(by));
    multiply(h->user_bias, h->users.rows, by);
    multiply(h->item_bias, h->items.rows, by);
    rescale_layers(p, by);
    h->mean = lowest + (h->mean - p->range[0]) * by;
}
