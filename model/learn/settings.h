/* settings.h -- everything the fold depends on besides the events.
 *
 * Two folds with equal settings over equal events are equal bit for bit.
 * server/ fills this from config/options.h, where each value's name, default,
 * range and help stand; the meaning stands here.  Plain data.
 */
#ifndef FRESHET_MODEL_LEARN_SETTINGS_H
#define FRESHET_MODEL_LEARN_SETTINGS_H

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
    uint32_t replay;          /* learn.replay: past events per event */
    float replay_rate;        /* learn.replay_rate: replay steps are this much
                                 of a fresh one; 0 = 0.6 / replay */
    uint32_t history;         /* learn.history: events kept for replay */
    uint32_t max_seen;        /* model.max_seen: items remembered per user */
    double half_life_days;    /* recommend.half_life_days: of popularity */
};

#endif
