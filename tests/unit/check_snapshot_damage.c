/* check_snapshot_damage.c -- a snapshot that is not what was written is
 * refused, wherever it differs, and before anything of it is used. */
#include "snapshot_rig.h"

/* As above, before the model (which may be any then) has been touched. */
static void refused_unread(struct rig *r, struct model *m, size_t n)
{
    ck_assert_int_eq(read_into(r, m, r->bytes, n), ERR_CORRUPT);
    ck_assert_msg(r->error[0] != '\0', "no message");
}

/* Where one in so many bytes will do: blanks of the header, sums of the
 * reports. */
static bool is_dull(const struct rig *r, size_t i)
{
    if (i < HEAD)
        return i > 6000;
    for (size_t k = 0; k < r->ntensors; k++)
        if (strcmp(r->tensor[k].name, "evaluation") == 0)
            return i >= HEAD + r->tensor[k].begin + 200 &&
                   i + 200 < HEAD + r->tensor[k].end;
    return false;
}

START_TEST(a_flipped_bit)
{
    struct rig r;
    rig_init(&r, 60);
    struct model *m = snapshot_test_model(&r.s);
    // All of the header's text and of the data (under a sanitizer one in seven),
    // some of the rest.
    for (size_t i = 0; i < r.n; i += is_dull(&r, i) ? 97 : SANITIZED ? 7 : 1) {
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
    for (size_t n = 0; n < r.n; n += n < 100 || n > r.n - 100 ? 1 : 41)
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

MODEL_TEST_MAIN("snapshot_damage", a_flipped_bit, a_part_of_it, more_than_it,
                not_a_file, hostile_length)
