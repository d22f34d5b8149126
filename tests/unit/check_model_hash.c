/* check_model_hash.c -- one number for one fold: the same with every compiler,
 * optimisation and instruction set (CI runs this program in all flavours), and
 * whenever the model is published. */
#include "model_test.h"

#define EVENTS 20000u
/* Of the stream below with test_settings().  It changes only when the rule, the
 * state or its hash do; then the failing test prints the new one. */
#define RECORDED 0x0d46ee518feb3359u
/* ... and with a neural head. */
#define RECORDED_NEURAL 0x0112351d3cbc0689u

/* Which event is spoilt, and how; 0: none. */
struct change {
    uint32_t event;
    float value;
    int64_t time_ms;
    uint64_t seed;
    uint32_t hidden;         /* units of a neural head, of half as many above */
};

/* Folds the stream, published every `batch` events. */
static uint64_t hash_of(uint32_t batch, struct change c)
{
    struct settings s = test_settings();
    struct model *m;
    s.seed += c.seed;
    s.hidden_1 = c.hidden;
    s.hidden_2 = c.hidden / 2;
    s.hidden_slope = 0.1f;
    s.mlp_rate = 0.01f;
    s.mlp_l2 = 0.001f;
    ck_assert_int_eq(model_new(&s, 1, &m), ERR_OK);
    for (uint32_t k = 0; k < EVENTS; k++) {
        char name[2][16];
        struct event e = test_stream(k, 1010, 300, name); // more than fit
        if (k % 211 == 0)
            e.value = 7; // out of range
        if (c.event && k == c.event) {
            e.value += c.value;
            e.time_ms += c.time_ms;
        }
        if (k % batch == 0)
            model_begin(m);
        model_fold(m, &e, k + 1, NULL);
        if (k % batch == batch - 1 || k == EVENTS - 1)
            model_publish(m);
    }
    uint64_t hash = model_hash(m);
    ck_assert_uint_eq(hash, model_hash(m));
    model_free(m);
    return hash;
}

START_TEST(recorded)
{
    uint64_t hash = hash_of(EVENTS, (struct change){0});
    ck_assert_msg(hash == RECORDED, "model_hash is 0x%llx",
                  (unsigned long long)hash);
}
END_TEST

START_TEST(recorded_with_a_neural_head)
{
    static const uint32_t batch[] = {EVENTS, 1, 100};
    for (size_t i = 0; i < sizeof batch / sizeof *batch; i++) {
        uint64_t hash = hash_of(batch[i], (struct change){.hidden = 16});
        ck_assert_msg(hash == RECORDED_NEURAL, "model_hash is 0x%llx",
                      (unsigned long long)hash);
    }
}
END_TEST

START_TEST(batches_do_not_matter)
{
    static const uint32_t batch[] = {1, 2, 7, 256, EVENTS - 1};
    for (size_t i = 0; i < sizeof batch / sizeof *batch; i++)
        ck_assert_uint_eq(hash_of(batch[i], (struct change){0}), RECORDED);
}
END_TEST

START_TEST(every_change_is_seen)
{
    static const struct change changes[] = {
        {.event = 1, .value = 0.5f}, {.event = EVENTS - 1, .value = -1},
        {.event = 9999, .time_ms = 1}, {.seed = 1}, {.hidden = 32},
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
        ck_assert_uint_ne(hash_of(EVENTS, changes[i]), RECORDED);
}
END_TEST

MODEL_TEST_MAIN("model_hash", recorded, recorded_with_a_neural_head,
                batches_do_not_matter, every_change_is_seen)
