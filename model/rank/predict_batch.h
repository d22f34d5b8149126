/* predict_batch.h -- predict_rating() of many pairs, where there is a neural
 * head: its part is computed for MLP_BATCH of them at a time (mlp_batch.h).
 *
 * Answers differ from predict_rating()'s by rounding, less than 1e-4.
 * The thread whose batch it is.
 */
#ifndef FRESHET_MODEL_RANK_PREDICT_BATCH_H
#define FRESHET_MODEL_RANK_PREDICT_BATCH_H

#include "model/rank/mlp_batch.h"
#include "model/rank/predict.h"

struct predict_batch;

/* Any thread.  s: of the model, which has a neural head.  NULL: no memory. */
struct predict_batch *predict_batch_new(const struct settings *s);
void predict_batch_free(struct predict_batch *b);

/* From here to predict_batch_end() t, s and what *out points to are borrowed;
 * each *out is the rating of its pair at the end. */
void predict_batch_begin(struct predict_batch *b, const struct table *t,
                         const struct settings *s);
void predict_batch_add(struct predict_batch *b, uint32_t user, uint32_t item,
                       int64_t time_ms, float *out);
void predict_batch_end(struct predict_batch *b);

#endif
