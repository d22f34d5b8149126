/* visitor.h -- somebody for the length of one question: what a user would be
 * after ratings that nobody stores.
 *
 * A visitor has a row of the rating head of its own, which begins as the row of
 * a user who is known, or as zeros.  Ratings are folded in, in their order, by
 * the rating head's own step, the user's side of it:
 *
 *   e = rating - (mean + b + b_i + p . q_i [+ f(p, q_i)])
 *   b += bias(n) (e - bias_l2 b)
 *   p += factor(n) (e (q_i [+ df/dp]) - factor_l2 p)
 *
 * with the step sizes of learn/step_table.h; n: ratings that the row has
 * learned before this one.  Clipping and caps are those of the fold.  An item
 * that the model does not know moves the bias only: it still tells how the
 * person rates.
 *
 * Once over them: more fits the history better, and all else worse.  RMSE of a
 * fifth of MovieLens-100k's users, of whom the model knows nothing but their
 * first ratings, on the others:
 *
 *   ratings     none   once   twice  4 times
 *         5    1.061  1.053   1.069   1.090
 *        20    1.070  1.027   1.027   1.031
 *       100    1.160   .955    .948    .949
 *
 * What is left out, because it is about storing: replays, learn.control and
 * learn.freeze.  And the mood of a sitting: ratings without times have none, so
 * a known user's stays as it is.
 *
 * Any thread with a pinned table; pure, allocates nothing: the same ratings on
 * the same copy give the same bits.
 */
#ifndef FRESHET_MODEL_RANK_VISITOR_H
#define FRESHET_MODEL_RANK_VISITOR_H

#include "model/core/table.h"
#include "model/learn/settings.h"
#include "model/rank/compose.h"

struct visitor_rating {
    uint32_t item;           /* a row of the table, or ROW_NONE */
    float inner;             /* the rating on the inner scale (predict.h) */
};

struct visitor {
    uint32_t user;           /* the row it began as, or ROW_NONE */
    float bias;              /* its own, without features */
    struct compose_room vec; /* (K) likewise */
};

/* user: a row of t, or ROW_NONE.  The n ratings, all finite, folded in. */
void visitor_learn(struct visitor *v, const struct table *t,
                   const struct settings *s, uint32_t user,
                   const struct visitor_rating *ratings, uint32_t n);

/* predict_inner() and predict_rating() of the visitor; item: a row of t or
 * ROW_NONE.  Of one that has learned nothing they are the user's to the bit. */
float visitor_inner(const struct visitor *v, const struct table *t,
                    uint32_t item);
float visitor_rating(const struct visitor *v, const struct table *t,
                     const struct settings *s, uint32_t item, int64_t time_ms);

#endif
