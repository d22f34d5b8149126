/* explain_test.h -- models with something to explain, for check_explain and
 * check_visitor: cards on both sides, both heads, the neural one on request. */
#ifndef FRESHET_TESTS_UNIT_EXPLAIN_TEST_H
#define FRESHET_TESTS_UNIT_EXPLAIN_TEST_H

#include "model_test.h"

#include <math.h>

#include "model/core/card.h"
#include "model/core/ids.h"
#include "model/learn/layer.h"

#define EXPLAIN_USERS 30u
#define EXPLAIN_ITEMS 20u

/* A card of n features, by name and weight. */
static inline void explain_test_card(struct model *m, bool of_user,
                                     const char *id, uint32_t n,
                                     const char *const *name,
                                     const float *weight, uint64_t seq)
{
    unsigned char card[512];
    size_t bytes = 0;
    for (uint32_t i = 0; i < n; i++) {
        struct card_field f = {.kind = CARD_FEATURE, .name = name[i],
                               .name_len = (uint32_t)strlen(name[i]),
                               .value = (const unsigned char *)&weight[i],
                               .value_len = 4};
        ck_assert(card_put(card, sizeof card, &bytes, &f));
    }
    struct id of = {id, (uint32_t)strlen(id)};
    struct event e = {.type = of_user ? EVENT_USER_PUT : EVENT_ITEM_PUT,
                      .payload = card, .payload_bytes = (uint32_t)bytes};
    if (of_user)
        e.user = of;
    else
        e.item = of;
    test_fold(m, &e, seq);
}

/* A layer of the neural head, all weights by chance. */
static inline void explain_test_layer(struct model *m, uint32_t layer,
                                      uint32_t n, uint32_t in, uint64_t seq)
{
    static float weight[64 * 64], bias[64];
    static unsigned char payload[LAYER_BYTES(48, 16)];
    for (uint32_t i = 0; i < n * in; i++)
        weight[i] = ((float)test_below(layer, i, 2000) - 1000) / 3000;
    for (uint32_t o = 0; o < n; o++)
        bias[o] = ((float)test_below(layer + 9, o, 2000) - 1000) / 2000;
    layer_encode(layer, 0, n, in, weight, bias, payload);
    struct event e = {.type = EVENT_LAYER, .payload = payload,
                      .payload_bytes = (uint32_t)LAYER_BYTES(in, n)};
    test_fold(m, &e, seq);
}

/* 1,500 ratings; every third item and every second user has a card. */
static inline struct model *explain_test_model(const struct settings *s)
{
    static const char *const of_item[] = {"tag:a", "tag:b", "tag:c"};
    static const char *const of_user[] = {"user:x", "user:y"};
    static const float weight[] = {1, 0.5f, -0.25f};
    struct model *m;
    char name[2][16];
    uint64_t seq = 0;
    ck_assert_int_eq(model_new(s, 1, &m), ERR_OK);
    if (s->hidden_1) {
        explain_test_layer(m, 0, 16, 48, ++seq);
        explain_test_layer(m, 1, 8, 16, ++seq);
        explain_test_layer(m, 2, 1, 8, ++seq);
    }
    for (uint32_t i = 0; i < EXPLAIN_ITEMS; i += 3) {
        snprintf(name[0], 16, "i%u", i);
        explain_test_card(m, false, name[0], 1 + i % 2 * 2, of_item, weight,
                          ++seq);
    }
    for (uint32_t u = 0; u < EXPLAIN_USERS; u += 2) {
        snprintf(name[0], 16, "u%u", u);
        explain_test_card(m, true, name[0], 1 + u / 2 % 2, of_user, weight,
                          ++seq);
    }
    for (uint32_t k = 0; k < 1500; k++) {
        struct event e = test_stream(k, EXPLAIN_USERS, EXPLAIN_ITEMS, name);
        float span = s->rating_max - s->rating_min;
        e.value = s->rating_min + (e.value - 1) / 4 * span;
        test_fold(m, &e, ++seq);
    }
    return m;
}

static inline struct settings explain_test_settings(bool neural)
{
    struct settings s = test_settings();
    s.positive_from = -1e9f;
    if (neural) {
        s.hidden_1 = 16;
        s.hidden_2 = 8;
        s.hidden_slope = 0.1f;
        s.mlp_rate = 0.01f;
    }
    return s;
}

/* After the last event of the stream, while its user's mood lasts. */
#define EXPLAIN_NOW (1700000000000 + 60000 * 1499 + 20000)

#endif
