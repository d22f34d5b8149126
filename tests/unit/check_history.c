/* check_history.c -- the reservoir against a plain list; fairness; hash. */
#include "model_test.h"

#include <stdbool.h>

#include "model/core/ids.h"
#include "model/core/reclaim.h"
#include "model/learn/history.h"

#define SEED 77

/* The same rule with a list and a linear search. */
struct plain {
    struct history_entry entry[512];
    uint32_t n, cap;
    uint64_t offered;
};

static void plain_put(struct plain *p, const struct history_entry *e)
{
    for (uint32_t i = 0; i < p->n; i++) {
        if (p->entry[i].user == e->user && p->entry[i].item == e->item) {
            p->entry[i] = *e;
            return;
        }
    }
    p->offered++;
    if (p->n < p->cap) {
        p->entry[p->n++] = *e;
        return;
    }
    uint64_t place = random_u64(SEED, RANDOM_RESERVOIR, e->seq, 0) %
                     p->offered;
    if (place < p->cap)
        p->entry[place] = *e;
}

/* What is last takes the place of what goes. */
static uint32_t plain_remove(struct plain *p, uint32_t user, uint32_t item)
{
    uint32_t before = p->n;
    for (uint32_t i = p->n; i-- > 0;)
        if (p->entry[i].user == user &&
            (item == ROW_NONE || p->entry[i].item == item))
            p->entry[i] = p->entry[--p->n];
    return before - p->n;
}

static struct history_entry entry_of(uint64_t seq, uint32_t users,
                                     uint32_t items)
{
    return (struct history_entry){.user = test_below(seq, 0, users),
                                  .item = test_below(seq, 1, items),
                                  .inner = (float)(1 + test_below(seq, 2, 5)),
                                  .seq = seq};
}

static bool put(struct history *h, const struct history_entry *e)
{
    return history_put(h, e->user, e->item, e->inner, e->seq);
}

static void resize(struct history **h, uint32_t cap)
{
    struct history *copy = history_copy(*h, cap);
    ck_assert_ptr_nonnull(copy);
    history_free(*h);
    *h = copy;
}

static void is_plain(const struct history *h, const struct plain *p)
{
    ck_assert_uint_eq(history_count(h), p->n);
    ck_assert_uint_eq(history_offered(h), p->offered);
    ck_assert_int_eq(memcmp(history_entries(h), p->entry,
                            p->n * sizeof *p->entry), 0);
}

static void against_plain(uint32_t cap, uint32_t users, uint32_t items)
{
    struct history *h = history_new(HISTORY_RATINGS, cap, SEED);
    struct plain p = {.cap = cap};
    ck_assert_ptr_nonnull(h);
    for (uint64_t seq = 1; seq <= 5000; seq++) {
        struct history_entry e = entry_of(seq, users, items);
        ck_assert(put(h, &e));
        plain_put(&p, &e);
        is_plain(h, &p);
    }
    history_free(h);
}

START_TEST(as_a_plain_list)
{
    against_plain(1, 4, 4);
    against_plain(50, 30, 30);  // replaces all the time
    against_plain(64, 8, 8);    // never full: only re-ratings
    against_plain(40, 6, 10);   // both
    against_plain(500, 90, 90); // gives more places away than the index has
}
END_TEST

START_TEST(taken_out_and_resized)
{
    struct history *h = history_new(HISTORY_RATINGS, 60, SEED);
    struct plain p = {.cap = 60};
    for (uint64_t seq = 1; seq <= 20000; seq++) {
        struct history_entry e = entry_of(seq, 20, 15);
        uint32_t what = test_below(seq, 3, 100);
        if (what < 10) {
            uint32_t item = what < 3 ? ROW_NONE : e.item;
            ck_assert_uint_eq(history_remove(h, e.user, item),
                              plain_remove(&p, e.user, item));
        } else if (what == 10) {
            p.cap = 1 + test_below(seq, 4, 200);
            p.n = p.n < p.cap ? p.n : p.cap;
            resize(&h, p.cap);
        } else {
            ck_assert(put(h, &e));
            plain_put(&p, &e);
        }
        is_plain(h, &p);
    }
    history_free(h);
}
END_TEST

START_TEST(index_grows)
{
    const uint32_t n = 40000;
    struct history *h = history_new(HISTORY_RATINGS, n, SEED);
    bool right = true; // an assertion for each takes its time
    for (uint32_t k = 0; k < n; k++)
        right = history_put(h, k % 199, k / 199, 1.0f, k + 1) && right;
    ck_assert_uint_eq(history_count(h), n);
    for (uint32_t k = 0; k < n; k++) // all of them are found again
        right = history_put(h, k % 199, k / 199, 2.0f, n + k + 1) && right;
    ck_assert_uint_eq(history_count(h), n);
    for (uint32_t k = 0; k < n; k++) {
        const struct history_entry *e = &history_entries(h)[k];
        right = right && e->inner == 2.0f && e->seq == n + k + 1;
    }
    ck_assert(right);
    history_free(h);
}
END_TEST

/* Each of N distinct ratings is in the end kept with probability cap / N. */
START_TEST(every_rating_has_the_same_chance)
{
    enum { N = 120, CAP = 12, RUNS = 4000 };
    static uint32_t kept[N];
    bool put_all = true;
    for (uint64_t seed = 0; seed < RUNS; seed++) {
        struct history *h = history_new(HISTORY_RATINGS, CAP, seed);
        for (uint32_t k = 0; k < N; k++)
            put_all = history_put(h, k, 0, 1, k + 1) && put_all;
        for (uint32_t i = 0; i < CAP; i++)
            kept[history_entries(h)[i].user]++;
        history_free(h);
    }
    ck_assert(put_all);
    for (uint32_t k = 0; k < N; k++) { // 400 +- 19; five of those
        ck_assert_uint_gt(kept[k], 400 - 95);
        ck_assert_uint_lt(kept[k], 400 + 95);
    }
}
END_TEST

START_TEST(small_stays_small)
{
    struct history *h = history_new(HISTORY_RATINGS, 100000000, SEED);
    ck_assert_ptr_nonnull(h);
    for (uint32_t k = 0; k < 100; k++)
        ck_assert(history_put(h, k, k, 1, k + 1));
    ck_assert_uint_lt(history_bytes(h), 16384);
    history_free(h);
    history_free(NULL);
}
END_TEST

/* ---- the hash ---------------------------------------------------------- */

struct names {
    struct reclaim *reclaim;
    struct ids *users, *items;
    uint32_t user_row[20], item_row[20];
};

/* 20 users and items, their rows given upwards or downwards. */
static void names_init(struct names *n, bool down)
{
    n->reclaim = reclaim_new();
    n->users = ids_new(20, n->reclaim);
    n->items = ids_new(20, n->reclaim);
    for (uint32_t k = 0; k < 20; k++) {
        uint32_t x = down ? 19 - k : k;
        char name[8];
        bool added;
        struct id id = {name, (uint32_t)snprintf(name, sizeof name, "x%u", x)};
        n->user_row[x] = ids_add(n->users, id, x + 1, &added);
        n->item_row[x] = ids_add(n->items, id, x + 1, &added);
    }
}

static void names_release(struct names *n)
{
    ids_free(n->users);
    ids_free(n->items);
    reclaim_free(n->reclaim);
}

/* Whatever happened before and however often it was asked for, the hash is that
 * of what is there. */
START_TEST(hash_of_what_is_left)
{
    struct names n;
    names_init(&n, false);
    struct history *h = history_new(HISTORY_RATINGS, 60, SEED);
    for (uint64_t seq = 1; seq <= 4000; seq++) {
        struct history_entry e = entry_of(seq, 20, 20);
        uint32_t what = test_below(seq, 3, 100);
        e.user = n.user_row[e.user];
        e.item = n.item_row[e.item];
        if (what < 10)
            (void)history_remove(h, e.user, what < 3 ? ROW_NONE : e.item);
        else if (what == 10)
            resize(&h, 1 + test_below(seq, 4, 100));
        else
            ck_assert(put(h, &e));
        if (what % 3)
            continue;
        uint64_t sum = history_hash_counts(HISTORY_RATINGS, history_count(h),
                                           history_offered(h));
        for (uint32_t p = 0; p < history_count(h); p++)
            sum += history_hash_entry(HISTORY_RATINGS, &history_entries(h)[p],
                                      p, n.users, n.items);
        ck_assert_uint_eq(history_hash(h, n.users, n.items), sum);
    }
    history_free(h);
    names_release(&n);
}
END_TEST

static uint64_t hash_of(bool down, bool often, uint64_t last, float change)
{
    struct names n;
    names_init(&n, down);
    struct history *h = history_new(HISTORY_RATINGS, 60, SEED);
    for (uint64_t seq = 1; seq <= last; seq++) {
        struct history_entry e = entry_of(seq, 20, 20);
        ck_assert(history_put(h, n.user_row[e.user], n.item_row[e.item],
                              e.inner + (seq == last ? change : 0), seq));
        if (often)
            (void)history_hash(h, n.users, n.items);
    }
    uint64_t hash = history_hash(h, n.users, n.items);
    ck_assert_uint_eq(hash, history_hash(h, n.users, n.items));
    history_free(h);
    names_release(&n);
    return hash;
}

START_TEST(hash_knows_ratings_not_rows)
{
    uint64_t hash = hash_of(false, false, 55, 0);
    ck_assert_uint_eq(hash, hash_of(true, false, 55, 0)); // other row numbers
    ck_assert_uint_eq(hash, hash_of(false, true, 55, 0)); // step by step
    ck_assert_uint_ne(hash, hash_of(false, false, 56, 0));
    ck_assert_uint_ne(hash, hash_of(false, false, 55, 0.5f));
    // full: places have been given to others
    ck_assert_uint_eq(hash_of(false, true, 900, 0),
                      hash_of(true, false, 900, 0));
}
END_TEST

MODEL_TEST_MAIN("history", as_a_plain_list, taken_out_and_resized, index_grows,
                hash_of_what_is_left,
                every_rating_has_the_same_chance, small_stays_small,
                hash_knows_ratings_not_rows)
