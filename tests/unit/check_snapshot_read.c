/* check_snapshot_read.c -- a snapshot that is not what was written is refused,
 * wherever it differs, and whatever its CRC says. */
#include "snapshot_test.h"

#include "model/core/bytes.h"
#include "model/learn/fold.h"
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
};

static void rig_init(struct rig *r, uint32_t events)
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

static void rig_release(struct rig *r)
{
    free(r->good);
    free(r->bytes);
    snapshot_test_remove(r->path, r->dirfd);
}

static enum err read_into(struct rig *r, struct model *m, const void *bytes,
                          size_t n)
{
    struct snapshot_info info;
    int fd = openat(r->dirfd, r->name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ck_assert_int_eq(write(fd, bytes, n), (ssize_t)n);
    close(fd);
    r->error[0] = '\0';
    return snapshot_read(r->dirfd, r->name, &snapshot_codec, m, &info,
                         r->error);
}

static enum err read_with(struct rig *r, const struct settings *s,
                          const void *bytes, size_t n)
{
    struct model *m = snapshot_test_model(s);
    enum err err = read_into(r, m, bytes, n);
    model_free(m);
    return err;
}

static void refused(struct rig *r, size_t n)
{
    ck_assert_int_eq(read_with(r, &r->s, r->bytes, n), ERR_CORRUPT);
    ck_assert_msg(r->error[0] != '\0', "no message");
}

/* As above, before the model (which may be any then) has been touched. */
static void refused_unread(struct rig *r, struct model *m, size_t n)
{
    ck_assert_int_eq(read_into(r, m, r->bytes, n), ERR_CORRUPT);
    ck_assert_msg(r->error[0] != '\0', "no message");
}

/* ---- damage ------------------------------------------------------------- */

START_TEST(a_flipped_bit)
{
    struct rig r;
    rig_init(&r, 60);
    struct model *m = snapshot_test_model(&r.s);
    // All of the header's text, some of its blanks, all of the data.
    for (size_t i = 0; i < r.n; i += i > 6000 && i < HEAD ? 97 : 1) {
        r.bytes[i] ^= (unsigned char)(1 << i % 8);
        refused_unread(&r, m, r.n);
        r.bytes[i] = r.good[i];
    }
    ck_assert_int_eq(read_into(&r, m, r.bytes, r.n), ERR_OK);
    model_free(m);
    rig_release(&r);
}
END_TEST

START_TEST(a_part_of_it)
{
    struct rig r;
    rig_init(&r, 60);
    struct model *m = snapshot_test_model(&r.s);
    for (size_t n = 0; n < r.n; n += n < 100 || n > r.n - 100 ? 1 : 13)
        refused_unread(&r, m, n);
    model_free(m);
    rig_release(&r);
}
END_TEST

START_TEST(more_than_it)
{
    struct rig r;
    rig_init(&r, 60);
    unsigned char *longer = calloc(1, r.n + 1);
    memcpy(longer, r.good, r.n);
    ck_assert_int_eq(read_with(&r, &r.s, longer, r.n + 1), ERR_CORRUPT);
    free(longer);
    rig_release(&r);
}
END_TEST

START_TEST(not_a_file)
{
    struct rig r;
    struct snapshot_info info;
    rig_init(&r, 60);
    ck_assert_int_eq(snapshot_peek(r.dirfd, "missing", &snapshot_codec, &info,
                                   r.error), ERR_IO);
    ck_assert_int_eq(symlinkat(r.name, r.dirfd, "link"), 0);
    ck_assert_int_eq(snapshot_peek(r.dirfd, "link", &snapshot_codec, &info,
                                   r.error), ERR_IO);
    ck_assert_int_eq(mkfifoat(r.dirfd, "fifo", 0600), 0);
    ck_assert_int_eq(snapshot_peek(r.dirfd, "fifo", &snapshot_codec, &info,
                                   r.error), ERR_CORRUPT);
    ck_assert_int_eq(snapshot_peek(r.dirfd, ".", &snapshot_codec, &info,
                                   r.error), ERR_CORRUPT);
    rig_release(&r);
}
END_TEST

/* ---- malice: the CRC is right ------------------------------------------- */

/* Puts the digits of the CRC that the bytes have. */
static void sign(struct rig *r)
{
    char *at = memmem(r->bytes, HEAD, "\"crc32c\":\"", 10);
    ck_assert_ptr_nonnull(at);
    memcpy(at + 10, "00000000", 8);
    char digits[9];
    snprintf(digits, sizeof digits, "%08x", crc32c(0, r->bytes, r->n));
    memcpy(at + 10, digits, 8);
}

/* Changes text in the header to another of the same length. */
static void replace(struct rig *r, const char *from, const char *to)
{
    ck_assert_uint_eq(strlen(from), strlen(to));
    unsigned char *at = memmem(r->bytes, HEAD, from, strlen(from));
    ck_assert_msg(at != NULL, "%s", from);
    memcpy(at, to, strlen(to));
}

static unsigned char *data_of(struct rig *r, const char *tensor, size_t at)
{
    for (size_t i = 0; i < r->ntensors; i++)
        if (strcmp(r->tensor[i].name, tensor) == 0) {
            ck_assert_uint_lt(at, r->tensor[i].end - r->tensor[i].begin);
            return r->bytes + HEAD + r->tensor[i].begin + at;
        }
    ck_abort_msg("no tensor %s", tensor);
}

/* A number of 4 or 8 bytes at an offset of a tensor. */
static const struct {
    const char *tensor;
    size_t at;
    unsigned bytes;
    uint64_t value;
    const char *says;
} numbers[] = {
    {"users.id_end", 0, 8, UINT64_MAX, "users.id_end[0]"},
    {"users.id_end", 8, 8, 0, "users.id_end[1]"},
    {"users.id_end", 8, 8, 400, "users.id_end[1]"},
    {"items.id_end", 0, 8, 1ull << 63, "items.id_end[0]"},
    {"users.birth", 0, 8, 0, "users.birth[0]"},
    {"users.birth", 8, 8, 1, "users.birth[1]"},
    {"users.birth", 0, 8, 61, "users.birth[0]"},
    {"items.birth", 0, 8, UINT64_MAX, "items.birth[0]"},
    {"users.nseen", 0, 4, UINT32_MAX, "users.nseen[0]"},
    {"users.nseen", 0, 4, 58, "users.nseen[0]"},
    {"users.nseen", 0, 4, 0, "users.seen_items"},
    {"users.seen_items", 0, 4, UINT32_MAX, "users.seen_items of user 0"},
    {"users.seen_items", 0, 4, 60, "users.seen_items of user 0"},
    {"users.vec", 0, 4, 0x7f800000, "users.vec: a number is not finite"},
    {"items.bias", 4, 4, 0xffc00000, "items.bias: a number is not finite"},
    {"items.trend", 8, 8, 0x7ff0000000000000, "items.trend: a number"},
    {"users.vec", 0, 4, 0x3f800000, "model_hash is"},
    {"users.count", 0, 4, 77, "model_hash is"},
    {"items.trend", 8, 8, 0, "model_hash is"},
    {"history.user", 0, 4, 60, "history[0]: user 60"},
    {"history.item", 4, 4, UINT32_MAX, "history[1]: user"},
    {"history.inner", 4, 4, 0x7fc00000, "history[1]: user"},
    {"history.seq", 8, 8, 61, "history[1]: user"},
    {"history.seq", 8, 8, 60, "model_hash is"},
    {"totals", 0, 8, 61, "totals are not"},
    {"totals", 8, 8, 1, "totals are not"},
    {"totals", 24, 8, 0x7ff8000000000000, "totals: a sum"},
    {"totals", 72, 8, 0xfff0000000000000, "totals: a sum"},
};

START_TEST(hostile_numbers)
{
    struct rig r;
    rig_init(&r, 60);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        unsigned char *at = data_of(&r, numbers[i].tensor, numbers[i].at);
        if (numbers[i].bytes == 8)
            put_u64(at, numbers[i].value);
        else
            put_u32(at, (uint32_t)numbers[i].value);
        sign(&r);
        refused(&r, r.n);
        ck_assert_msg(strstr(r.error, numbers[i].says) != NULL,
                      "%s at %zu: %s, not %s", numbers[i].tensor,
                      numbers[i].at, r.error, numbers[i].says);
        memcpy(r.bytes, r.good, r.n);
    }
    rig_release(&r);
}
END_TEST

START_TEST(hostile_ids)
{
    struct rig r;
    rig_init(&r, 60);
    // two rows of one id: both of one length, the second made the first
    size_t len = (size_t)get_u64(data_of(&r, "users.id_end", 0));
    put_u64(data_of(&r, "users.id_end", 8), 2 * len);
    memcpy(data_of(&r, "users.id_bytes", len), data_of(&r, "users.id_bytes", 0),
           len);
    sign(&r);
    refused(&r, r.n);
    ck_assert_str_eq(r.error, "users[1] has the id of row 0");
    memcpy(r.bytes, r.good, r.n);

    *data_of(&r, "items.id_bytes", 0) = 0x1b;
    sign(&r);
    refused(&r, r.n);
    ck_assert_str_eq(r.error, "the id of items[0] is none");
    memcpy(r.bytes, r.good, r.n);

    // a row that lost its name: a sound file, of another model
    put_u64(data_of(&r, "users.id_end", 0), 0);
    put_u64(data_of(&r, "users.id_end", 8), len);
    sign(&r);
    refused(&r, r.n);
    rig_release(&r);
}
END_TEST

START_TEST(hostile_pairs)
{
    struct rig r;
    rig_init(&r, 60);
    memcpy(data_of(&r, "history.user", 4), data_of(&r, "history.user", 0), 4);
    memcpy(data_of(&r, "history.item", 4), data_of(&r, "history.item", 0), 4);
    sign(&r);
    refused(&r, r.n);
    ck_assert_str_eq(r.error, "history[1]: the pair is there twice");
    rig_release(&r);
}
END_TEST

static const struct {
    const char *from, *to;
    const char *says;
} headers[] = {
    {"freshet-snapshot", "freshet-snapshoT", "not a snapshot, but"},
    {"\"format\":", "\"farmat\":", "\"format\" is missing"},
    {"\"format_version\":\"1\"", "\"format_version\":\"2\"", "format 2 of"},
    {"\"fold_version\":\"1\"", "\"fold_version\":\"7\"", "of fold 7"},
    {"\"seq\":\"60\"", "\"seq\":\"-1\"", "\"seq\" is no number"},
    {"\"seq\":\"60\"", "\"seq\":\"61\"", "totals are not"},
    {"\"seq\":\"60\"", "\"seq\":\"6\" ", "users.birth"},
    {"\"events\":\"60\"", "\"events\":\"59\"", "totals are not"},
    {"\"model_hash\":\"", "\"model_hash\":\"g", ""},
    {"\"history.offered\":\"", "\"history.offered\":\"x", ""},
    {"model.rating_dim=8", "model.rating_dim=9", "another type or shape"},
    {"model.rating_dim=8", "model.rating_dim:8", "cannot read the setting"},
    {"learn.history=40", "learn.history=39", "40 entries are too many"},
    {"\"users.bias\"", "\"users.biaz\"", "\"users.bias\" is missing"},
    {"\"history.seq\"", "\"history.sek\"", "\"history.seq\" is missing"},
    {"\"I64\"", "\"F64\"", "another type or shape"},
    {"\"created\"", "\"creates\"", "\"created\" is missing"},
    {"\"crc32c\"", "\"crc32d\"", "\"crc32c\" is missing"},
};

START_TEST(hostile_headers)
{
    struct rig r;
    rig_init(&r, 60);
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        if (strlen(headers[i].from) == strlen(headers[i].to))
            replace(&r, headers[i].from, headers[i].to);
        else { // one more character over the first behind it
            unsigned char *at = memmem(r.bytes, HEAD, headers[i].from,
                                       strlen(headers[i].from));
            memcpy(at, headers[i].to, strlen(headers[i].to));
        }
        if (memmem(r.bytes, HEAD, "\"crc32c\"", 8))
            sign(&r);
        refused(&r, r.n);
        ck_assert_msg(strstr(r.error, headers[i].says) != NULL, "%s: %s",
                      headers[i].to, r.error);
        memcpy(r.bytes, r.good, r.n);
    }
    rig_release(&r);
}
END_TEST

START_TEST(hostile_length)
{
    const uint64_t lengths[] = {0, 1, HEAD - 9, HEAD, 1 << 20, (1 << 20) + 1,
                                1ull << 32, 1ull << 63, UINT64_MAX,
                                UINT64_MAX - 7};
    struct rig r;
    rig_init(&r, 60);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        put_u64(r.bytes, lengths[i]);
        refused(&r, r.n);
    }
    rig_release(&r);
}
END_TEST

/* ---- sound, but not for this model --------------------------------------- */

START_TEST(another_model)
{
    struct rig r;
    rig_init(&r, 60);
#define REFUSED(field, value)                                                  \
    do {                                                                       \
        struct settings s = r.s;                                               \
        s.field = value;                                                       \
        ck_assert_int_eq(read_with(&r, &s, r.good, r.n), ERR_RANGE);           \
        ck_assert_msg(r.error[0] != '\0', #field);                             \
    } while (0)
    REFUSED(dim, 16);
    REFUSED(seed, 2);
    REFUSED(rating_max, 6);
    REFUSED(half_life_days, 31);
    REFUSED(max_users, 10);
    REFUSED(max_items, 10);
    struct settings may_differ = r.s;
    may_differ.replay = 0;
    may_differ.bias_l2 *= 2;
    ck_assert_int_eq(read_with(&r, &may_differ, r.good, r.n), ERR_OK);
    rig_release(&r);
}
END_TEST

START_TEST(peeks)
{
    struct rig r;
    struct snapshot_info info;
    rig_init(&r, 60);
    ck_assert_int_eq(snapshot_peek(r.dirfd, r.name, &snapshot_codec, &info,
                                   r.error), ERR_OK);
    ck_assert_uint_eq(info.seq, 60);
    ck_assert_uint_eq(info.events, 60);
    ck_assert_uint_eq(info.history, 40);
    ck_assert_uint_eq(info.bytes, r.n);
    ck_assert_uint_eq(info.fold_version, FOLD_VERSION);
    ck_assert_uint_eq(info.epoch, 0);
    ck_assert_uint_eq(info.interim, 0);
    ck_assert_str_eq(info.created, "2026-01-02T03:04:05Z");
    ck_assert_ptr_null(settings_differ(&info.settings, &r.s, false));
    struct model *m = snapshot_test_model(&r.s);
    struct snapshot_info read;
    ck_assert_int_eq(snapshot_read(r.dirfd, r.name, &snapshot_codec, m, &read,
                                   r.error), ERR_OK);
    ck_assert_uint_eq(info.model_hash, model_hash(m));
    ck_assert_uint_eq(read.model_hash, info.model_hash);
    const struct table *t = live_pin(model_live(m), 0);
    ck_assert_uint_eq(t->users.n, info.users);
    ck_assert_uint_eq(t->items.n, info.items);
    live_unpin(model_live(m), 0);
    model_free(m);
    rig_release(&r);
}
END_TEST

MODEL_TEST_MAIN("snapshot_read", a_flipped_bit, a_part_of_it, more_than_it,
                not_a_file, hostile_numbers, hostile_ids, hostile_pairs,
                hostile_headers, hostile_length, another_model, peeks)
