/* check_recommend.c -- every ranker's list against sorting everything. */
#include "model_test.h"

#include <stdbool.h>

#include "model/core/card.h"
#include "model/core/ids.h"
#include "model/learn/seen.h"
#include "model/learn/trend.h"
#include "model/rank/recommend.h"
#include "model/rank/score.h"

#define ITEMS 200u

static const struct table *now;
static const struct ids *names;
static struct settings settings;
static double key[ITEMS];    /* what is sorted by */

static int by_contract(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    if (key[x] != key[y])
        return key[x] > key[y] ? -1 : 1;
    struct id s = ids_name(names, x), t = ids_name(names, y);
    int c = memcmp(s.s, t.s, s.len < t.len ? s.len : t.len);
    return c ? c : s.len < t.len ? -1 : 1;
}

static uint32_t sort_all(const struct recommend_query *q, uint32_t user,
                         uint32_t *row)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < now->items.n; i++)
        if (!q->exclude_seen || user == ROW_NONE ||
            !seen_has(now->users.seen[user], now->users.nseen[user], i))
            row[n++] = i;
    qsort(row, n, sizeof *row, by_contract);
    return n;
}

/* A model whose items have many equal trends: times are whole days. */
static struct model *model_of(uint32_t events, uint32_t users)
{
    struct model *m;
    settings = test_settings();
    settings.rank_rate = 0.2f; // there is little to learn from
    settings.rank_replay = 8;
    ck_assert_int_eq(model_new(&settings, 1, &m), ERR_OK);
    for (uint32_t k = 0; k < events; k++) {
        char name[2][16];
        struct event e = test_stream(k, users, ITEMS, name);
        e.time_ms = 1700000000000 + 86400000 * (int64_t)(k % 5);
        test_fold(m, &e, k + 1);
    }
    now = live_pin(model_live(m), 0);
    names = live_item_ids(model_live(m));
    return m;
}

static void end(struct model *m, struct recommend *r)
{
    recommend_free(r);
    live_unpin(model_live(m), 0);
    model_free(m);
}

static const struct filter everything;

/* A list for one user. */
static void run(struct recommend *r, struct recommend_query *q, uint32_t user,
                struct recommend_list *got)
{
    q->user = &user;
    q->nusers = 1;
    if (!q->filter)
        q->filter = &everything;
    ck_assert_int_eq(recommend_run(r, now, names, q), ERR_OK);
    recommend_list(r, 0, got);
}

static void check(struct recommend_query *q, uint32_t user,
                  enum recommend_by by, struct recommend *r)
{
    uint32_t want[ITEMS];
    struct recommend_list got;
    uint32_t all = sort_all(q, user, want);
    uint32_t left = all > q->offset ? all - q->offset : 0;
    run(r, q, user, &got);
    ck_assert_int_eq(got.by, by);
    ck_assert_uint_eq(got.n, left < q->n ? left : q->n);
    for (uint32_t i = 0; i < got.n; i++) {
        uint32_t row = want[q->offset + i];
        ck_assert_uint_eq(got.items[i].row, row);
        if (by == RECOMMEND_RANKING)
            ck_assert(got.items[i].score == (float)key[row]);
        ck_assert(i == 0 || got.items[i].score <= got.items[i - 1].score);
    }
}

static const uint32_t sizes[] = {0, 1, 2, 7, 50, ITEMS - 1, ITEMS, ITEMS + 50};
#define NSIZES (sizeof sizes / sizeof *sizes)

static void check_sizes(uint32_t user, enum recommend_by by,
                        struct recommend *r)
{
    for (size_t i = 0; i < NSIZES; i++) {
        for (size_t j = 0; j < NSIZES; j++) {
            struct recommend_query q = {.s = &settings, .by = by,
                                        .offset = sizes[i], .n = sizes[j]};
            check(&q, user, by, r);
            q.exclude_seen = true;
            check(&q, user, by, r);
        }
    }
}

START_TEST(popular_as_sorting_everything)
{
    struct recommend *r = recommend_new();
    struct model *m = model_of(700, 12);
    ck_assert_uint_gt(now->items.n, ITEMS / 2);
    for (uint32_t i = 0; i < now->items.n; i++)
        key[i] = now->items.trend[i];
    check_sizes(ROW_NONE, RECOMMEND_POPULAR, r);
    for (uint32_t user = 0; user < now->users.n; user += 3)
        check_sizes(user, RECOMMEND_POPULAR, r);
    end(m, r);
}
END_TEST

START_TEST(ranking_as_sorting_everything)
{
    struct recommend *r = recommend_new();
    struct model *m = model_of(700, 12);
    struct score_scratch s = {0};
    for (uint32_t user = 0; user < now->users.n; user += 3) {
        ck_assert_uint_gt(now->users.positives[user], 0);
        ck_assert_int_eq(score_items(now, user, now->items.n, &s), ERR_OK);
        for (uint32_t i = 0; i < now->items.n; i++)
            key[i] = (double)s.score[i];
        check_sizes(user, RECOMMEND_RANKING, r);
    }
    score_scratch_release(&s);
    end(m, r);
}
END_TEST

START_TEST(latest_is_the_newest_first)
{
    struct recommend *r = recommend_new();
    struct model *m = model_of(300, 12);
    for (uint32_t i = 0; i < now->items.n; i++)
        key[i] = i;
    check_sizes(ROW_NONE, RECOMMEND_LATEST, r);
    check_sizes(5, RECOMMEND_LATEST, r);
    end(m, r);
}
END_TEST

/* What is known of nobody is popular; without any event, latest. */
START_TEST(rankers_follow_each_other)
{
    struct recommend *r = recommend_new();
    struct recommend_list got;
    struct model *m = model_of(100, 12);
    struct recommend_query q = {.s = &settings, .n = 3};
    run(r, &q, ROW_NONE, &got);
    ck_assert_int_eq(got.by, RECOMMEND_POPULAR);
    run(r, &q, 0, &got);
    ck_assert_int_eq(got.by, RECOMMEND_RANKING);
    end(m, r);
    r = recommend_new();
    m = model_of(0, 12);
    run(r, &q, ROW_NONE, &got);
    ck_assert_int_eq(got.by, RECOMMEND_LATEST);
    ck_assert_uint_eq(got.n, 0);
    end(m, r);
}
END_TEST

/* ---- history ------------------------------------------------------------ */

/* Users and items are of three kinds, and like their own. */
static struct model *model_of_kinds(void)
{
    struct model *m = model_of(0, 1);
    live_unpin(model_live(m), 0);
    for (uint32_t k = 0; k < 4000; k++) {
        char user[16], item[16];
        uint32_t u = test_below(k, 0, 60);
        snprintf(user, sizeof user, "u%u", u);
        snprintf(item, sizeof item, "i%u", 3 * test_below(k, 1, 66) + u % 3);
        struct event e = test_event(user, item, 5, 1700000000000);
        test_fold(m, &e, k + 1);
    }
    now = live_pin(model_live(m), 0);
    return m;
}

static uint32_t kind_of(uint32_t row)
{
    struct id id = ids_name(names, row);
    uint32_t number = 0;
    for (uint32_t k = 1; k < id.len; k++)
        number = 10 * number + (uint32_t)(id.s[k] - '0');
    return number % 3;
}

/* Somebody without a name gets the items that go with the history's, the same
 * ones each time, and none of the history's own. */
START_TEST(a_history_is_a_taste)
{
    struct recommend *r = recommend_new();
    struct model *m = model_of_kinds();
    struct taste h[4];
    uint32_t n = 0, fitting = 0;
    for (uint32_t i = 0; n < 4; i++)
        if (kind_of(i) == 1)
            h[n++] = (struct taste){i, 1};
    struct recommend_query q = {.s = &settings, .history = h, .nhistory = n,
                                .n = 20, .exclude_seen = true};
    struct recommend_list got;
    float first[20];
    run(r, &q, ROW_NONE, &got);
    ck_assert_int_eq(got.by, RECOMMEND_RANKING);
    ck_assert_uint_eq(got.n, 20);
    for (uint32_t i = 0; i < got.n; i++) {
        fitting += kind_of(got.items[i].row) == 1;
        first[i] = got.items[i].score;
        for (uint32_t k = 0; k < n; k++)
            ck_assert_uint_ne(got.items[i].row, h[k].item);
    }
    ck_assert_uint_ge(fitting, 18); // a third by chance
    run(r, &q, ROW_NONE, &got);
    for (uint32_t i = 0; i < got.n; i++)
        ck_assert(got.items[i].score == first[i]);
    q.exclude_seen = false;
    q.n = ITEMS;
    run(r, &q, ROW_NONE, &got);
    ck_assert_uint_eq(got.n, now->items.n);
    end(m, r);
}
END_TEST

/* ---- who may be shown --------------------------------------------------- */

static void put(struct model *m, const char *item, const struct card_field *f,
                uint64_t seq)
{
    unsigned char bytes[64];
    size_t n = 0;
    ck_assert(!f || card_put(bytes, sizeof bytes, &n, f));
    struct event e = {.type = EVENT_ITEM_PUT,
                      .item = {item, (uint32_t)strlen(item)},
                      .payload = bytes,
                      .payload_bytes = (uint32_t)n};
    test_fold(m, &e, seq);
}

START_TEST(hidden_and_unavailable_are_not_shown)
{
    static const unsigned char at[8] = {100}; // ms, little endian
    const struct card_field hidden = {.kind = CARD_HIDDEN},
        deleted = {.kind = CARD_DELETED},
        from = {.kind = CARD_FROM, .value = at, .value_len = 8},
        until = {.kind = CARD_UNTIL, .value = at, .value_len = 8};
    static const struct {
        int64_t at_ms;
        const char *shown;
    } cases[] = {{99, "ua"}, {100, "fa"}, {101, "fa"}};
    struct recommend *r = recommend_new();
    struct recommend_list got;
    struct model *m = model_of(0, 12);
    live_unpin(model_live(m), 0);
    put(m, "a", NULL, 1);
    put(m, "h", &hidden, 2);
    put(m, "d", &deleted, 3);
    put(m, "f", &from, 4);
    put(m, "u", &until, 5);
    now = live_pin(model_live(m), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct filter time = {.at_ms = cases[i].at_ms};
        struct recommend_query q = {.s = &settings, .n = 9, .filter = &time};
        run(r, &q, ROW_NONE, &got);
        ck_assert_uint_eq(got.n, strlen(cases[i].shown));
        for (uint32_t k = 0; k < got.n; k++)
            ck_assert_int_eq(ids_name(names, got.items[k].row).s[0],
                             cases[i].shown[k]);
    }
    end(m, r);
}
END_TEST

MODEL_TEST_MAIN("recommend", popular_as_sorting_everything,
                ranking_as_sorting_everything, latest_is_the_newest_first,
                rankers_follow_each_other, a_history_is_a_taste,
                hidden_and_unavailable_are_not_shown)
