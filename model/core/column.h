/* column.h -- the columns of table.h as data, for who walks them one by one:
 * the overlay and the snapshots.  Any thread, pure.
 *
 * (What runs at each publish is made from the registry when it is compiled:
 * rows.c.)
 * An `entity` is a struct users or a struct items, as the list of columns says.
 */
#ifndef FRESHET_MODEL_CORE_COLUMN_H
#define FRESHET_MODEL_CORE_COLUMN_H

#include <stdbool.h>

#include "model/core/table.h"

/* What stands in a column: numbers, or lists of their own (users.seen). */
#define COLUMN_LISTS TENSOR_TYPES

struct column {
    const char *name;
    unsigned type;       /* enum tensor_type, or COLUMN_LISTS */
    size_t size;         /* bytes of an element */
    bool wide;           /* dim elements per row, else one */
    size_t at;           /* where the entity has its pointer */
};

#define COLUMN_ONE(name, type, per_row, hashed) + 1
enum { USER_NCOLUMNS = 0 USER_COLUMNS(COLUMN_ONE),
       ITEM_NCOLUMNS = 0 ITEM_COLUMNS(COLUMN_ONE) };

extern const struct column user_columns[USER_NCOLUMNS];
extern const struct column item_columns[ITEM_NCOLUMNS];

/* Bytes of a row in this column. */
static inline size_t column_width(const struct column *c, uint32_t dim)
{
    return c->size * (c->wide ? dim : 1);
}

/* Where the entity has the column's row. */
void *column_row(const struct column *c, const void *entity, uint32_t dim,
                 uint32_t row);

/* Lets the column of the entity begin at p. */
void column_set(const struct column *c, void *entity, void *p);

#endif
