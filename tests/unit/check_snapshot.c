/* check_snapshot.c -- a snapshot is the model at its seq, whatever is folded
 * while it is written, and the model goes on from it as if nothing had been. */
#include "snapshot_test.h"

#include "model/learn/trainer.h"

/* ---- the model goes on while its snapshot is written ------------------- */

/* Folds a few events of the stream each time the snapshot's thread asks whether
 * to stop, which is after each piece that it writes. */
struct meanwhile {
    struct model *m;
    uint32_t next;          /* event to fold */
    uint32_t step;          /* how many each time */
    uint32_t until;
};

static bool fold_meanwhile(void *arg)
{
    struct meanwhile *w = arg;
    uint32_t to = w->next + w->step < w->until ? w->next + w->step : w->until;
    snapshot_test_fold(w->m, w->next, to, 5);
    w->next = to;
    return false;
}

struct variant {
    uint32_t cut, step, until;
    uint32_t chunk_rows;
    uint32_t history, replay;
    uint32_t max_seen;
    uint32_t hidden;        /* units of a neural head */
};

static const struct variant variants[] = {
    {0, 7, 300, 0, 3000, 4, 1000, 0}, // empty at the cut
    {1, 1, 400, 1, 3000, 4, 1000, 0},
    {1500, 3, 3000, 1, 3000, 4, 1000, 0}, // a row at a time
    {1500, 40, 9000, 7, 3000, 4, 1000, 0}, // full only after the cut
    {1500, 40, 9000, 64, 3000, 4, 1000, 0}, // chunks and lists end together
    {1500, 200, 12000, 100, 300, 4, 1000, 0}, // full long before
    {6000, 11, 9000, 33, 2000, 8, 9, 0}, // lists that are full
    {6000, 300, 20000, 0, 1, 1, 1000, 0}, // a history of one entry
    {6000, 300, 20000, 50, 0, 0, 1000, 0}, // no history
    {1500, 40, 9000, 7, 3000, 4, 1000, 16},
    {6000, 11, 9000, 33, 2000, 8, 9, 256}, // more than one pin's weights
};

START_TEST(is_the_model_at_the_cut)
{
    const struct variant *v = &variants[_i];
    struct settings s = test_settings();
    char path[64];
    int dirfd = snapshot_test_dir(path);
    s.seed = 1 + (uint64_t)_i;
    s.history = v->history;
    s.replay = v->replay;
    s.max_seen = v->max_seen;
    s.hidden_1 = v->hidden;
    s.mlp_rate = 0.01f;
    struct model *m = snapshot_test_model(&s);
    snapshot_test_fold(m, 0, v->cut, 50);

    struct meanwhile w = {m, v->cut, v->step, v->until};
    struct snapshot_job job = snapshot_test_job(m, dirfd);
    struct snapshot_result r;
    job.chunk_rows = v->chunk_rows;
    job.stop = fold_meanwhile;
    job.stop_arg = &w;
    ck_assert_int_eq(snapshot_take(&job, &r), ERR_OK);
    ck_assert_uint_gt(w.next, v->cut); // something did happen
    ck_assert_uint_eq(r.seq, v->cut);
    if (v->cut > 1)
        ck_assert_uint_gt(r.saved, 0);
    uint64_t expected = snapshot_test_hash(&s, v->cut);
    ck_assert_uint_eq(r.model_hash, expected);

    struct model *loaded = snapshot_test_read(&s, dirfd, r.name);
    ck_assert_uint_eq(model_hash(loaded), expected);
    snapshot_test_fold(m, w.next, v->until, 100);
    snapshot_test_fold(loaded, v->cut, v->until, 70);
    ck_assert_uint_eq(model_hash(loaded), model_hash(m));
    model_free(loaded);
    model_free(m);
    ck_assert_uint_eq(snapshot_test_files(dirfd, false), 1);
    snapshot_test_remove(path, dirfd);
}
END_TEST

START_TEST(again_and_again)
{
    struct settings s = test_settings();
    char path[64];
    int dirfd = snapshot_test_dir(path);
    struct model *m = snapshot_test_model(&s);
    struct meanwhile w = {m, 0, 9, UINT32_MAX};
    for (int i = 0; i < 5; i++) {
        struct snapshot_job job = snapshot_test_job(m, dirfd);
        struct snapshot_result r;
        uint32_t cut = w.next;
        job.chunk_rows = 20;
        job.stop = fold_meanwhile;
        job.stop_arg = &w;
        ck_assert_int_eq(snapshot_take(&job, &r), ERR_OK);
        ck_assert_uint_eq(r.seq, cut);
        ck_assert_uint_eq(r.model_hash, snapshot_test_hash(&s, cut));
        // One that is loaded, and saved again, is the same file.
        struct model *loaded = snapshot_test_read(&s, dirfd, r.name);
        struct snapshot_result again = snapshot_test_take(loaded, dirfd);
        ck_assert_uint_eq(again.model_hash, r.model_hash);
        ck_assert_uint_eq(again.bytes, r.bytes);
        model_free(loaded);
    }
    ck_assert_uint_eq(snapshot_test_files(dirfd, false), 5);
    model_free(m);
    snapshot_test_remove(path, dirfd);
}
END_TEST

/* ---- with the real threads --------------------------------------------- */

static void nothing_visible(void *arg, uint32_t n, int64_t latency_ns)
{
    (void)arg;
    (void)n;
    (void)latency_ns;
}

/* Events first .. first + n - 1 of the stream. */
static struct batch *batch_of(uint32_t first, uint32_t n)
{
    struct snapshot_test_words w;
    struct batch *b = batch_new(64);
    for (uint32_t k = first; k < first + n; k++) {
        struct event e = snapshot_test_event(k, 400, 300, &w);
        ck_assert_int_eq(batch_add(b, &e, k - first), ERR_OK);
    }
    b->first_seq = first + 1;
    return b;
}

START_TEST(beside_a_trainer)
{
    struct settings s = test_settings();
    char path[64];
    int dirfd = snapshot_test_dir(path);
    struct model *m = snapshot_test_model(&s);
    struct trainer_options opt = {50, 5};
    struct trainer_hooks hooks = {.visible = nothing_visible};
    struct queue *q = queue_new(100000);
    struct trainer *t = trainer_new(m, q, 0, &opt, &hooks);
    struct snapshot_result r = {0};
    ck_assert_int_eq(trainer_start(t), ERR_OK);
    for (uint32_t k = 0; k < 20000; k += 100)
        ck_assert_int_eq(queue_push(q, batch_of(k, 100)), ERR_OK);
    while (r.seq < 20000) {
        struct snapshot_job job = snapshot_test_job(m, dirfd);
        job.trainer = t;
        job.chunk_rows = 16;
        ck_assert_int_eq(snapshot_take(&job, &r), ERR_OK);
        ck_assert_uint_eq(r.model_hash,
                          snapshot_test_hash(&s, (uint32_t)r.seq));
    }
    trainer_stop(t);
    struct snapshot_job last = snapshot_test_job(m, dirfd);
    last.trainer = t; // its thread is gone: the last one of a daemon
    ck_assert_int_eq(snapshot_take(&last, &r), ERR_OK);
    ck_assert_uint_eq(r.seq, 20000);
    trainer_free(t);
    queue_free(q);
    model_free(m);
    snapshot_test_remove(path, dirfd);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("snapshot");
    TCase *tc = tcase_create("snapshot");
    tcase_set_timeout(tc, 60);
    // One thread: of them all TSan learns what it does of one.
    int n = (int)(sizeof variants / sizeof *variants);
    tcase_add_loop_test(tc, is_the_model_at_the_cut, 0,
                        THREAD_SANITIZED ? 1 : n);
    tcase_add_test(tc, again_and_again);
    tcase_add_test(tc, beside_a_trainer);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
