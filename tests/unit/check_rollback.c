/* check_rollback.c -- what a rollback undoes, in a running daemon and over
 * restarts: the model is that of a log in which those events are voids. */
#include "rollback_test.h"

#include "model/core/ids.h"

/* ---- live, and with snapshots -------------------------------------------- */

START_TEST(while_it_runs)
{
    begin();
    rate(400);
    struct totals before = house_totals(&x);
    rate(200);
    struct job job = undo(400);
    ck_assert_uint_eq(job.seq, 601);
    ck_assert_uint_eq(job.events, 200);
    house_applied(&x);
    struct totals after = house_totals(&x);
    ck_assert_uint_eq(after.events, before.events);
    ck_assert_uint_eq(after.behaviours, before.behaviours);
    ck_assert_uint_eq(after.epoch, before.epoch + 1);
    is_exact();
    rate(300); // and it goes on from there
    ck_assert_uint_gt(house_totals(&x).events, before.events);
    is_exact();
    house_release(&x);
}
END_TEST

START_TEST(to_nothing)
{
    begin();
    rate(200);
    snapshot();
    undo(0);
    house_applied(&x);
    struct totals t = house_totals(&x);
    ck_assert_uint_eq(t.events, 0);
    ck_assert_uint_eq(t.seq, 201);
    is_exact();
    house_release(&x);
}
END_TEST

START_TEST(snapshots_around)
{
    begin();
    rate(200);
    snapshot();
    rate(300);
    snapshot(); // inside
    rate(100);
    struct job job = undo(400);
    ck_assert_uint_eq(job.snapshot.seq, 200); // the newest that is left
    ck_assert_uint_eq(home_snapshots(&x.h), 1);
    rate(100);
    snapshot(); // after
    ck_assert_uint_eq(home_snapshots(&x.h), 2);
    rate(50);
    house_again(&x, true);
    ck_assert_uint_eq(x.h.r.base, 701);
    house_applied(&x);
    is_exact();
    house_release(&x);
}
END_TEST

/* Rolled back to the very seq of a snapshot: that is where it begins again. */
START_TEST(to_a_snapshot)
{
    begin();
    rate(300);
    snapshot();
    rate(200);
    undo(300);
    ck_assert_uint_eq(home_snapshots(&x.h), 1);
    house_again(&x, true);
    ck_assert_uint_eq(x.h.r.base, 300);
    is_exact();
    house_release(&x);
}
END_TEST

static struct file kept;

/* A snapshot from inside the range is brought back, as from a backup: it is not
 * used, and what is used says why. */
START_TEST(one_that_must_not_be_used)
{
    char name[SNAPSHOT_NAME_MAX];
    begin();
    rate(200);
    snapshot();
    rate(300);
    snapshot();
    snapshot_name(500, name);
    kept = file_read(x.h.r.dir.snapshot, name);
    undo(300);
    rate(100);
    house_stop(&x);
    uint64_t hash = home_fold(&x.h);
    file_write(x.h.r.dir.snapshot, name, kept.bytes, kept.n);
    free(kept.bytes);
    house_close(&x, true);
    house_open(&x);
    ck_assert_uint_eq(x.h.refused, 1);
    ck_assert_ptr_nonnull(strstr(x.h.why, "rolled back"));
    ck_assert_uint_eq(x.h.r.base, 200);
    ck_assert_uint_eq(model_hash(x.h.m), hash);
    house_start(&x);
    house_release(&x);
}
END_TEST

/* ---- one after the other -------------------------------------------------- */

START_TEST(chained)
{
    /* Each: how many ratings, then back to where. */
    static const struct {
        uint32_t rate;
        uint64_t to;
    } rows[] = {
        {500, 400},  // 501
        {200, 600},  // 702, behind the one before
        {100, 450},  // 803, to the middle of what was undone
        {0, 700},    // 804, of control events only
        {50, 100},   // 855, over all of them
        {300, 1000}, // 1156
    };
    begin();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].rate)
            rate(rows[i].rate);
        if (i % 2 == 0)
            snapshot();
        undo(rows[i].to);
        house_applied(&x);
        if (i % 3 == 2)
            is_exact();
    }
    rate(100);
    is_exact();
    house_release(&x);
}
END_TEST

/* ---- what controls is not undone ------------------------------------------ */

#define VICTIM "victim-of-the-test"

START_TEST(control_events_count)
{
    begin();
    rate(300);
    house_rate_as(&x, VICTIM, NULL, 5);
    rate(50);
    ck_assert_int_eq(house_do(&x, JOB_ERASE, VICTIM, "").err, ERR_OK);
    struct job *set = house_job(JOB_SETTINGS, "", "");
    bool fixed;
    set->settings.factor_rate = 0.05f;
    set->fields = settings_field("learn.factor_rate", &fixed);
    ck_assert_int_eq(house_ask(&x, set)->err, ERR_OK);
    job_free(set);
    rate(100);
    undo(200);
    house_applied(&x);
    ck_assert(model_settings_now(x.h.m)->factor_rate == 0.05f);
    rate(100);
    ck_assert_uint_eq(home_files_with(&x.h, VICTIM), 0);
    is_exact();
    ck_assert(model_settings_now(x.h.m)->factor_rate == 0.05f);
    house_release(&x);
}
END_TEST

/* Whom the model does not know any more can be erased, and is another row when
 * they come again. */
START_TEST(erased_after_it)
{
    begin();
    rate(100);
    house_rate_as(&x, VICTIM, NULL, 5);
    house_applied(&x);
    undo(100);
    house_applied(&x);
    ck_assert_uint_gt(home_files_with(&x.h, VICTIM), 0);
    house_rate_as(&x, VICTIM, NULL, 2);
    house_applied(&x);
    struct live *live = model_live(x.h.m);
    const struct table *t = live_pin(live, 0);
    uint32_t row = ids_find(live_user_ids(live),
                            (struct id){VICTIM, sizeof VICTIM - 1},
                            t->users.n);
    ck_assert_uint_eq(ids_birth(live_user_ids(live), row), 107);
    live_unpin(live, 0);
    struct job job = house_do(&x, JOB_ERASE, VICTIM, "");
    ck_assert_int_eq(job.err, ERR_OK);
    ck_assert_uint_eq(job.events, 7);
    ck_assert_uint_eq(home_files_with(&x.h, VICTIM), 0);
    rate(20);
    house_again(&x, true); // an erasure is exact from the next start on
    is_exact();
    house_release(&x);
}
END_TEST

/* An event of the range is known by its id: sent again it is a duplicate. */
START_TEST(event_ids_stay_known)
{
    begin();
    rate(100);
    undo(50);
    for (int i = 0; i < 2; i++) {
        uint64_t last = journal_last(x.journal);
        uint32_t next = x.h.next;
        x.h.next = 60;
        house_rate(&x, 30); // all known
        x.h.next = next;
        ck_assert_uint_eq(journal_last(x.journal), last);
        house_again(&x, true);
    }
    house_release(&x);
}
END_TEST

MODEL_TEST_MAIN("rollback", while_it_runs, to_nothing, snapshots_around,
                to_a_snapshot, one_that_must_not_be_used, chained,
                control_events_count, erased_after_it, event_ids_stay_known)
