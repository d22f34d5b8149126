/* tables.h -- what a copy of the model is made of, for live.c: reserving it,
 * marking what is written, and copying that to the other copy.
 *
 * The rows of each entity by way of rows.h; the neural head's weights as one
 * block, which a step changes as a whole.  Trainer only, or Boot where it says.
 */
#ifndef FRESHET_MODEL_CORE_TABLES_H
#define FRESHET_MODEL_CORE_TABLES_H

#include "model/core/live.h"
#include "model/core/rows.h"

/* What was written since the last publish. */
struct touched {
    struct rows users, items, features;
    bool mlp;
};

/* Boot only.  False: no memory; what there is has to be released all the same.
 */
bool touched_init(struct touched *w, const struct live_shape *shape);
void touched_release(struct touched *w);
void touched_clear(struct touched *w);

/* Boot only.  An empty copy.  False: no address space; as above. */
bool tables_reserve(struct table *t, const struct live_shape *shape);
/* w: of those copies, not released yet. */
void tables_unreserve(struct table *t, const struct touched *w);

/* Before a copy is published: what follows from the rows that were written
 * (sieve.h). */
void tables_derive(const struct touched *w, struct table *t);

/* W2 of live.c: *to becomes what *from is. */
void tables_copy(const struct touched *w, struct table *to,
                 const struct table *from);

/* Memory of one copy in bytes. */
size_t tables_bytes(const struct table *t);

#endif
