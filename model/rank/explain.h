/* explain.h -- why a prediction is what it is: the parts that add up to it, and
 * the user's past items that pull at it most.
 *
 * Parts of a rating, in rating units, p and q the own vectors of user and item,
 * P and Q those with their features (compose.h):
 *
 *   mean          of all ratings
 *   user          b_u
 *   session       s_u(t), the mood of a sitting (learn/session.h)
 *   item          b_i
 *   taste         p . q
 *   user_feature  w_g (b_g + e_g . q)           one per feature of the user
 *   feature       w_f (b_f + P . e_f)           one per feature of the item
 *   neural        f(P, Q), the neural head's
 *   clip          what clipping to rating_min..rating_max adds
 *
 * of a ranking score (rank/score.h): item, taste, user_feature, feature,
 * without the biases that features have not got there, and
 *
 *   boost         what a list adds for reasons of its own (recommend.h)
 *
 * Parts of a side that is unknown are not there, nor is one that is 0 and not
 * mean, user, item or taste.  They add up to the answer to within rounding
 * (1e-4 is what check_explain demands).  Features stand in the order of their
 * size.
 *
 * The past: what a past item pulls is what the answer would lose if the user's
 * vector lost what of it points along that item,
 *
 *   pull(j) = (P . Q_j) (Q_j . Q) / |Q_j|^2        in the units of the answer
 *
 * so that an item of the same kind pulls with all of the user's taste for that
 * kind, and one that has nothing to do with it, with nothing; below 0 it pulls
 * down.  Of the rating head this explains taste and features' factors, not
 * biases or the neural head.  similarity is the cosine of Q_j and Q.
 *
 * Past items are those of a history that the question brings, then those of the
 * user's list (learn/seen.h) from its end: the newest, then the ones whose
 * items the model met last; `scan` of them at most, so that an answer has a
 * bounded cost.
 *
 * Any thread with a pinned table; pure, allocates nothing.
 */
#ifndef FRESHET_MODEL_RANK_EXPLAIN_H
#define FRESHET_MODEL_RANK_EXPLAIN_H

#include "model/core/card.h"
#include "model/core/table.h"
#include "model/learn/settings.h"
#include "model/rank/visitor.h"

#define EXPLAIN_KINDS(X)                                                       \
    X(mean) X(user) X(session) X(item) X(taste) X(user_feature) X(feature)     \
    X(neural) X(clip) X(boost)
#define EXPLAIN_ENUM(name) EXPLAIN_##name,
enum explain_kind { EXPLAIN_KINDS(EXPLAIN_ENUM) EXPLAIN_KINDS_N };

/* "mean", ... */
const char *explain_kind_name(enum explain_kind kind);

#define EXPLAIN_PARTS_MAX (EXPLAIN_KINDS_N + 2 * CARD_FEATURES_MAX)
#define EXPLAIN_PAST_MAX  5
#define EXPLAIN_SCAN      1000   /* past items that are looked at */

struct explain_query {
    uint32_t user;           /* a row of the table, or ROW_NONE */
    uint32_t item;           /* likewise */
    int64_t time_ms;         /* when the rating would be given */
    const struct visitor *visitor; /* of a rating: asked instead of the user,
                                      NULL: nobody */
    const float *rvec;       /* of a score: likewise; (R), features in it */
    const uint32_t *history; /* further past items: rows, or ROW_NONE */
    uint32_t nhistory;
    uint32_t scan;           /* <= EXPLAIN_SCAN */
};

struct explain_part {
    enum explain_kind kind;
    uint32_t feature;        /* a row of features, or ROW_NONE */
    float value;
};

struct explain_past {
    uint32_t item;
    float similarity, pull;
};

struct explanation {
    float answer;            /* predict_rating(), visitor_rating(), the score */
    uint32_t nparts, npast;
    struct explain_part part[EXPLAIN_PARTS_MAX];
    struct explain_past past[EXPLAIN_PAST_MAX]; /* the strongest first */
};

void explain_rating(const struct table *t, const struct settings *s,
                    const struct explain_query *q, struct explanation *out);

/* The table has a ranking head. */
void explain_score(const struct table *t, const struct explain_query *q,
                   struct explanation *out);

/* Any thread.  The score that was explained is this one in its list. */
void explain_boosted(struct explanation *e, float score);

#endif
