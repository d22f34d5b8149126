/* check_control.c -- events that are no ratings: what they do does not hang on
 * where a batch ends; settings count from their event on. */
#include "model_test.h"

#include "model/core/bytes.h"
#include "model/core/ids.h"
#include "model/learn/history.h"

#define EVENTS 600u

/* Which control events follow the ratings. */
struct control {
    enum event_type type;
    uint32_t user;        /* u<user>; the row's birth is looked up before */
};

static uint64_t birth_of(struct model *m, uint32_t user)
{
    char name[16];
    int n = snprintf(name, sizeof name, "u%u", user);
    const struct ids *ids = live_user_ids(model_live(m));
    uint32_t row = ids_find(ids, (struct id){name, (uint32_t)n}, UINT32_MAX);
    ck_assert_uint_ne(row, ROW_NONE);
    return ids_birth(ids, row);
}

/* Folds ratings, the control events, ratings; published each `batch` events. */
static uint64_t hash_of(const struct control *c, size_t nc, uint32_t batch)
{
    struct settings s = test_settings();
    struct model *m;
    uint64_t births[16] = {0};
    uint32_t open = 0;
    ck_assert_int_eq(model_new(&s, 1, &m), ERR_OK);
    for (uint32_t k = 0; k < 2 * EVENTS + nc; k++) {
        char name[2][16];
        unsigned char payload[8];
        struct event e = test_stream(k, 40, 30, name);
        if (k == EVENTS)
            for (size_t i = 0; i < nc; i++)
                births[i] = birth_of(m, c[i].user);
        if (k >= EVENTS && k < EVENTS + nc) {
            put_u64(payload, births[k - EVENTS]);
            e = (struct event){.type = c[k - EVENTS].type,
                               .item = {"i7", 2}, .payload = payload,
                               .payload_bytes = sizeof payload};
        }
        if (open == 0)
            model_begin(m);
        model_fold(m, &e, k + 1, NULL);
        open = open + 1 == batch ? 0 : open + 1;
        if (open == 0)
            model_publish(m);
    }
    if (open)
        model_publish(m);
    uint64_t hash = model_hash(m);
    model_free(m);
    return hash;
}

static const struct control once[] = {{EVENT_ERASE, 5}};
static const struct control twice[] = {{EVENT_ERASE, 5}, {EVENT_ERASE, 5}};
static const struct control many[] = {
    {EVENT_ERASE, 5}, {EVENT_RETRACT, 6}, {EVENT_VOID, 0}, {EVENT_ERASE, 7},
    {EVENT_ERASE, 5}, {EVENT_RETRACT, 5}, {EVENT_RETRACT, 6}, {EVENT_ERASE, 7}};

START_TEST(batches_do_not_matter)
{
    const uint32_t batches[] = {2, 3, 7, 100, EVENTS, 10 * EVENTS};
    const struct {
        const struct control *c;
        size_t n;
    } lists[] = {{once, 1}, {twice, 2}, {many, 8}};
    for (size_t l = 0; l < sizeof lists / sizeof *lists; l++) {
        uint64_t want = hash_of(lists[l].c, lists[l].n, 1);
        for (size_t i = 0; i < sizeof batches / sizeof *batches; i++)
            ck_assert_uint_eq(hash_of(lists[l].c, lists[l].n, batches[i]),
                              want);
    }
    ck_assert_uint_ne(hash_of(once, 1, 1), hash_of(NULL, 0, 1));
}
END_TEST

/* ---- settings ------------------------------------------------------------ */

static struct event settings_event(const struct settings *s,
                                   char text[SETTINGS_TEXT_MAX])
{
    return (struct event){.type = EVENT_SETTINGS,
                          .payload = (unsigned char *)text,
                          .payload_bytes = (uint32_t)settings_write(s, text)};
}

static struct totals totals_of(struct model *m)
{
    const struct table *t = live_pin(model_live(m), 0);
    struct totals totals = t->totals;
    live_unpin(model_live(m), 0);
    return totals;
}

/* Ratings; the settings change to each of the list, with ratings between; a
 * control event is of the type `as`. */
static struct model *set_and_learn(const struct settings *list, uint32_t n,
                                   enum event_type as, uint32_t batch)
{
    struct settings s = test_settings();
    struct model *m;
    uint32_t open = 0;
    ck_assert_int_eq(model_new(&s, 1, &m), ERR_OK);
    for (uint32_t k = 0; k < (n + 1) * EVENTS; k++) {
        char name[2][16], text[SETTINGS_TEXT_MAX];
        struct event e = test_stream(k, 40, 30, name);
        if (k && k % EVENTS == 0) {
            e = settings_event(&list[k / EVENTS - 1], text);
            if (as == EVENT_VOID)
                e = (struct event){.type = EVENT_VOID};
        }
        if (open == 0)
            model_begin(m);
        model_fold(m, &e, k + 1, NULL);
        open = (open + 1) % batch;
        if (open == 0)
            model_publish(m);
    }
    if (open)
        model_publish(m);
    return m;
}

static uint64_t hash_and_free(struct model *m)
{
    uint64_t hash = model_hash(m);
    model_free(m);
    return hash;
}

START_TEST(settings_from_here_on)
{
    struct settings s = test_settings(), list[4] = {s, s, s, s};
    list[0].factor_rate = 0.05f;
    list[1].replay = 0;
    list[2].history = 100; // replayed again, and less of it
    list[3].history = 40;
    list[3].max_users = 3; // nobody new
    uint64_t want = hash_and_free(set_and_learn(list, 4, EVENT_SETTINGS, 1));
    const uint32_t batches[] = {2, 7, EVENTS, 10 * EVENTS};
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(hash_and_free(set_and_learn(list, 4, EVENT_SETTINGS,
                                                      batches[i])), want);
    static const uint32_t kept[] = {0, 0, 100, 40};
    for (uint32_t n = 2; n <= 4; n++) {
        struct model *m = set_and_learn(list, n, EVENT_SETTINGS, 100);
        const struct history *h = model_history(m);
        ck_assert_uint_eq(h ? history_count(h) : 0, kept[n - 1]);
        ck_assert_ptr_null(settings_differ(model_settings_now(m), &list[n - 1],
                                           false));
        ck_assert_uint_eq(totals_of(m).seq, (n + 1) * EVENTS);
        ck_assert_uint_eq(totals_of(m).skipped, 0);
        uint64_t hash = hash_and_free(m);
        m = set_and_learn(list, n, EVENT_VOID, 100);
        ck_assert_uint_ne(hash_and_free(m), hash);
    }
}
END_TEST

START_TEST(settings_that_say_nothing_new)
{
    struct settings s = test_settings(), list[2] = {s, s};
    ck_assert_uint_eq(hash_and_free(set_and_learn(list, 2, EVENT_SETTINGS, 3)),
                      hash_and_free(set_and_learn(list, 2, EVENT_VOID, 3)));
}
END_TEST

/* The fold is total: what cannot be is counted, and nothing else. */
START_TEST(settings_that_cannot_be)
{
    struct settings s = test_settings(), list[4] = {s, s, s, s};
    list[0].dim = 24;
    list[1].max_users = s.max_users + 1;
    list[2].replay = 257;
    list[3].factor_rate = 0;
    struct model *m = set_and_learn(list, 3, EVENT_SETTINGS, 3);
    struct model *never = set_and_learn(list, 3, EVENT_VOID, 3);
    struct totals t = totals_of(m), want = totals_of(never);
    ck_assert_uint_eq(t.skipped, 3);
    t.skipped = 0;
    ck_assert_mem_eq(&t, &want, sizeof t);
    ck_assert_ptr_null(settings_differ(model_settings_now(m), &s, false));
    struct event garbage = {.type = EVENT_SETTINGS, .payload_bytes = 5,
                            .payload = (const unsigned char *)"a=b\n"};
    test_fold(m, &garbage, t.seq + 1);
    ck_assert_uint_eq(totals_of(m).skipped, 4);
    model_free(m);
    model_free(never);
}
END_TEST

MODEL_TEST_MAIN("control", batches_do_not_matter, settings_from_here_on,
                settings_that_say_nothing_new, settings_that_cannot_be)
