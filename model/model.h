/* model.h -- the recommender as one object: the live copies and the fold.
 *
 * What `evaluate` uses alone on one thread, and the daemon with a trainer and
 * many readers.  No HTTP, no JSON, no printing.
 */
#ifndef FRESHET_MODEL_MODEL_H
#define FRESHET_MODEL_MODEL_H

#include <stdbool.h>

#include "model/core/live.h"
#include "model/learn/cards.h"
#include "model/learn/settings.h"
#include "model/learn/voids.h"
#include "model/store/event.h"

struct model;
struct overlay;
struct fold;
struct history_entry;
struct quality;

/* Boot only.  An empty model with nreaders reader slots, published once (so a
 * pin is always possible).  ERR_RANGE: settings outside what settings.h says;
 * ERR_NOMEM. */
enum err model_new(const struct settings *s, int nreaders, struct model **out)
    MUSTCHECK;
void model_free(struct model *m);

struct live *model_live(struct model *m);
/* The settings it was made with: its rows are reserved for those maxima. */
const struct settings *model_settings(const struct model *m);
/* Boot or trainer.  The settings in force; they change with `settings` events. */
const struct settings *model_settings_now(const struct model *m);
/* Boot only, before the first event.  Others, but for the size of tables: false
 * when they ask for more rows than are reserved, or there is no memory.
 * configured: see fold_configured(). */
bool model_set(struct model *m, const struct settings *s) MUSTCHECK;
void model_set_configured(struct model *m, const struct settings *configured);

/* Before an event of the range is folded: a rollback undid it (learn/voids.h).
 * False: no memory. */
bool model_void(struct model *m, struct void_range range) MUSTCHECK;

/* ---- trainer only ------------------------------------------------------ */

/* begin, fold any number of events in seq order, publish.  model_begin() gives
 * the calling thread the default floating-point environment (rounding to
 * nearest, denormals kept), which the fold depends on.  A shadow that was not
 * published is gone on with. */
void model_begin(struct model *m);

/* Folds one event.  Total: never fails; what cannot be learned is counted in
 * totals.skipped.  Writes the test-then-train prediction to *predicted unless
 * NULL (rating units; NAN when the event was skipped). */
void model_fold(struct model *m, const struct event *e, uint64_t seq,
                float *predicted);

/* The same for n events with seqs in a row, the first of them `seq`: far sooner
 * done than one by one, because while one is folded the memory of the next is
 * on its way.  Runs above MODEL_RUN gain nothing more.  predicted: NULL, or
 * (n). */
#define MODEL_RUN 64
void model_fold_run(struct model *m, const struct event *e, uint32_t n,
                    uint64_t seq, float *predicted);

void model_publish(struct model *m);

/* The same, unless the guard holds it (learn/guard.h): then false, and the next
 * model_begin() goes on where this was. */
bool model_offer(struct model *m) MUSTCHECK;

/* The newest event that is folded, published or not; and what the guard and the
 * control of rates make of it. */
uint64_t model_seq(const struct model *m);
struct course model_course(const struct model *m);

/* The ratings to replay, NULL when replay is off (learn/history.h). */
struct history;
const struct history *model_history(const struct model *m);
/* The same of the ranking head. */
const struct history *model_positives(const struct model *m);

/* After model_publish() or model_offer(), before the next model_begin().  The
 * hash of all state of the fold at model_seq(): rows (live_hash) and what
 * learn/state.h lists. */
uint64_t model_hash(struct model *m);

/* ---- what a snapshot is of (store/snapshot.h) -------------------------- */

struct model_cut {
    struct settings settings;  /* of the fold, now, */
    struct settings configured; /* ... and as they were configured */
    struct totals totals;
    uint32_t users, items, features; /* rows */
    struct history_cut {
        bool is;               /* there is one */
        uint32_t n;            /* entries; */
        const struct history_entry *entries; /* ... read by
                                  overlay_read_entries() */
        uint64_t offered;      /* to it */
    } history, positives;
    uint64_t liked_hash, seen_hash;
    struct card_sums user_cards, item_cards;
    const uint64_t *evaluation; /* words of learn/quality_save.h, of the model
                                   until model_snapshot_end() */
    size_t evaluation_words;
    struct mlp_shape mlp;      /* of the neural head's weights */
};

/* After model_publish(), before the next model_begin().  Says what the state is
 * made of and has `o` keep what changes from now on; hashes nothing, and copies
 * nothing but the reports.
 * ERR_FULL: another snapshot is being taken, or publishing is held.  ERR_NOMEM.
 */
enum err model_snapshot_begin(struct model *m, struct overlay *o,
                              struct model_cut *cut) MUSTCHECK;
/* As above.  Lets go of the overlay. */
void model_snapshot_end(struct model *m);

/* ---- loading, boot only ------------------------------------------------ */

/* Between begin and publish: the copy to fill, and the fold. */
struct table *model_shadow(struct model *m);
struct fold *model_fold_state(struct model *m);

/* ---- reports ----------------------------------------------------------- */

/* Any thread, to read it as learn/quality.h says; it shows what is published.
 * Boot only: quality_sample(). */
struct quality *model_quality(const struct model *m);

/* After model_publish(), before the next model_begin(), or any time on one
 * thread.  Memory of the whole model in bytes. */
size_t model_bytes(const struct model *m);

#endif
