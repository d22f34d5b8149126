/* model.c -- see model.h. */
#include "model/model.h"

#include <fenv.h>
#include <stdbool.h>
#include <stdlib.h>

#include "model/core/overlay.h"
#include "model/learn/fold.h"
#include "model/learn/history.h"
#include "model/learn/quality.h"
#include "model/learn/state.h"

struct model {
    struct settings s;
    struct live *live;
    struct fold *fold;
    struct table *shadow;     /* between begin and publish */
    const struct table *now;  /* the published copy; trainer only */
    struct overlay *overlay;  /* NULL: no snapshot is being taken */
};

enum err model_new(const struct settings *s, int nreaders, struct model **out)
{
    struct live_shape shape = {s->dim, s->max_users, s->max_items};
    if (!settings_ok(s))
        return ERR_RANGE;
    struct model *m = calloc(1, sizeof *m);
    if (!m)
        return ERR_NOMEM;
    m->s = *s;
    m->live = live_new(&shape, nreaders);
    if (m->live)
        m->fold = fold_new(s, m->live);
    if (!m->fold) {
        model_free(m);
        return ERR_NOMEM;
    }
    model_begin(m);
    model_publish(m);
    *out = m;
    return ERR_OK;
}

/* The blocks of seen lists are shared by both copies and owned by the model. */
static void free_seen(struct model *m)
{
    for (uint32_t u = 0; m->now && u < m->now->users.n; u++)
        free(m->now->users.seen[u]);
}

void model_free(struct model *m)
{
    if (!m)
        return;
    free_seen(m);
    fold_free(m->fold);
    live_free(m->live);
    free(m);
}

struct live *model_live(struct model *m)
{
    return m->live;
}

const struct settings *model_settings(const struct model *m)
{
    return &m->s;
}

const struct settings *model_settings_now(const struct model *m)
{
    return fold_settings_now(m->fold);
}

bool model_set(struct model *m, const struct settings *s)
{
    return fold_set(m->fold, s);
}

const struct history *model_history(const struct model *m)
{
    return fold_history(m->fold);
}

/* The fold's arithmetic is that of IEEE 754's defaults: to nearest, denormals
 * kept.  A library built with -ffast-math sets "flush to zero" for the whole
 * process when it is loaded, and threads inherit it; a bit lost there would
 * make this machine's model differ from all others.  Set, then, not hoped for.
 */
void model_begin(struct model *m)
{
    fesetenv(FE_DFL_ENV);
    m->shadow = live_begin(m->live);
}

void model_fold(struct model *m, const struct event *e, uint64_t seq,
                float *predicted)
{
    fold_event(m->fold, m->shadow, e, seq, predicted);
}

void model_fold_run(struct model *m, const struct event *e, uint32_t n,
                    uint64_t seq, float *predicted)
{
    fold_run(m->fold, m->shadow, e, n, seq, predicted);
}

void model_publish(struct model *m)
{
    m->now = m->shadow;
    m->shadow = NULL;
    live_publish(m->live);
    quality_publish(fold_quality(m->fold));
}

uint64_t model_hash(struct model *m)
{
    struct state s = {m->live, m->now, m->fold};
    return state_hash(&s);
}

/* ---- snapshots --------------------------------------------------------- */

enum err model_snapshot_begin(struct model *m, struct overlay *o,
                              struct model_cut *cut)
{
    const struct table *t = m->now;
    struct history *h = fold_history(m->fold);
    uint32_t n[OVERLAY_PARTS] = {t->users.n, t->items.n,
                                 h ? history_count(h) : 0};
    if (m->overlay)
        return ERR_FULL;
    if (!overlay_start(o, t->dim, sizeof(struct history_entry), n))
        return ERR_NOMEM;
    *cut = (struct model_cut){.settings = *fold_settings_now(m->fold),
                              .totals = t->totals,
                              .users = n[OVERLAY_USERS],
                              .items = n[OVERLAY_ITEMS],
                              .history = n[OVERLAY_HISTORY],
                              .entries = h ? history_entries(h) : NULL,
                              .replays = h != NULL,
                              .offered = h ? history_offered(h) : 0,
                              .seen_hash = fold_seen_hash(m->fold)};
    m->overlay = o;
    live_set_overlay(m->live, o);
    if (h)
        history_set_overlay(h, o);
    return ERR_OK;
}

void model_snapshot_end(struct model *m)
{
    struct history *h = fold_history(m->fold);
    m->overlay = NULL;
    live_set_overlay(m->live, NULL);
    if (h)
        history_set_overlay(h, NULL);
}

struct table *model_shadow(struct model *m)
{
    return m->shadow;
}

struct fold *model_fold_state(struct model *m)
{
    return m->fold;
}

/* ---- reports ----------------------------------------------------------- */

struct quality *model_quality(const struct model *m)
{
    return fold_quality(m->fold);
}

size_t model_bytes(const struct model *m)
{
    struct state s = {m->live, m->now, m->fold};
    return state_bytes(&s);
}
