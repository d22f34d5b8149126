/* check_snapshot_read.c -- a snapshot made to do harm, its CRC right, is
 * refused for what is wrong with it; a sound one is what it says it is, for the
 * models that it fits. */
#include "snapshot_rig.h"

#include <stddef.h>

#include "model/learn/fold.h"
#include "model/learn/quality.h"
#include "model/store/crc.h"

#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)
#define FOLD TEXT(FOLD_VERSION)

/* ---- malice ------------------------------------------------------------- */

static const struct rig_number numbers[] = {
    {"users.id_end", 0, 8, UINT64_MAX, "users.id_end[0]"},
    {"users.id_end", 8, 8, 0, "users.id_end[1]"},
    {"users.id_end", 8, 8, 400, "users.id_end[1]"},
    {"items.id_end", 0, 8, 1ull << 63, "items.id_end[0]"},
    {"users.birth", 0, 8, 0, "users.birth[0]"},
    {"users.birth", 8, 8, 1, "users.birth[1]"},
    {"users.birth", 0, 8, 61, "users.birth[0]"},
    {"items.birth", 0, 8, UINT64_MAX, "items.birth[0]"},
    {"users.liked", 0, 4, UINT32_MAX, "users.liked[0]"},
    {"users.liked", 28, 4, 1, "users.liked[0]"}, // behind none
    {"users.liked", 0, 4, 40, "model_hash is"},
    {"users.nseen", 0, 4, UINT32_MAX, "users.nseen[0]"},
    {"users.nseen", 0, 4, 58, "users.nseen[0]"},
    {"users.nseen", 0, 4, 40, "users.seen of user 0"},
    {"users.nseen", 0, 4, 0, "users.seen has"},
    {"users.seen", 0, 4, UINT32_MAX, "users.seen of user 0"},
    {"users.seen", 0, 4, 60, "users.seen of user 0"},
    {"users.seen", 4, 4, 0x4cdb0000, "users.seen of user 0"}, // no kind
    {"users.seen", 4, 4, 0x4cda0001, "model_hash is"},        // the day before
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
    {"totals", offsetof(struct totals, kinds.n), 8, 0, "totals: a sum"},
    {"totals", offsetof(struct totals, kinds.n), 8, SEEN_NAMES + 1,
     "totals: a sum"},
};

START_TEST(hostile_numbers)
{
    struct rig r;
    rig_init(&r, 60);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        rig_spoil(&r, &numbers[i]);
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
        put_u64(rig_data_of(&r, "evaluation", 8 * wrong[i].word), wrong[i].value);
        rig_sign(&r);
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
    ck_assert_uint_eq(overall.all.n, r.ratings);
    ck_assert_uint_eq(recent.all.n, r.ratings);
    model_free(m);
    rig_release(&r);
}
END_TEST

START_TEST(hostile_ids)
{
    struct rig r;
    rig_init(&r, 60);
    // two rows of one id: both of one length, the second made the first
    size_t len = (size_t)get_u64(rig_data_of(&r, "users.id_end", 0));
    put_u64(rig_data_of(&r, "users.id_end", 8), 2 * len);
    memcpy(rig_data_of(&r, "users.id_bytes", len), rig_data_of(&r, "users.id_bytes", 0),
           len);
    rig_sign(&r);
    refused(&r, r.n);
    ck_assert_str_eq(r.error, "users[1] has the id of row 0");
    memcpy(r.bytes, r.good, r.n);

    *rig_data_of(&r, "items.id_bytes", 0) = 0x1b;
    rig_sign(&r);
    refused(&r, r.n);
    ck_assert_str_eq(r.error, "the id of items[0] is none");
    memcpy(r.bytes, r.good, r.n);

    // a row that lost its name: a sound file, of another model
    put_u64(rig_data_of(&r, "users.id_end", 0), 0);
    put_u64(rig_data_of(&r, "users.id_end", 8), len);
    rig_sign(&r);
    refused(&r, r.n);
    rig_release(&r);
}
END_TEST

START_TEST(hostile_pairs)
{
    struct rig r;
    rig_init(&r, 60);
    memcpy(rig_data_of(&r, "history.user", 4), rig_data_of(&r, "history.user", 0), 4);
    memcpy(rig_data_of(&r, "history.item", 4), rig_data_of(&r, "history.item", 0), 4);
    rig_sign(&r);
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
    while (get_u32(rig_data_of(&r, "users.nseen", 4 * user)) < 2)
        at += 8 * get_u32(rig_data_of(&r, "users.nseen", 4 * user++));
    memcpy(rig_data_of(&r, "users.seen", at + 8),
           rig_data_of(&r, "users.seen", at), 8);
    rig_sign(&r);
    refused(&r, r.n);
    ck_assert_ptr_nonnull(strstr(r.error, "users.seen of user"));
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
    {"\"fold_version\":\"" FOLD "\"", "\"fold_version\":\"7\"", "of fold 7"},
    {"\"seq\":\"60\"", "\"seq\":\"-1\"", "\"seq\" is no number"},
    {"\"seq\":\"60\"", "\"seq\":\"61\"", "totals are not"},
    {"\"seq\":\"60\"", "\"seq\":\"6\" ", "users.birth"},
    {"\"events\":\"37\"", "\"events\":\"36\"", "totals are not"},
    {"\"model_hash\":\"", "\"model_hash\":\"g", ""},
    {"\"history.offered\":\"", "\"history.offered\":\"x", ""},
    {"model.rating_dim=8", "model.rating_dim=9", "another type or shape"},
    {"model.rating_dim=8", "model.rating_dim:8", "cannot read the setting"},
    {"learn.history=30", "learn.history=29", "30 entries are too many"},
    {"\"users.bias\"", "\"users.biaz\"", "\"users.bias\" is missing"},
    {"\"history.seq\"", "\"history.sek\"", "\"history.seq\" is missing"},
    {"\"I64\"", "\"F64\"", "another type or shape"},
    {"[50,2]", "[2,50]", "\"users.seen\" has another type or shape"},
    {"\"created\"", "\"creates\"", "\"created\" is missing"},
    {"\"crc32c\"", "\"crc32d\"", "\"crc32c\" is missing"},
};

START_TEST(hostile_headers)
{
    struct rig r;
    rig_init(&r, 60);
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        if (strlen(headers[i].from) == strlen(headers[i].to))
            rig_replace(&r, headers[i].from, headers[i].to);
        else { // one more character over the first behind it
            unsigned char *at = memmem(r.bytes, HEAD, headers[i].from,
                                       strlen(headers[i].from));
            memcpy(at, headers[i].to, strlen(headers[i].to));
        }
        if (memmem(r.bytes, HEAD, "\"crc32c\"", 8))
            rig_sign(&r);
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
    REFUSED(max_features, 1);
    REFUSED(rdim, 0);
    REFUSED(rdim, 16);
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
    ck_assert_uint_eq(info.events, r.ratings);
    ck_assert_uint_eq(info.history, 30);
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
    ck_assert_uint_eq(t->features.n, info.features);
    ck_assert_uint_gt(info.features, 1);
    ck_assert_uint_gt(info.positives, 10);
    live_unpin(model_live(m), 0);
    model_free(m);
    rig_release(&r);
}
END_TEST

MODEL_TEST_MAIN("snapshot_read", hostile_numbers, hostile_reports,
                hostile_ids, hostile_pairs,
                hostile_lists, hostile_headers, another_model, peeks)
