/* reclaim.h -- memory that readers may still look at, freed when they cannot.
 *
 * The trainer retires a block while it builds batch b.  Readers pinned before
 * b's publish may still hold it, and the other copy may still name it; both
 * are over when live_begin() of batch b + 1 has drained and copied.  live.c
 * calls reclaim_flip() there.  Trainer only.
 */
#ifndef FRESHET_MODEL_CORE_RECLAIM_H
#define FRESHET_MODEL_CORE_RECLAIM_H

#include <stdbool.h>
#include <stddef.h>

struct reclaim;

struct reclaim *reclaim_new(void);
/* Frees everything still retired.  No reader may be left. */
void reclaim_free(struct reclaim *r);

/* Takes ownership of p (from malloc; freed with free()). */
void reclaim_retire(struct reclaim *r, void *p);

/* While it holds, what is retired with reclaim_retire_held() is not freed, for a
 * snapshot looks at it without a pin; when it lets go, such blocks are freed like
 * all others. */
void reclaim_hold(struct reclaim *r, bool hold);
void reclaim_retire_held(struct reclaim *r, void *p);

/* Called by live_begin() after W2: frees what was retired before the last
 * publish. */
void reclaim_flip(struct reclaim *r);

#endif
