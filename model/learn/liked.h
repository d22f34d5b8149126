/* liked.h -- the items of a user's last LIKED_ITEMS positive events, the newest
 * first, each once: users.liked.  Nothing is learned of it; lists for the user
 * are (rank/taste.h).
 *
 * Part of the fold's state: f->liked_hash is a commutative sum over all users of
 * a hash of their ids, by external ids.
 */
#ifndef FRESHET_MODEL_LEARN_LIKED_H
#define FRESHET_MODEL_LEARN_LIKED_H

#include "model/learn/fold.h"

/* Trainer only, on the shadow; the row is marked.  The item is the newest now. */
void liked_take(struct fold *f, struct table *t, uint32_t user, uint32_t item);

/* Trainer only, on the shadow.  The item is no longer among them: true if it was;
 * none is. */
bool liked_drop(struct fold *f, struct table *t, uint32_t user, uint32_t item);
void liked_clear(struct fold *f, struct table *t, uint32_t user);

/* Boot only.  The user's row has been loaded: it counts in the hash.  False: it
 * does not name different items of the first nitems, and then no more. */
bool liked_restore(struct fold *f, const struct table *t, uint32_t user,
                   uint32_t nitems) MUSTCHECK;

#endif
