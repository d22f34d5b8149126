/* snapshot_rig.h -- a small snapshot in memory, to be changed and read. */
#ifndef FRESHET_TESTS_UNIT_SNAPSHOT_RIG_H
#define FRESHET_TESTS_UNIT_SNAPSHOT_RIG_H

#include "snapshot_test.h"

#include "model/core/bytes.h"

#define HEAD 16384u   /* bytes before the data */

/* A snapshot in memory, and the file it is written to for reading. */
struct rig {
    struct settings s;
    char path[64];
    int dirfd;
    char name[SNAPSHOT_NAME_MAX];
    size_t n;
    unsigned char *good;         /* (n) as written */
    unsigned char *bytes;        /* (n) to be changed */
    struct tensor tensor[SNAPSHOT_TENSORS_MAX];
    size_t ntensors;
    char error[SNAPSHOT_ERROR_MAX];
};

static inline void rig_init(struct rig *r, uint32_t events)
{
    memset(r, 0, sizeof *r);
    r->s = test_settings();
    r->s.dim = 8;
    r->s.history = 40;
    r->dirfd = snapshot_test_dir(r->path);
    struct model *m = snapshot_test_model(&r->s);
    snapshot_test_fold(m, 0, events, 10);
    struct snapshot_result taken = snapshot_test_take(m, r->dirfd);
    model_free(m);
    snprintf(r->name, sizeof r->name, "%s", taken.name);
    r->n = (size_t)taken.bytes;
    r->good = malloc(r->n);
    r->bytes = malloc(r->n);
    int fd = openat(r->dirfd, r->name, O_RDONLY);
    ck_assert_int_eq(read(fd, r->good, r->n), (ssize_t)r->n);
    close(fd);
    memcpy(r->bytes, r->good, r->n);
    struct tensor_note *notes = malloc(SNAPSHOT_NOTES_MAX * sizeof *notes);
    struct snapshot_head head = {.notes = notes,
                                 .max_notes = SNAPSHOT_NOTES_MAX,
                                 .tensors = r->tensor,
                                 .max_tensors = SNAPSHOT_TENSORS_MAX};
    ck_assert_uint_eq(get_u64(r->good), HEAD - 8);
    ck_assert(snapshot_codec.parse((char *)r->good + 8, HEAD - 8, r->n - HEAD,
                                   &head, r->error));
    r->ntensors = head.ntensors;
    free(notes);
}

static inline void rig_release(struct rig *r)
{
    free(r->good);
    free(r->bytes);
    snapshot_test_remove(r->path, r->dirfd);
}

static inline enum err read_into(struct rig *r, struct model *m,
                                 const void *bytes, size_t n)
{
    struct snapshot_info info;
    int fd = openat(r->dirfd, r->name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ck_assert_int_eq(write(fd, bytes, n), (ssize_t)n);
    close(fd);
    r->error[0] = '\0';
    return snapshot_read(r->dirfd, r->name, &snapshot_codec, m, &info,
                         r->error);
}

static inline enum err read_with(struct rig *r, const struct settings *s,
                          const void *bytes, size_t n)
{
    struct model *m = snapshot_test_model(s);
    enum err err = read_into(r, m, bytes, n);
    model_free(m);
    return err;
}

static inline void refused(struct rig *r, size_t n)
{
    ck_assert_int_eq(read_with(r, &r->s, r->bytes, n), ERR_CORRUPT);
    ck_assert_msg(r->error[0] != '\0', "no message");
}

#endif
