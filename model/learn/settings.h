/* settings.h -- everything the fold depends on besides the events.
 *
 * Two folds with equal settings over equal events are equal bit for bit.
 * server/ fills this from config/options.h, where each value's name, default,
 * range and help stand; the meaning stands here.  Plain data.
 */
#ifndef FRESHET_MODEL_LEARN_SETTINGS_H
#define FRESHET_MODEL_LEARN_SETTINGS_H

#include <stdbool.h>

#include "model/core/mlp_shape.h"
#include "model/types.h"

struct settings {
    uint64_t seed;            /* model.seed */
    uint32_t dim;             /* model.rating_dim, K: multiple of 8 */
    uint32_t max_users;       /* model.max_users */
    uint32_t max_items;       /* model.max_items */
    float rating_min;         /* model.rating_min */
    float rating_max;         /* model.rating_max, > rating_min */
    /* On the inner scale (rating_min..rating_max mapped to 1..5): */
    float init;               /* learn.init: sd of initial factors * sqrt(K) */
    float factor_rate;        /* learn.factor_rate: step at count 0 */
    float factor_half;        /* learn.factor_half: the step at count n is
                                 factor_rate / (1 + n / factor_half)^(1/4) */
    float factor_l2;          /* learn.factor_l2 */
    float bias_rate;          /* learn.bias_rate: the least bias step */
    float bias_count;         /* learn.bias_count: the bias step at count n is
                                 max(bias_rate, 1 / (n + bias_count)) */
    float bias_l2;            /* learn.bias_l2 */
    float session_tau;        /* learn.session_tau: seconds, 0 = off */
    float session_rate;       /* learn.session_rate: part of an error that is
                                 taken for the session's mood */
    uint32_t replay;          /* learn.replay: past events per event */
    float replay_rate;        /* learn.replay_rate: replay steps are this much
                                 of a fresh one; 0 = 0.6 / replay */
    uint32_t history;         /* learn.history: events kept for replay */
    uint32_t max_seen;        /* model.max_seen: items remembered per user */
    float error_clip;         /* learn.error_clip: largest error that is
                                 learned, inner scale; 0 = as it is */
    float norm_cap;           /* learn.norm_cap: largest norm of a row's factors;
                                 0 = any */
    float trust_half;         /* learn.trust_half: what the n-th event of a user
                                 teaches of the item counts n / (n + this) */
    uint32_t influence_cap;   /* learn.influence_cap: events a user may teach in a
                                 day; 0 = any number */
    uint32_t freeze;          /* learn.freeze: FREEZE_... */
    double half_life_days;    /* recommend.half_life_days: of popularity */
    uint32_t recent;          /* recommend.recent: liked items that a list is
                                 for once more (rank/taste.h), <= LIKED_ITEMS;
                                 nothing is learned by it */
    /* The neural head (rank/mlp.h): */
    uint32_t hidden_1;        /* model.hidden: units of hidden layer 1, */
    uint32_t hidden_2;        /* ... of layers 2 and 3; */
    uint32_t hidden_3;        /* 0, 0, 0: there is no such head */
    float hidden_slope;       /* model.hidden_slope: of units below 0 */
    float mlp_rate;           /* learn.mlp_rate: step of its weights */
    float mlp_l2;             /* learn.mlp_l2 */
    uint32_t max_features;    /* model.max_features */
    uint32_t item_features;   /* learn.item_features: 1 = cards of items are
                                 learned from */
    uint32_t user_features;   /* learn.user_features */
    float feature_rate;       /* learn.feature_rate: step of a feature's vector,
                                 as a part of the item's */
    float feature_bias_rate;  /* learn.feature_bias_rate: likewise of its bias */
    float feature_dropout;    /* learn.feature_dropout: part of the replays that
                                 an item's features learn alone */
    float distill;            /* learn.distill: a teacher's part of what is
                                 learned from a rating (distill.h) */
    uint32_t rdim;            /* model.ranking_dim, R: 0 or as dim */
    /* Of the ranking head (ranking.h): */
    float rank_init;          /* ranking.init */
    float rank_rate;          /* ranking.rate */
    float rank_half;          /* ranking.half */
    float rank_l2;            /* ranking.l2 */
    float rank_feature_rate;  /* ranking.feature_rate */
    uint32_t negatives;       /* ranking.negatives: per positive */
    uint32_t rank_replay;     /* ranking.replay: past positives per event */
    float rank_replay_rate;   /* ranking.replay_rate */
    uint32_t positives;       /* ranking.history: events kept for replay */
    float positive_from;      /* ranking.positive_from: ratings from here on are
                                 positives */
    uint32_t control;         /* learn.control: steps follow the error */
    float control_min;        /* learn.control_min, .._max: of their pace */
    float control_max;
    float guard_ratio;        /* guard.ratio: error over that of the mean from
                                 which on nothing is published; 0 = off */
};

/* The same, field by field: the registry that text, comparing and hashing walk.
 *   X(member, kind, option, fixed)
 * fixed: another value means another model from the first event on, so the log
 * has to be folded again (freshet refold); the others may change with a
 * `settings` event, for the events after it. */
#define SETTINGS_FIELDS(X)                                                     \
    X(seed,           U64, "model.seed", 1)                                    \
    X(dim,            U32, "model.rating_dim", 1)                              \
    X(max_users,      U32, "model.max_users", 0)                               \
    X(max_items,      U32, "model.max_items", 0)                               \
    X(rating_min,     F32, "model.rating_min", 1)                              \
    X(rating_max,     F32, "model.rating_max", 1)                              \
    X(init,           F32, "learn.init", 0)                                    \
    X(factor_rate,    F32, "learn.factor_rate", 0)                             \
    X(factor_half,    F32, "learn.factor_half", 0)                             \
    X(factor_l2,      F32, "learn.factor_l2", 0)                               \
    X(bias_rate,      F32, "learn.bias_rate", 0)                               \
    X(bias_count,     F32, "learn.bias_count", 0)                              \
    X(bias_l2,        F32, "learn.bias_l2", 0)                                 \
    X(session_tau,    F32, "learn.session_tau", 0)                             \
    X(session_rate,   F32, "learn.session_rate", 0)                            \
    X(replay,         U32, "learn.replay", 0)                                  \
    X(replay_rate,    F32, "learn.replay_rate", 0)                             \
    X(history,        U32, "learn.history", 0)                                 \
    X(max_seen,       U32, "model.max_seen", 0)                                \
    X(error_clip,     F32, "learn.error_clip", 0)                              \
    X(norm_cap,       F32, "learn.norm_cap", 0)                                \
    X(trust_half,     F32, "learn.trust_half", 0)                              \
    X(influence_cap,  U32, "learn.influence_cap", 0)                           \
    X(freeze,         U32, "learn.freeze", 0)                                  \
    X(half_life_days, F64, "recommend.half_life_days", 1)                      \
    X(recent,         U32, "recommend.recent", 0)                              \
    X(hidden_1,       U32, "model.hidden.1", 1)                                \
    X(hidden_2,       U32, "model.hidden.2", 1)                                \
    X(hidden_3,       U32, "model.hidden.3", 1)                                \
    X(hidden_slope,   F32, "model.hidden_slope", 1)                            \
    X(mlp_rate,       F32, "learn.mlp_rate", 0)                                \
    X(mlp_l2,         F32, "learn.mlp_l2", 0)                             \
    X(max_features,   U32, "model.max_features", 0)                            \
    X(item_features,  U32, "learn.item_features", 0)                           \
    X(user_features,  U32, "learn.user_features", 0)                           \
    X(feature_rate,   F32, "learn.feature_rate", 0)                            \
    X(feature_bias_rate, F32, "learn.feature_bias_rate", 0)                    \
    X(feature_dropout, F32, "learn.feature_dropout", 0)                        \
    X(distill,        F32, "learn.distill", 0)                                 \
    X(rdim,           U32, "model.ranking_dim", 1)                             \
    X(rank_init,      F32, "ranking.init", 0)                                  \
    X(rank_rate,      F32, "ranking.rate", 0)                                  \
    X(rank_half,      F32, "ranking.half", 0)                                  \
    X(rank_l2,        F32, "ranking.l2", 0)                                    \
    X(rank_feature_rate, F32, "ranking.feature_rate", 0)                       \
    X(negatives,      U32, "ranking.negatives", 0)                             \
    X(rank_replay,    U32, "ranking.replay", 0)                                \
    X(rank_replay_rate, F32, "ranking.replay_rate", 0)                         \
    X(positives,      U32, "ranking.history", 0)                               \
    X(positive_from,  F32, "ranking.positive_from", 0)                     \
    X(control,        U32, "learn.control", 0)                                 \
    X(control_min,    F32, "learn.control_min", 0)                             \
    X(control_max,    F32, "learn.control_max", 0)                             \
    X(guard_ratio,    F32, "guard.ratio", 0)

#define SETTINGS_REPLAY_MAX 256
/* Tables that learn nothing, in both heads. */
#define FREEZE_USERS    1u
#define FREEZE_ITEMS    2u
#define FREEZE_FEATURES 4u
#define FREEZE_ALL      7u
#define SETTINGS_NEGATIVES_MAX 64
#define SETTINGS_TEXT_MAX  8000
#define SETTINGS_ERROR_MAX 128

/* Any thread.  Is each within what the fold can do?  The ranges of options.h
 * lie within that; what is read from files may not. */
bool settings_ok(const struct settings *s);

/* Any thread.  The units of hidden layers as mlp_shape_make() takes them. */
void settings_hidden(const struct settings *s, uint32_t out[MLP_HIDDEN_MAX]);

/* Any thread.  One "option=value" per line, every value exact, the version of
 * the fold first.  Returns the length. */
size_t settings_write(const struct settings *s, char text[SETTINGS_TEXT_MAX]);

/* Any thread.  Reads that text.  A line that is missing, or not known, or the
 * work of another version of the fold: false, with a message. */
bool settings_parse(const char *text, size_t n, struct settings *out,
                    char error[SETTINGS_ERROR_MAX]);

/* The same two with what the configuration said when these settings were made:
 * a line "configured.option=value" for each that is set otherwise, by a request
 * of the running daemon.  That stays in force from start to start, until the
 * option's configuration says something new (settings_follow()). */
size_t settings_write_both(const struct settings *s,
                           const struct settings *configured,
                           char text[SETTINGS_TEXT_MAX]);
bool settings_parse_both(const char *text, size_t n, struct settings *out,
                         struct settings *configured,
                         char error[SETTINGS_ERROR_MAX]);

/* Any thread.  Each option whose configuration changed from `configured` to
 * `want` gets what it says in `want`. */
void settings_follow(struct settings *s, const struct settings *configured,
                     const struct settings *want);

/* Any thread.  Options as bits.  settings_field(): that of the option, 0: it is
 * none of these; *fixed: it may not change while the daemon runs: what may not
 * change at all, and the sizes of tables, which are reserved at the start. */
uint64_t settings_field(const char *option, bool *fixed);
void settings_take(struct settings *to, const struct settings *from,
                   uint64_t fields);
/* The value of one of them; *single: a binary32. */
double settings_value(const struct settings *s, uint64_t field, bool *single);

/* Any thread.  The option of the first field in which they differ, or NULL;
 * with `fixed` only of those that may not change. */
const char *settings_differ(const struct settings *a, const struct settings *b,
                            bool fixed);

#endif
