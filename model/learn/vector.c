/* vector.c -- see vector.h. */
#include "model/learn/vector.h"

#include "model/core/bytes.h"
#include "model/core/ids.h"
#include "model/learn/fold_internal.h"
#include "model/rank/predict.h"

void vector_encode(enum event_head head, const float *v, uint32_t n,
                   unsigned char *payload)
{
    put_u32(payload, (uint32_t)head);
    for (uint32_t i = 0; i < n; i++)
        put_f32(payload + VECTOR_BYTES(i), v[i]);
}

float vector_scale(const struct settings *s)
{
    return 4 / (s->rating_max - s->rating_min);
}

/* ---- the payload --------------------------------------------------------- */

struct taken {
    bool ranking;
    uint32_t count;          /* 0: not said */
    float v[VECTOR_DIM_MAX];
};

static bool is_finite(float v)
{
    return v - v == 0;
}

static bool take(const struct table *t, const struct event *e,
                 struct taken *out)
{
    const unsigned char *p = e->payload;
    if (e->payload_bytes < VECTOR_BYTES(0) || get_u32(p) > EVENT_HEAD_RANKING)
        return false;
    out->ranking = get_u32(p) == EVENT_HEAD_RANKING;
    uint32_t dim = out->ranking ? t->rdim : t->dim;
    bool sound = is_finite(e->value) && dim > 0 && dim <= VECTOR_DIM_MAX &&
                 e->payload_bytes == VECTOR_BYTES(dim);
    for (uint32_t i = 0; sound && i < dim; i++) {
        out->v[i] = get_f32(p + VECTOR_BYTES(i));
        sound = is_finite(out->v[i]);
    }
    return sound;
}

/* How many ratings it stands for: 0, not said.  2^24 and more are 2^24. */
static bool take_count(const struct event *e, uint32_t *out)
{
    const float most = 16777216;
    *out = 0;
    if (!e->has_second)
        return true;
    if (!(e->second >= 0))
        return false;
    *out = (uint32_t)(e->second < most ? e->second : most);
    return true;
}

/* ---- rows ---------------------------------------------------------------- */

static bool set_user(struct fold *f, struct table *t, const struct event *e,
                     uint64_t seq, const struct taken *v)
{
    uint64_t hash = ids_expect(live_user_ids(f->live), e->user);
    uint32_t row = fold_user(f, t, e->user, hash, seq);
    if (row == ROW_NONE)
        return false;
    if (v->ranking) {
        memcpy(&t->users.rvec[(size_t)row * t->rdim], v->v,
               t->rdim * sizeof *v->v);
        if (t->users.positives[row] < v->count)
            t->users.positives[row] = v->count;
    } else {
        memcpy(&t->users.vec[(size_t)row * t->dim], v->v,
               t->dim * sizeof *v->v);
        t->users.bias[row] = e->value;
        if (t->users.count[row] < v->count)
            t->users.count[row] = v->count;
    }
    live_touch_user(f->live, row);
    return true;
}

static bool set_item(struct fold *f, struct table *t, const struct event *e,
                     uint64_t seq, const struct taken *v)
{
    uint64_t hash = ids_expect(live_item_ids(f->live), e->item);
    uint32_t row = fold_item(f, t, e->item, hash, seq);
    if (row == ROW_NONE)
        return false;
    if (v->ranking) {
        memcpy(&t->items.rvec[(size_t)row * t->rdim], v->v,
               t->rdim * sizeof *v->v);
        t->items.rbias[row] = e->value;
        if (t->items.positives[row] < v->count)
            t->items.positives[row] = v->count;
    } else {
        memcpy(&t->items.vec[(size_t)row * t->dim], v->v,
               t->dim * sizeof *v->v);
        t->items.bias[row] = e->value;
        if (t->items.count[row] < v->count)
            t->items.count[row] = v->count;
    }
    live_touch_item(f->live, row);
    return true;
}

static bool set_mean(struct table *t, const struct event *e, uint32_t count)
{
    if (!is_finite(e->value) || e->payload_bytes)
        return false;
    t->totals.prior_mean = (double)e->value;
    t->totals.prior_count = count ? count : MEAN_PRIOR;
    return true;
}

void vector_event(struct fold *f, struct table *t, const struct event *e,
                  uint64_t seq)
{
    struct taken v;
    bool ok = take_count(e, &v.count);
    if (ok && !e->user.len && !e->item.len)
        ok = set_mean(t, e, v.count);
    else if (ok)
        ok = take(t, e, &v) && (e->user.len ? set_user(f, t, e, seq, &v)
                                            : set_item(f, t, e, seq, &v));
    if (!ok)
        t->totals.skipped++;
}
