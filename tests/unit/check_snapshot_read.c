/* check_snapshot_read.c -- a snapshot made to do harm, its CRC right, is
 * refused for what is wrong with it; a sound one is what it says it is, for the
 * models that it fits. */
#include "snapshot_rig.h"

#include <stddef.h>

#include "model/learn/fold.h"
#include "model/learn/quality.h"
#include "model/store/crc.h"

/* ---- malice ------------------------------------------------------------- */

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
    {"totals", offsetof(struct totals, scaled_sum), 8, 0x7ff8000000000000,
     "totals: a sum"},
    {"totals", offsetof(struct totals, all.squared), 8, 0xfff0000000000000,
     "totals: a sum"},
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

/* Reports that make no sense are left out; the model is loaded all the same. */
START_TEST(hostile_reports)
{
    static const struct {
        size_t word;
        uint64_t value;
    } wrong[] = {
        {0, 0}, {0, QUALITY_VERSION + 1}, {1, 0}, {1, 3}, {2, UINT64_MAX},
        {2, 1}, {3, 1ull << 61}, {5, 0x7ff8000000000000},
        {4 + 22 * 9 + 1, 0xfff0000000000000},
    };
    struct rig r;
    rig_init(&r, 60);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        put_u64(data_of(&r, "evaluation", 8 * wrong[i].word), wrong[i].value);
        sign(&r);
        struct model *m = snapshot_test_model(&r.s);
        ck_assert_int_eq(read_into(&r, m, r.bytes, r.n), ERR_OK);
        struct quality_sums overall, recent;
        quality_read_sums(model_quality(m), &overall, &recent);
        ck_assert_uint_eq(overall.all.n, 0);
        model_free(m);
        memcpy(r.bytes, r.good, r.n);
    }
    struct model *m = snapshot_test_model(&r.s);
    ck_assert_int_eq(read_into(&r, m, r.bytes, r.n), ERR_OK);
    struct quality_sums overall, recent;
    quality_read_sums(model_quality(m), &overall, &recent);
    ck_assert_uint_eq(overall.all.n, 60);
    ck_assert_uint_eq(recent.all.n, 60);
    model_free(m);
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

START_TEST(hostile_lists)
{
    struct rig r;
    rig_init(&r, 60);
    size_t user = 0, at = 0;
    while (get_u32(data_of(&r, "users.nseen", 4 * user)) < 2)
        at += 4 * get_u32(data_of(&r, "users.nseen", 4 * user++));
    memcpy(data_of(&r, "users.seen_items", at + 4),
           data_of(&r, "users.seen_items", at), 4);
    sign(&r);
    refused(&r, r.n);
    ck_assert_ptr_nonnull(strstr(r.error, "users.seen_items of user"));
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

MODEL_TEST_MAIN("snapshot_read", hostile_numbers, hostile_reports,
                hostile_ids, hostile_pairs,
                hostile_lists, hostile_headers, another_model, peeks)
