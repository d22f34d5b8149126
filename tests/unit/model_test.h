/* model_test.h -- what tests of model/ share: settings, events, a stream. */
#ifndef FRESHET_TESTS_UNIT_MODEL_TEST_H
#define FRESHET_TESTS_UNIT_MODEL_TEST_H

#include "asserts.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/random.h"
#include "model/model.h"
#include "suite_run.h"

static inline struct settings test_settings(void)
{
    return (struct settings){
        .seed = 1, .dim = 16, .max_users = 1000, .max_items = 1000,
        .rating_min = 1, .rating_max = 5, .init = 0.1f, .factor_rate = 0.17f,
        .factor_half = 15, .factor_l2 = 0.015f, .bias_rate = 0.044f,
        .bias_count = 4.5f, .bias_l2 = 0.07f, .session_tau = 50,
        .session_rate = 0.08f, .replay = 4, .history = 3000,
        .max_seen = 1000, .half_life_days = 30, .max_features = 1000,
        .item_features = 1, .user_features = 1, .feature_rate = 0.2f,
        .feature_bias_rate = 0.2f,
        .rdim = 8, .rank_init = 0.1f, .rank_rate = 0.05f, .rank_half = 1000,
        .rank_l2 = 0.01f, .rank_feature_rate = 0.2f, .negatives = 2,
        .rank_replay = 2, .positives = 2000, .positive_from = 4};
}

static inline struct event test_event(const char *user, const char *item,
                                      float value, int64_t time_ms)
{
    return (struct event){.type = EVENT_RATING,
                          .value = value,
                          .time_ms = time_ms,
                          .user = {user, (uint32_t)strlen(user)},
                          .item = {item, (uint32_t)strlen(item)}};
}

static inline uint32_t test_below(uint64_t key, uint64_t i, uint32_t n)
{
    return random_below(random_u64(99, RANDOM_REPLAY, key, i), n);
}

/* The k-th event of a fixed stream with a taste to learn; the ids live in
 * name. */
static inline struct event test_stream(uint32_t k, uint32_t users,
                                       uint32_t items, char name[2][16])
{
    uint32_t u = test_below(k, 0, users), i = test_below(k, 1, items);
    uint32_t value = 1 + (u % 3 == i % 3 ? 3 : 1) + test_below(k, 2, 2);
    snprintf(name[0], 16, "u%u", u);
    snprintf(name[1], 16, "i%u", i);
    return test_event(name[0], name[1], (float)value,
                      1700000000000 + 60000 * (int64_t)k);
}

/* Folds one event in a batch of its own. */
static inline float test_fold(struct model *m, const struct event *e,
                              uint64_t seq)
{
    float predicted;
    model_begin(m);
    model_fold(m, e, seq, &predicted);
    model_publish(m);
    return predicted;
}

#define MODEL_TEST_MAIN(name, ...)                                             \
    int main(void)                                                             \
    {                                                                          \
        const TTest *tests[] = {__VA_ARGS__};                                  \
        return suite_run(name, tests, sizeof tests / sizeof *tests);           \
    }

#endif
