/* restore.h -- the parts of the fold's state that are no column, put back from
 * a snapshot.  Boot only, on a fold that has learned nothing.
 */
#ifndef FRESHET_MODEL_LEARN_RESTORE_H
#define FRESHET_MODEL_LEARN_RESTORE_H

#include "model/learn/fold.h"

/* The user, who has none, gets this list of n >= 1 entries, folded (seen.h); and
 * the fold its part of the hash of all lists.  False: no memory. */
bool restore_seen(struct fold *f, struct table *t, uint32_t user,
                  const uint32_t *items, const uint32_t *stamps,
                  uint32_t n) MUSTCHECK;

#endif
