/* check_look.c -- a run of events does what they do one by one, whatever lies
 * between the ratings. */
#include "model_test.h"

#include "model/core/bytes.h"

#define EVENTS 3000u
#define USERS  410u /* more than there is room for */
#define ITEMS  110u

/* The events and what they point to. */
struct stream {
    struct event e[EVENTS];
    char name[EVENTS][2][16];
    unsigned char payload[EVENTS][8];
    char text[3][SETTINGS_TEXT_MAX];
};

static struct settings settings_of(uint32_t replay, uint32_t history)
{
    struct settings s = test_settings();
    s.max_users = 400;
    s.max_items = 100;
    s.replay = replay;
    s.history = history;
    return s;
}

static struct event control_event(enum event_type type, const void *payload,
                                  size_t bytes)
{
    return (struct event){.type = type, .payload = payload,
                          .payload_bytes = (uint32_t)bytes};
}

/* Ratings, bad ones, and of each kind of control event some: the options change
 * to more picks, to none, and back. */
static void stream_init(struct stream *x)
{
    static const uint32_t replay[3] = {7, 0, 3}, history[3] = {40, 1, 2000};
    uint64_t birth[USERS] = {0};
    for (uint32_t k = 0; k < EVENTS; k++) {
        x->e[k] = test_stream(k, USERS, ITEMS, x->name[k]);
        uint32_t user = test_below(k, 0, USERS);
        birth[user] = birth[user] ? birth[user] : k + 1;
        if (k % 97 == 5)
            x->e[k].value = 7;
        if (k % 61 == 60) {
            put_u64(x->payload[k], birth[test_below(k, 5, USERS)]);
            x->e[k] = control_event(k % 2 ? EVENT_ERASE : EVENT_RETRACT,
                                    x->payload[k], 8);
            x->e[k].item = (struct id){"i7", 2};
        }
        if (k % 800 == 799) {
            struct settings s = settings_of(replay[k / 800], history[k / 800]);
            size_t n = settings_write(&s, x->text[k / 800]);
            x->e[k] = control_event(EVENT_SETTINGS, x->text[k / 800], n);
        }
        if (k % 301 == 300)
            x->e[k] = control_event(EVENT_VOID, NULL, 0);
    }
}

/* Folds the stream in runs of `run`, published every `batch` events. */
static uint64_t fold(const struct stream *x, uint32_t run, uint32_t batch,
                     float predicted[EVENTS])
{
    struct settings s = settings_of(4, 500);
    struct model *m;
    ck_assert_int_eq(model_new(&s, 1, &m), ERR_OK);
    for (uint32_t from = 0; from < EVENTS; from += batch) {
        uint32_t end = EVENTS - from < batch ? EVENTS : from + batch;
        model_begin(m);
        for (uint32_t k = from; k < end; k += run) {
            uint32_t n = end - k < run ? end - k : run;
            model_fold_run(m, &x->e[k], n, k + 1, &predicted[k]);
        }
        model_publish(m);
    }
    uint64_t hash = model_hash(m);
    model_free(m);
    return hash;
}

static uint64_t fold_singly(const struct stream *x, float predicted[EVENTS])
{
    struct settings s = settings_of(4, 500);
    struct model *m;
    ck_assert_int_eq(model_new(&s, 1, &m), ERR_OK);
    model_begin(m);
    for (uint32_t k = 0; k < EVENTS; k++)
        model_fold(m, &x->e[k], k + 1, &predicted[k]);
    model_publish(m);
    uint64_t hash = model_hash(m);
    model_free(m);
    return hash;
}

START_TEST(runs_are_their_events)
{
    static const uint32_t run[] = {1, 2, 7, 64, 65, EVENTS};
    static const uint32_t batch[] = {256, 100, 9, EVENTS, 999, EVENTS};
    static struct stream x;
    static float singly[EVENTS], predicted[EVENTS];
    stream_init(&x);
    uint64_t want = fold_singly(&x, singly);
    for (size_t i = 0; i < sizeof run / sizeof *run; i++) {
        memset(predicted, 0, sizeof predicted);
        ck_assert_uint_eq(fold(&x, run[i], batch[i], predicted), want);
        ck_assert_mem_eq(predicted, singly, sizeof singly);
    }
}
END_TEST

START_TEST(predictions_need_not_be_wanted)
{
    static struct stream x;
    struct settings s = settings_of(4, 500);
    static float singly[EVENTS];
    struct model *m;
    stream_init(&x);
    ck_assert_int_eq(model_new(&s, 1, &m), ERR_OK);
    model_begin(m);
    model_fold_run(m, x.e, 0, 1, NULL);
    model_fold_run(m, x.e, EVENTS, 1, NULL);
    model_publish(m);
    ck_assert_uint_eq(model_hash(m), fold_singly(&x, singly));
    model_free(m);
}
END_TEST

MODEL_TEST_MAIN("look", runs_are_their_events, predictions_need_not_be_wanted)
