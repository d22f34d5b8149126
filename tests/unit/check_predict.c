/* check_predict.c -- the dot product's bits, cold sides, scale and clipping. */
#include "model_test.h"

#include <math.h>

#include "model/core/kernel.h"
#include "model/rank/predict.h"

START_TEST(dot_is_kernel_dot)
{
    _Alignas(32) static float a[512], b[512];
    for (uint32_t d = 0; d < 512; d++) {
        a[d] = (float)test_below(d, 0, 1u << 24) / (1 << 23) - 1;
        b[d] = (float)test_below(d, 1, 1u << 24) / (1 << 20) - 8;
    }
    for (uint32_t dim = 8; dim <= 512; dim += 8) {
        float got = dot_rows(a, b, dim), want = kernel_dot(a, b, dim);
        ck_assert_mem_eq(&got, &want, sizeof got);
    }
}
END_TEST

/* One user and one item whose columns are plain arrays. */
struct rig {
    struct table t;
    _Alignas(32) float p[8], q[8];
    float bu, bi, session;
    int64_t last_ms;
    struct card *none[1];
};

static void rig_init(struct rig *r)
{
    memset(r, 0, sizeof *r);
    r->t.dim = 8;
    r->t.users.n = r->t.items.n = 1;
    r->t.users.vec = r->p;
    r->t.items.vec = r->q;
    r->t.users.bias = &r->bu;
    r->t.items.bias = &r->bi;
    r->t.users.card = r->t.items.card = r->none;
    r->t.users.session = &r->session;
    r->t.users.last_ms = &r->last_ms;
    r->t.totals.events = 10;
    r->t.totals.scaled_sum = 40; // with ten threes: a mean of 3.5
    r->bu = 0.25f;
    r->bi = -1.0f;
    r->p[3] = 0.5f;
    r->q[3] = 3.0f;
}

START_TEST(a_side_that_is_unknown_adds_nothing)
{
    struct rig r;
    rig_init(&r);
    ck_assert(predict_mean(&r.t) == 3.5);
    ck_assert(predict_inner(&r.t, ROW_NONE, ROW_NONE) == 3.5f);
    ck_assert(predict_inner(&r.t, 0, ROW_NONE) == 3.75f);
    ck_assert(predict_inner(&r.t, ROW_NONE, 0) == 2.5f);
    ck_assert(predict_inner(&r.t, 0, 0) == 4.25f);
    r.t.totals.events = 0;
    r.t.totals.scaled_sum = 0;
    ck_assert(predict_mean(&r.t) == 3.0); // nothing is known yet
}
END_TEST

static const struct {
    float min, max, inner, shown;
} shown[] = {
    {1, 5, 1, 1},    {1, 5, 4.25f, 4.25f}, {1, 5, 5, 5},
    {1, 5, 0.5f, 1}, {1, 5, 9, 5},         {0, 10, 1, 0},
    {0, 10, 3, 5},   {0, 10, 5, 10},       {0, 10, 7, 10},
    {-1, 1, 3, 0},   {-1, 1, 1.5f, -0.75f}, {1, 5, NAN, 1},
    {1, 5, INFINITY, 5}, {-3, 1, -INFINITY, -3},
};

START_TEST(scale_and_clip)
{
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        struct settings s = test_settings();
        s.rating_min = shown[i].min;
        s.rating_max = shown[i].max;
        ck_assert_msg(predict_clip(&s, shown[i].inner) == shown[i].shown,
                      "line %zu", i);
        ck_assert(predict_to_inner(&s, s.rating_min) == 1.0f);
        ck_assert(predict_to_inner(&s, s.rating_max) == 5.0f);
        ck_assert(predict_from_inner(&s, 3.0f) ==
                  (s.rating_min + s.rating_max) / 2);
    }
}
END_TEST

START_TEST(rating_is_the_clipped_inner)
{
    struct rig r;
    struct settings s = test_settings();
    rig_init(&r);
    s.rating_max = 9;
    ck_assert(predict_rating(&r.t, &s, 0, 0, 0) == 7.5f);
    r.session = 0.5f; // twice that in these units, and soon nothing
    ck_assert(predict_rating(&r.t, &s, 0, 0, 0) == 8.5f);
    ck_assert(predict_rating(&r.t, &s, 0, 0, 3600000) == 7.5f);
    r.q[3] = 100;
    ck_assert(predict_rating(&r.t, &s, 0, 0, 0) == 9.0f);
    r.q[3] = NAN;
    ck_assert(predict_rating(&r.t, &s, 0, 0, 0) == 1.0f);
}
END_TEST

MODEL_TEST_MAIN("predict", dot_is_kernel_dot,
                a_side_that_is_unknown_adds_nothing, scale_and_clip,
                rating_is_the_clipped_inner)
