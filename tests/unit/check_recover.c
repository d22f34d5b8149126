/* check_recover.c -- from a data directory to the model that was acknowledged:
 * whatever the end was like, with snapshots and without, the same bits. */
#include "recover_test.h"

static struct home h;

START_TEST(first_start)
{
    struct model *m;
    home_init(&h);
    home_begin(&h);
    ck_assert(h.r.found.created && !h.r.found.torn);
    ck_assert_uint_eq(h.r.base + h.r.last, 0);
    ck_assert(!h.r.settled && !h.r.redo_left);
    ck_assert_ptr_null(settings_differ(&h.r.genesis, &h.want, false));
    ck_assert_int_eq(model_new(&h.want, 1, &m), ERR_OK);
    ck_assert_uint_eq(model_hash(h.m), model_hash(m));
    model_free(m);
    home_again(&h, true);
    ck_assert(!h.r.found.created);
    home_end(&h, false);
    home_release(&h);
}
END_TEST

static const uint32_t groups[] = {1, 1, 700, 3, 1, 5000, 64, 1, 900, 2};

/* Groups of all sizes, many segments; each end is followed by a start. */
START_TEST(whatever_the_end)
{
    uint64_t last = 0;
    home_init(&h);
    home_begin(&h);
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        home_rate(&h, groups[i]);
        last += groups[i];
        uint64_t hash = model_hash(h.m);
        home_again(&h, i % 2);
        ck_assert_uint_eq(h.r.last, last);
        ck_assert_uint_eq(model_hash(h.m), hash);
        ck_assert_uint_eq(home_fold(&h), hash);
        ck_assert_uint_eq(h.progress, last / 4096);
        ck_assert(!h.r.found.torn && !h.r.settled && h.r.base == 0);
    }
    home_end(&h, true);
    home_release(&h);
}
END_TEST

static bool is_it(void *arg, uint64_t seq, uint64_t digest)
{
    (void)digest;
    return seq == *(uint64_t *)arg;
}

static bool is_known(const struct recovery *r, uint64_t seq)
{
    char own[16];
    struct id id = {own, (uint32_t)snprintf(own, 16, "e%llu",
                                            (unsigned long long)(seq - 1))};
    return dedupe_find(r->dedupe, dedupe_fingerprint(r->dedupe, id),
                       r->last + 1, is_it, &seq) == seq;
}

/* The window of names is what it was, wherever the snapshot is. */
START_TEST(names)
{
    home_init(&h);
    home_begin(&h);
    home_rate(&h, 300);
    home_again(&h, true);
    ck_assert(is_known(&h.r, 1) && is_known(&h.r, 300));
    for (int i = 0; i < 3; i++) {
        home_rate(&h, 800);
        if (i)
            (void)home_snapshot(&h);
        home_rate(&h, i == 2 ? 700 : 10);
        home_again(&h, i % 2);
        uint64_t oldest = h.r.last + 1 - h.opt.dedupe_window;
        for (uint64_t seq = oldest - 3; seq <= h.r.last; seq++)
            ck_assert(is_known(&h.r, seq) == (seq >= oldest));
    }
    home_end(&h, true);
    h.opt.dedupe_window = 0;
    home_begin(&h);
    ck_assert(!is_known(&h.r, h.r.last));
    home_end(&h, true);
    home_release(&h);
}
END_TEST

/* ---- snapshots ----------------------------------------------------------- */

/* Three snapshots with events between and behind. */
static uint64_t with_snapshots(void)
{
    home_init(&h);
    home_begin(&h);
    for (int i = 0; i < 3; i++) {
        home_rate(&h, 1000);
        (void)home_snapshot(&h);
    }
    home_rate(&h, 500);
    uint64_t hash = model_hash(h.m);
    ck_assert_uint_eq(home_fold(&h), hash);
    return hash;
}

static void flip(int dirfd, const char *name, off_t at)
{
    unsigned char byte;
    int fd = openat(dirfd, name, O_RDWR | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(pread(fd, &byte, 1, at), 1);
    byte ^= 4;
    ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

START_TEST(the_newest_that_is_sound)
{
    uint64_t hash = with_snapshots();
    for (uint64_t base = 3000, n = 0; n < 4; n++, base -= 1000) {
        home_again(&h, n % 2);
        ck_assert_uint_eq(h.r.base, base);
        ck_assert_uint_eq(h.refused, n);
        ck_assert(n == 0 || h.why[0]);
        ck_assert_uint_eq(model_hash(h.m), hash);
        char name[SNAPSHOT_NAME_MAX];
        snapshot_name(base, name);
        ck_assert(base == 0 || strcmp(h.r.base_name, name) == 0);
        if (base)
            flip(h.r.dir.snapshot, name, n ? 9000 : 20000);
    }
    home_end(&h, true);
    home_release(&h);
}
END_TEST

/* One of another log, or of a log that was longer. */
START_TEST(snapshots_of_others)
{
    struct home other;
    uint64_t hash = with_snapshots();
    char name[SNAPSHOT_NAME_MAX];
    snapshot_name(3000, name);
    struct file f = file_read(h.r.dir.snapshot, name);
    home_init(&other);
    home_begin(&other);
    for (int i = 0; i < 4; i++)
        home_rate(&other, 1000);
    uint64_t others = model_hash(other.m);
    ck_assert_uint_ne(log_id(h.r.log), log_id(other.r.log));
    file_write(other.r.dir.snapshot, name, f.bytes, f.n);
    home_again(&other, true);
    ck_assert_uint_eq(other.refused, 1);
    ck_assert_ptr_nonnull(strstr(other.why, "another log"));
    ck_assert_uint_eq(other.r.base, 0);
    ck_assert_uint_eq(model_hash(other.m), others);
    home_end(&other, true);
    home_release(&other);
    free(f.bytes);
    home_again(&h, true);
    ck_assert_uint_eq(model_hash(h.m), hash);
    home_end(&h, true);
    home_release(&h);
}
END_TEST

START_TEST(segments_are_missing)
{
    (void)with_snapshots();
    uint64_t newest = 0, seq;
    DIR *dir = fdopendir(openat(h.r.dir.log, ".", O_RDONLY | O_DIRECTORY));
    for (struct dirent *d; (d = readdir(dir));)
        if (segment_parse_name(d->d_name, &seq) && seq > newest)
            newest = seq;
    closedir(dir);
    ck_assert_uint_gt(newest, 1);
    char segment[SEGMENT_NAME_BYTES];
    segment_name(newest, segment);
    home_rate(&h, 1);
    (void)home_snapshot(&h); // it knows events of the segment that goes
    ck_assert_int_eq(unlinkat(h.r.dir.log, segment, 0), 0);
    home_end(&h, true);
    uint64_t before = home_bytes(&h);
    home_fails(&h, ERR_CORRUPT, "segments are missing");
    ck_assert_uint_eq(home_bytes(&h), before);
    home_release(&h);
}
END_TEST

/* Segments that no snapshot needs can go; then one is needed. */
START_TEST(dropped_segments)
{
    uint32_t dropped;
    uint64_t hash = with_snapshots();
    ck_assert_int_eq(log_trim(h.r.log, 2001, &dropped), ERR_OK);
    ck_assert_uint_gt(dropped, 0);
    uint64_t first = log_first(h.r.log);
    ck_assert(first > 1001 && first <= 2001);
    home_again(&h, true);
    ck_assert_uint_eq(h.r.base, 3000);
    ck_assert_uint_eq(model_hash(h.m), hash);
    char name[SNAPSHOT_NAME_MAX];
    snapshot_name(3000, name);
    flip(h.r.dir.snapshot, name, 20000);
    home_again(&h, true);
    ck_assert_uint_eq(h.r.base, 2000);
    ck_assert_uint_eq(model_hash(h.m), hash);
    snapshot_name(2000, name);
    flip(h.r.dir.snapshot, name, 20000);
    home_end(&h, true);
    uint64_t before = home_bytes(&h);
    home_fails(&h, ERR_CORRUPT, "no snapshot can be used");
    ck_assert_uint_eq(h.refused, 3);
    ck_assert_ptr_nonnull(strstr(h.why, "were dropped")); // the one of 1000
    ck_assert_uint_eq(home_bytes(&h), before);
    home_release(&h);
}
END_TEST

/* ---- what does not go ---------------------------------------------------- */

START_TEST(told_to_stop)
{
    home_init(&h);
    home_begin(&h);
    for (int i = 0; i < 5; i++)
        home_rate(&h, 4096);
    uint64_t hash = model_hash(h.m);
    home_end(&h, true);
    h.stop_at = 3;
    ck_assert_int_eq(home_try(&h), ERR_CLOSED);
    ck_assert_uint_eq(h.seen, 3 * 4096);
    h.stop_at = 0;
    home_begin(&h);
    ck_assert_uint_eq(h.seen, 5 * 4096);
    ck_assert_uint_eq(model_hash(h.m), hash);
    home_end(&h, true);
    home_release(&h);
}
END_TEST

START_TEST(locked)
{
    struct home second;
    home_init(&h);
    home_begin(&h);
    second = h;
    ck_assert_int_eq(recover_open(&second.r, &second.opt), ERR_CLOSED);
    ck_assert_ptr_nonnull(strstr(second.r.error, h.path));
    recover_release(&second.r);
    home_rate(&h, 10); // nothing happened to the first
    home_again(&h, false);
    ck_assert_uint_eq(h.r.last, 10);
    home_end(&h, false);
    home_release(&h);
}
END_TEST

/* Rot is met before anything is written or folded. */
START_TEST(rot_in_the_middle)
{
    (void)with_snapshots();
    char segment[SEGMENT_NAME_BYTES];
    segment_name(1, segment);
    flip(h.r.dir.log, segment, 3000);
    home_end(&h, true);
    uint64_t before = home_bytes(&h);
    h.opt.dedupe_window = 10000; // so that it has to be read
    home_fails(&h, ERR_CORRUPT, segment);
    ck_assert_ptr_nonnull(strstr(h.r.error, "check-log"));
    ck_assert_uint_eq(home_bytes(&h), before);
    ck_assert_uint_eq(h.progress, 0);
    home_release(&h);
}
END_TEST

MODEL_TEST_MAIN("recover", first_start, whatever_the_end, names,
                the_newest_that_is_sound, snapshots_of_others,
                segments_are_missing, dropped_segments, told_to_stop, locked,
                rot_in_the_middle)
