/* snapshot_plan.c -- see snapshot_plan.h. */
#include "model/store/snapshot_plan.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/column.h"
#include "model/learn/state.h"

size_t plan_size(enum tensor_type type)
{
    static const size_t sizes[TENSOR_TYPES] = {
        [TENSOR_U8] = 1, [TENSOR_I32] = 4, [TENSOR_I64] = 8,
        [TENSOR_F32] = 4, [TENSOR_F64] = 8};
    return sizes[type];
}

/* ---- what there is ----------------------------------------------------- */

static struct tensor *add(struct plan *p, const char *entity,
                          const char *column, unsigned type, uint64_t rows)
{
    assert(p->n < SNAPSHOT_TENSORS_MAX);
    struct tensor *t = &p->tensor[p->n++];
    snprintf(t->name, sizeof t->name, "%s.%s", entity, column);
    t->type = (enum tensor_type)type;
    t->ndim = 1;
    t->shape[0] = rows;
    return t;
}

void plan_layer(uint32_t layer, char name[PLAN_LAYER_MAX])
{
    snprintf(name, PLAN_LAYER_MAX, "mlp.%" PRIu32, layer);
}

static void add_open(struct plan *p, const char *entity, const char *column,
                     unsigned type)
{
    add(p, entity, column, type, 0);
    p->open[p->n - 1] = true;
}

static void add_columns(struct plan *p, const char *entity,
                        const struct column *columns, size_t n, uint32_t rows)
{
    for (size_t i = 0; i < n; i++) {
        if (columns[i].type >= TENSOR_TYPES)
            continue; // parts of the state of their own: seen, cards; or derived
        struct tensor *t = add(p, entity, columns[i].name, columns[i].type,
                               rows);
        if (columns[i].wide) {
            t->ndim = 2;
            t->shape[1] = column_elements(&columns[i], p->dims);
        }
    }
    add(p, entity, "birth", TENSOR_I64, rows);
    add(p, entity, "id_end", TENSOR_I64, rows);
}

static void plan_rows(struct plan *p)
{
    add_columns(p, "users", user_columns, USER_NCOLUMNS, p->users);
    add_columns(p, "items", item_columns, ITEM_NCOLUMNS, p->items);
    add_columns(p, "features", feature_columns, FEATURE_NCOLUMNS, p->features);
    add_open(p, "items", "id_bytes", TENSOR_U8);
    add_open(p, "users", "id_bytes", TENSOR_U8);
    add_open(p, "features", "id_bytes", TENSOR_U8);
}

static void add_words(struct plan *p, const char *name, uint64_t words)
{
    struct tensor *t = add(p, "", "", TENSOR_I64, words);
    snprintf(t->name, sizeof t->name, "%s", name);
}

static void plan_totals(struct plan *p)
{
    add_words(p, "totals", PLAN_TOTALS_WORDS);
}

/* A column of users. */
static void plan_liked(struct plan *p)
{
    (void)p;
}

static void plan_seen(struct plan *p)
{
    add_open(p, "users", "seen", TENSOR_I32);
    p->tensor[p->n - 1].ndim = 2;
    p->tensor[p->n - 1].shape[1] = 2;
}

static void plan_cards(struct plan *p)
{
    add(p, "users", "card_end", TENSOR_I64, p->users);
    add(p, "items", "card_end", TENSOR_I64, p->items);
    add(p, "users", "card_bytes", TENSOR_U8, p->user_card_bytes);
    add(p, "items", "card_bytes", TENSOR_U8, p->item_card_bytes);
}

static void plan_entries(struct plan *p, const char *name, uint32_t n)
{
    add(p, name, "user", TENSOR_I32, n);
    add(p, name, "item", TENSOR_I32, n);
    add(p, name, "inner", TENSOR_F32, n);
    add(p, name, "seq", TENSOR_I64, n);
}

static void plan_history(struct plan *p)
{
    plan_entries(p, "history", p->history);
}

static void plan_positives(struct plan *p)
{
    plan_entries(p, "positives", p->positives);
}

static void plan_evaluation(struct plan *p)
{
    if (p->evaluation)
        add_words(p, "evaluation", p->evaluation);
}

/* As PyTorch's nn.Linear has them: weight (out, in), bias (out). */
static void plan_mlp(struct plan *p)
{
    for (uint32_t l = 0; l < p->mlp.nlayers; l++) {
        char name[PLAN_LAYER_MAX];
        plan_layer(l, name);
        struct tensor *t = add(p, name, "weight", TENSOR_F32,
                               p->mlp.layer[l].out);
        t->ndim = 2;
        t->shape[1] = p->mlp.layer[l].in;
        add(p, name, "bias", TENSOR_F32, p->mlp.layer[l].out);
    }
}

/* ---- where it lies ----------------------------------------------------- */

static size_t end_of(const struct tensor *t)
{
    uint64_t elements = t->shape[0] * (t->ndim == 2 ? t->shape[1] : 1);
    return t->begin + elements * plan_size(t->type);
}

/* The larger the numbers the earlier, whatever has no end yet last. */
static int rank_of(const struct plan *p, size_t i)
{
    return (p->open[i] ? 16 : 0) - (int)plan_size(p->tensor[i].type);
}

/* By insertion: few, and those of one rank stay in their order. */
static void sort(struct plan *p)
{
    for (size_t i = 1; i < p->n; i++) {
        for (size_t k = i; k > 0 && rank_of(p, k) < rank_of(p, k - 1); k--) {
            struct tensor t = p->tensor[k];
            bool open = p->open[k];
            p->tensor[k] = p->tensor[k - 1];
            p->open[k] = p->open[k - 1];
            p->tensor[k - 1] = t;
            p->open[k - 1] = open;
        }
    }
}

static void place(struct plan *p, size_t i)
{
    struct tensor *t = &p->tensor[i];
    t->begin = i ? p->tensor[i - 1].end : 0;
    t->end = end_of(t);
}

void plan_make(struct plan *p)
{
    p->n = 0;
    memset(p->tensor, 0, sizeof p->tensor);
    memset(p->open, 0, sizeof p->open);
#define PART(name, what) plan_##name(p);
    STATE_PARTS(PART)
#undef PART
    sort(p);
    for (size_t i = 0; i < p->n; i++)
        place(p, i);
}

void plan_close(struct plan *p, size_t tensor, uint64_t elements)
{
    assert(p->open[tensor]);
    p->tensor[tensor].shape[0] = elements;
    for (size_t i = tensor; i < p->n; i++)
        place(p, i);
}

size_t plan_find(const struct plan *p, const char *name)
{
    size_t i = 0;
    while (i < p->n && strcmp(p->tensor[i].name, name) != 0)
        i++;
    assert(i < p->n);
    return i;
}

size_t plan_find_column(const struct plan *p, const char *entity,
                        const char *column)
{
    char name[TENSOR_NAME_MAX];
    snprintf(name, sizeof name, "%s.%s", entity, column);
    return plan_find(p, name);
}
