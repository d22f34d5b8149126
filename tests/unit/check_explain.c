/* check_explain.c -- parts add up to what is served, each is what it says. */
#include "explain_rig.h"
#include "explain_test.h"

#include "model/core/live.h"
#include "model/rank/explain.h"
#include "model/rank/predict.h"
#include "model/rank/score.h"

/* ---- sums over a model that has learned -------------------------------- */

static double sum_of(const struct explanation *e)
{
    double sum = 0;
    ck_assert_uint_le(e->nparts, EXPLAIN_PARTS_MAX);
    for (uint32_t i = 0; i < e->nparts; i++)
        sum += (double)e->part[i].value;
    return sum;
}

static const struct explain_part *find(const struct explanation *e,
                                       enum explain_kind kind)
{
    for (uint32_t i = 0; i < e->nparts; i++)
        if (e->part[i].kind == kind)
            return &e->part[i];
    return NULL;
}

/* Row n stands for nobody, or nothing. */
static uint32_t row_or_none(uint32_t row, uint32_t n)
{
    return row < n ? row : ROW_NONE;
}

static void all_ratings_add_up(const struct settings *s, unsigned *kinds)
{
    static struct explanation e;
    struct model *m = explain_test_model(s);
    const struct table *t = live_pin(model_live(m), 0);
    ck_assert_uint_eq(t->users.n, EXPLAIN_USERS);
    for (uint32_t u = 0; u <= t->users.n; u++) {
        for (uint32_t i = 0; i <= t->items.n; i++) {
            struct explain_query q = {.user = row_or_none(u, t->users.n),
                                      .item = row_or_none(i, t->items.n),
                                      .time_ms = EXPLAIN_NOW,
                                      .scan = EXPLAIN_SCAN};
            explain_rating(t, s, &q, &e);
            float served = predict_rating(t, s, q.user, q.item, EXPLAIN_NOW);
            ck_assert_mem_eq(&e.answer, &served, sizeof served);
            ck_assert_double_eq_tol(sum_of(&e), (double)served, 1e-4);
            for (uint32_t k = 0; k < e.nparts; k++)
                kinds[e.part[k].kind]++;
        }
    }
    live_unpin(model_live(m), 0);
    model_free(m);
}

START_TEST(parts_of_ratings_add_up)
{
    unsigned kinds[EXPLAIN_KINDS_N] = {0}, quiet[EXPLAIN_KINDS_N] = {0};
    struct settings s = explain_test_settings(true);
    s.factor_rate = 0.5f; // hot, so that some ratings are clipped
    all_ratings_add_up(&s, kinds);
    for (int k = 0; k < EXPLAIN_boost; k++) // which scores have
        ck_assert_msg(kinds[k] > 0, "no %s", explain_kind_name(k));
    s = explain_test_settings(false);
    s.rating_min = -5;
    s.rating_max = 20;
    all_ratings_add_up(&s, quiet);
    ck_assert_uint_eq(quiet[EXPLAIN_neural], 0);
}
END_TEST

START_TEST(parts_of_scores_add_up)
{
    static struct explanation e;
    struct settings s = explain_test_settings(false);
    struct model *m = explain_test_model(&s);
    const struct table *t = live_pin(model_live(m), 0);
    struct score_scratch scores = {.items = 0};
    unsigned features = 0;
    for (uint32_t u = 0; u <= t->users.n; u++) {
        struct explain_query q = {.user = row_or_none(u, t->users.n),
                                  .scan = EXPLAIN_SCAN};
        ck_assert_int_eq(score_items(t, q.user, t->items.n, &scores), ERR_OK);
        for (q.item = 0; q.item < t->items.n; q.item++) {
            explain_score(t, &q, &e);
            ck_assert_mem_eq(&e.answer, &scores.score[q.item], sizeof(float));
            ck_assert_double_eq_tol(sum_of(&e), (double)e.answer, 1e-4);
            features += find(&e, EXPLAIN_feature) != NULL;
            ck_assert_ptr_null(find(&e, EXPLAIN_mean));
            ck_assert_ptr_null(find(&e, EXPLAIN_boost));
            explain_boosted(&e, e.answer); // that is none
            ck_assert_ptr_null(find(&e, EXPLAIN_boost));
            explain_boosted(&e, e.answer + 0.75f);
            ck_assert_double_eq_tol(sum_of(&e), (double)e.answer, 1e-4);
            ck_assert_ptr_nonnull(find(&e, EXPLAIN_boost));
        }
        q.item = ROW_NONE;
        explain_score(t, &q, &e);
        ck_assert(e.answer == 0 && e.nparts == 0 && e.npast == 0);
    }
    ck_assert_uint_gt(features, 100);
    score_scratch_release(&scores);
    live_unpin(model_live(m), 0);
    model_free(m);
}
END_TEST

/* A vector that is asked instead of the row's has its features in it. */
START_TEST(a_vector_of_its_own)
{
    static struct explanation e, own;
    struct settings s = explain_test_settings(false);
    struct model *m = explain_test_model(&s);
    const struct table *t = live_pin(model_live(m), 0);
    struct compose_room room;
    uint32_t user = 0;
    while (!compose_has(t->users.card[user]))
        user++;
    struct explain_query q = {.user = user, .scan = EXPLAIN_SCAN};
    explain_score(t, &q, &e);
    ck_assert_ptr_nonnull(find(&e, EXPLAIN_user_feature));
    q.rvec = compose_rank_user(t, user, &room);
    explain_score(t, &q, &own);
    ck_assert_ptr_null(find(&own, EXPLAIN_user_feature));
    ck_assert_mem_eq(&own.answer, &e.answer, sizeof(float));
    ck_assert_double_eq_tol(sum_of(&own), (double)e.answer, 1e-4);
    ck_assert_uint_eq(own.npast, e.npast);
    live_unpin(model_live(m), 0);
    model_free(m);
}
END_TEST

/* ---- parts, by hand ---------------------------------------------------- */

static struct card *card_of(uint32_t n, const struct card_feature *features)
{
    struct card *c = calloc(1, sizeof *c + n * sizeof *features);
    ck_assert_ptr_nonnull(c);
    c->nfeatures = n;
    memcpy(c->feature, features, n * sizeof *features);
    return c;
}

static void assert_parts(const struct explanation *e,
                         const struct explain_part *want, uint32_t n)
{
    ck_assert_uint_eq(e->nparts, n);
    for (uint32_t i = 0; i < n; i++) {
        ck_assert_msg(e->part[i].kind == want[i].kind &&
                      e->part[i].feature == want[i].feature &&
                      e->part[i].value == want[i].value,
                      "%u: %s %d %g", i, explain_kind_name(e->part[i].kind),
                      (int)e->part[i].feature, (double)e->part[i].value);
    }
}

#define PART(name, of, v) {.kind = EXPLAIN_##name, .feature = of, .value = v}

START_TEST(each_part_is_what_it_says)
{
    struct rig r;
    struct explanation e;
    struct settings s = test_settings();
    rig_init(&r, NULL);
    s.rating_max = 9; // twice the units
    r.bu = 0.25f;
    r.bi[0] = -1;
    r.session = 0.5f;
    r.p[3] = 0.5f;
    r.q[0][3] = 2; // taste: 1
    r.e[0][3] = 1; // of the user: 1 * 2 with bias 0.25
    r.be[0] = 0.25f;
    r.e[1][3] = -0.5f; // of the item: P is 1.5
    r.be[2] = 0.125f;  // and one with a bias alone, of weight 8
    r.user_card = card_of(1, (struct card_feature[]){{0, 1}});
    r.item_card[0] = card_of(2, (struct card_feature[]){{1, 1}, {2, 8}});
    struct explain_query q = {.user = 0, .item = 0, .scan = 10};
    explain_rating(&r.t, &s, &q, &e);
    assert_parts(&e, (struct explain_part[]){
        PART(mean, ROW_NONE, 6), PART(user, ROW_NONE, 0.5f),
        PART(session, ROW_NONE, 1), PART(item, ROW_NONE, -2),
        PART(taste, ROW_NONE, 2), PART(user_feature, 0, 4.5f),
        PART(feature, 2, 2), PART(feature, 1, -1.5f),
        PART(clip, ROW_NONE, -3.5f)}, 9);
    ck_assert(e.answer == 9);
    q.item = ROW_NONE;
    q.time_ms = -1; // before the sitting
    explain_rating(&r.t, &s, &q, &e);
    assert_parts(&e, (struct explain_part[]){
        PART(mean, ROW_NONE, 6), PART(user, ROW_NONE, 0.5f),
        PART(user_feature, 0, 0.5f)}, 3);
    ck_assert(e.answer == 7);
    q.user = ROW_NONE;
    q.item = 0;
    explain_rating(&r.t, &s, &q, &e);
    assert_parts(&e, (struct explain_part[]){
        PART(mean, ROW_NONE, 6), PART(item, ROW_NONE, -2),
        PART(feature, 2, 2)}, 3);
    q.item = ROW_NONE;
    explain_rating(&r.t, &s, &q, &e);
    assert_parts(&e, (struct explain_part[]){PART(mean, ROW_NONE, 6)}, 1);
    free(r.user_card);
    free(r.item_card[0]);
}
END_TEST

MODEL_TEST_MAIN("explain", parts_of_ratings_add_up, parts_of_scores_add_up,
                a_vector_of_its_own, each_part_is_what_it_says)
