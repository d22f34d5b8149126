/* model.h -- the recommender as one object: the live copies and the fold.
 *
 * What `evaluate` uses alone on one thread, and the daemon with a trainer and
 * many readers.  No HTTP, no JSON, no printing.
 */
#ifndef FRESHET_MODEL_MODEL_H
#define FRESHET_MODEL_MODEL_H

#include "model/core/live.h"
#include "model/learn/settings.h"
#include "model/store/event.h"

struct model;

/* Boot only.  An empty model with nreaders reader slots, published once (so a
 * pin is always possible).  ERR_RANGE: settings outside what settings.h says;
 * ERR_NOMEM. */
enum err model_new(const struct settings *s, int nreaders, struct model **out)
    MUSTCHECK;
void model_free(struct model *m);

struct live *model_live(struct model *m);
const struct settings *model_settings(const struct model *m);

/* ---- trainer only ------------------------------------------------------ */

/* begin, fold any number of events in seq order, publish.  model_begin() gives
 * the calling thread the default floating-point environment (rounding to
 * nearest, denormals kept), which the fold depends on. */
void model_begin(struct model *m);

/* Folds one event.  Total: never fails; what cannot be learned is counted in
 * totals.skipped.  Writes the test-then-train prediction to *predicted unless
 * NULL (rating units; NAN when the event was skipped). */
void model_fold(struct model *m, const struct event *e, uint64_t seq,
                float *predicted);

void model_publish(struct model *m);

/* After model_publish(), before the next model_begin().  The hash of all state
 * of the fold at totals.seq: rows (live_hash) and what learn/state.h lists. */
uint64_t model_hash(struct model *m);

/* After model_publish(), before the next model_begin(), or any time on one
 * thread.  Memory of the whole model in bytes. */
size_t model_bytes(const struct model *m);

#endif
