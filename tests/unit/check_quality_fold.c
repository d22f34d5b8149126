/* check_quality_fold.c -- the reports of a fold, and readers beside the trainer.
 */
#include "model_test.h"

#include <math.h>
#include <pthread.h>

#include "model/learn/quality.h"

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

MODEL_TEST_MAIN("quality_fold", readers_beside_the_trainer,
                reported_by_the_fold)
