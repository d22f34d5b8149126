/* step.h -- one SGD step on the biases and factors of a pair, all or nothing.
 *
 *   b_u += rate (e - bias_l2 b_u)           b_i likewise
 *   p_u += rate (e q_i - factor_l2 p_u)     q_i likewise, from the old p_u
 *
 * INVARIANT  Biases and factors are finite.  A step that would break this is
 * not taken: new values are computed aside, looked at, then stored.  So a rate
 * that is too large makes a model useless but never poisons a row with NaN.
 *
 * Inline: this is the innermost code of the daemon.  Lanes as in rank/dot.h,
 * each operation rounded on its own.  Trainer only.
 */
#ifndef FRESHET_MODEL_LEARN_STEP_H
#define FRESHET_MODEL_LEARN_STEP_H

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "model/core/table.h"
#include "model/rank/dot.h"

#define STEP_DIM_MAX 512

struct step_rates {
    float user_bias, item_bias, user_factor, item_factor, neural;
};

struct step_decay {
    float bias_l2, factor_l2;
};

/* Where a step's new rows are until they are known to be finite.  Scratch of
 * the caller, 16-byte aligned: too large for the stack of every step. */
struct step_room {
    dot_half p[STEP_DIM_MAX / 4], q[STEP_DIM_MAX / 4];
};

/* The pair will be predicted and learned soon: what that reads is sent for, the
 * ends of long rows left to the machine's own foresight.  Always inline: gcc
 * takes a function that only prefetches for one that does nothing, and leaves
 * out the call. */
static inline __attribute__((always_inline)) void
step_expect(const struct table *t, uint32_t user, uint32_t item)
{
    for (uint32_t d = 0; d < t->dim && d < 64; d += 16) { // a cache line
        __builtin_prefetch(&t->users.vec[(size_t)user * t->dim + d], 1);
        __builtin_prefetch(&t->items.vec[(size_t)item * t->dim + d], 1);
    }
    __builtin_prefetch(&t->users.bias[user], 1);
    __builtin_prefetch(&t->items.bias[item], 1);
    __builtin_prefetch(&t->users.count[user], 1);
    __builtin_prefetch(&t->items.count[item], 1);
    __builtin_prefetch(&t->users.card[user]);
    __builtin_prefetch(&t->items.brief[item]);
}

/* A row whose norm has outgrown the cap (0: none) is scaled back to it.  Looked
 * at with each event of the row's own; what replays add in between is little. */
static inline void step_cap_norm(float *v, uint32_t dim, float cap)
{
    float squared = cap > 0 ? dot_rows(v, v, dim) : 0;
    if (squared <= cap * cap)
        return;
    float scale = cap / sqrtf(squared);
    for (uint32_t d = 0; d < dim; d++)
        v[d] *= scale;
}

/* New rows into room; what comes back is 0 when all of them are finite, else
 * not a number. */
static inline float step_rows(const float *p, const float *q, uint32_t dim,
                              float e, const struct step_rates *r, float l2,
                              struct step_room *room)
{
    const dot_half *vp = (const dot_half *)__builtin_assume_aligned(p, 16);
    const dot_half *vq = (const dot_half *)__builtin_assume_aligned(q, 16);
    float rp = r->user_factor, rq = r->item_factor;
    dot_half bad = {0};
    for (uint32_t j = 0; j < dim / 4; j++) {
        dot_half a = vp[j], b = vq[j];
        dot_half x = a + rp * (e * b - l2 * a);
        dot_half y = b + rq * (e * a - l2 * b);
        bad += (x - x) + (y - y); // inf - inf and NaN - NaN are NaN
        room->p[j] = x;
        room->q[j] = y;
    }
    return (bad[0] + bad[1]) + (bad[2] + bad[3]);
}

/* Learns the error e of (user, item), both rows of t.  False: not finite,
 * nothing changed.  The caller marks the rows as touched. */
static inline bool step_pair(struct table *t, uint32_t user, uint32_t item,
                             float e, const struct step_rates *r,
                             const struct step_decay *decay,
                             struct step_room *room)
{
    float *p = &t->users.vec[(size_t)user * t->dim];
    float *q = &t->items.vec[(size_t)item * t->dim];
    float bu = t->users.bias[user], bi = t->items.bias[item];
    bu += r->user_bias * (e - decay->bias_l2 * bu);
    bi += r->item_bias * (e - decay->bias_l2 * bi);
    float bad = step_rows(p, q, t->dim, e, r, decay->factor_l2, room);
    bad += (bu - bu) + (bi - bi);
    if (!(bad == 0))
        return false;
    t->users.bias[user] = bu;
    t->items.bias[item] = bi;
    dot_half *vp = (dot_half *)__builtin_assume_aligned(p, 16);
    dot_half *vq = (dot_half *)__builtin_assume_aligned(q, 16);
    for (uint32_t j = 0; j < t->dim / 4; j++) {
        vp[j] = room->p[j];
        vq[j] = room->q[j];
    }
    return true;
}

#endif
