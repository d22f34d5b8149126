/* check_dropout.c -- replays in which an item's features learn alone. */
#include "cards_test.h"

#include <math.h>

#include "model/core/simd.h"
#include "model/rank/predict.h"

#define K 16u
/* Of the stream below.  It changes only when the rule, the state or its hash do. */
#define RECORDED 0x6f60f89478ce0cd3u

/* One replay with each event, and steps without decay. */
static struct settings settings_of(float dropout)
{
    struct settings s = test_settings();
    s.feature_dropout = dropout;
    s.replay = 1;
    s.replay_rate = 0.6f;
    s.bias_l2 = s.factor_l2 = 0;
    s.session_tau = 0;
    s.rdim = 0;
    s.init = s.user_features = 1;
    return s;
}

/* What a replay of user 0 and item 0, which has feature 0, may change. */
struct picture {
    float item[K], feature[K], item_bias, feature_bias;
};

static struct picture picture_of(const struct table *t)
{
    struct picture p = {.item_bias = t->items.bias[0],
                        .feature_bias = t->features.bias[0]};
    memcpy(p.item, t->items.vec, sizeof p.item);
    memcpy(p.feature, t->features.vec, sizeof p.feature);
    return p;
}

/* Two ratings of one user; the second is of another item and replays the first.
 * What that changed is between before and the rig's table. */
static void rate_two(struct cards_rig *r, float dropout,
                     struct picture *before)
{
    const struct settings s = settings_of(dropout);
    const struct cards_test c = cards_test_of("", (const char *const[]){"f",
                                                                        NULL});
    struct event put = cards_test_put(EVENT_ITEM_PUT, "a", &c);
    struct event first = test_event("u", "a", 5, 1700000000000);
    struct event second = test_event("u", "b", 2, 1700000001000);
    cards_rig_init(r, &s);
    cards_rig_fold(r, &put);
    cards_rig_fold(r, &first);
    *before = picture_of(r->t);
    cards_rig_fold(r, &second);
}

/* The user's rows are those that the replay has met: it left them alone. */
START_TEST(features_learn_alone)
{
    struct cards_rig r;
    struct picture was;
    rate_two(&r, 1, &was);
    const struct table *t = r.t;
    struct picture is = picture_of(t);
    const struct settings s = settings_of(1);
    float e = 5.0f - ((float)predict_mean(t) + t->users.bias[0] +
                      was.feature_bias);
    for (uint32_t d = 0; d < K; d++)
        e -= t->users.vec[d] * was.feature[d];
    float rate = s.replay_rate * s.bias_rate * s.feature_bias_rate;
    ck_assert_float_gt(fabsf(e), 0.1f);
    ck_assert_float_eq_tol(is.feature_bias - was.feature_bias, rate * e, 1e-6f);
    rate = s.replay_rate * s.feature_rate * s.factor_rate /
           sqrtf(sqrtf(1 + 1 / s.factor_half)); // one event of the item
    for (uint32_t d = 0; d < K; d++)
        ck_assert_float_eq_tol(is.feature[d] - was.feature[d],
                               rate * e * t->users.vec[d], 1e-6f);
    ck_assert_int_eq(memcmp(is.item, was.item, sizeof is.item), 0);
    ck_assert(is.item_bias == was.item_bias);
    cards_rig_release(&r);
}
END_TEST

START_TEST(off_means_all_learn)
{
    struct cards_rig r;
    struct picture was;
    rate_two(&r, 0, &was);
    ck_assert_int_ne(memcmp(was.item, r.t->items.vec, sizeof was.item), 0);
    cards_rig_release(&r);
}
END_TEST

/* A mixed stream with that much of it, in batches of `batch`. */
static uint64_t hash_of(float dropout, enum simd most, uint32_t batch)
{
    struct settings s = test_settings();
    struct model *m;
    s.feature_dropout = dropout;
    simd_limit(most);
    ck_assert_int_eq(model_new(&s, 1, &m), ERR_OK);
    for (uint32_t k = 0; k < 4000; k++) {
        char name[2][16];
        struct cards_test c;
        struct event e = cards_test_mixed(test_stream(k, 300, 200, name), k, &c);
        if (k % batch == 0)
            model_begin(m);
        model_fold(m, &e, k + 1, NULL);
        if (k % batch == batch - 1 || k == 3999)
            model_publish(m);
    }
    uint64_t hash = model_hash(m);
    model_free(m);
    simd_limit(SIMD_32);
    return hash;
}

START_TEST(some_of_the_replays)
{
    uint64_t hash = hash_of(0.3f, SIMD_32, 100);
    ck_assert_msg(hash == RECORDED, "model_hash is 0x%llx",
                  (unsigned long long)hash);
    ck_assert_uint_eq(hash_of(0.3f, SIMD_16, 1), hash);
    ck_assert_uint_eq(hash_of(0.3f, SIMD_CAREFUL, 7), hash);
    ck_assert_uint_ne(hash_of(0, SIMD_32, 100), hash);
    ck_assert_uint_ne(hash_of(0.2f, SIMD_32, 100), hash);
}
END_TEST

MODEL_TEST_MAIN("dropout", features_learn_alone, off_means_all_learn,
                some_of_the_replays)
