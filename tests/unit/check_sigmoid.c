/* check_sigmoid.c -- our own 1 / (1 + e^-x) against libm. */
#include "model_test.h"

#include <math.h>

#include "model/core/simd.h"
#include "model/learn/lanes.h"
#include "model/learn/sigmoid.h"

#define LANES 4
#include "model/learn/sigmoid_lanes.h"
#undef LANES
#ifdef __x86_64__
#define LANES 8
#include "model/learn/sigmoid_lanes.h"
#endif

#define STEPS 600000

START_TEST(as_libm_says)
{
    double worst = 0, relative = 0;
    for (int k = -STEPS; k <= STEPS; k++) {
        float x = (float)k * (SIGMOID_FAR / STEPS);
        double want = 1 / (1 + exp(-(double)x));
        double miss = fabs((double)sigmoid(x) - want);
        worst = miss > worst ? miss : worst;
        relative = miss / want > relative ? miss / want : relative;
    }
    ck_assert_double_lt(worst, 1.2e-7);  // two units in the last place of 1
    ck_assert_double_lt(relative, 3e-6); // also where it is next to nothing
}
END_TEST

START_TEST(symmetric)
{
    for (int k = 0; k <= STEPS; k += 7) {
        float x = (float)k * (SIGMOID_FAR / STEPS);
        ck_assert_float_lt(fabsf(1.0f - sigmoid(x) - sigmoid(-x)), 2e-7f);
    }
    ck_assert(sigmoid(0.0f) == 0.5f && sigmoid(-0.0f) == 0.5f);
}
END_TEST

/* Up to what rounding does between neighbours. */
START_TEST(rises)
{
    float before = 0;
    for (int k = -STEPS; k <= STEPS; k += 50) {
        float y = sigmoid((float)k * (SIGMOID_FAR / STEPS));
        ck_assert_msg(y >= before * (1 - 3e-7f), "at %d", k);
        before = y;
    }
}
END_TEST

/* Beyond the end it is what it is there; never 0, so that a gradient never
 * vanishes wholly for what is scored far too low. */
START_TEST(saturates)
{
    static const float far[] = {30, 30.0001f, 100, 3.4e38f, INFINITY};
    for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
        ck_assert(sigmoid(far[i]) == 1.0f);
        ck_assert(sigmoid(-far[i]) == sigmoid(-30.0f));
    }
    ck_assert(sigmoid(-30.0f) > 9e-14f && sigmoid(-30.0f) < 1e-13f);
    ck_assert(sigmoid(NAN) == 1.0f && sigmoid(-NAN) == 1.0f);
}
END_TEST

/* With every compiler and at every level. */
START_TEST(recorded)
{
    uint64_t h = 0;
    for (int k = -STEPS; k <= STEPS; k += 11) {
        float y = sigmoid((float)k * (SIGMOID_FAR / STEPS));
        uint32_t bits;
        memcpy(&bits, &y, sizeof bits);
        h = random_mix(h ^ bits);
    }
    ck_assert_msg(h == 0x8d7d6e9e2a4a9659u, "0x%llx", (unsigned long long)h);
}
END_TEST

/* ---- of many at once ----------------------------------------------------- */

static void by_four(float *x)
{
    lanes_sigmoid4((lanes_vec4 *)x);
    lanes_sigmoid4((lanes_vec4 *)(x + 4));
}

#ifdef __x86_64__
__attribute__((target("avx2"))) static void by_eight(float *x)
{
    lanes_sigmoid8((lanes_vec8 *)x);
}
#else
#define by_eight by_four
#endif

static void same_bits(const float *x, void (*of_eight)(float *))
{
    float y[8] __attribute__((aligned(32)));
    memcpy(y, x, sizeof y);
    of_eight(y);
    for (int i = 0; i < 8; i++) {
        float want = sigmoid(x[i]);
        ck_assert_msg(memcmp(&want, &y[i], sizeof want) == 0, "of %a: %a, %a",
                      (double)x[i], (double)y[i], (double)want);
    }
}

static void same_of_all_widths(const float *x)
{
    same_bits(x, by_four);
    if (simd_best() == SIMD_32)
        same_bits(x, by_eight);
}

START_TEST(lanes)
{
    static const float odd[8] = {30, -30.0001f, 3.4e38f, -INFINITY, NAN, -NAN,
                                 -0.0f, 1e-40f};
    same_of_all_widths(odd);
    for (int k = -STEPS - 80; k <= STEPS + 80; k += 8) {
        float x[8];
        for (int i = 0; i < 8; i++)
            x[i] = (float)(k + i) * (SIGMOID_FAR / STEPS);
        same_of_all_widths(x);
    }
}
END_TEST

MODEL_TEST_MAIN("sigmoid", as_libm_says, symmetric, rises, saturates, recorded,
                lanes)
