/* predict_batch.c -- see predict_batch.h. */
#include "model/rank/predict_batch.h"

#include <stdlib.h>

#include "model/learn/session.h"

struct predict_batch {
    struct mlp_batch *mlp;
    const struct table *t;          /* borrowed, between begin and end */
    const struct settings *s;       /* likewise */
    uint32_t n;                     /* pairs that wait */
    float *out[MLP_BATCH];          /* where each goes, */
    float pair[MLP_BATCH];          /* ... without the head and the session, */
    float session[MLP_BATCH];
};

struct predict_batch *predict_batch_new(const struct settings *s)
{
    struct mlp_shape shape;
    uint32_t hidden[MLP_HIDDEN_MAX];
    struct predict_batch *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    settings_hidden(s, hidden);
    mlp_shape_make(&shape, s->dim, hidden, s->hidden_slope);
    b->mlp = mlp_batch_new(&shape);
    if (b->mlp)
        return b;
    predict_batch_free(b);
    return NULL;
}

void predict_batch_free(struct predict_batch *b)
{
    if (!b)
        return;
    mlp_batch_free(b->mlp);
    free(b);
}

void predict_batch_begin(struct predict_batch *b, const struct table *t,
                         const struct settings *s)
{
    b->t = t;
    b->s = s;
    b->n = 0;
}

static void flush(struct predict_batch *b)
{
    float neural[MLP_BATCH];
    if (b->n == 0)
        return;
    mlp_batch_run(b->mlp, b->t->mlp, b->n, neural);
    for (uint32_t i = 0; i < b->n; i++)
        *b->out[i] = predict_clip(b->s, (b->pair[i] + neural[i]) +
                                            b->session[i]);
    b->n = 0;
}

void predict_batch_add(struct predict_batch *b, uint32_t user, uint32_t item,
                       int64_t time_ms, float *out)
{
    const struct table *t = b->t;
    struct compose_room p, q;
    if (user == ROW_NONE || item == ROW_NONE) {
        *out = predict_rating(t, b->s, user, item, time_ms);
        return;
    }
    uint32_t i = b->n++;
    b->out[i] = out;
    b->pair[i] = predict_pair(t, (float)predict_mean(t), user, item);
    b->session[i] = session_value(&t->users, user, time_ms, b->s);
    mlp_batch_set(b->mlp, i, compose_user(t, user, &p),
                  compose_item(t, item, &q));
    if (b->n == MLP_BATCH)
        flush(b);
}

void predict_batch_end(struct predict_batch *b)
{
    flush(b);
}
