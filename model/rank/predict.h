/* predict.h -- what the model thinks of a user and an item.
 *
 * The fold predicts each event with the same function before it learns it, so
 * the progressive error is the error of what is served.
 *
 *   inner = mean + b_u + b_i + p_u . q_i [+ f(p_u, q_i)] + s_u(t)    on 1..5
 *   rating = clip(inner) in rating_min..rating_max
 *
 * where b and p, q of who has a card contain the biases and vectors of its
 * features (compose.h), and f is the neural head if there is one (mlp.h).
 *
 * s_u(t) is the user's session bias at the time that is asked for (session.h).
 * A side that is unknown adds nothing: mean + b_i, mean + b_u + s_u(t), mean.
 * Any thread with a pinned table; pure, allocates nothing.
 */
#ifndef FRESHET_MODEL_RANK_PREDICT_H
#define FRESHET_MODEL_RANK_PREDICT_H

#include "model/core/table.h"
#include "model/learn/settings.h"
#include "model/rank/compose.h"
#include "model/rank/dot.h"

/* Running mean of the inner ratings with MEAN_PRIOR pseudo-ratings at 3, or as
 * many as were imported (learn/vector.h). */
#define MEAN_PRIOR 10
double predict_mean(const struct table *t);
double predict_mean_of(const struct totals *s);

/* predict_pair() of a pair with features. */
float predict_composed(const struct table *t, float mean, uint32_t user,
                       uint32_t item);

/* Without the neural head.  Both rows are of t; mean: predict_mean(t), rounded.
 * Inline for the fold, which asks many times under one mean. */
static inline float predict_pair(const struct table *t, float mean,
                                 uint32_t user, uint32_t item)
{
    if (compose_has(t->users.card[user]) || compose_has(t->items.card[item]))
        return predict_composed(t, mean, user, item);
    return ((mean + t->users.bias[user]) + t->items.bias[item]) +
           dot_rows(&t->users.vec[(size_t)user * t->dim],
                    &t->items.vec[(size_t)item * t->dim], t->dim);
}

/* user, item: rows of t or ROW_NONE.  Before clipping, inner scale, without the
 * session. */
float predict_inner(const struct table *t, uint32_t user, uint32_t item);

/* Rating units, clipped. */
float predict_rating(const struct table *t, const struct settings *s,
                     uint32_t user, uint32_t item, int64_t time_ms);

/* An inner value as it is shown: rating units, clipped; rating_min when it is
 * not a number. */
float predict_clip(const struct settings *s, float inner);

/* Rating units <-> the inner scale 1..5. */
float predict_to_inner(const struct settings *s, float rating);
float predict_from_inner(const struct settings *s, float inner);

#endif
