/* progress.h -- the test-then-train error, overall and recent.
 * Trainer only. */
#ifndef FRESHET_MODEL_LEARN_PROGRESS_H
#define FRESHET_MODEL_LEARN_PROGRESS_H

#include "model/core/table.h"

/* The next event was predicted and turned out so; both in rating units. */
void progress_add(struct totals *t, float predicted, float rating);

#endif
