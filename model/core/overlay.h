/* overlay.h -- what rows and entries were before they changed, kept while a
 * snapshot is being taken.
 *
 * A snapshot is the state after one publish (the cut).  Its thread reads rows
 * long after, when some have changed; the trainer keeps the value at the cut of
 * each row it publishes a change of (its pre-image), once, and the snapshot's
 * thread puts that in place of what it read.
 *
 * DESIGN  One lock.  The trainer takes it once per publish and once per entry
 * of the history, and only while a snapshot is being taken; nobody holds it for
 * longer than it takes to copy a few thousand entries.  Why the result is the
 * state at the cut, for a row r that existed then:
 *
 *   S1  (trainer, before W4 of live.h)  lock; r changed, r is not saved and not
 *       below the progress mark: save its value in the published copy; unlock
 *   S2  (snapshot)  pin; copy rows [a, b), r among them; unpin
 *   S3  (snapshot)  lock; take what is saved of [a, b); mark = b; unlock; put
 *       it over the copy
 *
 *   - What S1 saves is the value at the cut: r is saved when it is published as
 *     changed for the first time since, and until then the published copy has
 *     what it had at the cut.
 *   - If S2 reads another value than that of the cut, it pinned a generation in
 *     which r was published as changed.  S1 of that publish comes before its
 *     W4, which S2's pin has seen, so S3 finds r saved.
 *   - If S2 reads the value of the cut, S3 finds nothing or that same value.
 *   - After S3 nobody needs r, so S1 passes it over.
 *   So after S3 the copy has r as it was at the cut, whatever happened between.
 *   Each row is saved at most once: the memory is at most one copy of the rows.
 *   What is saved never changes, so S3 holds the lock to look at a list head.
 *
 * Entries of the history exist once, so there the trainer writes under the lock
 * (saving what it overwrites) and the snapshot's thread reads under it.
 *
 * What cannot be undone so (a name is forgotten, the history gets another size)
 * spoils the overlay: the snapshot ends without a file, and is taken again.
 */
#ifndef FRESHET_MODEL_CORE_OVERLAY_H
#define FRESHET_MODEL_CORE_OVERLAY_H

#include <stdbool.h>

#include "model/core/table.h"

struct overlay;
struct rows;

enum overlay_part { OVERLAY_USERS, OVERLAY_ITEMS, OVERLAY_FEATURES,
                    OVERLAY_HISTORY, OVERLAY_POSITIVES, OVERLAY_MLP,
                    OVERLAY_PARTS,
                    OVERLAY_ROWS = OVERLAY_HISTORY /* the first are rows */ };

/* The snapshot's thread.  NULL: no memory. */
struct overlay *overlay_new(void);
/* As above, when the trainer has let go of it. */
void overlay_free(struct overlay *o);

/* ---- trainer only ------------------------------------------------------ */

/* The cut, between publish and begin: n rows and entries exist, and n weights
 * (OVERLAY_MLP).  entry_bytes is the size of an entry of the history.  Takes
 * microseconds.  False: no memory. */
bool overlay_start(struct overlay *o, struct dims dims, size_t entry_bytes,
                   const uint32_t n[OVERLAY_PARTS]);

/* S1 for all touched rows; `published` is the copy that is published now. */
void overlay_save_rows(struct overlay *o,
                       const struct rows *const touched[OVERLAY_ROWS],
                       const struct table *published);

/* S1 for the neural head's weights, which are one row of their own part. */
void overlay_save_mlp(struct overlay *o, const float *published);

/* *entry = *value, the entry at `place` of OVERLAY_HISTORY or _POSITIVES. */
void overlay_write_entry(struct overlay *o, enum overlay_part part,
                         uint32_t place, void *entry, const void *value);

/* The snapshot cannot be completed.  Call it before what it cannot stand: from
 * then on its thread looks at no name and no entry. */
void overlay_spoil(struct overlay *o);

/* ---- the snapshot's thread --------------------------------------------- */

/* S3: rows [a, b) of the view, whose row 0 is row a, become what they were at
 * the cut.  Call with rising a: mark = b.  A restored user's seen points to a
 * list that lives as long as the overlay; cards live until the snapshot has ended
 * (reclaim_hold).  False: spoiled, or out of memory. */
bool overlay_restore_users(struct overlay *o, uint32_t a, uint32_t b,
                           struct users *view) MUSTCHECK;
bool overlay_restore_items(struct overlay *o, uint32_t a, uint32_t b,
                           struct items *view) MUSTCHECK;
bool overlay_restore_features(struct overlay *o, uint32_t a, uint32_t b,
                              struct features *view) MUSTCHECK;

/* The weights, copied from any generations, become what they were at the cut. */
bool overlay_restore_mlp(struct overlay *o, float *block) MUSTCHECK;

/* Entries [a, b) of the part at `entries` as they were at the cut, to `to`.
 * Call with rising a. */
bool overlay_read_entries(struct overlay *o, enum overlay_part part, uint32_t a,
                          uint32_t b, const void *entries, void *to) MUSTCHECK;

/* Takes the lock, for something short that must not be spoiled meanwhile.
 * False: it is spoiled already (the lock is taken all the same). */
bool overlay_lock(struct overlay *o) MUSTCHECK;
void overlay_unlock(struct overlay *o);

/* ERR_OK; from some moment on, for good, ERR_FULL: spoiled, try again, or
 * ERR_NOMEM: a row could not be saved. */
enum err overlay_state(struct overlay *o);

/* Rows and entries saved so far, and the memory they take. */
struct overlay_stats {
    uint64_t saved;
    size_t bytes;
};
void overlay_stats(struct overlay *o, struct overlay_stats *out);

#endif
