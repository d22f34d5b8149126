/* check_ids.c -- the id map: every byte counts, rows in order of arrival, and
 * growth that nobody notices, on this thread or on another. */
#include "model_test.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "model/core/ids.h"
#include "model/core/reclaim.h"
#include "model/core/siphash.h"

#define MANY 50000u /* past seven doublings of the first slots */

struct rig {
    struct reclaim *reclaim;
    struct ids *ids;
};

static struct rig rig_make(uint32_t max)
{
    struct rig r = {.reclaim = reclaim_new()};
    ck_assert_ptr_nonnull(r.reclaim);
    r.ids = ids_new(max, r.reclaim);
    ck_assert_ptr_nonnull(r.ids);
    return r;
}

static void rig_release(struct rig *r)
{
    ids_free(r->ids);
    reclaim_free(r->reclaim);
}

/* Ids of 4 to 202 bytes, no two equal: k in base 255, its digits never 0, then
 * zeros. */
static struct id nth(char bytes[ID_BYTES_MAX], uint32_t k)
{
    uint32_t n = 2 + k % 5 * (k % 51), rest = k;
    memset(bytes, 0, ID_BYTES_MAX);
    n = n < 4 ? 4 : n;
    for (int i = 0; i < 4; i++, rest /= 255)
        bytes[i] = (char)(1 + rest % 255);
    return (struct id){bytes, n};
}

static uint32_t add(struct ids *ids, struct id id, bool want_added)
{
    static uint64_t birth;
    bool added;
    uint32_t row = ids_add(ids, id, ++birth, &added);
    ck_assert(added == want_added);
    return row;
}

START_TEST(every_byte_counts)
{
    static const struct {
        const char *s;
        uint32_t len;
    } names[] = {
        {"A", 1}, {"a", 1}, {"a ", 2}, {" a", 2}, {"a\0", 2}, {"a\0\0", 3},
        {"\0a", 2}, {"\0", 1}, {"\xff", 1}, {"\x7f", 1}, {"\xc3\xa9", 2},
        {"e\xcc\x81", 3}, {"..", 2}, {"../a", 4}, {"a/b", 3}, {"a%2Fb", 5},
        {"1", 1}, {"01", 2}, {"1.0", 3}, {"12345678", 8}, {"123456789", 9},
        {"1234567\0", 8}, {"\xf0\x9f\x8d\xbf", 4},
    };
    enum { N = sizeof names / sizeof *names };
    struct rig r = rig_make(N);
    for (uint32_t k = 0; k < N; k++) {
        struct id id = {names[k].s, names[k].len};
        ck_assert_uint_eq(ids_find(r.ids, id, ROW_NONE), ROW_NONE);
        ck_assert_uint_eq(add(r.ids, id, true), k);
    }
    for (uint32_t k = 0; k < N; k++) {
        struct id id = {names[k].s, names[k].len};
        ck_assert_uint_eq(ids_find(r.ids, id, N), k);
        ck_assert_uint_eq(add(r.ids, id, false), k);
        struct id name = ids_name(r.ids, k);
        ck_assert_uint_eq(name.len, id.len);
        ck_assert_int_eq(memcmp(name.s, id.s, id.len), 0);
        ck_assert_ptr_ne(name.s, id.s);
    }
    rig_release(&r);
}
END_TEST

/* Each a prefix of the next: short and long ones are kept in other places. */
START_TEST(every_length)
{
    struct rig r = rig_make(ID_BYTES_MAX);
    char x[ID_BYTES_MAX];
    memset(x, 'x', sizeof x);
    for (uint32_t n = 1; n <= ID_BYTES_MAX; n++)
        ck_assert_uint_eq(add(r.ids, (struct id){x, n}, true), n - 1);
    for (uint32_t n = 1; n <= ID_BYTES_MAX; n++) {
        struct id name = ids_name(r.ids, n - 1);
        ck_assert_uint_eq(ids_find(r.ids, (struct id){x, n}, n), n - 1);
        ck_assert(name.len == n && memcmp(name.s, x, n) == 0);
    }
    rig_release(&r);
}
END_TEST

START_TEST(last_byte_differs)
{
    struct rig r = rig_make(3);
    char a[ID_BYTES_MAX], b[ID_BYTES_MAX];
    memset(a, 'x', sizeof a);
    memset(b, 'x', sizeof b);
    b[ID_BYTES_MAX - 1] = 'y';
    ck_assert_uint_eq(add(r.ids, (struct id){a, ID_BYTES_MAX}, true), 0);
    ck_assert_uint_eq(add(r.ids, (struct id){b, ID_BYTES_MAX}, true), 1);
    ck_assert_uint_eq(add(r.ids, (struct id){a, ID_BYTES_MAX - 1}, true), 2);
    ck_assert_uint_eq(ids_find(r.ids, (struct id){b, ID_BYTES_MAX}, 3), 1);
    ck_assert_uint_eq(ids_find(r.ids, (struct id){b, ID_BYTES_MAX - 1}, 3), 2);
    rig_release(&r);
}
END_TEST

/* A row that the pinned copy does not have yet is not found. */
START_TEST(rows_beyond_the_copy)
{
    struct rig r = rig_make(10);
    char bytes[ID_BYTES_MAX];
    for (uint32_t k = 0; k < 10; k++)
        add(r.ids, nth(bytes, k), true);
    for (uint32_t n = 0; n <= 10; n++)
        for (uint32_t k = 0; k < 10; k++)
            ck_assert_uint_eq(ids_find(r.ids, nth(bytes, k), n),
                              k < n ? k : ROW_NONE);
    rig_release(&r);
}
END_TEST

START_TEST(full)
{
    struct rig r = rig_make(100);
    char bytes[ID_BYTES_MAX];
    ck_assert_uint_eq(ids_max(r.ids), 100);
    for (uint32_t k = 0; k < 100; k++)
        ck_assert_uint_eq(add(r.ids, nth(bytes, k), true), k);
    for (uint32_t k = 100; k < 200; k++) {
        ck_assert_uint_eq(add(r.ids, nth(bytes, k), false), ROW_NONE);
        ck_assert_uint_eq(ids_find(r.ids, nth(bytes, k), 100), ROW_NONE);
    }
    ck_assert_uint_eq(add(r.ids, nth(bytes, 99), false), 99);
    rig_release(&r);
}
END_TEST

START_TEST(growth)
{
    struct rig r = rig_make(MANY);
    const char **at = calloc(MANY, sizeof *at);
    char bytes[ID_BYTES_MAX];
    size_t before = ids_bytes(r.ids), names = 0;
    for (uint32_t k = 0; k < MANY; k++) {
        struct id id = nth(bytes, k);
        ck_assert_uint_eq(add(r.ids, id, true), k);
        at[k] = ids_name(r.ids, k).s;
        names += id.len > 20 ? id.len : 0; // shorter ones are in the 32 bytes
        // While the slots move, old and new ids are found alike.
        uint32_t some = test_below(k, 0, k + 1);
        ck_assert_uint_eq(ids_find(r.ids, nth(bytes, some), k + 1), some);
        ck_assert_uint_eq(ids_find(r.ids, nth(bytes, k + 1), k + 1), ROW_NONE);
        reclaim_flip(r.reclaim); // as between batches
    }
    ck_assert_uint_ge(ids_bytes(r.ids) - before, names + MANY * 32);
    for (uint32_t k = 0; k < MANY; k++) {
        struct id id = nth(bytes, k), name = ids_name(r.ids, k);
        ck_assert_uint_eq(ids_find(r.ids, id, MANY), k);
        ck_assert_ptr_eq(name.s, at[k]); // names never move
        ck_assert(name.len == id.len && memcmp(name.s, id.s, id.len) == 0);
        ck_assert_uint_eq(ids_key(r.ids, k), random_id(id.s, id.len));
    }
    free(at);
    rig_release(&r);
}
END_TEST

/* ---- another thread looks on ------------------------------------------- */

struct witness {
    const struct ids *ids;
    atomic_uint n;           /* rows that a copy would have */
    atomic_uint looks;
    atomic_uint wrong;
};

static void *look(void *arg)
{
    struct witness *w = arg;
    char bytes[ID_BYTES_MAX];
    for (uint32_t k = 0;; k++) {
        uint32_t n = atomic_load(&w->n);
        uint32_t row = test_below(k, 1, n + n / 4 + 1);
        struct id id = nth(bytes, row);
        uint32_t got = ids_find(w->ids, id, n);
        bool right = got == (row < n ? row : ROW_NONE);
        if (row < n) {
            struct id name = ids_name(w->ids, row);
            right = right && name.len == id.len &&
                    memcmp(name.s, id.s, id.len) == 0 &&
                    ids_key(w->ids, row) == random_id(id.s, id.len);
        }
        if (!right)
            atomic_fetch_add(&w->wrong, 1);
        atomic_fetch_add(&w->looks, 1);
        if (n == MANY)
            return NULL;
    }
}

/* Nothing is reclaimed: the reader holds one pin all the time, so to say. */
START_TEST(growth_under_a_reader)
{
    struct rig r = rig_make(MANY);
    struct witness w = {.ids = r.ids};
    pthread_t thread;
    char bytes[ID_BYTES_MAX];
    ck_assert_int_eq(pthread_create(&thread, NULL, look, &w), 0);
    for (uint32_t k = 0; k < MANY; k++) {
        ck_assert_uint_eq(add(r.ids, nth(bytes, k), true), k);
        atomic_store(&w.n, k + 1);
        if (k % 1000 == 0) // let it look at every stage of the growth
            for (uint32_t had = atomic_load(&w.looks);
                 atomic_load(&w.looks) < had + 10;)
                sched_yield();
    }
    pthread_join(thread, NULL);
    ck_assert_uint_eq(atomic_load(&w.wrong), 0);
    ck_assert_uint_ge(atomic_load(&w.looks), 500);
    rig_release(&r);
}
END_TEST

/* ---- the hash ---------------------------------------------------------- */

/* Of the bytes 0, 1, 2, ..., with the key 00 01 .. 0f.  The numbers come from
 * an independent Python version, which agrees with CPython's own siphash13. */
START_TEST(siphash_vectors)
{
    static const struct {
        size_t n;
        uint64_t hash;
    } want[] = {
        {0, 0xabac0158050fc4dcu},   {1, 0xc9f49bf37d57ca93u},
        {7, 0xd3927d989bb11140u},   {8, 0x369095118d299a8eu},
        {9, 0x25a48eb36c063de4u},   {15, 0xd320d86d2a519956u},
        {16, 0xcc4fdd1a7d908b66u},  {63, 0x9d199062b7bbb3a8u},
        {64, 0xf17997ec4b4a6065u},  {255, 0xf76214e3153c4a15u},
        {256, 0x75b3e64e167de370u},
    };
    static const uint64_t key[2] = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};
    static const uint64_t zero[2];
    unsigned char bytes[256];
    for (int i = 0; i < 256; i++)
        bytes[i] = (unsigned char)i;
    for (size_t k = 0; k < sizeof want / sizeof *want; k++)
        ck_assert_uint_eq(siphash13(key, bytes, want[k].n), want[k].hash);
    ck_assert_uint_eq(siphash13(zero, "", 0), 0xd1fba762150c532cu);
}
END_TEST

START_TEST(births_find_rows)
{
    struct rig r = rig_make(100);
    bool added;
    for (uint32_t k = 0; k < 100; k++) {
        char bytes[ID_BYTES_MAX];
        ids_add(r.ids, nth(bytes, k), 3 * k + 7, &added);
    }
    for (uint32_t k = 0; k < 100; k++) {
        ck_assert_uint_eq(ids_birth(r.ids, k), 3 * k + 7);
        ck_assert_uint_eq(ids_find_birth(r.ids, 3 * k + 7), k);
        ck_assert_uint_eq(ids_find_birth(r.ids, 3 * k + 8), ROW_NONE);
    }
    ck_assert_uint_eq(ids_find_birth(r.ids, 0), ROW_NONE);
    ck_assert_uint_eq(ids_find_birth(r.ids, UINT64_MAX), ROW_NONE);
    rig_release(&r);
}
END_TEST

/* Short and long ids, in the middle of a move too: gone at once, the others
 * stay, the bytes are overwritten at the second flip, the id can come back. */
START_TEST(forgotten_is_gone)
{
    struct rig r = rig_make(MANY + 10);
    bool added;
    char bytes[ID_BYTES_MAX];
    for (uint32_t k = 0; k < 800; k++) // 768 is where the first move begins
        ids_add(r.ids, nth(bytes, k), k + 1, &added);
    for (uint32_t k = 0; k < 800; k += 2) {
        uint64_t key = ids_key(r.ids, k);
        ids_forget(r.ids, k);
        ck_assert_uint_ne(ids_key(r.ids, k), key);
        ck_assert_uint_eq(ids_find(r.ids, nth(bytes, k), 800), ROW_NONE);
        ck_assert_uint_eq(ids_birth(r.ids, k), k + 1);
    }
    const char *where = ids_name(r.ids, 48).s; // 48: a long one
    ck_assert_uint_gt(ids_name(r.ids, 48).len, 20);
    ids_flip(r.ids);
    ck_assert_uint_eq(ids_name(r.ids, 48).len, nth(bytes, 48).len);
    ids_flip(r.ids);
    ck_assert_uint_eq(ids_name(r.ids, 48).len, 0);
    for (uint32_t i = 0; i < nth(bytes, 48).len; i++)
        ck_assert_int_eq(where[i], 0);
    for (uint32_t k = 800; k < MANY; k++)
        ck_assert_uint_eq(ids_add(r.ids, nth(bytes, k), k + 1, &added), k);
    for (uint32_t k = 1; k < 800; k += 2)
        ck_assert_uint_eq(ids_find(r.ids, nth(bytes, k), MANY), k);
    ck_assert_uint_eq(ids_add(r.ids, nth(bytes, 48), MANY + 1, &added), MANY);
    ck_assert(added);
    ck_assert_uint_eq(ids_add_nameless(r.ids, MANY + 5), MANY + 1);
    ck_assert_uint_eq(ids_name(r.ids, MANY + 1).len, 0);
    rig_release(&r);
}
END_TEST

MODEL_TEST_MAIN("ids", births_find_rows, forgotten_is_gone, every_byte_counts, every_length, last_byte_differs,
                rows_beyond_the_copy, full, growth, growth_under_a_reader, siphash_vectors)
