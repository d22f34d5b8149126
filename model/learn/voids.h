/* voids.h -- what rollbacks have undone: ranges (after, to] of seqs.
 *
 * An event in such a range that teaches (event_teaches()) is passed over by the
 * fold as if its frame were a void: its seq passes, nothing else.  Events that
 * control (erase, retract, settings, rollback) count wherever they stand.  So
 * the model after a rollback is that of a log without these events, to the bit:
 * rows are born by the first event that is left.
 *
 * The ranges must be known before the first event in them is folded; whoever
 * reads a log looks ahead for them (store/recover.h).  Ranges may overlap, and
 * one rollback may undo what followed on another.  Not thread-safe.
 */
#ifndef FRESHET_MODEL_LEARN_VOIDS_H
#define FRESHET_MODEL_LEARN_VOIDS_H

#include <stdbool.h>

#include "model/types.h"

struct void_range {
    uint64_t after, to;
};

struct voids {
    size_t n;
    struct void_range *at;     /* (n) */
};

/* False: no memory.  A range that is known is not added again. */
bool voids_add(struct voids *v, struct void_range range) MUSTCHECK;
void voids_release(struct voids *v);

/* Is seq in one of the ranges?  Is the range one of them? */
bool voids_cover(const struct voids *v, uint64_t seq);
bool voids_know(const struct voids *v, struct void_range range);

#endif
