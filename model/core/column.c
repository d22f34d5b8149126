/* column.c -- see column.h. */
#include "model/core/column.h"

#include <string.h>

/* No default: a column of another type needs a thought about its file form. */
#define TYPE_OF(type)                                                          \
    _Generic((type *)0, float *: TENSOR_F32, double *: TENSOR_F64,             \
             uint32_t *: TENSOR_I32, uint64_t *: TENSOR_I64,                   \
             int64_t *: TENSOR_I64,                                            \
             struct seen_list **: COLUMN_LISTS)

#define DIM 0 /* what per_row says for vectors */
#define USER_COLUMN(name, type, per_row, hashed)                               \
    {#name, TYPE_OF(type), sizeof(type), (per_row) == DIM,                     \
     offsetof(struct users, name)},
#define ITEM_COLUMN(name, type, per_row, hashed)                               \
    {#name, TYPE_OF(type), sizeof(type), (per_row) == DIM,                     \
     offsetof(struct items, name)},

const struct column user_columns[USER_NCOLUMNS] = {USER_COLUMNS(USER_COLUMN)};
const struct column item_columns[ITEM_NCOLUMNS] = {ITEM_COLUMNS(ITEM_COLUMN)};

void *column_row(const struct column *c, const void *entity, uint32_t dim,
                 uint32_t row)
{
    char *p;
    memcpy(&p, (const char *)entity + c->at, sizeof p);
    return p + (size_t)row * column_width(c, dim);
}

void column_set(const struct column *c, void *entity, void *p)
{
    memcpy((char *)entity + c->at, &p, sizeof p);
}
