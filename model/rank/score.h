/* score.h -- what the ranking head thinks of all items at once.
 *
 *   score(i) = rb_i + sum of w_f (p . er_f) + p . q_i
 *
 * p: the user's ranking vector with features (compose.h).  p . er_f is worked out
 * once per feature, so an item costs one dot product and a sum of a few numbers,
 * and is exactly what the head has learned.  Any thread with a pinned table, or
 * the trainer on the shadow; pure but for its scratch memory.
 */
#ifndef FRESHET_MODEL_RANK_SCORE_H
#define FRESHET_MODEL_RANK_SCORE_H

#include "model/core/table.h"

/* Scratch that grows and is reused.  Zero-initialise; score_scratch_release(). */
struct score_scratch {
    float *score;            /* (items) */
    float *feature;          /* (1 + features) 0, then p . er_f */
    uint32_t items, features; /* room */
};
void score_scratch_release(struct score_scratch *s);

/* p . er_f of every feature to s->feature.  ERR_NOMEM. */
enum err score_features(const struct table *t, const float *p,
                        struct score_scratch *s) MUSTCHECK;

/* After that.  The scores of n items from `from` on to out (n). */
void score_block(const struct table *t, const float *p,
                 const struct score_scratch *s, uint32_t from, uint32_t n,
                 float *out);

/* The score of one item, the same bits, without s->feature. */
float score_item(const struct table *t, const float *p, uint32_t item);

/* The scores of items 0 .. nitems-1 by the vector p to s->score.  ERR_NOMEM. */
enum err score_items_by(const struct table *t, const float *p, uint32_t nitems,
                        struct score_scratch *s) MUSTCHECK;

/* The scores of items 0 .. nitems-1 to s->score.  user: a row of t; ROW_NONE:
 * who is not known, for whom an item's bias is all there is.  ERR_NOMEM. */
enum err score_items(const struct table *t, uint32_t user, uint32_t nitems,
                     struct score_scratch *s) MUSTCHECK;

#endif
