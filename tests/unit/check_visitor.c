/* check_visitor.c -- what nobody stores: a visitor is the user until it learns,
 * learns as the head does, and changes nothing. */
#include "explain_test.h"

#include "model/core/live.h"
#include "model/learn/step_table.h"
#include "model/rank/predict.h"
#include "model/rank/visitor.h"

static struct visitor_rating rating(uint32_t item, float inner)
{
    return (struct visitor_rating){.item = item, .inner = inner};
}

START_TEST(is_the_user_until_it_learns)
{
    for (int neural = 0; neural < 2; neural++) {
        struct settings s = explain_test_settings(neural);
        struct model *m = explain_test_model(&s);
        const struct table *t = live_pin(model_live(m), 0);
        static struct visitor v;
        for (uint32_t u = 0; u < t->users.n; u++) {
            visitor_learn(&v, t, &s, u, NULL, 0);
            for (uint32_t i = 0; i <= t->items.n; i++) {
                uint32_t item = i < t->items.n ? i : ROW_NONE;
                float a = visitor_rating(&v, t, &s, item, EXPLAIN_NOW);
                float b = predict_rating(t, &s, u, item, EXPLAIN_NOW);
                ck_assert_mem_eq(&a, &b, sizeof a);
            }
        }
        visitor_learn(&v, t, &s, ROW_NONE, NULL, 0);
        ck_assert(visitor_inner(&v, t, ROW_NONE) ==
                  predict_inner(t, ROW_NONE, ROW_NONE));
        live_unpin(model_live(m), 0);
        model_free(m);
    }
}
END_TEST

/* Of an item that is not known only the bias is told, by the rule. */
START_TEST(a_bias_by_the_rule)
{
    struct settings s = explain_test_settings(false);
    struct model *m = explain_test_model(&s);
    const struct table *t = live_pin(model_live(m), 0);
    static struct visitor v;
    const struct visitor_rating r[] = {rating(ROW_NONE, 5),
                                       rating(ROW_NONE, 4)};
    float mean = (float)predict_mean(t), b = 0;
    visitor_learn(&v, t, &s, ROW_NONE, r, 2);
    for (uint32_t k = 0; k < 2; k++)
        b += step_table_compute(&s, k).bias *
             (r[k].inner - (mean + b) - s.bias_l2 * b);
    ck_assert_float_eq_tol(v.bias, b, 1e-6f);
    ck_assert_float_gt(v.bias, 0.3f);
    for (uint32_t d = 0; d < t->dim; d++)
        ck_assert(((const float *)v.vec.v)[d] == 0);
    live_unpin(model_live(m), 0);
    model_free(m);
}
END_TEST

/* With small steps the vector moves along the slope of the prediction, the
 * neural head's too. */
static void assert_slope(bool neural, uint32_t item)
{
    struct settings s = explain_test_settings(neural);
    struct model *m = explain_test_model(&s);
    const struct table *t = live_pin(model_live(m), 0);
    static struct visitor v, at;
    double slope[16], moved[16], both = 0, a = 0, b = 0;
    s.factor_rate = 1e-3f;
    s.factor_l2 = s.bias_rate = 0;
    s.bias_count = 1e9f;
    const struct visitor_rating r = rating(item, 5);
    visitor_learn(&v, t, &s, 1, &r, 1);
    visitor_learn(&at, t, &s, 1, NULL, 0);
    float *p = (float *)at.vec.v;
    for (uint32_t d = 0; d < t->dim; d++) {
        float was = p[d], h = 1e-2f;
        moved[d] = (double)(((const float *)v.vec.v)[d] - was);
        p[d] = was + h;
        slope[d] = (double)visitor_inner(&at, t, item);
        p[d] = was - h;
        slope[d] -= (double)visitor_inner(&at, t, item);
        p[d] = was;
        both += moved[d] * slope[d];
        a += moved[d] * moved[d];
        b += slope[d] * slope[d];
    }
    ck_assert_double_gt(a, 0);
    ck_assert_double_gt(both / sqrt(a * b), 0.999); // the angle between them
    live_unpin(model_live(m), 0);
    model_free(m);
}

START_TEST(moves_along_the_slope)
{
    for (uint32_t item = 0; item < 6; item++) {
        assert_slope(false, item);
        assert_slope(true, item);
    }
}
END_TEST

/* Who rates as a user did is predicted like that user; a history on top of the
 * user's own row goes on from it; the table stays as it is. */
START_TEST(tastes_tell)
{
    struct settings s = explain_test_settings(false);
    struct model *m = explain_test_model(&s);
    const struct table *t = live_pin(model_live(m), 0);
    static struct visitor fan, foe;
    uint64_t hash = model_hash(m);
    // by the stream's rule items alike modulo 3 are liked alike
    char name[2][16];
    struct visitor_rating up[6], down[6];
    uint32_t n = 0, target = ROW_NONE;
    for (uint32_t i = 1; i < EXPLAIN_ITEMS && n < 6; i += 3) {
        snprintf(name[0], 16, "i%u", i);
        struct id id = {name[0], (uint32_t)strlen(name[0])};
        uint32_t row = ids_find(live_item_ids(model_live(m)), id, t->items.n);
        ck_assert_uint_ne(row, ROW_NONE);
        if (target == ROW_NONE) {
            target = row;
            continue;
        }
        up[n] = rating(row, 5);
        down[n++] = rating(row, 1);
    }
    for (uint32_t user = 0; user <= 1; user++) {
        uint32_t row = user ? 3 : ROW_NONE;
        visitor_learn(&fan, t, &s, row, up, n);
        visitor_learn(&foe, t, &s, row, down, n);
        ck_assert_float_gt(visitor_inner(&fan, t, target),
                           visitor_inner(&foe, t, target) + 0.5f);
    }
    static struct visitor again;
    visitor_learn(&again, t, &s, 3, down, n);
    ck_assert_mem_eq(&again, &foe, sizeof foe);
    ck_assert(model_hash(m) == hash);
    live_unpin(model_live(m), 0);
    model_free(m);
}
END_TEST

/* Steps far too large end in numbers, clipping and caps hold. */
START_TEST(stays_finite)
{
    struct settings s = explain_test_settings(true);
    struct model *m = explain_test_model(&s);
    const struct table *t = live_pin(model_live(m), 0);
    static struct visitor v;
    static struct visitor_rating r[1000];
    for (uint32_t i = 0; i < 1000; i++)
        r[i] = rating(i % t->items.n, i % 2 ? 5 : 1);
    s.factor_rate = 10;
    s.bias_rate = 10;
    visitor_learn(&v, t, &s, 0, r, 1000);
    float shown = visitor_rating(&v, t, &s, 1, EXPLAIN_NOW);
    ck_assert(shown >= s.rating_min && shown <= s.rating_max);
    s.norm_cap = 2;
    s.error_clip = 0.5f;
    visitor_learn(&v, t, &s, ROW_NONE, r, 1000);
    const float *p = (const float *)v.vec.v;
    ck_assert_float_le(dot_rows(p, p, t->dim), 4.001f);
    s = explain_test_settings(true);
    s.error_clip = 1e-6f;
    visitor_learn(&v, t, &s, ROW_NONE, r, 4);
    ck_assert_float_lt(fabsf(v.bias), 1e-4f);
    live_unpin(model_live(m), 0);
    model_free(m);
}
END_TEST

MODEL_TEST_MAIN("visitor", is_the_user_until_it_learns, a_bias_by_the_rule,
                moves_along_the_slope, tastes_tell, stays_finite)
