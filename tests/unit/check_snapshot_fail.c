/* check_snapshot_fail.c -- snapshots that end without a file: what spoils them,
 * who gives them up, a disk that fails; and what they are called.
 */
#include "snapshot_test.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "model/core/bytes.h"
#include "model/core/ids.h"
#include "model/core/overlay.h"

/* ---- what spoils one ---------------------------------------------------- */

/* At the question of that number, an event that cannot be undone by pre-images.
 */
struct spoiler {
    struct model *m;
    struct event e;
    uint64_t seq;
    int at;
    int asked;
};

static bool spoil(void *arg)
{
    struct spoiler *w = arg;
    if (++w->asked == w->at)
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

/* False: it was not asked so often. */
static bool take_spoilt(struct model *m, int dirfd, struct event e,
                        uint64_t seq, int at)
{
    struct spoiler w = {m, e, seq, at, 0};
    struct snapshot_job job = snapshot_test_job(m, dirfd);
    struct snapshot_result r;
    job.chunk_rows = 10;
    job.stop = spoil;
    job.stop_arg = &w;
    enum err err = snapshot_take(&job, &r);
    if (w.asked < at)
        return false;
    ck_assert_int_eq(err, ERR_FULL);
    ck_assert_uint_eq(snapshot_test_files(dirfd, false), 0);
    return true;
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
    ck_assert(take_spoilt(m, dirfd, e, 3001, 3));
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

START_TEST(whenever_it_comes)
{
    struct settings s = test_settings();
    char path[64];
    int dirfd = snapshot_test_dir(path);
    struct model *m = snapshot_test_model(&s);
    unsigned char nobody[8] = {0};
    struct event e = {.type = EVENT_ERASE, .payload = nobody,
                      .payload_bytes = sizeof nobody};
    uint64_t seq = 100;
    int at = 1;
    snapshot_test_fold(m, 0, 100, 50);
    while (take_spoilt(m, dirfd, e, ++seq, at)) // up to the last question
        at++;
    ck_assert_int_gt(at, 20);
    ck_assert_uint_eq(snapshot_test_files(dirfd, false), 1);
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
        ck_assert(take_spoilt(m, dirfd, e, 3001, 3));
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

MODEL_TEST_MAIN("snapshot_fail", an_erasure_spoils_it, whenever_it_comes,
                other_settings_spoil_it, is_given_up, the_disk_fails,
                keeps_to_a_rate, names)
