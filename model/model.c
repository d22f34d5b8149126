/* model.c -- see model.h. */
#include "model/model.h"

#include <fenv.h>
#include <stdbool.h>
#include <stdlib.h>

#include "model/core/overlay.h"
#include "model/core/reclaim.h"
#include "model/learn/fold.h"
#include "model/learn/history.h"
#include "model/learn/quality_save.h"
#include "model/learn/state.h"
#include "model/rank/blas.h"

struct model {
    struct settings s;
    struct live *live;
    struct fold *fold;
    struct table *shadow;     /* between begin and publish, else NULL */
    const struct table *now;  /* the published copy; trainer only */
    struct overlay *overlay;  /* NULL: no snapshot is being taken; else */
    uint64_t *evaluation;     /* ... what the reports were at its cut */
};

enum err model_new(const struct settings *s, int nreaders, struct model **out)
{
    struct live_shape shape = {.dims = {s->dim, s->rdim},
                               .max_users = s->max_users,
                               .max_items = s->max_items,
                               .max_features = s->max_features};
    uint32_t hidden[MLP_HIDDEN_MAX];
    if (!settings_ok(s))
        return ERR_RANGE;
    settings_hidden(s, hidden);
    mlp_shape_make(&shape.mlp, s->dim, hidden, s->hidden_slope);
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
    blas_setup();
    model_begin(m);
    fold_begin(m->fold, m->shadow);
    model_publish(m);
    *out = m;
    return ERR_OK;
}

/* Blocks of seen lists and cards are shared by both copies and owned by the
 * model. */
static void free_blocks(struct model *m)
{
    for (uint32_t u = 0; m->now && u < m->now->users.n; u++) {
        free(m->now->users.seen[u]);
        free(m->now->users.card[u]);
    }
    for (uint32_t i = 0; m->now && i < m->now->items.n; i++)
        free(m->now->items.card[i]);
}

void model_free(struct model *m)
{
    if (!m)
        return;
    if (m->shadow) // held: the blocks are those of the shadow
        model_publish(m);
    free_blocks(m);
    free(m->evaluation);
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

bool model_void(struct model *m, struct void_range range)
{
    return fold_void(m->fold, range);
}

void model_set_configured(struct model *m, const struct settings *configured)
{
    fold_set_configured(m->fold, configured);
}

const struct history *model_history(const struct model *m)
{
    return fold_history(m->fold);
}

const struct history *model_positives(const struct model *m)
{
    return fold_positives(m->fold);
}

/* The fold's arithmetic is that of IEEE 754's defaults: to nearest, denormals
 * kept.  A library built with -ffast-math sets "flush to zero" for the whole
 * process when it is loaded, and threads inherit it; a bit lost there would
 * make this machine's model differ from all others.  Set, then, not hoped for.
 */
void model_begin(struct model *m)
{
    fesetenv(FE_DFL_ENV);
    if (!m->shadow)
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
    quality_publish(fold_quality(m->fold)); // first: never older than the copy
    live_publish(m->live);
}

/* The newest state there is. */
static const struct table *newest(const struct model *m)
{
    return m->shadow ? m->shadow : m->now;
}

bool model_offer(struct model *m)
{
    if (m->shadow->totals.course.held)
        return false;
    model_publish(m);
    return true;
}

uint64_t model_seq(const struct model *m)
{
    return newest(m)->totals.seq;
}

struct course model_course(const struct model *m)
{
    return newest(m)->totals.course;
}

uint64_t model_hash(struct model *m)
{
    struct state s = {m->live, newest(m), m->fold};
    return state_hash(&s);
}

/* ---- snapshots --------------------------------------------------------- */

static struct history_cut cut_history(const struct history *h)
{
    if (!h)
        return (struct history_cut){.is = false};
    return (struct history_cut){.is = true,
                                .n = history_count(h),
                                .entries = history_entries(h),
                                .offered = history_offered(h)};
}

/* Everybody who changes state keeps what it was; with NULL no longer. */
static void set_overlay(struct model *m, struct overlay *o)
{
    struct history *h = fold_history(m->fold);
    struct history *p = fold_positives(m->fold);
    m->overlay = o;
    live_set_overlay(m->live, o);
    reclaim_hold(live_reclaim(m->live), o != NULL);
    if (h)
        history_set_overlay(h, o);
    if (p)
        history_set_overlay(p, o);
}

enum err model_snapshot_begin(struct model *m, struct overlay *o,
                              struct model_cut *cut)
{
    const struct table *t = m->now;
    struct history_cut history = cut_history(fold_history(m->fold));
    struct history_cut positives = cut_history(fold_positives(m->fold));
    uint32_t n[OVERLAY_PARTS] = {[OVERLAY_USERS] = t->users.n,
                                 [OVERLAY_ITEMS] = t->items.n,
                                 [OVERLAY_FEATURES] = t->features.n,
                                 [OVERLAY_HISTORY] = history.n,
                                 [OVERLAY_POSITIVES] = positives.n,
                                 [OVERLAY_MLP] = t->mlp_shape.floats};
    if (m->overlay || m->shadow)
        return ERR_FULL;
    const struct quality_state *q = quality_now(fold_quality(m->fold));
    size_t words = quality_words(q);
    uint64_t *evaluation = malloc(words * sizeof *evaluation);
    if (!evaluation ||
        !overlay_start(o, table_dims(t), sizeof(struct history_entry), n)) {
        free(evaluation);
        return ERR_NOMEM;
    }
    quality_save(q, evaluation);
    m->evaluation = evaluation;
    *cut = (struct model_cut){.settings = *fold_settings_now(m->fold),
                              .configured = *fold_configured(m->fold),
                              .totals = t->totals,
                              .users = t->users.n,
                              .items = t->items.n,
                              .features = t->features.n,
                              .history = history,
                              .positives = positives,
                              .mlp = t->mlp_shape,
                              .liked_hash = fold_liked_hash(m->fold),
                              .seen_hash = fold_seen_hash(m->fold),
                              .user_cards = *fold_user_cards(m->fold),
                              .item_cards = *fold_item_cards(m->fold),
                              .evaluation = evaluation,
                              .evaluation_words = words};
    set_overlay(m, o);
    return ERR_OK;
}

void model_snapshot_end(struct model *m)
{
    set_overlay(m, NULL);
    free(m->evaluation);
    m->evaluation = NULL;
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
