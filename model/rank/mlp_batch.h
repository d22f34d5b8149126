/* mlp_batch.h -- the neural head for many pairs at once, by OpenBLAS.
 *
 * What mlp.h computes for one pair, to within rounding (1e-4 on the inner scale
 * is what check_mlp_batch demands): for answers only, never for the fold.
 */
#ifndef FRESHET_MODEL_RANK_MLP_BATCH_H
#define FRESHET_MODEL_RANK_MLP_BATCH_H

#include "model/rank/mlp.h"

#define MLP_BATCH       64  /* pairs computed at a time */
#define MLP_BATCH_LEAST 16  /* below, mlp_forward() is as soon done */

struct mlp_batch;

/* Boot only.  Scratch of one thread.  NULL: no memory. */
struct mlp_batch *mlp_batch_new(const struct mlp_shape *shape);
void mlp_batch_free(struct mlp_batch *b);

/* The thread whose scratch it is.  The next pair, the i-th from 0 on, i <
 * MLP_BATCH. */
void mlp_batch_set(struct mlp_batch *b, uint32_t i, const float *p,
                   const float *q);

/* As above.  The outputs for the first n pairs.  block: weights of the shape
 * that b was made for. */
void mlp_batch_run(struct mlp_batch *b, const float *block, uint32_t n,
                   float *out);

#endif
