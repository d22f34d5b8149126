/* snapshot_rig.h -- a small snapshot in memory, to be changed and read. */
#ifndef FRESHET_TESTS_UNIT_SNAPSHOT_RIG_H
#define FRESHET_TESTS_UNIT_SNAPSHOT_RIG_H

#include "snapshot_test.h"

#include "model/core/bytes.h"
#include "model/store/crc.h"

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
    uint32_t ratings;            /* of its events */
};

static inline void rig_init(struct rig *r, uint32_t events)
{
    memset(r, 0, sizeof *r);
    r->s = test_settings();
    r->s.dim = 8;
    r->s.history = 30;
    r->dirfd = snapshot_test_dir(r->path);
    struct model *m = snapshot_test_model(&r->s);
    snapshot_test_fold(m, 0, events, 10);
    struct snapshot_result taken = snapshot_test_take(m, r->dirfd);
    r->ratings = (uint32_t)live_pin(model_live(m), 0)->totals.events;
    live_unpin(model_live(m), 0);
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

/* ---- malice ------------------------------------------------------------- */

/* Puts the digits of the CRC that the bytes have. */
static inline void rig_sign(struct rig *r)
{
    char *at = memmem(r->bytes, HEAD, "\"crc32c\":\"", 10);
    ck_assert_ptr_nonnull(at);
    memcpy(at + 10, "00000000", 8);
    char digits[9];
    snprintf(digits, sizeof digits, "%08x", crc32c(0, r->bytes, r->n));
    memcpy(at + 10, digits, 8);
}

/* Changes text in the header to another of the same length. */
static inline void rig_replace(struct rig *r, const char *from, const char *to)
{
    ck_assert_uint_eq(strlen(from), strlen(to));
    unsigned char *at = memmem(r->bytes, HEAD, from, strlen(from));
    ck_assert_msg(at != NULL, "%s", from);
    memcpy(at, to, strlen(to));
}

static inline unsigned char *rig_data_of(struct rig *r, const char *tensor, size_t at)
{
    for (size_t i = 0; i < r->ntensors; i++)
        if (strcmp(r->tensor[i].name, tensor) == 0) {
            ck_assert_uint_lt(at, r->tensor[i].end - r->tensor[i].begin);
            return r->bytes + HEAD + r->tensor[i].begin + at;
        }
    ck_abort_msg("no tensor %s", tensor);
}

/* A number of 4 or 8 bytes (or 1) at an offset of a tensor, and what is said of
 * it. */
struct rig_number {
    const char *tensor;
    size_t at;
    unsigned bytes;
    uint64_t value;
    const char *says;
};

/* With that number, signed, it is refused for that reason. */
static inline void rig_spoil(struct rig *r, const struct rig_number *n)
{
    unsigned char *at = rig_data_of(r, n->tensor, n->at);
    if (n->bytes == 8)
        put_u64(at, n->value);
    else if (n->bytes == 4)
        put_u32(at, (uint32_t)n->value);
    else
        *at = (unsigned char)n->value;
    rig_sign(r);
    refused(r, r->n);
    ck_assert_msg(strstr(r->error, n->says) != NULL, "%s at %zu: %s, not %s",
                  n->tensor, n->at, r->error, n->says);
    memcpy(r->bytes, r->good, r->n);
}

#endif
