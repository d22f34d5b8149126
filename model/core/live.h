/* live.h -- two copies of the model: readers pin one, the trainer writes the
 * other.  THE concurrency file; tests/spin/live.pml is its model.
 *
 * INVARIANT  A reader pinned at generation g reads copy[g & 1] and nothing
 *            else.
 * INVARIANT  The trainer writes copy[(gen + 1) & 1], and only after no pin
 *            == gen - 1.
 *
 *   reader                              trainer (one thread)
 *   R1  g = gen          seq_cst        W1  wait until no pin == gen-1
 *   R2  pin = g          seq_cst            (seq_cst load)
 *   R3  gen == g ? go : back to R1      W2  copy dirty rows live -> shadow
 *   R4  ...read copy[g&1]...            W3  fold into shadow, marking rows
 *   R5  pin = IDLE       release        W4  gen = gen + 1      (seq_cst)
 *
 * Pairings: R2/R3 with W4/W1 (store buffering: all four must be seq_cst);
 *           R5 with W1 (a reader's loads happen before the trainer's stores).
 *
 * A reader never waits for the trainer.  The trainer waits for a reader only
 * at W1, and there for the generation before the last: lazily, so that it is
 * almost always free.  Costs: twice the memory of the rows, one writer.
 */
#ifndef FRESHET_MODEL_CORE_LIVE_H
#define FRESHET_MODEL_CORE_LIVE_H

#include <stdbool.h>

#include "model/core/table.h"

struct live;
struct rows;
struct ids;
struct reclaim;
struct overlay;

struct live_shape {
    struct dims dims;
    uint32_t max_users;  /* rows of address space to reserve */
    uint32_t max_items;
    uint32_t max_features;
    struct mlp_shape mlp;
};

/* Boot only.  nreaders slots, each used by one thread at a time.  NULL: no
 * memory or no address space. */
struct live *live_new(const struct live_shape *shape, int nreaders);
/* Every slot must be idle (asserted). */
void live_free(struct live *live);

/* ---- readers ---------------------------------------------------------- */

/* The thread that owns `slot` (0 .. nreaders-1).  The newest published copy,
 * which will not change until live_unpin().  Not reentrant per slot; keep it
 * under a millisecond in a worker and never across a return to the loop. */
const struct table *live_pin(struct live *live, int slot);
void live_unpin(struct live *live, int slot);

/* A thread that holds a pin, or the trainer.  The id maps (ids.h). */
const struct ids *live_user_ids(const struct live *live);
const struct ids *live_item_ids(const struct live *live);
const struct ids *live_feature_ids(const struct live *live);

/* Any thread.  seq of the newest published copy, without a pin.  A pin taken
 * after this gives that copy or a newer one. */
uint64_t live_seq(const struct live *live);

/* ---- the trainer ------------------------------------------------------ */

/* W1 + W2.  The shadow copy, equal to the published one. */
struct table *live_begin(struct live *live);

/* The marks of rows (rows.h).  Between begin and publish: a row of the shadow
 * that will be, or was, written is marked there.  Cheap to repeat.  A new row is
 * made by adding its id (trainer's maps below), filling row n, marking it and
 * raising n.  mlp: true when a weight of the neural head is written. */
struct live_marks {
    struct rows *users, *items, *features;
    bool *mlp;
};
struct live_marks live_marks(struct live *live);
/* All columns of the row. */
void live_touch_user(struct live *live, uint32_t row);
void live_touch_item(struct live *live, uint32_t row);
void live_touch_feature(struct live *live, uint32_t row);

struct ids *live_user_ids_mutable(struct live *live);
struct ids *live_item_ids_mutable(struct live *live);
struct ids *live_feature_ids_mutable(struct live *live);
struct reclaim *live_reclaim(struct live *live);

/* Between publish and begin.  From now on, until it is NULL again, what publish
 * changes is kept in the overlay first (overlay.h).  Borrowed. */
void live_set_overlay(struct live *live, struct overlay *o);

/* A snapshot that is being taken, if any, cannot be completed: call it before
 * something is forgotten or resized. */
void live_spoil(struct live *live);

/* W4.  The shadow becomes the published copy; its totals.seq the model_seq.
 * Returns the new generation. */
uint64_t live_publish(struct live *live);

/* Between publish and begin, or between begin and publish.  A commutative sum
 * over all rows of a hash of each row keyed by its external id (hash.h): equal
 * for equal models, however rows are numbered.  Rows are rehashed only when
 * they changed since the last call. */
uint64_t live_hash(struct live *live, const struct table *t);

/* Any thread.  For /metrics: how often the trainer had to wait at W1, the
 * longest wait, and the memory committed by rows and maps in bytes. */
struct live_stats {
    uint64_t generation;
    uint64_t waits;
    int64_t longest_wait_ns;
    size_t bytes;
};
void live_stats(const struct live *live, struct live_stats *out);

#endif
