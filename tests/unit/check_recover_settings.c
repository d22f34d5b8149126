/* check_recover_settings.c -- options that changed between two starts: an
 * event, where they may; a refusal that names the way out, where they may
 * not. */
#include "recover_test.h"

static struct home h;

static struct event event_at(uint64_t seq, unsigned char *frame)
{
    struct event e;
    ck_assert_int_eq(log_fetch(h.r.log, seq, frame), ERR_OK);
    ck_assert_ptr_nonnull(event_decode(frame, frame + EVENT_BYTES_MAX, &e));
    return e;
}

/* The last event says what the options say, and it is in force. */
static void is_settled(uint64_t last)
{
    static unsigned char frame[EVENT_BYTES_MAX];
    struct settings s;
    char why[SETTINGS_ERROR_MAX];
    ck_assert(h.r.settled);
    ck_assert_uint_eq(h.r.last, last);
    struct event e = event_at(last, frame);
    ck_assert_int_eq(e.type, EVENT_SETTINGS);
    ck_assert(settings_parse((const char *)e.payload, e.payload_bytes, &s,
                             why));
    ck_assert_ptr_null(settings_differ(&s, &h.want, false));
    ck_assert_ptr_null(settings_differ(model_settings_now(h.m), &h.want,
                                       false));
    ck_assert_uint_eq(model_hash(h.m), home_fold(&h));
}

/* Each option that may change, with a snapshot before, between and behind. */
START_TEST(each_that_may_change)
{
    uint64_t last = 0;
    home_init(&h);
    h.want.control_max = 4;
    home_begin(&h);
#define CHANGE(member, kind, option, fixed)                                    \
    if (!(fixed)) {                                                            \
        home_rate(&h, 100);                                                    \
        if (last % 3 == 0)                                                     \
            (void)home_snapshot(&h);                                           \
        h.want.member += 1;                                                    \
        home_again(&h, last % 2);                                              \
        last += 101;                                                           \
        is_settled(last);                                                      \
        if (last % 4 == 0)                                                     \
            (void)home_snapshot(&h);                                           \
        home_again(&h, last % 2);                                              \
        ck_assert(!h.r.settled);                                               \
        ck_assert_uint_eq(h.r.last, last);                                     \
        ck_assert_uint_eq(model_hash(h.m), home_fold(&h));                     \
    }
    SETTINGS_FIELDS(CHANGE)
    ck_assert_uint_gt(last, 1000);
    home_end(&h, true);
    home_release(&h);
}
END_TEST

/* Killed before the event was folded anywhere: it is in the log, once. */
START_TEST(once)
{
    home_init(&h);
    home_begin(&h);
    home_rate(&h, 50);
    home_end(&h, true);
    h.want.factor_rate = 0.1f;
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(recover_open(&h.r, &h.opt), ERR_OK);
        ck_assert_int_eq(recover_load(&h.r, &h.m), ERR_OK);
        ck_assert_uint_eq(h.r.last, 51);
        ck_assert(h.r.settled == (i == 0));
        home_end(&h, true);
    }
    h.want.factor_rate = test_settings().factor_rate; // and back
    home_begin(&h);
    is_settled(52);
    home_end(&h, true);
    home_release(&h);
}
END_TEST

/* Tables that became larger and smaller again, over and over: rows for the most
 * that was ever asked for are reserved before anything is folded. */
START_TEST(tables_of_all_sizes)
{
    static const uint32_t sizes[] = {20, 900, 30, 1500, 5, 25};
    home_init(&h);
    h.want.max_users = 20;
    home_begin(&h);
    for (size_t i = 1; i < sizeof sizes / sizeof *sizes; i++) {
        home_rate(&h, 200);
        if (i % 2)
            (void)home_snapshot(&h);
        h.want.max_users = sizes[i];
        h.want.max_items = sizes[i] + 3;
        home_again(&h, true);
        ck_assert(h.r.settled);
        ck_assert_uint_eq(model_hash(h.m), home_fold(&h));
    }
    home_rate(&h, 200);
    uint64_t hash = model_hash(h.m);
    for (int i = 0; i < 2; i++) { // with snapshots, then without
        home_again(&h, true);
        ck_assert(!h.r.settled);
        ck_assert_uint_eq(model_hash(h.m), hash);
        ck_assert((h.r.base == 0) == i);
        ck_assert_int_eq(snapshot_remove_from(h.r.dir.snapshot, 0, 0), ERR_OK);
    }
    const struct table *t = live_pin(model_live(h.m), 0);
    ck_assert_uint_gt(t->users.n, 20); // the tables that grew were used
    live_unpin(model_live(h.m), 0);
    home_end(&h, true);
    home_release(&h);
}
END_TEST

START_TEST(each_that_may_not)
{
    home_init(&h);
    home_begin(&h);
    home_rate(&h, 50);
    (void)home_snapshot(&h);
    home_rate(&h, 50);
    uint64_t hash = model_hash(h.m);
    home_end(&h, true);
    uint64_t before = home_bytes(&h);
#define REFUSE(member, kind, option, fixed)                                    \
    if (fixed) {                                                               \
        h.want.member += 8;                                                    \
        home_fails(&h, ERR_RANGE, option " is not");                           \
        ck_assert_ptr_nonnull(strstr(h.r.error, "freshet refold"));            \
        ck_assert_ptr_nonnull(strstr(h.r.error, "--" option "="));             \
        ck_assert_ptr_nonnull(strstr(h.r.error, h.path));                      \
        ck_assert_uint_eq(home_bytes(&h), before);                             \
        h.want.member -= 8;                                                    \
    }
    SETTINGS_FIELDS(REFUSE)
    home_begin(&h);
    ck_assert_uint_eq(model_hash(h.m), hash);
    home_end(&h, true);
    home_release(&h);
}
END_TEST

/* A log that was begun by another version of the fold. */
START_TEST(another_version)
{
    char text[SETTINGS_TEXT_MAX];
    home_init(&h);
    home_begin(&h);
    home_rate(&h, 5);
    size_t n = settings_write(&h.want, text);
    text[strlen("fold_version=")] = '9';
    struct event genesis = {.type = EVENT_GENESIS,
                            .payload = (unsigned char *)text,
                            .payload_bytes = (uint32_t)n};
    ck_assert_int_eq(log_write_genesis(h.r.log, &genesis), ERR_OK);
    home_end(&h, true);
    uint64_t before = home_bytes(&h);
    home_fails(&h, ERR_RANGE, "version 9 of the fold");
    ck_assert_ptr_nonnull(strstr(h.r.error, "freshet refold"));
    ck_assert_uint_eq(home_bytes(&h), before);
    home_release(&h);
}
END_TEST

MODEL_TEST_MAIN("recover_settings", each_that_may_change, once,
                tables_of_all_sizes, each_that_may_not, another_version)
