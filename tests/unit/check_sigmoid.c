/* check_sigmoid.c -- our own 1 / (1 + e^-x) against libm. */
#include "model_test.h"

#include <math.h>

#include "model/learn/sigmoid.h"

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

MODEL_TEST_MAIN("sigmoid", as_libm_says, symmetric, rises, saturates, recorded)
