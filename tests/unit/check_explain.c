/* check_explain.c -- parts add up to what is served, each is what it says, and
 * the past items are those that pull most. */
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
    for (int k = 0; k < EXPLAIN_KINDS_N; k++)
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

#define ITEMS    8
#define FEATURES 3

/* A user and some items whose columns are plain arrays. */
struct rig {
    struct table t;
    _Alignas(32) float p[8], q[ITEMS][8], e[FEATURES][8];
    float bu, bi[ITEMS], be[FEATURES], session;
    int64_t last_ms;
    uint32_t nseen;
    struct seen_list *seen;
    struct card *user_card, *item_card[ITEMS];
};

static void rig_init(struct rig *r, struct seen_list *seen)
{
    memset(r, 0, sizeof *r);
    r->t.dim = 8;
    r->t.users.n = 1;
    r->t.items.n = ITEMS;
    r->t.features.n = FEATURES;
    r->t.users.vec = r->p;
    r->t.items.vec = r->q[0];
    r->t.features.vec = r->e[0];
    r->t.users.bias = &r->bu;
    r->t.items.bias = r->bi;
    r->t.features.bias = r->be;
    r->t.users.card = &r->user_card;
    r->t.items.card = r->item_card;
    r->t.users.session = &r->session;
    r->t.users.last_ms = &r->last_ms;
    r->seen = seen;
    r->t.users.seen = &r->seen;
    r->t.users.nseen = &r->nseen;
    r->t.totals.events = 10;
    r->t.totals.scaled_sum = 40; // with ten threes: a mean of 3.5
}

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

/* ---- the past ---------------------------------------------------------- */

static struct seen_list *seen_of(uint32_t n, const uint32_t *items)
{
    struct seen_list *l = calloc(1, sizeof *l + n * sizeof *items);
    ck_assert_ptr_nonnull(l);
    l->cap = n;
    memcpy(l->item, items, n * sizeof *items);
    return l;
}

static void assert_past(const struct explanation *e,
                        const struct explain_past *want, uint32_t n)
{
    ck_assert_uint_eq(e->npast, n);
    for (uint32_t i = 0; i < n; i++)
        ck_assert_msg(e->past[i].item == want[i].item &&
                      fabsf(e->past[i].pull - want[i].pull) < 1e-6f &&
                      fabsf(e->past[i].similarity - want[i].similarity) <
                          1e-6f,
                      "%u: %u pulls %g, like %g", i, e->past[i].item,
                      (double)e->past[i].pull,
                      (double)e->past[i].similarity);
}

/* The user likes the first axis (3) and less so the second (1); item 0, which is
 * asked about, is half of both. */
static void rig_past(struct rig *r, struct seen_list *seen)
{
    rig_init(r, seen);
    r->nseen = ITEMS;
    r->p[0] = 3;
    r->p[1] = 1;
    r->q[0][0] = r->q[0][1] = 1;
    r->q[1][0] = 2;                    // 3 * 1, as is any length of it
    r->q[2][1] = 0.5f;                 // 1 * 1
    r->q[3][0] = 1, r->q[3][1] = -1;   // (3-1) * (1-1): nothing
    r->q[4][2] = 7;                    // another matter
    r->q[5][0] = -1, r->q[5][1] = 0;   // against both: 3 * 1 again
    r->q[6][0] = 1, r->q[6][1] = -3;   // (3-3): nothing of the user
    r->q[7][0] = -1, r->q[7][1] = 3.5f; // .5 * 2.5 / 13.25
}

START_TEST(who_pulls_most)
{
    static const uint32_t all[ITEMS] = {0, 1, 2, 3, 4, 5, 6, 7};
    struct settings s = test_settings();
    struct explanation e;
    struct rig r;
    rig_past(&r, seen_of(ITEMS, all));
    struct explain_query q = {.user = 0, .item = 0, .scan = EXPLAIN_SCAN};
    const float half = sqrtf(0.5f);
    explain_rating(&r.t, &s, &q, &e);
    assert_past(&e, (struct explain_past[]){
        {5, -half, 3}, {1, half, 3}, {2, half, 1},
        {7, 2.5f / sqrtf(26.5f), 1.25f / 13.25f}}, 4);
    s.rating_max = 9; // in rating units
    q.scan = 1; // the last of the list only
    explain_rating(&r.t, &s, &q, &e);
    assert_past(&e, (struct explain_past[]){
        {7, 2.5f / sqrtf(26.5f), 2.5f / 13.25f}}, 1);
    q.scan = 0;
    explain_rating(&r.t, &s, &q, &e);
    ck_assert_uint_eq(e.npast, 0);
    free(r.seen);
}
END_TEST

/* A history comes before the list; nothing is listed twice; an item that the
 * model does not know pulls nothing. */
START_TEST(a_history_is_past_too)
{
    static const uint32_t seen[] = {1, 2};
    static const struct visitor_rating history[] = {
        {.item = ROW_NONE}, {.item = 2}, {.item = 7}, {.item = 2}};
    struct settings s = test_settings();
    struct explanation e;
    struct rig r;
    rig_past(&r, seen_of(2, seen));
    r.nseen = 2;
    struct explain_query q = {.user = 0, .item = 0, .scan = EXPLAIN_SCAN,
                              .history = history, .nhistory = 4};
    explain_rating(&r.t, &s, &q, &e);
    ck_assert_uint_eq(e.npast, 3);
    ck_assert_uint_eq(e.past[0].item, 1);
    ck_assert_uint_eq(e.past[1].item, 2);
    ck_assert_uint_eq(e.past[2].item, 7);
    q.scan = 3; // ROW_NONE, 2 and 7
    explain_rating(&r.t, &s, &q, &e);
    ck_assert_uint_eq(e.npast, 2);
    free(r.seen);
}
END_TEST

START_TEST(no_more_than_the_strongest)
{
    static const uint32_t all[ITEMS] = {0, 1, 2, 3, 4, 5, 6, 7};
    struct settings s = test_settings();
    struct explanation e;
    struct rig r;
    rig_init(&r, seen_of(ITEMS, all));
    r.nseen = ITEMS;
    for (uint32_t i = 0; i < ITEMS; i++) {
        r.q[i][0] = 1;
        r.q[i][1] = (float)(i * 3 % ITEMS); // the more of this, the less pull
    }
    r.p[0] = 1;
    struct explain_query q = {.user = 0, .item = 0, .scan = EXPLAIN_SCAN};
    explain_rating(&r.t, &s, &q, &e);
    ck_assert_uint_eq(e.npast, EXPLAIN_PAST_MAX);
    static const uint32_t want[] = {3, 6, 1, 4, 7}; // those of 1 .. 5
    for (uint32_t i = 0; i < EXPLAIN_PAST_MAX; i++)
        ck_assert_uint_eq(e.past[i].item, want[i]);
    r.q[0][0] = 0; // nothing to be like
    r.q[0][1] = 0;
    explain_rating(&r.t, &s, &q, &e);
    ck_assert_uint_eq(e.npast, 0);
    free(r.seen);
}
END_TEST

MODEL_TEST_MAIN("explain", parts_of_ratings_add_up, parts_of_scores_add_up,
                a_vector_of_its_own, each_part_is_what_it_says, who_pulls_most,
                a_history_is_past_too, no_more_than_the_strongest)
