/* column.c -- see column.h. */
#include "model/core/column.h"

#include <string.h>

/* No default: a column of another type needs a thought about its file form. */
#define TYPE_OF(type)                                                          \
    _Generic((type *)0, float *: TENSOR_F32, double *: TENSOR_F64,             \
             uint32_t *: TENSOR_I32, uint64_t *: TENSOR_I64,                   \
             int64_t *: TENSOR_I64,                                            \
             struct seen_list **: COLUMN_LISTS, struct card **: COLUMN_CARDS,  \
             struct brief *: COLUMN_DERIVED, int8_t *: COLUMN_DERIVED,         \
             struct grain *: COLUMN_DERIVED,                                   \
             struct label_bits *: COLUMN_DERIVED)

/* What per_row says. */
enum { DIM = 1000, RDIM = 1001 };
#define WIDE_OF(per_row)                                                       \
    ((per_row) == DIM    ? COLUMN_RATING_WIDE                                  \
     : (per_row) == RDIM ? COLUMN_RANKING_WIDE                                 \
     : (per_row) == LIKED_ITEMS ? COLUMN_LIKED_WIDE                            \
                                : COLUMN_ONE_WIDE)

#define COLUMN_OF(entity, name, type, per_row)                                 \
    {#name, TYPE_OF(type), sizeof(type), WIDE_OF(per_row),                     \
     offsetof(struct entity, name)},
#define USER_COLUMN(name, type, per_row, hashed)                               \
    COLUMN_OF(users, name, type, per_row)
#define ITEM_COLUMN(name, type, per_row, hashed)                               \
    COLUMN_OF(items, name, type, per_row)
#define FEATURE_COLUMN(name, type, per_row, hashed)                            \
    COLUMN_OF(features, name, type, per_row)

const struct column user_columns[USER_NCOLUMNS] = {USER_COLUMNS(USER_COLUMN)};
const struct column item_columns[ITEM_NCOLUMNS] = {ITEM_COLUMNS(ITEM_COLUMN)};
const struct column feature_columns[FEATURE_NCOLUMNS] = {
    FEATURE_COLUMNS(FEATURE_COLUMN)};

void *column_row(const struct column *c, const void *entity, struct dims d,
                 uint32_t row)
{
    char *p;
    memcpy(&p, (const char *)entity + c->at, sizeof p);
    return p + (size_t)row * column_width(c, d);
}

void column_set(const struct column *c, void *entity, void *p)
{
    memcpy((char *)entity + c->at, &p, sizeof p);
}
