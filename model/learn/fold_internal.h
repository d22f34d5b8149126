/* fold_internal.h -- what a fold is made of, for the files that are the fold:
 * fold.c (events), fold_rows.c (new rows), fold_seen.c, ranking.c, rank_step.c,
 * cards.c and control.c.
 */
#ifndef FRESHET_MODEL_LEARN_FOLD_INTERNAL_H
#define FRESHET_MODEL_LEARN_FOLD_INTERNAL_H

#include <math.h>

#include "model/core/simd.h"
#include "model/learn/fold.h"
#include "model/learn/history.h"
#include "model/learn/look.h"
#include "model/learn/neural.h"
#include "model/learn/picks.h"
#include "model/learn/quality.h"
#include "model/learn/step.h"
#include "model/learn/step_table.h"
#include "model/learn/voids.h"
#include "model/rank/taste_score.h"

#define RANK_RATES 4096u

struct fold {
    struct settings s;
    struct settings configured;     /* fold_configured() */
    struct live *live;              /* borrowed */
    struct voids voids;             /* what rollbacks undid; no state: known
                                       from the log before it is folded */
    struct live_marks marks;
    struct step_table steps;
    struct step_decay decay;
    struct history *history;        /* NULL when replay is off */
    struct history *positives;      /* NULL when that of the ranking head is */
    float replay_rate, rank_replay_rate;
    float rank_rates[RANK_RATES];   /* rank_rate() of the first counts */
    float pace;                     /* of the rating's steps (pace.h) */
    float feature_rate;             /* s.feature_rate, but while epochs run */
    float init_scale;               /* of the integer sum of uniforms */
    float rank_init_scale;
    enum simd simd;                 /* simd_best() when it was made */
    uint64_t liked_hash;            /* commutative, over all users: liked.c */
    uint64_t seen_hash;             /* commutative, over all lists: fold_seen.c */
    uint64_t seen_bytes;
    struct card_sums user_cards, item_cards;
    struct step_room room;          /* scratch of a step */
    struct neural *neural;          /* NULL: there is no neural head */
    struct quality *quality;        /* reports, of which nothing is learned */
    struct taste_scratch tastes;    /* scratch of a report */
    struct compose_room rank_room;  /* scratch of the ranking head */
    float *rank_sums;               /* (RANK_STEP_MAX, rdim) likewise */
    float *feature_room;            /* (2 CARD_FEATURES_MAX, dim + 1) scratch */
    struct picks picks, rank_picks; /* not state: pure functions of seq and
                                       the histories */
};

/* Takes what depends on f->s from it anew.  False: no memory. */
bool fold_derive(struct fold *f);

/* ---- rows (fold_rows.c) ------------------------------------------------- */

/* The row of the id, made when it is new: by event seq, with first vectors.
 * ROW_NONE: its table is full, or there is no memory.  hash: ids_expect()'s. */
uint32_t fold_user(struct fold *f, struct table *t, struct id id, uint64_t hash,
                   uint64_t seq);
uint32_t fold_item(struct fold *f, struct table *t, struct id id, uint64_t hash,
                   uint64_t seq);
uint32_t fold_feature(struct fold *f, struct table *t, struct id name,
                      uint64_t seq);

/* Both rows of an event.  False: one has no room, and none is made. */
bool fold_pair(struct fold *f, struct table *t, const struct event *e,
               const struct look *look, uint64_t seq, uint32_t *user,
               uint32_t *item);

/* The row's bias and factors of the rating head begin anew; init: their size, as
 * settings' `init`. */
void fold_renew_user(const struct fold *f, struct table *t, uint32_t row,
                     float init);
void fold_renew_item(const struct fold *f, struct table *t, uint32_t row,
                     float init);
void fold_renew_feature(const struct fold *f, struct table *t, uint32_t row,
                        float init);

/* From an `init` of the settings to what a sum of four 16-bit uniforms, whose
 * standard deviation is 65536 / sqrt(3), is multiplied by. */
static inline float fold_init_scale(float init, uint32_t dim)
{
    return init / sqrtf((float)dim) / 37837.227f;
}

/* ---- seen lists (fold_seen.c) ------------------------------------------- */

/* The user has done something with the item.  What has no room is not
 * remembered. */
void fold_seen_take(struct fold *f, struct table *t, uint32_t user,
                    uint32_t item, const struct event *e);
/* Nothing is left of the item; of any.  False: there was nothing. */
bool fold_seen_drop(struct fold *f, struct table *t, uint32_t user,
                    uint32_t item);
void fold_seen_clear(struct fold *f, struct table *t, uint32_t user);
/* A list has come with this entry: it counts in the hash. */
void fold_seen_count(struct fold *f, uint32_t user, uint32_t item,
                     uint32_t stamp);

/* ---- steps -------------------------------------------------------------- */

/* The step of the ranking head for a row that has learned n positives: the
 * square roots are exact to the last bit everywhere. */
static inline float rank_rate(const struct settings *s, uint32_t n)
{
    return s->rank_rate / sqrtf(sqrtf(1.0f + (float)n / s->rank_half));
}
static inline float rank_rate_at(const struct fold *f, uint32_t n)
{
    return n < RANK_RATES ? f->rank_rates[n] : rank_rate(&f->s, n);
}

/* step_pair() of a pair with features: theirs learn too (feature_step.c). */
bool feature_step(struct fold *f, struct table *t, uint32_t user, uint32_t item,
                  float e, const struct step_rates *r);

/* A pair of which the item alone has features, and no table is frozen. */
static inline bool feature_is_usual(const struct fold *f, const struct table *t,
                                    uint32_t user, uint32_t item)
{
    return compose_has(t->items.card[item]) &&
           !compose_has(t->users.card[user]) && !f->s.freeze;
}
/* The same bits sooner for such a pair; sum: compose_item(). */
bool feature_item_step(struct fold *f, struct table *t, uint32_t user,
                       uint32_t item, const float *sum, float e,
                       const struct step_rates *r);

/* What a side's vectors move along per error: (dim) each, 16-byte aligned. */
struct step_along {
    const float *user, *item;
};
/* The same along these, where feature_step() takes the other side's vector.
 * Either side may be without features. */
bool feature_step_along(struct fold *f, struct table *t, uint32_t user,
                        uint32_t item, float e, const struct step_rates *r,
                        const struct step_along *along);

/* The item's features learn the error e of a prediction that was theirs alone,
 * without the item's own vector and bias: neither these nor the user move. */
bool feature_step_alone(struct fold *f, struct table *t, uint32_t user,
                        uint32_t item, float e, const struct step_rates *r);

/* ---- reports (fold_report.c) ------------------------------------------- */

/* Before the event counts: how it was predicted. */
void fold_report_rating(struct fold *f, const struct table *t, uint32_t user,
                        uint32_t item, const struct event *e, uint64_t seq,
                        float test);
/* Before a positive event is learned: where its item stands among all that the
 * user has not seen.  nitems: those there were before it. */
void fold_report_rank(struct fold *f, const struct table *t, uint32_t user,
                      uint32_t item, uint32_t nitems, const struct event *e);

#endif
