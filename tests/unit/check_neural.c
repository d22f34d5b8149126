/* check_neural.c -- the neural head inside the fold: what is served is what is
 * folded, steps follow the gradient and are whole or none, weights come from
 * events. */
#include "model_test.h"

#include <math.h>

#include "model/core/card.h"
#include "model/core/ids.h"
#include "model/learn/layer.h"
#include "model/rank/mlp.h"
#include "model/rank/predict.h"

#define SLOPE 0.1f

static struct settings with_hidden(uint32_t a, uint32_t b)
{
    struct settings s = test_settings();
    s.hidden_1 = a;
    s.hidden_2 = b;
    s.hidden_slope = SLOPE;
    s.mlp_rate = 0.01f;
    s.mlp_l2 = 0.001f;
    return s;
}

static struct model *model_with(const struct settings *s)
{
    struct model *m;
    ck_assert_int_eq(model_new(s, 1, &m), ERR_OK);
    return m;
}

/* The item gets a card with two features. */
static void put_card(struct model *m, const char *item, uint64_t seq)
{
    unsigned char card[64];
    size_t n = 0;
    static const float weight[] = {1, 0.5f};
    static const char *const name[] = {"tag:a", "tag:b"};
    for (int i = 0; i < 2; i++) {
        struct card_field f = {.kind = CARD_FEATURE, .name = name[i],
                               .name_len = 5,
                               .value = (const unsigned char *)&weight[i],
                               .value_len = 4};
        ck_assert(card_put(card, sizeof card, &n, &f));
    }
    struct event e = {.type = EVENT_ITEM_PUT,
                      .item = {item, (uint32_t)strlen(item)},
                      .payload = card, .payload_bytes = (uint32_t)n};
    test_fold(m, &e, seq);
}

static uint64_t fold_stream(struct model *m, uint32_t n, uint64_t seq)
{
    for (uint32_t k = 0; k < n; k++) {
        char name[2][16];
        struct event e = test_stream(k, 40, 30, name);
        test_fold(m, &e, ++seq);
    }
    return seq;
}

/* Sets units of a layer, all weights by chance; returns the event. */
static struct event layer_of(uint32_t layer, uint32_t first, uint32_t n,
                             uint32_t in, unsigned char *payload)
{
    static float weight[64 * 64], bias[64];
    for (uint32_t i = 0; i < n * in; i++)
        weight[i] = ((float)test_below(layer, i, 2000) - 1000) / 3000;
    for (uint32_t o = 0; o < n; o++)
        bias[o] = ((float)test_below(layer + 9, o, 2000) - 1000) / 2000;
    layer_encode(layer, first, n, in, weight, bias, payload);
    return (struct event){.type = EVENT_LAYER, .payload = payload,
                          .payload_bytes = (uint32_t)LAYER_BYTES(in, n)};
}

/* A head that is not zero: of `s`, whose dim is 16 and hidden layers 16, 8. */
static uint64_t set_layers(struct model *m, uint64_t seq)
{
    static const uint32_t in[] = {48, 16, 8}, out[] = {16, 8, 1};
    static unsigned char payload[LAYER_BYTES(48, 16)];
    for (uint32_t l = 0; l < 3; l++) {
        struct event e = layer_of(l, 0, out[l], in[l], payload);
        test_fold(m, &e, ++seq);
    }
    return seq;
}

/* ---- predictions ------------------------------------------------------- */

START_TEST(what_is_served_is_what_is_folded)
{
    struct settings s = with_hidden(16, 8);
    struct model *m = model_with(&s);
    struct live *live = model_live(m);
    uint64_t seq = set_layers(m, 0);
    int compared = 0;
    put_card(m, "i3", ++seq);
    for (uint32_t k = 0; k < 500; k++) {
        char name[2][16];
        struct event e = test_stream(k, 40, 30, name);
        const struct table *t = live_pin(live, 0);
        uint32_t u = ids_find(live_user_ids(live), e.user, t->users.n);
        uint32_t i = ids_find(live_item_ids(live), e.item, t->items.n);
        float served = predict_rating(t, &s, u, i, e.time_ms);
        live_unpin(live, 0);
        float folded = test_fold(m, &e, ++seq);
        ck_assert_mem_eq(&served, &folded, sizeof served);
        compared += u != ROW_NONE && i != ROW_NONE;
    }
    ck_assert_int_gt(compared, 300);
    model_free(m);
}
END_TEST

START_TEST(adds_nothing_before_it_has_learned)
{
    struct settings off = test_settings(), on = with_hidden(16, 8);
    on.mlp_rate = 0;
    struct model *a = model_with(&off), *b = model_with(&on);
    for (uint32_t k = 0; k < 500; k++) {
        char name[2][16];
        struct event e = test_stream(k, 40, 30, name);
        float x = test_fold(a, &e, k + 1), y = test_fold(b, &e, k + 1);
        ck_assert(x == y);
    }
    ck_assert_uint_ne(model_hash(a), model_hash(b)); // weights are state
    model_free(a);
    model_free(b);
}
END_TEST

/* ---- steps ------------------------------------------------------------- */

/* How the prediction changes with one number of the shadow. */
static double slope_at(const struct table *t, float *x, uint32_t u, uint32_t i)
{
    const float h = 1.0f / 512;
    float before = *x;
    *x = before + h;
    double up = (double)predict_inner(t, u, i);
    *x = before - h;
    double down = (double)predict_inner(t, u, i);
    *x = before;
    return (up - down) / (2 * (double)h);
}

/* One event; n numbers at v have to move by rate * e * slope each. */
static void follows(struct model *m, const struct event *e, uint64_t seq,
                    float *v, uint32_t n, double rate)
{
    double slope[64], before[64];
    struct live *live = model_live(m);
    model_begin(m);
    struct table *t = model_shadow(m);
    uint32_t u = ids_find(live_user_ids(live), e->user, t->users.n);
    uint32_t i = ids_find(live_item_ids(live), e->item, t->items.n);
    double error = (double)(e->value - predict_inner(t, u, i));
    for (uint32_t d = 0; d < n; d++) {
        before[d] = (double)v[d];
        slope[d] = slope_at(t, &v[d], u, i);
    }
    model_fold(m, e, seq, NULL);
    for (uint32_t d = 0; d < n; d++)
        ck_assert_msg(fabs((double)v[d] - before[d] - rate * error * slope[d]) <
                      1e-3 * rate, "%u: %g, slope %g", d,
                      ((double)v[d] - before[d]) / (rate * error), slope[d]);
    model_publish(m);
}

/* p, q, an embedding and a layer: each along its own finite difference.  (A
 * pair for which no unit is near the bend of its activation.) */
START_TEST(a_step_follows_the_gradient)
{
    struct settings s = with_hidden(16, 8);
    s.replay = s.rank_replay = 0;
    s.factor_l2 = s.bias_l2 = s.mlp_l2 = 0;
    s.session_tau = 0;
    s.factor_half = 1e9f; // one rate for all counts
    struct model *m = model_with(&s);
    uint64_t seq = set_layers(m, 0);
    put_card(m, "i3", ++seq);
    seq = fold_stream(m, 300, seq);
    struct event e = test_event("u6", "i3", 2, 1800000000000);
    struct live *live = model_live(m);
    uint32_t u = ids_find(live_user_ids(live), e.user, 40);
    uint32_t i = ids_find(live_item_ids(live), e.item, 30);
    double rate = (double)s.factor_rate;
    for (int which = 0; which < 4; which++) {
        model_begin(m); // the copies take turns: the next one is the shadow
        model_publish(m);
        model_begin(m);
        struct table *t = model_shadow(m);
        model_publish(m);
        model_begin(m);
        model_publish(m); // and again is, in follows()
        if (which == 0)
            follows(m, &e, ++seq, &t->users.vec[u * 16], 16, rate);
        else if (which == 1)
            follows(m, &e, ++seq, &t->items.vec[i * 16], 16, rate);
        else if (which == 2)
            follows(m, &e, ++seq, t->features.vec, 16,
                    rate * (double)s.feature_rate);
        else
            follows(m, &e, ++seq, t->mlp, 48, (double)s.mlp_rate);
    }
    model_free(m);
}
END_TEST

START_TEST(frozen)
{
    for (int k = 0; k < 2; k++) {
        struct settings s = with_hidden(16, 8);
        if (k)
            s.freeze = FREEZE_ALL;
        else
            s.mlp_rate = 0;
        struct model *m = model_with(&s);
        uint64_t seq = set_layers(m, 0);
        const struct table *t = live_pin(model_live(m), 0);
        float *before = malloc(mlp_bytes(&t->mlp_shape));
        memcpy(before, t->mlp, mlp_bytes(&t->mlp_shape));
        live_unpin(model_live(m), 0);
        fold_stream(m, 100, seq);
        t = live_pin(model_live(m), 0);
        ck_assert_mem_eq(t->mlp, before, mlp_bytes(&t->mlp_shape));
        live_unpin(model_live(m), 0);
        free(before);
        model_free(m);
    }
}
END_TEST

/* Rates without sense: rows and weights stay finite, and it is counted. */
START_TEST(poison)
{
    struct settings s = with_hidden(16, 8);
    s.init = 10;
    s.factor_rate = 10;
    s.mlp_rate = 100;
    s.mlp_l2 = 10;
    struct model *m = model_with(&s);
    uint64_t seq = set_layers(m, 0);
    fold_stream(m, 3000, seq);
    const struct table *t = live_pin(model_live(m), 0);
    for (uint32_t i = 0; i < t->mlp_shape.floats; i++)
        ck_assert(isfinite(t->mlp[i]));
    for (uint32_t i = 0; i < t->users.n * t->dim; i++)
        ck_assert(isfinite(t->users.vec[i]));
    ck_assert_uint_gt(t->totals.skipped, 0);
    live_unpin(model_live(m), 0);
    model_free(m);
}
END_TEST

/* ---- weights from events ----------------------------------------------- */

START_TEST(a_layer_is_set)
{
    struct settings s = with_hidden(16, 8);
    struct model *m = model_with(&s);
    static unsigned char payload[LAYER_BYTES(48, 16)];
    struct event e = layer_of(0, 3, 2, 48, payload);
    const struct table *t = live_pin(model_live(m), 0);
    const struct mlp_layer *layer = &t->mlp_shape.layer[0];
    float *before = malloc(mlp_bytes(&t->mlp_shape));
    memcpy(before, t->mlp, mlp_bytes(&t->mlp_shape));
    live_unpin(model_live(m), 0);
    test_fold(m, &e, 1);
    t = live_pin(model_live(m), 0);
    for (uint32_t i = 0; i < t->mlp_shape.floats; i++) {
        bool set = (i >= 3 * 48 && i < 5 * 48) || i == layer->bias + 3 ||
                   i == layer->bias + 4;
        ck_assert((t->mlp[i] != before[i]) == set);
    }
    ck_assert(t->mlp[3 * 48] == ((float)test_below(0, 0, 2000) - 1000) / 3000);
    ck_assert(t->mlp[layer->bias + 4] ==
              ((float)test_below(9, 1, 2000) - 1000) / 2000);
    ck_assert_uint_eq(t->totals.skipped, 0);
    live_unpin(model_live(m), 0);
    free(before);
    model_free(m);
}
END_TEST

START_TEST(a_layer_that_does_not_fit)
{
    struct settings on = with_hidden(16, 8), off = test_settings();
    static unsigned char payload[LAYER_BYTES(48, 17)];
    const struct {
        const struct settings *s;
        uint32_t layer, first, n, in;
        float dirt;              /* in place of the first float */
    } cases[] = {
        {&off, 0, 0, 1, 48, 0}, {&on, 3, 0, 1, 8, 0},  {&on, 0, 0, 1, 47, 0},
        {&on, 0, 16, 1, 48, 0}, {&on, 0, 0, 17, 48, 0}, {&on, 2, 1, 1, 8, 0},
        {&on, 0, 65535, 2, 48, 0}, {&on, 0, 0, 1, 48, NAN},
        {&on, 1, 0, 1, 16, INFINITY}, {&on, 255, 0, 1, 16, 0},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct model *a = model_with(cases[k].s), *b = model_with(cases[k].s);
        struct event e = layer_of(cases[k].layer, cases[k].first, cases[k].n,
                                  cases[k].in, payload);
        struct event bad = test_event("u", "i", 99, 0); // a skip that is known
        if (cases[k].dirt != 0)
            memcpy(payload + 4, &cases[k].dirt, sizeof cases[k].dirt);
        test_fold(a, &e, 1);
        test_fold(b, &bad, 1);
        ck_assert_msg(model_hash(a) == model_hash(b), "case %zu", k);
        model_free(a);
        model_free(b);
    }
}
END_TEST

MODEL_TEST_MAIN("neural", what_is_served_is_what_is_folded,
                adds_nothing_before_it_has_learned,
                a_step_follows_the_gradient, frozen, poison, a_layer_is_set,
                a_layer_that_does_not_fit)
