/* check_kernel.c -- the arithmetic of the fold, bit by bit, against plain loops
 * that spell out the lanes and the order of the additions. */
#include "model_test.h"

#include <math.h>

#include "model/core/kernel.h"
#include "model/learn/step.h"

#define DIM_MAX 512

struct rows {
    _Alignas(32) float p[DIM_MAX];
    _Alignas(32) float q[DIM_MAX];
};

static void fill(struct rows *r, uint64_t key)
{
    for (uint32_t j = 0; j < DIM_MAX; j++) {
        r->p[j] = (float)test_below(key, 2 * j, 20001) / 10000 - 1;
        r->q[j] = (float)test_below(key, 2 * j + 1, 20001) / 3000 - 3;
    }
}

/* To float after every operation, whatever the compiler would like. */
static float rounded(float x)
{
    float copy;
    memcpy(&copy, &x, sizeof copy);
    return copy;
}

static float plain_dot(const float *a, const float *b, uint32_t dim)
{
    float lane[8];
    for (uint32_t l = 0; l < 8; l++)
        lane[l] = rounded(a[l] * b[l]);
    for (uint32_t j = 8; j < dim; j++)
        lane[j % 8] = rounded(lane[j % 8] + rounded(a[j] * b[j]));
    float even = rounded(rounded(lane[0] + lane[4]) +
                         rounded(lane[2] + lane[6]));
    float odd = rounded(rounded(lane[1] + lane[5]) +
                        rounded(lane[3] + lane[7]));
    return rounded(even + odd);
}

static float plain_move(float x, float y, float e, float rate, float l2)
{
    float pull = rounded(rounded(e * y) - rounded(l2 * x));
    return rounded(x + rounded(rate * pull));
}

START_TEST(dot)
{
    struct rows r;
    for (uint32_t dim = 8; dim <= DIM_MAX; dim += 8) {
        for (uint64_t k = 0; k < 20; k++) {
            fill(&r, dim * 100 + k);
            float got = kernel_dot(r.p, r.q, dim);
            float want = plain_dot(r.p, r.q, dim);
            ck_assert_msg(memcmp(&got, &want, sizeof got) == 0,
                          "dim %u: %a, want %a", dim, (double)got,
                          (double)want);
        }
    }
}
END_TEST

/* The order of additions shows: 2^24 + 1 is 2^24 in a float. */
START_TEST(order_of_additions)
{
    struct rows r;
    float big = 16777216;
    for (int j = 0; j < DIM_MAX; j++)
        r.q[j] = 1;
    memset(r.p, 0, sizeof r.p);
    r.p[0] = big;
    r.p[4] = 1; // swallowed at once
    r.p[8] = -big;
    r.p[12] = 1;
    ck_assert_float_eq(kernel_dot(r.p, r.q, 16), 2);
    r.p[8] = 0;
    r.p[2] = -big;
    ck_assert_float_eq(kernel_dot(r.p, r.q, 16), 2);
    r.p[4] = 0.5f;
    r.p[12] = 0.5f;
    ck_assert_float_eq(kernel_dot(r.p, r.q, 16), 0);
}
END_TEST

START_TEST(step)
{
    struct rows got, was;
    for (uint32_t dim = 8; dim <= 128; dim += 8) {
        fill(&was, dim);
        got = was;
        float e = 0.7f, rp = 0.11f, rq = 0.03f, l2 = 0.015f;
        kernel_step(got.p, got.q, dim, e, rp, rq, l2);
        for (uint32_t j = 0; j < dim; j++) {
            float p = plain_move(was.p[j], was.q[j], e, rp, l2);
            float q = plain_move(was.q[j], was.p[j], e, rq, l2);
            ck_assert(memcmp(&got.p[j], &p, sizeof p) == 0);
            ck_assert(memcmp(&got.q[j], &q, sizeof q) == 0);
        }
        for (uint32_t j = dim; j < DIM_MAX; j++)
            ck_assert(got.p[j] == was.p[j] && got.q[j] == was.q[j]);
    }
}
END_TEST

/* The step of the fold works in halves of four lanes: the same bits. */
START_TEST(fold_steps_alike)
{
    struct rows rows;
    static struct step_room room;
    struct step_rates rates = {.user_factor = 0.11f, .item_factor = 0.03f};
    for (uint32_t dim = 8; dim <= DIM_MAX; dim += 8) {
        fill(&rows, dim);
        float bad = step_rows(rows.p, rows.q, dim, -1.3f, &rates, 0.015f,
                              &room);
        ck_assert(bad == 0);
        kernel_step(rows.p, rows.q, dim, -1.3f, 0.11f, 0.03f, 0.015f);
        ck_assert_int_eq(memcmp(room.p, rows.p, dim * sizeof(float)), 0);
        ck_assert_int_eq(memcmp(room.q, rows.q, dim * sizeof(float)), 0);
    }
}
END_TEST

START_TEST(fold_notices_what_is_not_finite)
{
    static const float poison[] = {INFINITY, -INFINITY, NAN, 3e38f};
    static struct step_room room;
    struct step_rates rates = {.user_factor = 8, .item_factor = 8};
    for (size_t k = 0; k < sizeof poison / sizeof *poison; k++) {
        for (uint32_t j = 0; j < 24; j++) {
            struct rows rows;
            fill(&rows, j);
            rows.p[j] = poison[k];
            float bad = step_rows(rows.p, rows.q, 24, 2, &rates, 0.01f, &room);
            ck_assert(!(bad == 0));
        }
    }
}
END_TEST

MODEL_TEST_MAIN("kernel", dot, order_of_additions, step, fold_steps_alike,
                fold_notices_what_is_not_finite)
