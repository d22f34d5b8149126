/* snapshot_test.h -- what the tests of snapshots share: a stream of events with
 * ids of many lengths, a directory that goes away, taking and reading. */
#ifndef FRESHET_TESTS_UNIT_SNAPSHOT_TEST_H
#define FRESHET_TESTS_UNIT_SNAPSHOT_TEST_H

#include "cards_test.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/store/snapshot_read.h"
#include "proto/document.h"
#include "server/snapshot_codec.h"

/* A directory for one test; its name lives in path. */
static inline int snapshot_test_dir(char path[64])
{
    document_setup();
    snprintf(path, 64, "%s/freshet-snapshot-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(path));
    int fd = open(path, O_RDONLY | O_DIRECTORY);
    ck_assert_int_ge(fd, 0);
    return fd;
}

/* How many files are in it; with `remove` afterwards none. */
static inline size_t snapshot_test_files(int dirfd, bool remove)
{
    DIR *dir = fdopendir(openat(dirfd, ".", O_RDONLY | O_DIRECTORY));
    size_t n = 0;
    ck_assert_ptr_nonnull(dir);
    for (struct dirent *d; (d = readdir(dir));) {
        if (d->d_name[0] == '.')
            continue;
        n++;
        if (remove)
            ck_assert_int_eq(unlinkat(dirfd, d->d_name, 0), 0);
    }
    closedir(dir);
    return n;
}

static inline void snapshot_test_remove(const char *path, int dirfd)
{
    snapshot_test_files(dirfd, true);
    close(dirfd);
    ck_assert_int_eq(rmdir(path), 0);
}

/* What an event of the stream borrows. */
struct snapshot_test_words {
    char name[2][160];
    struct cards_test card;
};

/* The k-th event, of any kind; ids of 2 to 130 bytes. */
static inline struct event snapshot_test_event(uint32_t k, uint32_t users,
                                               uint32_t items,
                                               struct snapshot_test_words *w)
{
    char (*name)[160] = w->name;
    char kind[2] = {'u', 'i'};
    uint32_t id[2] = {test_below(k, 0, users), test_below(k, 1, items)};
    for (int i = 0; i < 2; i++) {
        int n = snprintf(name[i], 160, "%c%u", kind[i], id[i]);
        memset(name[i] + n, '.', 160 - (size_t)n);
        name[i][(uint32_t)n + (id[i] % 4 == 3 ? id[i] * 7 % 120 : 0)] = '\0';
    }
    return cards_test_mixed(
        test_event(name[0], name[1], (float)(1 + test_below(k, 2, 5)),
                   1700000000000 + 60000 * (int64_t)k), k, &w->card);
}

/* Folds events from..to of the stream, in batches of `batch`. */
static inline void snapshot_test_fold(struct model *m, uint32_t from,
                                      uint32_t to, uint32_t batch)
{
    for (uint32_t k = from; k < to;) {
        model_begin(m);
        for (uint32_t i = 0; i < batch && k < to; i++, k++) {
            struct snapshot_test_words w;
            struct event e = snapshot_test_event(k, 400, 300, &w);
            model_fold(m, &e, k + 1, NULL);
        }
        model_publish(m);
    }
}

static inline struct model *snapshot_test_model(const struct settings *s)
{
    struct model *m;
    ck_assert_int_eq(model_new(s, 1, &m), ERR_OK);
    return m;
}

/* The hash of a model that folded the first n events and nothing else. */
static inline uint64_t snapshot_test_hash(const struct settings *s, uint32_t n)
{
    struct model *m = snapshot_test_model(s);
    snapshot_test_fold(m, 0, n, 100);
    uint64_t hash = model_hash(m);
    model_free(m);
    return hash;
}

static inline struct snapshot_job snapshot_test_job(struct model *m, int dirfd)
{
    return (struct snapshot_job){.model = m, .dirfd = dirfd,
                                 .codec = &snapshot_codec,
                                 .created = "2026-01-02T03:04:05Z"};
}

/* Takes one of a model that nobody trains meanwhile. */
static inline struct snapshot_result snapshot_test_take(struct model *m,
                                                        int dirfd)
{
    struct snapshot_job job = snapshot_test_job(m, dirfd);
    struct snapshot_result r;
    enum err err = snapshot_take(&job, &r);
    ck_assert_msg(err == ERR_OK, "cannot %s: %s", r.failed,
                  strerror(r.os_error));
    return r;
}

/* Loads it into a new model. */
static inline struct model *snapshot_test_read(const struct settings *s,
                                               int dirfd, const char *name)
{
    struct model *m = snapshot_test_model(s);
    struct snapshot_info info;
    char error[SNAPSHOT_ERROR_MAX];
    enum err err = snapshot_read(dirfd, name, &snapshot_codec, m, &info, error);
    ck_assert_msg(err == ERR_OK, "%s", error);
    return m;
}

#endif
