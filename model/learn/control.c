/* control.c -- see control.h. */
#include "model/learn/control.h"

#include <string.h>

#include "model/core/ids.h"
#include "model/learn/distill.h"
#include "model/learn/layer.h"
#include "model/learn/liked.h"
#include "model/learn/train.h"
#include "model/learn/vector.h"

/* ---- erase --------------------------------------------------------------- */

static void erase(struct fold *f, struct table *t, uint64_t birth)
{
    struct ids *ids = live_user_ids_mutable(f->live);
    uint32_t row = ids_find_birth(ids, birth);
    t->totals.epoch++;
    if (row == ROW_NONE || ids_is_forgotten(ids, row))
        return;
    liked_clear(f, t, row);
    fold_seen_clear(f, t, row);
    cards_forget_user(f, t, row);
    memset(&t->users.vec[(size_t)row * t->dim], 0,
           t->dim * sizeof *t->users.vec);
    t->users.bias[row] = 0;
    memset(&t->users.rvec[(size_t)row * t->rdim], 0,
           t->rdim * sizeof *t->users.rvec);
    t->users.count[row] = 0;
    t->users.positives[row] = 0;
    t->users.day[row] = 0;
    t->users.today[row] = 0;
    t->users.session[row] = 0;
    t->users.last_ms[row] = 0;
    live_touch_user(f->live, row);
    if (f->history)
        history_remove(f->history, row, ROW_NONE);
    if (f->positives)
        history_remove(f->positives, row, ROW_NONE);
    ids_forget(ids, row);
    t->totals.erased++;
    t->totals.interim |= INTERIM_ERASED;
}

/* ---- retract ------------------------------------------------------------- */

static void retract(struct fold *f, struct table *t, uint64_t birth,
                    struct id item_id)
{
    const struct ids *users = live_user_ids(f->live);
    uint32_t user = ids_find_birth(users, birth);
    uint32_t item = ids_find(live_item_ids(f->live), item_id, t->items.n);
    t->totals.epoch++;
    if (user == ROW_NONE || item == ROW_NONE)
        return;
    bool had = f->history && history_remove(f->history, user, item);
    if (f->positives && history_remove(f->positives, user, item))
        had = true;
    if (liked_drop(f, t, user, item))
        had = true;
    if (fold_seen_drop(f, t, user, item)) { // all: so have the pair's events
        live_touch_user(f->live, user);
        had = true;
    }
    if (had)
        t->totals.interim |= INTERIM_ERASED;
}

/* ---- settings ------------------------------------------------------------ */

bool fold_set(struct fold *f, const struct settings *s)
{
    if (!settings_ok(s) || settings_differ(&f->s, s, true) ||
        s->max_users > ids_max(live_user_ids(f->live)) ||
        s->max_items > ids_max(live_item_ids(f->live)) ||
        s->max_features > ids_max(live_feature_ids(f->live)))
        return false;
    struct settings before = f->s;
    f->s = *s;
    if (fold_derive(f))
        return true;
    f->s = before;
    return false;
}

/* Who appends such an event has tried it before (store/recover.h), so that it
 * can be taken here. */
static void set(struct fold *f, struct table *t, const struct event *e)
{
    struct settings s, configured;
    char wrong[SETTINGS_ERROR_MAX];
    if (settings_parse_both((const char *)e->payload, e->payload_bytes, &s,
                            &configured, wrong) && fold_set(f, &s))
        fold_set_configured(f, &configured);
    else
        t->totals.skipped++;
}

/* ---- rollback ------------------------------------------------------------ */

bool fold_void(struct fold *f, struct void_range range)
{
    return voids_add(&f->voids, range);
}

/* A fold that knew of it has passed over the range; one that did not, because
 * the range was learned before the rollback came, has to be done again. */
static void rollback(struct fold *f, struct table *t, const struct event *e)
{
    struct void_range range;
    event_undone(e, &range.after, &range.to);
    t->totals.epoch++;
    if (!voids_know(&f->voids, range))
        t->totals.interim |= INTERIM_UNDONE;
}

void control_event(struct fold *f, struct table *t, const struct event *e,
                   uint64_t seq)
{
    t->totals.seq = seq;
    if (e->type == EVENT_ERASE || e->type == EVENT_RETRACT ||
        e->type == EVENT_SETTINGS)
        live_spoil(f->live); // names go, the history shrinks: core/overlay.h
    switch (e->type) {
    case EVENT_ERASE:
        erase(f, t, event_birth(e));
        break;
    case EVENT_RETRACT:
        retract(f, t, event_birth(e), e->item);
        break;
    case EVENT_ITEM_PUT:
    case EVENT_ITEM_DELETE:
    case EVENT_USER_PUT:
        cards_event(f, t, e, seq);
        break;
    case EVENT_SETTINGS:
        set(f, t, e);
        break;
    case EVENT_LAYER:
        layer_event(f, t, e);
        break;
    case EVENT_VECTOR:
        vector_event(f, t, e, seq);
        break;
    case EVENT_TEACHER:
        distill_event(f, t, e, seq);
        break;
    case EVENT_TRAIN:
        train_event(f, t, e, seq);
        break;
    case EVENT_ROLLBACK:
        rollback(f, t, e);
        break;
    case EVENT_VOID:
    case EVENT_GENESIS:
    case EVENT_RATING:
    case EVENT_BEHAVIOUR:
        break;
    }
}
