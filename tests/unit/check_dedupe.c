/* check_dedupe.c -- which names are known: against a plain list, over the
 * window, and as if what was taken back had never come. */
#include "model_test.h"

#include <stdbool.h>

#include "model/store/dedupe.h"

#define EVENTS 20000u

static struct id name_of(uint64_t n, char text[24])
{
    return (struct id){text, (uint32_t)snprintf(text, 24, "e%llu",
                                                (unsigned long long)n)};
}

static uint64_t print_of(const struct dedupe *d, uint64_t n)
{
    char text[24];
    return dedupe_fingerprint(d, name_of(n, text));
}

/* Looks for the event that `seq` is, or for any. */
struct look {
    uint64_t seq;              /* 0: the first that comes */
    uint64_t digest;
    uint32_t calls;
};

static bool is_it(void *arg, uint64_t seq, uint64_t digest)
{
    struct look *l = arg;
    l->calls++;
    l->digest = digest;
    return l->seq == 0 || seq == l->seq;
}

static uint64_t find(const struct dedupe *d, uint64_t n, uint64_t next)
{
    struct look l = {0};
    return dedupe_find(d, print_of(d, n), next, is_it, &l);
}

static void add(struct dedupe *d, uint64_t n, uint64_t seq)
{
    if (!dedupe_add(d, print_of(d, n), seq, seq * 3))
        ck_abort_msg("no memory");
}

/* Every event is found while it is in the window, and not one event longer. */
static void over_a_window(uint64_t window, uint64_t step, uint64_t first)
{
    struct dedupe *d = dedupe_new(window, false);
    uint64_t last = first + 4000 * step;
    ck_assert_ptr_nonnull(d);
    for (uint64_t seq = first; seq < last; seq += step) {
        add(d, seq, seq);
        uint64_t next = seq + 1;
        uint64_t oldest = next > window ? next - window : 1;
        uint64_t asked[] = {seq, oldest, oldest + step / 2, oldest - 1,
                            (oldest + seq) / 2, oldest > 99 ? oldest - 99 : 1};
        for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
            uint64_t s = asked[i];
            bool known = s >= first && s >= oldest && s <= seq &&
                         (s - first) % step == 0;
            if (find(d, s, next) != (known ? s : 0)) // asserting takes its time
                ck_abort_msg("window %llu, at %llu: %llu is %s",
                             (unsigned long long)window,
                             (unsigned long long)seq, (unsigned long long)s,
                             known ? "lost" : "found");
        }
    }
    dedupe_free(d);
}

START_TEST(as_long_as_the_window)
{
    over_a_window(1, 1, 1);
    over_a_window(2, 1, 1);
    over_a_window(3, 1, 1);
    over_a_window(4, 1, 1);
    over_a_window(5, 1, 1);
    over_a_window(1000, 1, 1);
    over_a_window(1000, 7, 1);
    over_a_window(1000, 999, 5);
    over_a_window(1001, 20000, 5); // most events have no name
    over_a_window(3500, 1, 777);
    over_a_window(UINT64_MAX / 2, 1, 1);
}
END_TEST

START_TEST(no_window_remembers_nothing)
{
    struct dedupe *d = dedupe_new(0, true);
    add(d, 1, 1);
    ck_assert_uint_eq(find(d, 1, 2), 0);
    ck_assert_uint_eq(dedupe_count(d), 0);
    dedupe_remove(d, print_of(d, 1), 1);
    dedupe_free(d);
    dedupe_free(NULL);
}
END_TEST

/* A fingerprint is only a hint: all that have it are shown, till one is it. */
START_TEST(equal_fingerprints)
{
    struct dedupe *d = dedupe_new(100, false);
    for (uint64_t seq = 1; seq <= 300; seq++)
        ck_assert(dedupe_add(d, 42, seq, 0));
    for (uint64_t seq = 201; seq <= 300; seq++) {
        struct look l = {.seq = seq};
        ck_assert_uint_eq(dedupe_find(d, 42, 301, is_it, &l), seq);
    }
    struct look none = {.seq = 200};
    ck_assert_uint_eq(dedupe_find(d, 42, 301, is_it, &none), 0);
    ck_assert_uint_eq(none.calls, 100);
    struct look newest = {0};
    ck_assert_uint_gt(dedupe_find(d, 42, 301, is_it, &newest), 275);
    dedupe_free(d);
}
END_TEST

/* Names that begin at the end of the table and go on at its start. */
START_TEST(the_table_is_a_ring)
{
    struct dedupe *d = dedupe_new(4000, true);
    const uint64_t end = UINT64_MAX - 2;
    for (uint64_t seq = 1; seq <= 500; seq++)
        ck_assert(dedupe_add(d, end + seq % 5, seq, seq * 3));
    for (uint64_t seq = 1; seq <= 500; seq += 3)
        dedupe_remove(d, end + seq % 5, seq);
    for (uint64_t seq = 1; seq <= 500; seq++) {
        struct look l = {.seq = seq};
        uint64_t want = seq % 3 == 1 ? 0 : seq;
        ck_assert_uint_eq(dedupe_find(d, end + seq % 5, 501, is_it, &l), want);
        ck_assert(!want || l.digest == seq * 3);
    }
    dedupe_free(d);
}
END_TEST

START_TEST(digests_stay_with_their_event)
{
    struct dedupe *d = dedupe_new(EVENTS, true);
    for (uint64_t seq = 1; seq <= EVENTS; seq++) {
        add(d, seq, seq);
        if (seq % 4 == 0) {
            dedupe_remove(d, print_of(d, seq - 2), seq - 2);
            add(d, EVENTS + seq, seq); // another name for the same seq
        }
    }
    for (uint64_t seq = 1; seq <= EVENTS; seq++) {
        struct look l = {.seq = seq};
        uint64_t got = dedupe_find(d, print_of(d, seq), EVENTS + 1, is_it, &l);
        ck_assert_uint_eq(got, seq % 4 == 2 ? 0 : seq);
        ck_assert(!got || l.digest == seq * 3);
    }
    char text[24];
    struct id id = name_of(7, text);
    ck_assert_uint_ne(dedupe_digest(d, id.s, id.len),
                      dedupe_fingerprint(d, id)); // together 128 bits
    dedupe_free(d);
}
END_TEST

/* Groups whose append failed, again and again: nothing of them is left, nothing
 * else is lost, and they cost no memory. */
START_TEST(taken_back)
{
    struct dedupe *d = dedupe_new(10000, false);
    uint64_t next = 1;
    for (; next <= 700; next++)
        add(d, next, next);
    size_t bytes = dedupe_bytes(d);
    uint64_t count = dedupe_count(d);
    ck_assert_uint_eq(count, 700);
    for (uint64_t round = 1; round <= 5000; round++) {
        for (uint64_t i = 0; i < 30; i++)
            add(d, 1000 * round + i, next + i);
        ck_assert_uint_eq(find(d, 1000 * round, next + 30), next);
        for (uint64_t i = 0; i < 30; i++)
            dedupe_remove(d, print_of(d, 1000 * round + i), next + i);
        ck_assert_uint_eq(find(d, 1000 * round + round % 30, next), 0);
        ck_assert_uint_eq(find(d, 1 + round % 700, next), 1 + round % 700);
    }
    ck_assert_uint_eq(dedupe_count(d), count);
    ck_assert_uint_eq(dedupe_bytes(d), bytes);
    dedupe_remove(d, print_of(d, 1), 2); // is not there: nothing happens
    dedupe_remove(d, print_of(d, 1), 9999);
    dedupe_remove(d, print_of(d, 1), 1u << 30);
    ck_assert_uint_eq(dedupe_count(d), count);
    dedupe_free(d);
}
END_TEST

START_TEST(old_generations_cost_nothing)
{
    struct dedupe *d = dedupe_new(2000, false);
    size_t most = 0;
    for (uint64_t seq = 1; seq <= 100000; seq++) {
        add(d, seq, seq);
        if (seq == 10000)
            most = dedupe_bytes(d);
        if ((seq > 10000 && dedupe_bytes(d) > most) ||
            dedupe_count(d) > 6 * (2000 / 4 + 1))
            ck_abort_msg("%zu bytes, %llu names", dedupe_bytes(d),
                         (unsigned long long)dedupe_count(d));
    }
    dedupe_free(d);
}
END_TEST

START_TEST(keys_are_secret)
{
    struct dedupe *a = dedupe_new(10, false), *b = dedupe_new(10, false);
    ck_assert_uint_eq(print_of(a, 5), print_of(a, 5));
    ck_assert_uint_ne(print_of(a, 5), print_of(a, 6));
    ck_assert_uint_ne(print_of(a, 5), print_of(b, 5));
    dedupe_free(a);
    dedupe_free(b);
}
END_TEST

MODEL_TEST_MAIN("dedupe", as_long_as_the_window, no_window_remembers_nothing,
                equal_fingerprints, the_table_is_a_ring,
                digests_stay_with_their_event, taken_back,
                old_generations_cost_nothing, keys_are_secret)
