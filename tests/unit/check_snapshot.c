/* check_snapshot.c -- a snapshot is the model at its seq, whatever is folded
 * while it is written, and the model goes on from it as if nothing had been. */
#include "snapshot_test.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "model/core/bytes.h"
#include "model/core/ids.h"
#include "model/core/overlay.h"
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
};

static const struct variant variants[] = {
    {0, 7, 300, 0, 3000, 4, 1000},        // empty at the cut
    {1, 1, 400, 1, 3000, 4, 1000},
    {1500, 3, 3000, 1, 3000, 4, 1000},    // a row at a time
    {1500, 40, 9000, 7, 3000, 4, 1000},   // full only after the cut
    {1500, 40, 9000, 64, 3000, 4, 1000},  // chunks and lists end together
    {1500, 200, 12000, 100, 300, 4, 1000}, // full long before
    {6000, 11, 9000, 33, 2000, 8, 9},     // lists that are full
    {6000, 300, 20000, 0, 1, 1, 1000},    // a history of one entry
    {6000, 300, 20000, 50, 0, 0, 1000},   // no history
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
    char name[2][160];
    struct batch *b = batch_new(64);
    for (uint32_t k = first; k < first + n; k++) {
        struct event e = snapshot_test_event(k, 400, 300, name);
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

/* ---- what spoils one ---------------------------------------------------- */

/* At the third question, an event that cannot be undone by pre-images. */
struct spoiler {
    struct model *m;
    struct event e;
    uint64_t seq;
    int asked;
};

static bool spoil(void *arg)
{
    struct spoiler *w = arg;
    if (++w->asked == 3)
        test_fold(w->m, &w->e, w->seq);
    return false;
}

/* The bytes of an erase event: the birth of the row of that name. */
static uint64_t birth_of(struct model *m, const char *user)
{
    const struct ids *ids = live_user_ids(model_live(m));
    uint32_t row = ids_find(ids, (struct id){user, (uint32_t)strlen(user)},
                            UINT32_MAX);
    ck_assert_uint_ne(row, ROW_NONE);
    return ids_birth(ids, row);
}

static bool file_has(int dirfd, const char *name, const char *text)
{
    int fd = openat(dirfd, name, O_RDONLY);
    struct stat st;
    ck_assert_int_eq(fstat(fd, &st), 0);
    char *bytes = malloc((size_t)st.st_size);
    ck_assert_int_eq(read(fd, bytes, (size_t)st.st_size), st.st_size);
    bool has = memmem(bytes, (size_t)st.st_size, text, strlen(text)) != NULL;
    free(bytes);
    close(fd);
    return has;
}

static void take_spoilt(struct model *m, int dirfd, struct event e,
                        uint64_t seq)
{
    struct spoiler w = {m, e, seq, 0};
    struct snapshot_job job = snapshot_test_job(m, dirfd);
    struct snapshot_result r;
    job.chunk_rows = 10;
    job.stop = spoil;
    job.stop_arg = &w;
    ck_assert_int_eq(snapshot_take(&job, &r), ERR_FULL);
    ck_assert_int_ge(w.asked, 3);
    ck_assert_uint_eq(snapshot_test_files(dirfd, false), 0);
}

START_TEST(an_erasure_spoils_it)
{
    struct settings s = test_settings();
    char path[64];
    int dirfd = snapshot_test_dir(path);
    struct model *m = snapshot_test_model(&s);
    unsigned char birth[8];
    struct id id = {"u32", 3};
    snapshot_test_fold(m, 0, 3000, 50);
    put_u64(birth, birth_of(m, id.s));
    struct event e = {.type = EVENT_ERASE, .payload = birth,
                      .payload_bytes = sizeof birth};
    take_spoilt(m, dirfd, e, 3001);
    // At once after the erasure, when the name's bytes are still in memory.
    struct snapshot_result r = snapshot_test_take(m, dirfd);
    ck_assert(!file_has(dirfd, r.name, "u32u"));
    ck_assert(!file_has(dirfd, r.name, "u32i"));
    ck_assert_uint_eq(r.model_hash, model_hash(m));
    struct model *loaded = snapshot_test_read(&s, dirfd, r.name);
    const struct ids *ids = live_user_ids(model_live(loaded));
    ck_assert_uint_eq(ids_find(ids, id, UINT32_MAX), ROW_NONE);
    uint32_t row = ids_find_birth(ids, get_u64(birth));
    ck_assert_uint_ne(row, ROW_NONE);
    ck_assert_uint_eq(ids_name(ids, row).len, 0);
    // u32 may come back, as somebody new.
    snapshot_test_fold(m, 3001, 6000, 50);
    snapshot_test_fold(loaded, 3001, 6000, 50);
    ck_assert_uint_eq(model_hash(m), model_hash(loaded));
    model_free(loaded);
    model_free(m);
    snapshot_test_remove(path, dirfd);
}
END_TEST

START_TEST(other_settings_spoil_it)
{
    const uint32_t sizes[][2] = {{500, 4}, {4000, 4}, {100, 0}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct settings s = test_settings();
        char path[64], text[SETTINGS_TEXT_MAX];
        int dirfd = snapshot_test_dir(path);
        struct model *m = snapshot_test_model(&s);
        snapshot_test_fold(m, 0, 3000, 50);
        s.history = sizes[i][0];
        s.replay = sizes[i][1];
        size_t n = settings_write(&s, text);
        struct event e = {.type = EVENT_SETTINGS,
                          .payload = (const unsigned char *)text,
                          .payload_bytes = (uint32_t)n};
        take_spoilt(m, dirfd, e, 3001);
        struct snapshot_result r = snapshot_test_take(m, dirfd);
        // A model with the settings of before takes those of the file.
        struct settings before = test_settings();
        struct model *loaded = snapshot_test_read(&before, dirfd, r.name);
        snapshot_test_fold(m, 3001, 5000, 50);
        snapshot_test_fold(loaded, 3001, 5000, 50);
        ck_assert_uint_eq(model_hash(m), model_hash(loaded));
        model_free(loaded);
        model_free(m);
        snapshot_test_remove(path, dirfd);
    }
}
END_TEST

/* ---- what can go wrong -------------------------------------------------- */

static bool at_once(void *arg)
{
    (void)arg;
    return true;
}

static bool begin_another(void *arg)
{
    struct model_cut cut;
    struct overlay *o = overlay_new();
    ck_assert_int_eq(model_snapshot_begin(arg, o, &cut), ERR_FULL);
    overlay_free(o);
    return false;
}

START_TEST(is_given_up)
{
    struct settings s = test_settings();
    char path[64];
    int dirfd = snapshot_test_dir(path);
    struct model *m = snapshot_test_model(&s);
    struct snapshot_job job = snapshot_test_job(m, dirfd);
    struct snapshot_result r;
    snapshot_test_fold(m, 0, 500, 50);
    job.stop = at_once;
    ck_assert_int_eq(snapshot_take(&job, &r), ERR_CLOSED);
    ck_assert_uint_eq(snapshot_test_files(dirfd, false), 0);
    job.stop = begin_another;
    job.stop_arg = m;
    ck_assert_int_eq(snapshot_take(&job, &r), ERR_OK); // and nothing is stuck
    ck_assert_uint_eq(snapshot_test_files(dirfd, false), 1);
    model_free(m);
    snapshot_test_remove(path, dirfd);
}
END_TEST

START_TEST(the_disk_fails)
{
    struct settings s = test_settings();
    char path[64];
    int dirfd = snapshot_test_dir(path);
    struct model *m = snapshot_test_model(&s);
    struct snapshot_job job = snapshot_test_job(m, -1);
    struct snapshot_result r;
    snapshot_test_fold(m, 0, 3000, 50);
    ck_assert_int_eq(snapshot_take(&job, &r), ERR_IO);
    ck_assert_int_eq(r.os_error, EBADF);
    ck_assert_ptr_nonnull(r.failed);
    struct snapshot_result whole = snapshot_test_take(m, dirfd);
    ck_assert_int_eq(unlinkat(dirfd, whole.name, 0), 0);
    signal(SIGXFSZ, SIG_IGN);
    for (rlim_t most = 0; most < whole.bytes; most += whole.bytes / 10) {
        struct rlimit limit = {most, most};
        pid_t child = fork(); // the limit cannot be raised again
        if (child == 0) {
            job.dirfd = dirfd;
            setrlimit(RLIMIT_FSIZE, &limit);
            bool failed = snapshot_take(&job, &r) == ERR_IO &&
                          r.os_error == EFBIG;
            _exit(failed ? 0 : 1);
        }
        int status = -1;
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert_int_eq(status, 0);
        ck_assert_uint_eq(snapshot_test_files(dirfd, false), 0);
    }
    model_free(m);
    snapshot_test_remove(path, dirfd);
}
END_TEST

START_TEST(keeps_to_a_rate)
{
    struct settings s = test_settings();
    struct timespec from, to;
    char path[64];
    int dirfd = snapshot_test_dir(path);
    struct model *m = snapshot_test_model(&s);
    struct snapshot_job job = snapshot_test_job(m, dirfd);
    struct snapshot_result r;
    snapshot_test_fold(m, 0, 3000, 50);
    job.bytes_per_second = 1000000;
    clock_gettime(CLOCK_MONOTONIC, &from);
    ck_assert_int_eq(snapshot_take(&job, &r), ERR_OK);
    clock_gettime(CLOCK_MONOTONIC, &to);
    double took = (double)(to.tv_sec - from.tv_sec) +
                  1e-9 * (double)(to.tv_nsec - from.tv_nsec);
    ck_assert(took > (double)(r.bytes - 20000) / 1e6);
    model_free(m);
    snapshot_test_remove(path, dirfd);
}
END_TEST

/* ---- names -------------------------------------------------------------- */

START_TEST(names)
{
    static const char *const none[] = {
        "", ".", "1.safetensors", "00000000000000000001", "notes.txt",
        "00000000000000000001.safetensor", "00000000000000000001.safetensorss",
        "000000000000000000001.safetensors", "-0000000000000000001.safetensors",
        "99999999999999999999.safetensors", "0000000000000000000x.safetensors",
        "00000000000000000001.safetensors.tmp"};
    char name[SNAPSHOT_NAME_MAX];
    uint64_t seq;
    snapshot_name(UINT64_MAX, name);
    ck_assert_str_eq(name, "18446744073709551615.safetensors");
    ck_assert(snapshot_seq_of(name, &seq));
    ck_assert_uint_eq(seq, UINT64_MAX);
    snapshot_name(17, name);
    ck_assert_str_eq(name, "00000000000000000017.safetensors");
    ck_assert(snapshot_seq_of(name, &seq));
    ck_assert_uint_eq(seq, 17);
    ck_assert(!snapshot_is_leftover(name));
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        ck_assert_msg(!snapshot_seq_of(none[i], &seq), "%s", none[i]);
    ck_assert(snapshot_is_leftover("00000000000000000017.safetensors.tmp"));
    ck_assert(!snapshot_is_leftover("17.safetensors.tmp"));
    ck_assert(!snapshot_is_leftover("00000000000000000017.tmp"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("snapshot");
    TCase *tc = tcase_create("snapshot");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, is_the_model_at_the_cut, 0,
                        (int)(sizeof variants / sizeof *variants));
    const TTest *tests[] = {
        again_and_again, beside_a_trainer, an_erasure_spoils_it,
        other_settings_spoil_it, is_given_up, the_disk_fails, keeps_to_a_rate,
        names};
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        tcase_add_test(tc, tests[i]);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
