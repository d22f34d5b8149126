/* check_popular.c -- the list against sorting everything. */
#include "model_test.h"

#include <stdbool.h>

#include "model/core/ids.h"
#include "model/learn/seen.h"
#include "model/learn/trend.h"
#include "model/rank/popular.h"

#define ITEMS 200u

static const struct table *now;
static const struct ids *names;

/* The contract of popular.h, for qsort. */
static int by_contract(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    if (now->items.trend[x] != now->items.trend[y])
        return now->items.trend[x] > now->items.trend[y] ? -1 : 1;
    struct id s = ids_name(names, x), t = ids_name(names, y);
    int c = memcmp(s.s, t.s, s.len < t.len ? s.len : t.len);
    return c ? c : s.len < t.len ? -1 : 1;
}

static uint32_t sort_all(uint32_t user, bool exclude, uint32_t *row)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < now->items.n; i++)
        if (!exclude || user == ROW_NONE ||
            !seen_has(now->users.seen[user], now->users.nseen[user], i))
            row[n++] = i;
    qsort(row, n, sizeof *row, by_contract);
    return n;
}

/* A model whose items have many equal trends: times are whole days. */
static struct model *model_of(uint32_t events)
{
    struct settings s = test_settings();
    struct model *m;
    ck_assert_int_eq(model_new(&s, 1, &m), ERR_OK);
    for (uint32_t k = 0; k < events; k++) {
        char name[2][16];
        struct event e = test_stream(k, 12, ITEMS, name);
        e.time_ms = 1700000000000 + 86400000 * (int64_t)(k % 5);
        test_fold(m, &e, k + 1);
    }
    now = live_pin(model_live(m), 0);
    names = live_item_ids(model_live(m));
    return m;
}

static void check(uint32_t user, bool exclude, uint32_t offset, uint32_t n,
                  struct popular_scratch *scratch)
{
    uint32_t want[ITEMS], found;
    struct scored got[ITEMS + 50];
    uint32_t all = sort_all(user, exclude, want);
    uint32_t left = all > offset ? all - offset : 0;
    struct popular_query q = {30, user, exclude, offset, n};
    ck_assert_int_eq(popular_top(now, names, &q, scratch, got, &found),
                     ERR_OK);
    ck_assert_uint_eq(found, left < n ? left : n);
    for (uint32_t i = 0; i < found; i++) {
        uint32_t row = want[offset + i];
        double at = trend_time(now->totals.clock_ms, 30);
        ck_assert_uint_eq(got[i].row, row);
        ck_assert(got[i].score ==
                  (float)trend_value(now->items.trend[row], at));
        ck_assert(i == 0 || got[i].score <= got[i - 1].score);
    }
}

START_TEST(as_sorting_everything)
{
    static const uint32_t sizes[] = {0, 1, 2, 7, 50, ITEMS - 1, ITEMS,
                                     ITEMS + 50};
    struct popular_scratch scratch = {0};
    struct model *m = model_of(700);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (size_t j = 0; j < sizeof sizes / sizeof *sizes; j++) {
            check(ROW_NONE, true, sizes[i], sizes[j], &scratch);
            for (uint32_t user = 0; user < now->users.n; user += 3) {
                check(user, true, sizes[i], sizes[j], &scratch);
                check(user, false, sizes[i], sizes[j], &scratch);
            }
        }
    }
    popular_scratch_release(&scratch);
    live_unpin(model_live(m), 0);
    model_free(m);
}
END_TEST

START_TEST(pages_do_not_overlap)
{
    struct popular_scratch scratch = {0};
    bool met[ITEMS] = {false};
    struct scored page[7];
    uint32_t found, total = 0;
    struct model *m = model_of(500);
    do {
        struct popular_query q = {30, ROW_NONE, true, total, 7};
        ck_assert_int_eq(popular_top(now, names, &q, &scratch, page, &found),
                         ERR_OK);
        for (uint32_t i = 0; i < found; i++) {
            ck_assert(!met[page[i].row]);
            met[page[i].row] = true;
        }
        total += found;
    } while (found == 7);
    ck_assert_uint_eq(total, now->items.n);
    popular_scratch_release(&scratch);
    live_unpin(model_live(m), 0);
    model_free(m);
}
END_TEST

START_TEST(nothing_there)
{
    struct popular_scratch scratch = {0};
    struct model *m = model_of(0);
    check(ROW_NONE, true, 0, 10, &scratch);
    popular_scratch_release(&scratch);
    popular_scratch_release(&scratch); // released is like new
    live_unpin(model_live(m), 0);
    model_free(m);
}
END_TEST

MODEL_TEST_MAIN("popular", as_sorting_everything, pages_do_not_overlap,
                nothing_there)
