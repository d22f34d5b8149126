/* column.h -- the columns of table.h as data, for who walks them one by one:
 * the overlay and the snapshots.  Any thread, pure.
 *
 * (What runs at each publish is made from the registry when it is compiled:
 * rows.c.)
 * An `entity` is a struct users, items or features, as the list of columns says.
 */
#ifndef FRESHET_MODEL_CORE_COLUMN_H
#define FRESHET_MODEL_CORE_COLUMN_H

#include <stdbool.h>

#include "model/core/table.h"

/* What stands in a column that is no number: lists of their own (users.seen), or
 * cards; or that follows from others and is in no file (items.brief,
 * labels, code, grain). */
#define COLUMN_LISTS   TENSOR_TYPES
#define COLUMN_CARDS   (TENSOR_TYPES + 1)
#define COLUMN_DERIVED (TENSOR_TYPES + 2)

/* Elements per row. */
enum column_width { COLUMN_ONE_WIDE, COLUMN_RATING_WIDE, COLUMN_RANKING_WIDE,
                    COLUMN_LIKED_WIDE };

struct column {
    const char *name;
    unsigned type;       /* enum tensor_type, or one of those */
    size_t size;         /* bytes of an element */
    enum column_width wide;
    size_t at;           /* where the entity has its pointer */
};

#define COLUMN_ONE(name, type, per_row, hashed) + 1
enum { USER_NCOLUMNS = 0 USER_COLUMNS(COLUMN_ONE),
       ITEM_NCOLUMNS = 0 ITEM_COLUMNS(COLUMN_ONE),
       FEATURE_NCOLUMNS = 0 FEATURE_COLUMNS(COLUMN_ONE),
       COLUMNS_MAX = 16 };
_Static_assert((int)USER_NCOLUMNS <= (int)COLUMNS_MAX &&
               (int)ITEM_NCOLUMNS <= (int)COLUMNS_MAX, "room for all columns");

extern const struct column user_columns[USER_NCOLUMNS];
extern const struct column item_columns[ITEM_NCOLUMNS];
extern const struct column feature_columns[FEATURE_NCOLUMNS];

/* Do its rows stand for themselves, so that they are kept with a snapshot? */
static inline bool column_is_kept(const struct column *c)
{
    return c->type != COLUMN_LISTS && c->type != COLUMN_DERIVED;
}

/* Elements of a row in this column. */
static inline uint32_t column_elements(const struct column *c, struct dims d)
{
    return c->wide == COLUMN_RATING_WIDE    ? d.rating
           : c->wide == COLUMN_RANKING_WIDE ? d.ranking
           : c->wide == COLUMN_LIKED_WIDE   ? LIKED_ITEMS
                                            : 1;
}

/* Bytes of it. */
static inline size_t column_width(const struct column *c, struct dims d)
{
    return c->size * column_elements(c, d);
}

/* Where the entity has the column's row. */
void *column_row(const struct column *c, const void *entity, struct dims d,
                 uint32_t row);

/* Lets the column of the entity begin at p. */
void column_set(const struct column *c, void *entity, void *p);

#endif
