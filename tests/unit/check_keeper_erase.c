/* check_keeper_erase.c -- a person is erased, or a rating taken back: in the
 * model, the log, the snapshots, and in the model of the next start. */
#include "keeper_test.h"

#include "model/core/ids.h"

#define VICTIM "victim-of-the-test"

static struct house x;

static bool count_void(void *arg, const struct log_event *e)
{
    *(uint64_t *)arg += e->event.type == EVENT_VOID;
    return true;
}

static uint64_t voids(void)
{
    struct log_place bad;
    uint64_t n = 0, last = journal_last(x.journal);
    ck_assert_int_eq(log_each(x.h.r.log, log_first(x.h.r.log), last, count_void,
                              &n, &bad), ERR_OK);
    return n;
}

static uint32_t row_of(const char *user)
{
    const struct table *t = live_pin(model_live(x.h.m), 0);
    uint32_t row = ids_find(live_user_ids(model_live(x.h.m)),
                            (struct id){user, (uint32_t)strlen(user)},
                            t->users.n);
    live_unpin(model_live(x.h.m), 0);
    return row;
}

/* A snapshot, others, the victim, others, a snapshot. */
static void populate(void)
{
    house_init(&x, false);
    house_open(&x);
    house_start(&x);
    house_rate(&x, 500);
    house_applied(&x);
    ck_assert_int_eq(house_do(&x, JOB_SNAPSHOT, "", "").err, ERR_OK);
    for (int i = 0; i < 3; i++) {
        house_rate_as(&x, VICTIM, NULL, 5);
        house_rate(&x, 600);
    }
    ck_assert_int_eq(house_do(&x, JOB_SNAPSHOT, "", "").err, ERR_OK);
}

START_TEST(erased)
{
    populate();
    ck_assert_uint_gt(home_files_with(&x.h, VICTIM), 1);
    uint64_t last = journal_last(x.journal);
    struct job job = house_do(&x, JOB_ERASE, VICTIM, "");
    ck_assert_int_eq(job.err, ERR_OK);
    ck_assert_uint_eq(job.seq, last + 1);
    ck_assert_uint_eq(job.events, 15);
    ck_assert(job.exact);
    ck_assert_uint_eq(voids(), 15);
    ck_assert_uint_eq(home_files_with(&x.h, VICTIM), 0);
    ck_assert(!file_there(x.h.r.dir.fd, "redo"));
    ck_assert_uint_eq(home_snapshots(&x.h), 1);
    ck_assert_uint_eq(row_of(VICTIM), ROW_NONE);
    struct totals t = house_totals(&x);
    ck_assert(t.interim == 1 && t.erased == 1 && t.epoch == 1);
    ck_assert_int_eq(house_do(&x, JOB_ERASE, VICTIM, "").err, ERR_RANGE);
    ck_assert_uint_eq(journal_last(x.journal), last + 1);
    house_rate(&x, 100);
    house_rate_as(&x, VICTIM, NULL, 2); // a stranger of that name
    house_again(&x, true);
    ck_assert_uint_eq(x.h.r.base, 500);
    ck_assert_uint_eq(model_hash(x.h.m), home_fold(&x.h));
    ck_assert_uint_eq(house_totals(&x).interim, 0);
    job = house_do(&x, JOB_ERASE, VICTIM, "");
    ck_assert(job.err == ERR_OK && job.events == 2);
    house_release(&x);
}
END_TEST

START_TEST(retracted)
{
    populate();
    uint64_t last = journal_last(x.journal);
    struct job job = house_do(&x, JOB_RETRACT, VICTIM, "i3");
    ck_assert_int_eq(job.err, ERR_OK);
    ck_assert_uint_eq(job.seq, last + 1);
    ck_assert_uint_eq(job.events, 3);
    ck_assert(job.exact);
    ck_assert_uint_eq(voids(), 3);
    ck_assert_uint_ne(row_of(VICTIM), ROW_NONE);
    ck_assert_uint_eq(house_totals(&x).interim, 1);
    static const char *const wrong[][2] = {
        {VICTIM, "i3"}, {VICTIM, "i"}, {"nobody", "i3"}, {"i3", VICTIM}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_int_eq(house_do(&x, JOB_RETRACT, wrong[i][0],
                                  wrong[i][1]).err, ERR_RANGE);
    ck_assert_uint_eq(journal_last(x.journal), last + 1);
    house_rate_as(&x, VICTIM, "i3", 1);
    job = house_do(&x, JOB_RETRACT, VICTIM, "i3");
    ck_assert(job.err == ERR_OK && job.events == 1);
    // the first that they said: the log's victim is born later than the model's
    job = house_do(&x, JOB_RETRACT, VICTIM, "i0");
    ck_assert(job.err == ERR_OK && job.events == 3);
    job = house_do(&x, JOB_RETRACT, VICTIM, "i1");
    ck_assert(job.err == ERR_OK && job.events == 3);
    house_again(&x, true);
    ck_assert_uint_eq(model_hash(x.h.m), home_fold(&x.h));
    job = house_do(&x, JOB_RETRACT, VICTIM, "i2");
    ck_assert(job.err == ERR_OK && job.events == 3);
    job = house_do(&x, JOB_ERASE, VICTIM, "");
    ck_assert(job.err == ERR_OK);
    ck_assert_uint_eq(home_files_with(&x.h, VICTIM), 0);
    house_again(&x, true);
    ck_assert_uint_eq(model_hash(x.h.m), home_fold(&x.h));
    house_release(&x);
}
END_TEST

START_TEST(nobody)
{
    populate();
    uint64_t last = journal_last(x.journal), bytes = home_bytes(&x.h);
    ck_assert_int_eq(house_do(&x, JOB_ERASE, "nobody", "").err, ERR_RANGE);
    ck_assert_int_eq(house_do(&x, JOB_ERASE, "victim", "").err, ERR_RANGE);
    ck_assert_uint_eq(journal_last(x.journal), last);
    ck_assert_uint_eq(home_bytes(&x.h), bytes);
    ck_assert_uint_eq(house_totals(&x).epoch, 0);
    house_release(&x);
}
END_TEST

/* A person whom the model has no room for is in the log all the same. */
START_TEST(one_the_tables_have_no_room_for)
{
    house_init(&x, false);
    x.h.want.max_users = 10;
    house_open(&x);
    house_start(&x);
    house_rate(&x, 500);
    house_rate_as(&x, VICTIM, NULL, 5);
    house_rate(&x, 10);
    struct job job = house_do(&x, JOB_ERASE, VICTIM, "");
    ck_assert_int_eq(job.err, ERR_OK);
    ck_assert_uint_eq(job.events, 5);
    ck_assert_uint_eq(home_files_with(&x.h, VICTIM), 0);
    house_again(&x, true);
    ck_assert_uint_eq(model_hash(x.h.m), home_fold(&x.h));
    house_release(&x);
}
END_TEST

/* ---- while they go on ---------------------------------------------------- */

static void *go_on(void *arg)
{
    (void)arg;
    for (int i = 0; i < 150; i++) {
        struct batch *b = house_batch_of(VICTIM, NULL, 3);
        ck_assert_int_eq(journal_submit_wait(x.journal, b), ERR_OK);
        nanosleep(&(struct timespec){0, 300000}, NULL);
    }
    return NULL;
}

/* Has the victim said anything before seq? */
static bool is_theirs(void *arg, const struct log_event *e)
{
    const struct id *who = &e->event.user;
    *(bool *)arg = who->len == sizeof VICTIM - 1 &&
                   memcmp(who->s, VICTIM, who->len) == 0;
    return !*(bool *)arg;
}

START_TEST(while_they_go_on)
{
    pthread_t thread;
    populate();
    pthread_create(&thread, NULL, go_on, NULL);
    uint64_t events = 0;
    for (int i = 0; i < 12; i++) {
        struct job job = house_do(&x, JOB_ERASE, VICTIM, "");
        struct log_place bad;
        bool theirs = false;
        ck_assert(job.err == ERR_OK || job.err == ERR_RANGE);
        if (job.err == ERR_RANGE)
            continue;
        events += job.events;
        ck_assert_int_eq(log_each(x.h.r.log, 1, job.seq, is_theirs, &theirs,
                                  &bad), ERR_OK);
        ck_assert(!theirs);
    }
    pthread_join(thread, NULL);
    struct job job = house_do(&x, JOB_ERASE, VICTIM, "");
    events += job.err == ERR_OK ? job.events : 0;
    ck_assert_uint_eq(events, 15 + 450); // each of them once
    ck_assert_uint_eq(voids(), events);
    ck_assert_uint_eq(home_files_with(&x.h, VICTIM), 0);
    house_again(&x, true);
    ck_assert_uint_eq(model_hash(x.h.m), home_fold(&x.h));
    house_release(&x);
}
END_TEST

/* ---- with less of a log -------------------------------------------------- */

/* Older segments are gone and snapshots have what they held. */
START_TEST(known_from_dropped_segments)
{
    house_init(&x, false);
    x.opt.drop_segments = true;
    x.opt.keep = 2;
    house_open(&x);
    house_start(&x);
    house_rate_as(&x, VICTIM, NULL, 5);
    for (int i = 0; i < 4; i++) {
        house_rate(&x, 1500);
        if (i == 3)
            house_rate_as(&x, VICTIM, "i9", 1); // still in the log
        ck_assert_int_eq(house_do(&x, JOB_SNAPSHOT, "", "").err, ERR_OK);
    }
    ck_assert_uint_gt(x.dropped, 0);
    ck_assert_uint_gt(log_first(x.h.r.log), 5);
    struct job job = house_do(&x, JOB_ERASE, VICTIM, "");
    ck_assert_int_eq(job.err, ERR_OK);
    ck_assert_uint_eq(job.events, 1);
    ck_assert(!job.exact);
    ck_assert_uint_eq(home_files_with(&x.h, VICTIM), 0);
    ck_assert_uint_eq(home_snapshots(&x.h), 1);
    house_rate(&x, 100);
    house_stop(&x);
    uint64_t hash = model_hash(x.h.m);
    house_close(&x, true);
    house_open(&x);
    house_start(&x);
    ck_assert_uint_eq(x.h.r.base, job.seq);
    ck_assert_uint_eq(model_hash(x.h.m), hash);
    ck_assert_uint_eq(row_of(VICTIM), ROW_NONE);
    house_release(&x);
}
END_TEST

START_TEST(in_memory)
{
    house_init(&x, true);
    house_open(&x);
    house_start(&x);
    house_rate(&x, 500);
    house_rate_as(&x, VICTIM, NULL, 5);
    struct job job = house_do(&x, JOB_RETRACT, VICTIM, "i3");
    ck_assert(job.err == ERR_OK && job.seq == 506 && !job.exact);
    job = house_do(&x, JOB_ERASE, VICTIM, "");
    ck_assert(job.err == ERR_OK && job.seq == 507 && !job.exact);
    ck_assert_uint_eq(row_of(VICTIM), ROW_NONE);
    ck_assert_int_eq(house_do(&x, JOB_ERASE, VICTIM, "").err, ERR_RANGE);
    ck_assert_int_eq(house_do(&x, JOB_RETRACT, VICTIM, "i3").err, ERR_RANGE);
    ck_assert_int_eq(house_do(&x, JOB_SNAPSHOT, "", "").err, ERR_RANGE);
    house_release(&x);
}
END_TEST

MODEL_TEST_MAIN("keeper_erase", erased, retracted, nobody,
                one_the_tables_have_no_room_for, while_they_go_on,
                known_from_dropped_segments, in_memory)
