/* state.h -- the registry of the fold's state: all of it, once.
 *
 * Whoever must deal with everything that the fold remembers (model_hash, the
 * memory report, snapshots) walks this list.  Rows are registered column by column in core/table.h.
 *
 *   X(part, what it is)
 * and for each part state.c has hash_of_part() and bytes_of_part(),
 * store/snapshot_plan.c plan_part(), store/snapshot_load.c load_part().
 */
#ifndef FRESHET_MODEL_LEARN_STATE_H
#define FRESHET_MODEL_LEARN_STATE_H

#include "model/core/live.h"
#include "model/learn/fold.h"

#define STATE_PARTS(X)                                                         \
    X(rows, "rows of users and items, by the columns of core/table.h")         \
    X(totals, "seq, counts, mean, clock, progressive errors")                  \
    X(liked, "the items that each user liked last")                            \
    X(seen, "what each user has done with which items")                                   \
    X(cards, "metadata of users and items")                                    \
    X(history, "past ratings to replay, their places")                         \
    X(positives, "past positive events to replay, their places")               \
    X(evaluation, "reports (quality.h): kept, but no part of the hash")        \
    X(mlp, "weights of the neural head")

/* Trainer only, between publish and begin: t is the published copy. */
struct state {
    struct live *live;
    const struct table *t;
    const struct fold *fold;
};

/* The hash of all parts: equal if and only if the states are (up to chance). */
uint64_t state_hash(const struct state *s);

/* Any thread.  The part of it that the totals are. */
uint64_t state_hash_totals(const struct totals *t);

/* Any thread.  The part of it that the neural head's weights are, 0 without. */
uint64_t state_hash_mlp(const struct mlp_shape *shape, const float *block);

/* Memory of all parts in bytes. */
size_t state_bytes(const struct state *s);

#endif
