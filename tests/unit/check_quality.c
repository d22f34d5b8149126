/* check_quality.c -- the reports: exact numbers of a hand-made stream, each view
 * for what it promises, and what is saved of it. */
#include "model_test.h"

#include <math.h>

#include "model/learn/quality_save.h"

#define MINUTE 60000
#define DAY    (1440 * (int64_t)MINUTE)
#define NOW    1700000040000   /* a whole minute */

static void rate(struct quality *q, uint64_t seq, int64_t time_ms,
                 float predicted, float rating)
{
    struct quality_rating r = {.seq = seq, .time_ms = time_ms,
                               .rating = rating, .predicted = predicted,
                               .baseline = 3, .user_count = 9,
                               .item_count = 9};
    quality_rated(q, &r);
}

static void rank(struct quality *q, uint64_t seq, int64_t time_ms,
                 uint32_t place, uint32_t popular)
{
    struct quality_ranking r = {.seq = seq, .time_ms = time_ms,
                                .rank = place, .rank_popular = popular};
    quality_ranked(q, &r);
}

/* ---- numbers ------------------------------------------------------------ */

START_TEST(places)
{
    for (uint32_t r = 0; r < 2000; r++) {
        struct quality_places p = quality_places_one(r);
        ck_assert_uint_eq(p.hits, r < 10);
        ck_assert_double_eq_tol(p.ndcg, r < 10 ? 1 / log2(r + 2.0) : 0, 1e-15);
        ck_assert_double_eq(p.reciprocal, 1 / (r + 1.0));
    }
    ck_assert_uint_eq(quality_places_one(UINT32_MAX).hits, 0);
    ck_assert_double_eq(quality_places_one(UINT32_MAX).reciprocal,
                        1 / 4294967296.0);
}
END_TEST

START_TEST(ratings_by_hand)
{
    static const struct {
        float rating, predicted, baseline;
        uint32_t user_count, item_count;
    } event[] = {{5, 3, 3, 0, 0},     {4, 4.5f, 4, 1, 4}, {2, 3, 4, 4, 5},
                 {1, 1.5f, 3.5f, 5, 5}, {3, 3, 3, 9, 0}};
    struct quality *q = quality_new();
    struct quality_sums all, recent;
    quality_publish(q);
    quality_read_sums(q, &all, &recent);
    ck_assert(isnan(quality_errors_of(&all.all).rmse));
    ck_assert(isnan(quality_top_of(&all.ranks.model, 0).ndcg10));
    for (uint32_t k = 0; k < 5; k++) {
        struct quality_rating r = {k + 1, NOW, event[k].rating,
                                   event[k].predicted, event[k].baseline,
                                   event[k].user_count, event[k].item_count};
        quality_rated(q, &r);
    }
    quality_publish(q);
    quality_read_sums(q, &all, &recent);
    ck_assert_mem_eq(&all, &recent, sizeof all);
    // errors -2 .5 1 .5 0; of the baseline -2 0 2 2.5 0
    struct quality_numbers n = quality_errors_of(&all.all);
    ck_assert_double_eq(n.rmse, sqrt(5.5 / 5));
    ck_assert_double_eq(n.mae, 4.0 / 5);
    ck_assert_double_eq(n.rmse_mean, sqrt(14.25 / 5));
    ck_assert_double_eq(n.mae_mean, 6.5 / 5);
    ck_assert_uint_eq(all.cold_items.n, 3); // events 1, 2 and 5
    ck_assert_double_eq(all.cold_items.squared, 4.25);
    ck_assert_double_eq(all.cold_items.mean_squared, 4);
    ck_assert_uint_eq(all.cold_users.n, 3); // 1, 2 and 3
    ck_assert_double_eq(all.cold_users.absolute, 3.5);
    ck_assert_double_eq(all.cold_users.mean_absolute, 4);
    quality_free(q);
}
END_TEST

START_TEST(ranks_by_hand)
{
    struct quality *q = quality_new();
    struct quality_sums all, recent;
    rank(q, 16, NOW, 0, 12);
    rank(q, 32, NOW, 2, 0);
    rank(q, 48, NOW, 10, 9);
    rank(q, 64, NOW, 99, 2);
    quality_publish(q);
    quality_read_sums(q, &all, &recent);
    struct quality_top m = quality_top_of(&all.ranks.model, all.ranks.n);
    struct quality_top p = quality_top_of(&all.ranks.popular, all.ranks.n);
    ck_assert_double_eq(m.hr10, 0.5);
    ck_assert_double_eq(m.precision10, 0.05);
    ck_assert_double_eq(m.ndcg10, 1.5 / 4);
    ck_assert_double_eq(m.mrr, (1 + 1.0 / 3 + 1.0 / 11 + 1.0 / 100) / 4);
    ck_assert_double_eq(p.hr10, 0.75);
    ck_assert_double_eq_tol(p.ndcg10, (1 + 1 / log2(11) + 0.5) / 4, 1e-15);
    ck_assert_mem_eq(&all, &recent, sizeof all);
    quality_free(q);
}
END_TEST

/* ---- views -------------------------------------------------------------- */

START_TEST(recent_is_the_last_blocks)
{
    struct quality *q = quality_new();
    struct quality_sums all, recent;
    uint32_t n = 9 * QUALITY_BLOCK_RATINGS + 100;
    for (uint32_t k = 0; k < n; k++)
        rate(q, k + 1, NOW, k < 2 * QUALITY_BLOCK_RATINGS ? 5 : 3, 3);
    for (uint32_t k = 0; k < 9 * QUALITY_BLOCK_RANKS + 1; k++)
        rank(q, n + k, NOW, k < 2 * QUALITY_BLOCK_RANKS ? 50 : 0, 0);
    quality_publish(q);
    quality_read_sums(q, &all, &recent);
    ck_assert_uint_eq(all.all.n, n);
    ck_assert_double_eq(all.all.squared, 4.0 * 2 * QUALITY_BLOCK_RATINGS);
    ck_assert_uint_eq(recent.all.n, 7 * QUALITY_BLOCK_RATINGS + 100);
    ck_assert_double_eq(recent.all.squared, 0); // the bad beginning is gone
    ck_assert_uint_eq(recent.ranks.n, 7 * QUALITY_BLOCK_RANKS + 1);
    ck_assert_uint_eq(recent.ranks.model.hits, recent.ranks.n);
    ck_assert_uint_lt(all.ranks.model.hits, all.ranks.n);
    quality_free(q);
}
END_TEST

/* What the views that hold everything add up to. */
static struct quality_sums curve_total(const struct quality_state *s)
{
    struct quality_sums sum = {0};
    for (uint32_t i = 0; i < QUALITY_CURVE; i++)
        quality_add(&sum, &s->curve[i]);
    return sum;
}

START_TEST(curve_doubles)
{
    struct quality *q = quality_new();
    struct quality_state *s = malloc(sizeof *s);
    uint32_t n = 100000;
    for (uint32_t k = 1; k <= n; k++) {
        rate(q, k, NOW, 3, (float)(1 + k % 5));
        if (k % 5000 == 1)
            quality_publish(q); // wherever batches end
    }
    quality_publish(q);
    quality_read(q, s);
    ck_assert_mem_eq(s, quality_now(q), sizeof *s);
    ck_assert_uint_eq(s->width, 256); // 512 of them hold 131,072
    for (uint32_t i = 0; i < QUALITY_CURVE; i++)
        ck_assert_uint_eq(s->curve[i].all.n, i == 0 ? 255
                          : i < n / 256 ? 256 : i == n / 256 ? n % 256 + 1 : 0);
    struct quality_sums sum = curve_total(s);
    ck_assert_mem_eq(&sum, &s->overall, sizeof sum); // whole numbers: exact
    rate(q, UINT64_MAX, NOW, 3, 3); // and however long it goes on
    rate(q, UINT64_MAX, NOW, 3, 3);
    ck_assert_uint_eq(quality_now(q)->width, 1ull << 55);
    ck_assert_uint_eq(quality_now(q)->curve[0].all.n, n);
    ck_assert_uint_eq(quality_now(q)->curve[511].all.n, 2);
    free(s);
    quality_free(q);
}
END_TEST

static const struct quality_minute *minute_at(const struct quality *q,
                                              int64_t time_ms)
{
    int64_t minute = (int64_t)floor((double)time_ms / MINUTE);
    return &quality_now(q)->minutes[quality_minute_place(minute)];
}

START_TEST(minutes_of_a_day)
{
    struct quality *q = quality_new();
    rate(q, 1, NOW, 4, 3);
    rate(q, 2, NOW + MINUTE - 1, 4, 3);
    rate(q, 3, NOW + MINUTE, 4, 3);
    rank(q, 4, NOW - 1, 0, 0); // late, and the minute before
    ck_assert_int_eq(minute_at(q, NOW)->minute, NOW / MINUTE);
    ck_assert_uint_eq(minute_at(q, NOW)->sums.all.n, 2);
    ck_assert_uint_eq(minute_at(q, NOW + MINUTE)->sums.all.n, 1);
    ck_assert_uint_eq(minute_at(q, NOW - 1)->sums.ranks.n, 1);

    rate(q, 5, NOW + DAY, 3, 3); // tomorrow takes the bucket over
    ck_assert_int_eq(minute_at(q, NOW)->minute, (NOW + DAY) / MINUTE);
    ck_assert_uint_eq(minute_at(q, NOW)->sums.all.n, 1);
    rate(q, 6, NOW, 4, 3); // too late for its bucket
    ck_assert_uint_eq(minute_at(q, NOW)->sums.all.n, 1);
    ck_assert_uint_eq(minute_at(q, NOW + MINUTE)->sums.all.n, 1);
    ck_assert_uint_eq(quality_now(q)->overall.all.n, 5);

    rate(q, 7, -1, 3, 3); // before 1970
    rate(q, 8, -MINUTE, 3, 3);
    ck_assert_int_eq(minute_at(q, -1)->minute, -1);
    ck_assert_uint_eq(minute_at(q, -1)->sums.all.n, 2);
    rate(q, 9, INT64_MIN, 3, 3);
    rate(q, 10, INT64_MAX, 3, 3);
    quality_free(q);
}
END_TEST

START_TEST(samples)
{
    static const struct {
        uint32_t every;
        bool spread;
        uint32_t nitems;
        uint64_t interval;
    } want[] = {{1, false, 100000, 1}, {16, false, 100000, 16},
                {16, true, 512, 16},   {16, true, 513, 32},
                {16, true, 1682, 64},  {3, true, 2049, 24},
                {16, true, UINT32_MAX, 16ull << 23}};
    struct quality *q = quality_new();
    ck_assert(!quality_wants(q, 16, 10));
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        quality_sample(q, want[i].every, want[i].spread);
        for (uint64_t k = 1; k < 40; k++) {
            uint64_t seq = k * want[i].interval;
            ck_assert(quality_wants(q, seq, want[i].nitems));
            ck_assert(want[i].interval == 1 ||
                      !quality_wants(q, seq + 1, want[i].nitems));
            ck_assert(want[i].interval == 1 ||
                      !quality_wants(q, seq - want[i].interval / 2,
                                     want[i].nitems));
        }
    }
    quality_sample(q, 0, true);
    ck_assert(!quality_wants(q, 0, 10));
    quality_free(q);
}
END_TEST

/* ---- saved -------------------------------------------------------------- */

/* The k-th of a stream that reaches every view. */
static void any_event(struct quality *q, uint32_t k)
{
    int64_t time = NOW + (int64_t)test_below(k, 3, 3000) * MINUTE / 2;
    struct quality_rating r = {k + 1, time, (float)(1 + test_below(k, 0, 5)),
                               1 + 0.03f * (float)test_below(k, 1, 130), 3.3f,
                               test_below(k, 2, 9), test_below(k, 4, 9)};
    quality_rated(q, &r);
    if (k % 7 == 0)
        rank(q, k + 1, time, test_below(k, 5, 30), test_below(k, 6, 60));
}

START_TEST(round_trip)
{
    static const uint32_t events[] = {0, 1, 60, 20000};
    for (size_t e = 0; e < sizeof events / sizeof *events; e++) {
        struct quality *q = quality_new(), *again = quality_new();
        struct quality_state *s = malloc(sizeof *s);
        for (uint32_t k = 0; k < events[e]; k++)
            any_event(q, k);
        size_t n = quality_words(quality_now(q));
        uint64_t *words = malloc((n + 1) * sizeof *words);
        quality_save(quality_now(q), words);
        ck_assert(quality_load(words, n, s));
        ck_assert_mem_eq(s, quality_now(q), sizeof *s);
        ck_assert(!quality_load(words, n - 1, s));
        ck_assert(!quality_load(words, n + 1, s));
        ck_assert(!quality_load(words, 0, s));
        ck_assert(quality_load(words, n, s));
        quality_restore(again, s);
        for (uint32_t k = events[e]; k < events[e] + 3000; k++) {
            any_event(q, k);
            any_event(again, k);
        }
        ck_assert_mem_eq(quality_now(again), quality_now(q), sizeof *s);
        quality_publish(again);
        quality_read(again, s);
        ck_assert_mem_eq(s, quality_now(q), sizeof *s);
        free(words);
        free(s);
        quality_free(q);
        quality_free(again);
    }
    ck_assert_uint_lt(quality_bytes(), 1 << 20); // whatever happens
}
END_TEST

MODEL_TEST_MAIN("quality", places, ratings_by_hand, ranks_by_hand,
                recent_is_the_last_blocks, curve_doubles, minutes_of_a_day,
                samples, round_trip)
