/* check_live.c -- the two copies on one thread: what W2 copies, what a pin
 * keeps, and that the trainer waits for whom it must.  What only many threads
 * can show is in tests/stress and tests/spin. */
#include "model_test.h"

#include <pthread.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "live_test.h"
#include "model/core/rows.h"

#define READER  0
#define TRAINER 1 /* a slot of its own, to look at the published copy */

static const struct live_shape shape = {
    .dims = {16, 8}, .max_users = 1000, .max_items = 1000,
    .max_features = 1000};

static struct live *make(void)
{
    struct live *live = live_new(&shape, 2);
    ck_assert_ptr_nonnull(live);
    return live;
}

/* One batch: value into `changes` rows of each kind, and `adds` new ones. */
static void batch(struct live *live, uint32_t value, uint32_t changes,
                  uint32_t adds)
{
    char name[16];
    struct table *t = live_begin(live);
    for (uint32_t k = 0; k < adds; k++) {
        uint32_t user = t->users.n, item = t->items.n;
        ck_assert_uint_eq(
            live_test_add_user(live, t, live_test_id(name, 'u', user), value),
            user);
        ck_assert_uint_eq(
            live_test_add_item(live, t, live_test_id(name, 'i', item), value),
            item);
        ck_assert_uint_eq(
            live_test_add_feature(live, t, live_test_id(name, 'f', user),
                                  value),
            user);
    }
    for (uint32_t k = 0; k < changes && t->users.n; k++) {
        uint32_t user = test_below(value, 3 * k, t->users.n);
        uint32_t item = test_below(value, 3 * k + 1, t->items.n);
        uint32_t feature = test_below(value, 3 * k + 2, t->features.n);
        live_test_set_user(t, user, value);
        live_touch_user(live, user);
        live_test_set_item(t, item, value);
        live_touch_item(live, item);
        live_test_set_feature(t, feature, value);
        live_touch_feature(live, feature);
    }
    t->totals.seq = value;
    t->totals.recent[value % RECENT_BLOCKS].squared = value;
    live_publish(live);
}

START_TEST(begins_empty)
{
    struct live *live = make();
    struct live_stats stats;
    const struct table *t = live_pin(live, READER);
    ck_assert_uint_eq(t->dim, 16);
    ck_assert_uint_eq(t->rdim, 8);
    ck_assert_uint_eq(t->users.n, 0);
    ck_assert_uint_eq(t->items.n, 0);
    ck_assert_uint_eq(t->features.n, 0);
    ck_assert_uint_eq(t->totals.seq, 0);
    live_unpin(live, READER);
    ck_assert_uint_eq(live_seq(live), 0);
    live_stats(live, &stats);
    ck_assert_uint_eq(stats.waits, 0);
    ck_assert_uint_eq(live_hash(live, t), 0);
    live_free(live);
    live_free(NULL);
}
END_TEST

START_TEST(shadow_equals_published)
{
    struct live *live = make();
    for (uint32_t b = 1; b <= 300; b++) {
        batch(live, b, b % 7 * 5, b % 3);
        const struct table *now = live_pin(live, TRAINER);
        struct table *shadow = live_begin(live);
        ck_assert_ptr_ne(now, shadow);
        ck_assert(live_test_equal(now, shadow));
        ck_assert_uint_eq(now->totals.seq, b);
        live_unpin(live, TRAINER);
        live_publish(live); // a batch in which nothing happened
    }
    live_free(live);
}
END_TEST

START_TEST(copies_alternate)
{
    struct live *live = make();
    struct live_stats stats;
    const struct table *before = live_pin(live, READER);
    live_unpin(live, READER);
    live_stats(live, &stats);
    uint64_t g = stats.generation;
    for (uint32_t b = 1; b <= 5; b++) {
        struct table *shadow = live_begin(live);
        ck_assert_ptr_ne(shadow, before);
        shadow->totals.seq = 10 * b;
        ck_assert_uint_eq(live_seq(live), 10 * (b - 1));
        ck_assert_uint_eq(live_publish(live), g + b);
        ck_assert_uint_eq(live_seq(live), 10 * b);
        ck_assert_ptr_eq(live_pin(live, READER), shadow);
        live_unpin(live, READER);
        live_stats(live, &stats);
        ck_assert_uint_eq(stats.generation, g + b);
        before = shadow;
    }
    live_free(live);
}
END_TEST

/* Publishing costs what was touched: a change without a mark stays behind. */
START_TEST(only_marked_rows_are_copied)
{
    struct live *live = make();
    batch(live, 1, 0, 200);
    struct table *t = live_begin(live);
    live_test_set_user(t, 5, 77);
    live_test_set_user(t, 6, 77); // not marked
    live_test_set_item(t, 130, 77);
    live_test_set_item(t, 131, 77); // not marked
    live_test_set_feature(t, 9, 77);
    live_test_set_feature(t, 8, 77); // not marked
    for (int again = 0; again < 3; again++) {
        live_touch_user(live, 5);
        live_touch_item(live, 130);
        live_touch_feature(live, 9);
    }
    live_publish(live);
    t = live_begin(live);
    ck_assert_uint_eq(t->users.count[5], 77);
    ck_assert_uint_eq(t->users.count[6], 1);
    ck_assert_uint_eq(t->items.count[130], 77);
    ck_assert_uint_eq(t->items.count[131], 1);
    ck_assert_uint_eq(t->features.count[9], 77);
    ck_assert_uint_eq(t->features.count[8], 1);
    ck_assert(live_test_user_is_whole(t, 5) &&
              live_test_item_is_whole(t, 130) &&
              live_test_feature_is_whole(t, 9));
    live_publish(live);
    live_free(live);
}
END_TEST

START_TEST(rows_of_the_limit)
{
    struct live *live = make();
    batch(live, 1, 0, 999);
    batch(live, 2, 50, 1); // the last row there is
    char name[16];
    struct table *t = live_begin(live);
    ck_assert_uint_eq(t->users.n, 1000);
    ck_assert(live_test_user_is_whole(t, 999));
    ck_assert_uint_eq(t->items.count[999], 2);
    ck_assert_uint_eq(
        live_test_add_user(live, t, live_test_id(name, 'u', 1000), 3),
        ROW_NONE);
    live_publish(live);
    live_free(live);
}
END_TEST

/* Nobody clears a new row: both copies must have zeros there. */
START_TEST(new_rows_are_zero)
{
    struct live *live = make();
    for (int copy = 0; copy < 2; copy++) {
        struct table *t = live_begin(live);
        for (uint32_t row = 0; row < 1000; row++) {
            ck_assert_uint_eq(t->users.count[row] | t->users.nseen[row] |
                                  t->items.count[row], 0);
            ck_assert(t->users.vec[row * 16 + row % 16] == 0 &&
                      t->items.vec[row * 16 + row % 16] == 0);
            ck_assert(t->users.bias[row] == 0 && t->items.bias[row] == 0);
            ck_assert(t->items.trend[row] == 0);
            ck_assert_ptr_null(t->users.seen[row]);
        }
        live_publish(live);
    }
    live_free(live);
}
END_TEST

START_TEST(a_pin_keeps_its_copy)
{
    struct live *live = make();
    char name[16];
    batch(live, 1, 0, 10);
    const struct table *t = live_pin(live, READER);
    struct table *shadow = live_begin(live); // free: the pin is of now
    live_test_set_user(shadow, 3, 2);
    live_touch_user(live, 3);
    live_test_add_user(live, shadow, live_test_id(name, 'n', 0), 2);
    shadow->totals.seq = 2;
    live_publish(live);
    ck_assert_uint_eq(live_seq(live), 2);
    ck_assert_uint_eq(t->users.count[3], 1);
    ck_assert_uint_eq(t->users.n, 10);
    ck_assert_uint_eq(t->totals.seq, 1);
    const struct ids *ids = live_user_ids(live);
    struct id id = live_test_id(name, 'n', 0);
    ck_assert_uint_eq(ids_find(ids, id, t->users.n), ROW_NONE);
    live_unpin(live, READER);
    t = live_pin(live, READER);
    ck_assert_uint_eq(t->users.count[3], 2);
    ck_assert_uint_eq(ids_find(ids, id, t->users.n), 10);
    live_unpin(live, READER);
    struct live_stats stats;
    live_stats(live, &stats);
    ck_assert_uint_eq(stats.waits, 0);
    live_free(live);
}
END_TEST

struct late {
    struct live *live;
    int64_t unpinned_ns;
};

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void *unpin_late(void *arg)
{
    struct late *late = arg;
    usleep(20000);
    late->unpinned_ns = now_ns();
    live_unpin(late->live, READER);
    return NULL;
}

START_TEST(begin_waits_for_the_pin_before_the_last)
{
    struct late late = {.live = make()};
    pthread_t thread;
    struct live_stats stats;
    live_pin(late.live, READER);
    batch(late.live, 1, 0, 1); // does not wait
    ck_assert_int_eq(pthread_create(&thread, NULL, unpin_late, &late), 0);
    live_begin(late.live); // would write what the reader looks at
    int64_t begun = now_ns();
    pthread_join(thread, NULL);
    ck_assert_int_ge(begun, late.unpinned_ns);
    live_publish(late.live);
    live_stats(late.live, &stats);
    ck_assert_uint_eq(stats.waits, 1);
    ck_assert_int_gt(stats.longest_wait_ns, 0);
    live_free(late.live);
}
END_TEST

START_TEST(bytes_follow_the_rows)
{
    struct live *live = make();
    struct live_stats before, after;
    batch(live, 1, 0, 1);
    live_stats(live, &before);
    batch(live, 2, 50, 100);
    live_stats(live, &after);
    size_t user = (16 + 8) * 4 + (7 + LIKED_ITEMS) * 4 + 8 + 2 * sizeof(void *);
    size_t item = (16 + 8) * 4 + 5 * 4 + 8 + sizeof(void *) +
                  sizeof(struct brief) + sizeof(struct label_bits) +
                  8 + sizeof(struct grain);
    size_t feature = (16 + 8) * 4 + 2 * 4;
    size_t three = user + item + feature;
    ck_assert_uint_eq(rows_user_bytes(shape.dims), user);
    ck_assert_uint_eq(rows_item_bytes(shape.dims), item);
    ck_assert_uint_eq(rows_feature_bytes(shape.dims), feature);
    ck_assert_uint_ge(after.bytes - before.bytes, 2 * 100 * three);
    ck_assert_uint_le(after.bytes - before.bytes,
                      2 * 100 * three + 3 * 100 * 64);
    live_free(live);
}
END_TEST

/* Each reservation in turn finds no address space. */
START_TEST(no_address_space)
{
    static const struct live_shape large = {
        .dims = {32, 16}, .max_users = 100000, .max_items = 100000,
        .max_features = 1000};
    struct rlimit limit;
    char line[64] = "";
    FILE *statm = fopen("/proc/self/statm", "r");
    ck_assert_ptr_nonnull(statm);
    ck_assert_ptr_nonnull(fgets(line, sizeof line, statm));
    fclose(statm);
    rlim_t used = strtoul(line, NULL, 10) * (rlim_t)sysconf(_SC_PAGESIZE);
    int failed = 0, made = 0;
    for (rlim_t room = 0; room <= 160; room += 2) {
        limit.rlim_cur = limit.rlim_max = RLIM_INFINITY;
        limit.rlim_cur = used + (room << 20);
        ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
        struct live *live = live_new(&large, 2);
        failed += !live;
        made += !!live;
        live_free(live);
    }
    ck_assert_int_gt(failed, 40);
    ck_assert_int_gt(made, 1);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        begins_empty, shadow_equals_published, copies_alternate,
        only_marked_rows_are_copied, rows_of_the_limit, new_rows_are_zero,
        a_pin_keeps_its_copy, begin_waits_for_the_pin_before_the_last,
        bytes_follow_the_rows, no_address_space,
    };
    // Sanitizers reserve address space themselves, without limit.
    size_t n = sizeof tests / sizeof *tests - (SANITIZED ? 1 : 0);
    return suite_run("live", tests, n);
}
