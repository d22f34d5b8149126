/* check_quality_fold.c -- the reports of a fold, and readers beside the trainer.
 */
#include "model_test.h"

#include <math.h>
#include <pthread.h>

#include "model/core/ids.h"
#include "model/core/kernel.h"
#include "model/learn/quality.h"
#include "model/learn/seen.h"
#include "model/rank/rank_of.h"

/* ---- threads ------------------------------------------------------------ */

struct reader {
    struct quality *q;
    uint32_t events;
};

/* Every copy is of one moment, and no moment comes back. */
static void *reads(void *arg)
{
    struct reader *r = arg;
    struct quality_state *s = malloc(sizeof *s);
    for (uint64_t n = 0; n < r->events; n = s->overall.all.n) {
        struct quality_sums sum, recent;
        quality_read_sums(r->q, &sum, &recent);
        ck_assert_uint_ge(sum.all.n, n);
        quality_read(r->q, s);
        ck_assert_uint_ge(s->overall.all.n, sum.all.n);
        sum = (struct quality_sums){0};
        for (uint32_t i = 0; i < QUALITY_CURVE; i++)
            quality_add(&sum, &s->curve[i]);
        ck_assert_uint_eq(sum.all.n, s->overall.all.n);
        ck_assert_uint_eq(sum.ranks.n, s->overall.ranks.n);
    }
    free(s);
    return NULL;
}

START_TEST(readers_beside_the_trainer)
{
    struct reader r = {quality_new(), 60000};
    pthread_t thread[2];
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&thread[i], NULL, reads, &r), 0);
    for (uint32_t k = 0; k < r.events; k++) {
        struct quality_rating e = {k + 1, 60000 * (int64_t)(k % 2000),
                                   (float)(1 + k % 5), 3, 3, 9, 9};
        struct quality_ranking p = {.seq = k + 1, .time_ms = e.time_ms,
                                    .rank = k % 20, .rank_popular = 3};
        quality_rated(r.q, &e);
        quality_ranked(r.q, &p);
        if (k % 37 == 0)
            quality_publish(r.q);
    }
    quality_publish(r.q);
    for (int i = 0; i < 2; i++)
        pthread_join(thread[i], NULL);
    quality_free(r.q);
}
END_TEST

/* ---- the fold ----------------------------------------------------------- */

START_TEST(reported_by_the_fold)
{
    struct settings set = test_settings();
    struct model *m;
    ck_assert_int_eq(model_new(&set, 1, &m), ERR_OK);
    double squared = 0, sum = 0;
    uint32_t cold = 0, count[40] = {0};
    for (uint32_t k = 0; k < 3000; k++) {
        char name[2][16];
        struct event e = test_stream(k, 30, 40, name);
        test_fold(m, &e, k + 1);
        // 10 ratings at the middle of the scale stand before the first
        double miss = (30 + sum) / (10 + k) - (double)e.value;
        squared += miss * miss;
        sum += (double)e.value;
        cold += count[test_below(k, 1, 40)]++ < 5;
    }
    struct quality_sums all, recent;
    quality_read_sums(model_quality(m), &all, &recent);
    const struct totals *t = &live_pin(model_live(m), 0)->totals;
    ck_assert_double_eq(all.all.squared, t->all.squared);
    ck_assert_double_eq(all.all.absolute, t->all.absolute);
    ck_assert_uint_eq(recent.all.n, 3000);
    ck_assert_double_eq_tol(all.all.mean_squared, squared, 1e-2);
    ck_assert_uint_eq(all.cold_items.n, cold);
    live_unpin(model_live(m), 0);
    model_free(m);
}
END_TEST

/* Where the event's item stands by the ranking head of t, a product at a time.
 * RANK_NONE: it is new; *fair: it is one to ask for. */
static uint32_t place_of(const struct table *t, struct live *live,
                         const struct event *e, bool *fair)
{
    uint32_t user = ids_find(live_user_ids(live), e->user, t->users.n);
    uint32_t item = ids_find(live_item_ids(live), e->item, t->items.n);
    uint32_t above = 0, equal = 0, n = user == ROW_NONE ? 0
                                                        : t->users.nseen[user];
    const struct seen_list *seen = n ? t->users.seen[user] : NULL;
    float mine = 0;
    *fair = n > 0 && (item == ROW_NONE || !seen_has(seen, n, item));
    if (!*fair || item == ROW_NONE)
        return RANK_NONE;
    for (uint32_t pass = 0; pass < 2; pass++)
        for (uint32_t i = 0; i < t->items.n; i++) {
            float score = t->items.rbias[i] +
                          kernel_dot(&t->users.rvec[user * t->rdim],
                                     &t->items.rvec[i * t->rdim], t->rdim);
            if (pass == 0 && i == item)
                mine = score;
            if (pass == 1 && i != item && !seen_has(seen, n, i)) {
                above += score > mine;
                equal += score == mine;
            }
        }
    return above + (equal + 1) / 2;
}

START_TEST(ranked_by_the_fold)
{
    struct settings set = test_settings();
    struct quality_sums all, recent;
    struct quality_ranks want = {0};
    struct model *m;
    ck_assert_int_eq(model_new(&set, 1, &m), ERR_OK);
    quality_sample(model_quality(m), 3, true);
    for (uint32_t k = 0; k < 3000; k++) {
        char name[2][16];
        struct event e = test_stream(k, 30, 200, name);
        bool fair;
        uint32_t rank = place_of(live_pin(model_live(m), 0), model_live(m), &e,
                                 &fair);
        live_unpin(model_live(m), 0);
        if (fair && e.value >= set.positive_from && (k + 1) % 3 == 0) {
            struct quality_places p = quality_places_one(rank);
            want.n++;
            want.model.hits += p.hits;
            want.model.ndcg += p.ndcg;
            want.model.reciprocal += p.reciprocal;
        }
        test_fold(m, &e, k + 1);
    }
    quality_read_sums(model_quality(m), &all, &recent);
    ck_assert_uint_gt(want.n, 200);
    ck_assert_uint_eq(all.ranks.n, want.n);
    ck_assert_uint_eq(all.ranks.model.hits, want.model.hits);
    ck_assert_double_eq(all.ranks.model.ndcg, want.model.ndcg);
    ck_assert_double_eq(all.ranks.model.reciprocal, want.model.reciprocal);
    ck_assert_int_gt(quality_ranking_ns(model_quality(m)), 0);
    model_free(m);
}
END_TEST

MODEL_TEST_MAIN("quality_fold", readers_beside_the_trainer,
                reported_by_the_fold, ranked_by_the_fold)
