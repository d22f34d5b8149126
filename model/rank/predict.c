/* predict.c -- see predict.h. */
#include "model/rank/predict.h"

#include "model/learn/session.h"
#include "model/rank/mlp.h"

#define INNER_MIN  1.0f
#define INNER_SPAN 4.0f
#define INNER_MID  3.0

double predict_mean_of(const struct totals *s)
{
    uint64_t n = s->prior_count ? s->prior_count : MEAN_PRIOR;
    double mean = s->prior_count ? s->prior_mean : INNER_MID;
    return (s->scaled_sum + (double)n * mean) / (double)(s->events + n);
}

static float user_bias(const struct table *t, uint32_t user)
{
    return compose_bias(t->users.bias[user], t->users.card[user],
                        t->features.bias);
}

static float item_bias(const struct table *t, uint32_t item)
{
    return compose_bias(t->items.bias[item], t->items.card[item],
                        t->features.bias);
}

float predict_composed(const struct table *t, float mean, uint32_t user,
                       uint32_t item)
{
    struct compose_room p, q;
    return ((mean + user_bias(t, user)) + item_bias(t, item)) +
           dot_rows(compose_user(t, user, &p), compose_item(t, item, &q),
                    t->dim);
}

double predict_mean(const struct table *t)
{
    return predict_mean_of(&t->totals);
}

static float neural(const struct table *t, uint32_t user, uint32_t item)
{
    struct compose_room p, q;
    struct mlp_work work;
    return mlp_forward(&t->mlp_shape, t->mlp, compose_user(t, user, &p),
                       compose_item(t, item, &q), &work);
}

float predict_inner(const struct table *t, uint32_t user, uint32_t item)
{
    float mean = (float)predict_mean(t);
    if (user != ROW_NONE && item != ROW_NONE && t->mlp)
        return predict_pair(t, mean, user, item) + neural(t, user, item);
    if (user != ROW_NONE && item != ROW_NONE)
        return predict_pair(t, mean, user, item);
    if (user != ROW_NONE)
        return mean + user_bias(t, user);
    if (item != ROW_NONE)
        return mean + item_bias(t, item);
    return mean;
}

float predict_to_inner(const struct settings *s, float rating)
{
    return INNER_MIN + (rating - s->rating_min) *
                           (INNER_SPAN / (s->rating_max - s->rating_min));
}

float predict_from_inner(const struct settings *s, float inner)
{
    return s->rating_min + (inner - INNER_MIN) *
                               ((s->rating_max - s->rating_min) / INNER_SPAN);
}

float predict_clip(const struct settings *s, float inner)
{
    float r = predict_from_inner(s, inner);
    if (!(r > s->rating_min)) // also when it is not a number
        return s->rating_min;
    return r < s->rating_max ? r : s->rating_max;
}

float predict_rating(const struct table *t, const struct settings *s,
                     uint32_t user, uint32_t item, int64_t time_ms)
{
    float inner = predict_inner(t, user, item);
    if (user != ROW_NONE)
        inner += session_value(&t->users, user, time_ms, s);
    return predict_clip(s, inner);
}
