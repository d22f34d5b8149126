/* check_train.c -- epochs over the history: their order, what they learn, and
 * what they leave alone. */
#include "cards_test.h"

#include <math.h>
#include <stdbool.h>

#include "model/core/ids.h"
#include "model/core/training.h"
#include "model/learn/history.h"
#include "model/learn/train.h"
#include "model/rank/predict.h"

#define EVENTS 2500u
#define USERS  40u
#define ITEMS  30u

/* ---- the order ----------------------------------------------------------- */

/* Every place once, whatever n; another epoch or event has another order. */
START_TEST(a_permutation)
{
    static const uint32_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 9, 63, 64, 65, 1000,
                                     4096, 4097};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        uint32_t n = sizes[k], same = 0, still = 0;
        bool *met = calloc(n, sizeof *met);
        ck_assert_ptr_nonnull(met);
        for (uint32_t i = 0; i < n; i++) {
            uint32_t place = train_place(1, 9, 0, n, i);
            ck_assert_uint_lt(place, n);
            ck_assert(!met[place]);
            met[place] = true;
            still += place == i;
            same += place == train_place(1, 9, 1, n, i);
            same += place == train_place(1, 10, 0, n, i);
            same += place == train_place(2, 9, 0, n, i);
        }
        if (n >= 1000) {
            ck_assert_uint_lt(still, 12);
            ck_assert_uint_lt(same, 24);
        }
        free(met);
    }
}
END_TEST

/* ---- what is learned ----------------------------------------------------- */

static struct event train_event_of(const struct training *t,
                                   unsigned char payload[TRAINING_BYTES])
{
    training_encode(t, payload);
    return (struct event){.type = EVENT_TRAIN, .payload = payload,
                          .payload_bytes = TRAINING_BYTES};
}

static struct model *learned(const struct settings *s, uint32_t events)
{
    struct model *m;
    char name[2][16];
    ck_assert_int_eq(model_new(s, 1, &m), ERR_OK);
    for (uint32_t k = 1; k <= events; k++) {
        struct event e = test_stream(k, USERS, ITEMS, name);
        test_fold(m, &e, k);
    }
    return m;
}

static void train(struct model *m, const struct training *t, uint64_t seq)
{
    unsigned char payload[TRAINING_BYTES];
    struct event e = train_event_of(t, payload);
    ck_assert(isnan(test_fold(m, &e, seq)));
}

static const struct table *pinned(struct model *m)
{
    const struct table *t = live_pin(model_live(m), 0);
    live_unpin(model_live(m), 0);
    return t;
}

/* Mean squared error of what the history holds. */
static double error_of(struct model *m)
{
    const struct history *h = model_history(m);
    const struct history_entry *e = history_entries(h);
    double sum = 0;
    for (uint32_t i = 0; i < history_count(h); i++) {
        double x = (double)predict_inner(pinned(m), e[i].user, e[i].item) -
                   (double)e[i].inner;
        sum += x * x;
    }
    return sum / history_count(h);
}

START_TEST(epochs_settle_what_was_learned)
{
    struct settings s = test_settings();
    s.factor_rate = 0.02f; // a stream that taught little
    s.replay_rate = 0.001f;
    struct model *m = learned(&s, EVENTS);
    struct training t = training_default(20);
    double before = error_of(m);
    uint64_t events = pinned(m)->totals.events;
    train(m, &t, EVENTS + 1);
    double fresh = error_of(m);
    ck_assert_msg(fresh < 0.8 * before, "%f -> %f", before, fresh);
    ck_assert_uint_eq(pinned(m)->totals.events, events);
    ck_assert_uint_eq(pinned(m)->totals.skipped, 0);
    ck_assert_uint_eq(pinned(m)->totals.seq, EVENTS + 1);
    for (uint32_t u = 0; u < pinned(m)->users.n; u++)
        ck_assert(pinned(m)->users.session[u] == 0);
    // going on, gently, is not worse; a rate of 0 changes nothing
    t.fresh = false;
    t.factor_rate = 0.01f;
    t.bias_rate = 0.001f;
    train(m, &t, EVENTS + 2);
    ck_assert(error_of(m) < fresh * 1.02);
    double same = error_of(m);
    t.factor_rate = t.bias_rate = 0;
    train(m, &t, EVENTS + 3);
    ck_assert(error_of(m) == same);
    model_free(m);
}
END_TEST

/* A fresh start forgets the order in which the stream came. */
START_TEST(fresh_is_fresh)
{
    struct settings s = test_settings();
    struct settings other = s;
    struct model *a = learned(&s, EVENTS);
    other.factor_rate = 0.05f;
    other.bias_rate = 0.01f;
    struct model *b = learned(&other, EVENTS);
    struct training t = training_default(3);
    const uint32_t d = 3, u = 5;
    ck_assert(pinned(a)->users.vec[u * s.dim + d] !=
              pinned(b)->users.vec[u * s.dim + d]);
    train(a, &t, EVENTS + 1);
    train(b, &t, EVENTS + 1);
    ck_assert_int_eq(memcmp(pinned(a)->users.vec, pinned(b)->users.vec,
                            USERS * s.dim * sizeof(float)), 0);
    ck_assert_int_eq(memcmp(pinned(a)->items.bias, pinned(b)->items.bias,
                            ITEMS * sizeof(float)), 0);
    model_free(a);
    model_free(b);
}
END_TEST

START_TEST(frozen_tables_stay)
{
    struct settings s = test_settings();
    s.freeze = FREEZE_ITEMS;
    struct model *m = learned(&s, EVENTS);
    struct training t = training_default(5);
    size_t bytes = ITEMS * s.dim * sizeof(float);
    float *before = malloc(bytes);
    ck_assert_ptr_nonnull(before);
    memcpy(before, pinned(m)->items.vec, bytes);
    float user = pinned(m)->users.vec[0];
    train(m, &t, EVENTS + 1);
    ck_assert_int_eq(memcmp(before, pinned(m)->items.vec, bytes), 0);
    ck_assert(pinned(m)->users.vec[0] != user);
    free(before);
    model_free(m);
}
END_TEST

/* Items with features; what they learned the stream at does not matter. */
static struct model *learned_cards(float feature_rate)
{
    struct settings s = test_settings();
    struct cards_test c = cards_test_of("", (const char *const[]){"f", "g",
                                                                  NULL});
    s.feature_rate = feature_rate;
    struct model *m = learned(&s, EVENTS);
    for (uint32_t i = 0; i < ITEMS; i++) {
        char name[16];
        snprintf(name, sizeof name, "i%u", i);
        struct event e = cards_test_put(EVENT_ITEM_PUT, name, &c);
        test_fold(m, &e, EVENTS + 1 + i);
    }
    return m;
}

/* An epoch's features learn at its own rate, not at that of the stream. */
START_TEST(features_at_its_rate)
{
    struct training t = training_default(2);
    struct model *a = learned_cards(0.3f), *b = learned_cards(0.01f);
    size_t bytes = pinned(a)->features.n * pinned(a)->dim * sizeof(float);
    float *before = malloc(bytes);
    ck_assert_ptr_nonnull(before);
    t.feature_rate = 0.1f;
    train(a, &t, EVENTS + ITEMS + 1);
    train(b, &t, EVENTS + ITEMS + 1);
    memcpy(before, pinned(a)->features.vec, bytes);
    ck_assert_uint_eq(bytes, 2 * pinned(a)->dim * sizeof(float));
    ck_assert_int_eq(memcmp(before, pinned(b)->features.vec, bytes), 0);
    t.fresh = false;
    t.feature_rate = 0;
    train(a, &t, EVENTS + ITEMS + 2);
    ck_assert_int_eq(memcmp(before, pinned(a)->features.vec, bytes), 0);
    t.feature_rate = 0.1f;
    train(a, &t, EVENTS + ITEMS + 3);
    ck_assert_int_ne(memcmp(before, pinned(a)->features.vec, bytes), 0);
    free(before);
    model_free(a);
    model_free(b);
}
END_TEST

/* Batches, and what else is in the run, do not matter. */
START_TEST(in_a_run_and_alone)
{
    struct settings s = test_settings();
    unsigned char payload[TRAINING_BYTES];
    char name[EVENTS + 3][2][16];
    struct event all[EVENTS + 3];
    struct training t = training_default(2);
    struct model *a, *b;
    ck_assert_int_eq(model_new(&s, 1, &a), ERR_OK);
    ck_assert_int_eq(model_new(&s, 1, &b), ERR_OK);
    for (uint32_t k = 1; k < EVENTS + 3; k++)
        all[k] = test_stream(k, USERS, ITEMS, name[k]);
    all[EVENTS - 100] = train_event_of(&t, payload);
    all[EVENTS] = all[EVENTS - 100];
    for (uint32_t k = 1; k < EVENTS + 3; k++)
        test_fold(a, &all[k], k);
    model_begin(b);
    model_fold_run(b, &all[1], EVENTS + 2, 1, NULL);
    model_publish(b);
    ck_assert_uint_eq(model_hash(a), model_hash(b));
    model_free(a);
    model_free(b);
}
END_TEST

START_TEST(what_is_no_training_is_skipped)
{
    struct settings s = test_settings();
    struct model *m = learned(&s, 100);
    struct training t = training_default(1);
    unsigned char payload[TRAINING_BYTES] = {0};
    struct event e = {.type = EVENT_TRAIN, .payload = payload,
                      .payload_bytes = TRAINING_BYTES};
    uint64_t hash;
    test_fold(m, &e, 101); // no epochs
    ck_assert_uint_eq(pinned(m)->totals.skipped, 1);
    e.payload_bytes = 1;
    test_fold(m, &e, 102);
    ck_assert_uint_eq(pinned(m)->totals.skipped, 2);
    // a rate too large makes no row that is not finite
    t.factor_rate = t.bias_rate = t.factor_l2 = 10;
    t.epochs = 50;
    train(m, &t, 103);
    for (uint32_t i = 0; i < pinned(m)->items.n * s.dim; i++)
        ck_assert(isfinite(pinned(m)->items.vec[i]));
    hash = model_hash(m);
    model_free(m);
    s.replay = s.rank_replay = 0; // no history, of either head
    m = learned(&s, 100);
    train(m, &t, 101);
    ck_assert_uint_eq(pinned(m)->totals.skipped, 1);
    ck_assert_uint_ne(model_hash(m), hash);
    model_free(m);
}
END_TEST

MODEL_TEST_MAIN("train", a_permutation, epochs_settle_what_was_learned,
                fresh_is_fresh, features_at_its_rate, frozen_tables_stay,
                in_a_run_and_alone, what_is_no_training_is_skipped)
