/* check_picks.c -- what is picked is what the rule says, however the history
 * grows, shrinks and skips. */
#include "model_test.h"

#include <stdbool.h>

#include "model/learn/picks.h"

#define SEED 5
#define ROWS 60
#define DIM  16

/* Rows to send for: nothing is read from them. */
struct rows_there {
    float vec[ROWS * DIM], bias[ROWS];
    uint32_t count[ROWS];
    struct card *card[ROWS];
};

static struct table table_of(struct rows_there *r)
{
    struct table t = {.dim = DIM, .rdim = DIM};
    t.users.vec = t.items.vec = t.users.rvec = t.items.rvec = r->vec;
    t.users.bias = t.items.bias = t.items.rbias = r->bias;
    t.users.count = t.items.count = r->count;
    t.users.card = t.items.card = r->card;
    return t;
}

static void expect_picks(struct picks *p, const struct table *t,
                         const struct history *h, uint64_t seq, uint32_t k)
{
    uint32_t n = history_count(h);
    bool right = true; // an assertion for each takes its time
    picks_seek(p, seq);
    for (uint32_t j = 0; n && j < k; j++) {
        uint64_t r = random_u64(SEED, p->kind, seq, j);
        const struct history_entry *e = picks_next(p, t);
        right = right && e == &history_entries(h)[random_below(r, n)];
    }
    ck_assert_msg(right, "a pick of event %lu", (unsigned long)seq);
}

/* rows: how many users and items there are, so how many ratings are new;
 * one event in `skip` is not learned, one in `shrink` takes entries out. */
static void against_the_rule(uint32_t cap, uint32_t k, uint32_t rows,
                             uint32_t skip, uint32_t shrink)
{
    enum history_kind kind = k % 2 ? HISTORY_POSITIVES : HISTORY_RATINGS;
    struct rows_there r = {0};
    struct table t = table_of(&r);
    struct history *h = history_new(kind, cap, SEED);
    struct picks p = {0};
    picks_init(&p, h, SEED, k);
    ck_assert_int_eq(p.kind, k % 2 ? RANDOM_RANK_REPLAY : RANDOM_REPLAY);
    for (uint64_t seq = 1; seq < 3000; seq++) {
        uint32_t user = test_below(seq, 0, rows);
        uint32_t item = test_below(seq, 1, rows);
        if (shrink && seq % shrink == 0)
            history_remove(h, user, ROW_NONE);
        if (skip && seq % skip == 0)
            continue;
        expect_picks(&p, &t, h, seq, k);
        ck_assert(history_put(h, user, item, 1, seq));
        picks_end(&p, &t);
    }
    history_free(h);
}

START_TEST(as_the_rule_says)
{
    static const uint32_t k[] = {1, 2, 8, 17, 256};
    for (size_t i = 0; i < sizeof k / sizeof *k; i++) {
        against_the_rule(100000, k[i], ROWS, 0, 0); // grows, then less and less
        against_the_rule(50, k[i], ROWS, 0, 0);     // is full
        against_the_rule(1, k[i], ROWS, 0, 0);
        against_the_rule(100000, k[i], 3, 0, 0);    // the same pairs again
        against_the_rule(700, k[i], 40, 7, 0);
        against_the_rule(700, k[i], 40, 1000, 5);
        against_the_rule(700, k[i], 40, 3, 11);
    }
}
END_TEST

/* After this nothing is as it was guessed. */
START_TEST(another_size)
{
    struct rows_there r = {0};
    struct table t = table_of(&r);
    struct history *h = history_new(HISTORY_RATINGS, 4096, SEED);
    struct picks p = {0};
    picks_init(&p, h, SEED, 8);
    for (uint64_t seq = 1; seq < 1000; seq++) {
        if (seq % 100 == 0) {
            struct history *copy = history_copy(h, (uint32_t)(seq % 300) + 1);
            ck_assert_ptr_nonnull(copy);
            history_free(h);
            h = copy;
            picks_init(&p, h, SEED, 8 + (uint32_t)(seq / 100));
        }
        expect_picks(&p, &t, h, seq, 8 + (uint32_t)(seq / 100));
        ck_assert(history_put(h, test_below(seq, 0, ROWS),
                              test_below(seq, 1, ROWS), 1, seq));
        picks_end(&p, &t);
    }
    history_free(h);
}
END_TEST

MODEL_TEST_MAIN("picks", as_the_rule_says, another_size)
