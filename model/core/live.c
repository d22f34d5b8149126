/* live.c -- the two copies and the protocol that swaps them.  See live.h, which
 * argues why it is right; the step names R1..R5, W1..W4 are the same in both
 * and in tests/spin/live.pml.
 *
 * DESIGN  Rows are changed in the shadow only and marked there; W2 of the next
 * batch copies the marked rows from the copy that was published to the one that
 * becomes the shadow.  Marks are a bitmap (so that a row is listed once) and a
 * list (so that only marked rows are visited).  The columns are walked from the
 * registry in table.h.
 *
 * live->seq is stored after gen (W4), and both are seq_cst: who reads seq >= s
 * and then pins finds a gen at which s was published, or a later one.  Whoever
 * waits for s stores that first and then reads seq; the trainer stores seq and
 * then looks at who waits (learn/trainer.h).  All four are seq_cst, so at least
 * one of the two sees the other; tests/spin/watch.pml is the model of that.
 *
 * The rest is relaxed: numbers for reports, and the trainer's own reads of gen,
 * which nobody else writes.
 */
#include "model/core/live.h"

#include <assert.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/core/ids.h"
#include "model/core/live_point.h"
#include "model/core/overlay.h"
#include "model/core/reclaim.h"
#include "model/core/tables.h"

#define PIN_IDLE UINT64_MAX
#define SPINS    64       /* looks at a pin before the trainer yields */
#define YIELDS   64       /* yields before it naps */
#define NAP_NS   1000000

struct slot {
    _Alignas(64) _Atomic uint64_t pin; /* a generation, or PIN_IDLE */
};

struct live {
    /* set at boot, then read-only */
    struct table copy[2];
    struct ids *user_ids, *item_ids, *feature_ids;
    struct reclaim *reclaim;
    int nslots;
    /* shared: atomic, argued in live.h */
    _Alignas(64) _Atomic uint64_t gen;
    _Atomic uint64_t seq;
    struct slot *slots;               /* (nslots) */
    /* shared: atomic, relaxed: for reports */
    _Atomic uint64_t waits;
    _Atomic int64_t longest_wait_ns;
    _Atomic size_t table_bytes;
    /* trainer only */
    struct touched touched;           /* marks, and hashes of rows */
    struct overlay *overlay;          /* NULL: no snapshot is being taken */
};

/* ---- life -------------------------------------------------------------- */

struct live *live_new(const struct live_shape *shape, int nreaders)
{
    struct live *live = aligned_alloc(64, sizeof *live);
    if (!live)
        return NULL;
    memset(live, 0, sizeof *live);
    live->nslots = nreaders;
    live->slots = aligned_alloc(64, (size_t)(nreaders ? nreaders : 1) *
                                        sizeof *live->slots);
    live->reclaim = reclaim_new();
    if (!live->slots || !live->reclaim)
        goto fail;
    for (int i = 0; i < nreaders; i++)
        atomic_init(&live->slots[i].pin, PIN_IDLE);
    atomic_init(&live->gen, 2); // so that gen - 1 is never PIN_IDLE
    live->user_ids = ids_new(shape->max_users, live->reclaim);
    live->item_ids = ids_new(shape->max_items, live->reclaim);
    live->feature_ids = ids_new(shape->max_features, live->reclaim);
    if (!live->user_ids || !live->item_ids || !live->feature_ids ||
        !touched_init(&live->touched, shape) ||
        !tables_reserve(&live->copy[0], shape) ||
        !tables_reserve(&live->copy[1], shape))
        goto fail;
    return live;
fail:
    live_free(live);
    return NULL;
}

void live_free(struct live *live)
{
    if (!live)
        return;
    for (int i = 0; live->slots && i < live->nslots; i++)
        assert(atomic_load(&live->slots[i].pin) == PIN_IDLE);
    tables_unreserve(&live->copy[0], &live->touched);
    tables_unreserve(&live->copy[1], &live->touched);
    touched_release(&live->touched);
    ids_free(live->user_ids);
    ids_free(live->item_ids);
    ids_free(live->feature_ids);
    reclaim_free(live->reclaim);
    free(live->slots);
    free(live);
}

/* ---- readers ----------------------------------------------------------- */

const struct table *live_pin(struct live *live, int slot)
{
    _Atomic uint64_t *pin = &live->slots[slot].pin;
    uint64_t g = atomic_load(&live->gen);            // R1
    for (;;) {
        LIVE_POINT(LIVE_R1);
        atomic_store_explicit(pin, g, LIVE_PIN_ORDER); // R2
        LIVE_POINT(LIVE_R2);
        uint64_t again = atomic_load(&live->gen);    // R3
        if (again == g || !LIVE_RECHECKS)
            break;
        g = again;
    }
    LIVE_POINT(LIVE_R3);
    return &live->copy[g & 1];                       // R4
}

void live_unpin(struct live *live, int slot)
{
    atomic_store_explicit(&live->slots[slot].pin, PIN_IDLE,
                          memory_order_release);     // R5
}

const struct ids *live_user_ids(const struct live *live)
{
    return live->user_ids;
}

const struct ids *live_item_ids(const struct live *live)
{
    return live->item_ids;
}

const struct ids *live_feature_ids(const struct live *live)
{
    return live->feature_ids;
}

uint64_t live_seq(const struct live *live)
{
    return atomic_load(&live->seq);
}

/* ---- the trainer ------------------------------------------------------- */

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Waits until the slot does not hold generation g; true if it had to. */
static bool wait_for(struct live *live, int slot, uint64_t g)
{
    struct timespec nap = {0, NAP_NS};
    _Atomic uint64_t *pin = &live->slots[slot].pin;
    int tries = 0;
    while (atomic_load(pin) == g) {
        if (tries++ < SPINS)
            continue;
        if (tries < SPINS + YIELDS)
            sched_yield();
        else
            nanosleep(&nap, NULL);
    }
    return tries > 0;
}

static void drain_readers(struct live *live, uint64_t g)
{
    int64_t from = 0;
    bool waited = false;
    for (int i = 0; i < live->nslots; i++) {
        if (atomic_load(&live->slots[i].pin) != g)
            continue;
        from = from ? from : now_ns();
        waited |= wait_for(live, i, g);
    }
    if (!waited)
        return;
    int64_t took = now_ns() - from;
    atomic_fetch_add_explicit(&live->waits, 1, memory_order_relaxed);
    if (took > atomic_load_explicit(&live->longest_wait_ns,
                                    memory_order_relaxed))
        atomic_store_explicit(&live->longest_wait_ns, took,
                              memory_order_relaxed);
}

struct table *live_begin(struct live *live)
{
    uint64_t g = atomic_load_explicit(&live->gen, memory_order_relaxed);
    struct table *shadow = &live->copy[(g + 1) & 1];
    const struct table *now = &live->copy[g & 1];
    LIVE_POINT(LIVE_W1);
    if (LIVE_DRAINS)
        drain_readers(live, g - 1);                  // W1
    LIVE_POINT(LIVE_W2);
    if (LIVE_COPIES)
        tables_copy(&live->touched, shadow, now);    // W2
    shadow->users.n = now->users.n;
    shadow->items.n = now->items.n;
    shadow->features.n = now->features.n;
    shadow->totals = now->totals;
    touched_clear(&live->touched);
    reclaim_flip(live->reclaim);
    ids_flip(live->user_ids);
    ids_flip(live->item_ids);
    ids_flip(live->feature_ids);
    return shadow;                                   // W3 is the caller's
}

struct live_marks live_marks(struct live *live)
{
    struct touched *w = &live->touched;
    return (struct live_marks){&w->users, &w->items, &w->features, &w->mlp};
}

void live_touch_user(struct live *live, uint32_t row)
{
    rows_mark(&live->touched.users, row, ROWS_ALL);
}

void live_touch_item(struct live *live, uint32_t row)
{
    rows_mark(&live->touched.items, row, ROWS_ALL);
}

void live_touch_feature(struct live *live, uint32_t row)
{
    rows_mark(&live->touched.features, row, ROWS_ALL);
}

struct ids *live_user_ids_mutable(struct live *live)
{
    return live->user_ids;
}

struct ids *live_item_ids_mutable(struct live *live)
{
    return live->item_ids;
}

struct ids *live_feature_ids_mutable(struct live *live)
{
    return live->feature_ids;
}

struct reclaim *live_reclaim(struct live *live)
{
    return live->reclaim;
}

void live_set_overlay(struct live *live, struct overlay *o)
{
    live->overlay = o;
}

void live_spoil(struct live *live)
{
    if (live->overlay)
        overlay_spoil(live->overlay);
}

static void save_touched(struct live *live, const struct table *published)
{
    const struct rows *touched[OVERLAY_ROWS] = {
        [OVERLAY_USERS] = &live->touched.users,
        [OVERLAY_ITEMS] = &live->touched.items,
        [OVERLAY_FEATURES] = &live->touched.features};
    overlay_save_rows(live->overlay, touched, published);
    if (live->touched.mlp)
        overlay_save_mlp(live->overlay, published->mlp);
}

uint64_t live_publish(struct live *live)
{
    uint64_t g = atomic_load_explicit(&live->gen, memory_order_relaxed) + 1;
    struct table *t = &live->copy[g & 1];
    tables_derive(&live->touched, t);
    atomic_store_explicit(&live->table_bytes, 2 * tables_bytes(t),
                          memory_order_relaxed);
    if (live->overlay && LIVE_SAVES_FIRST)           // S1
        save_touched(live, &live->copy[(g - 1) & 1]);
    LIVE_POINT(LIVE_W3);
    atomic_store(&live->gen, g);                     // W4
    LIVE_POINT(LIVE_W4);
    if (live->overlay && !LIVE_SAVES_FIRST)
        save_touched(live, &live->copy[(g - 1) & 1]);
    atomic_store(&live->seq, t->totals.seq);
    return g;
}

uint64_t live_hash(struct live *live, const struct table *t)
{
    struct dims d = table_dims(t);
    struct touched *w = &live->touched;
    return rows_hash_users(&w->users, &t->users, d, live->user_ids) +
           rows_hash_items(&w->items, &t->items, d, live->item_ids) +
           rows_hash_features(&w->features, &t->features, d,
                              live->feature_ids);
}

void live_stats(const struct live *live, struct live_stats *out)
{
    out->generation = atomic_load_explicit(&live->gen, memory_order_relaxed);
    out->waits = atomic_load_explicit(&live->waits, memory_order_relaxed);
    out->longest_wait_ns = atomic_load_explicit(&live->longest_wait_ns,
                                                memory_order_relaxed);
    out->bytes = atomic_load_explicit(&live->table_bytes,
                                      memory_order_relaxed) +
                 ids_bytes(live->user_ids) + ids_bytes(live->item_ids) +
                 ids_bytes(live->feature_ids);
}
