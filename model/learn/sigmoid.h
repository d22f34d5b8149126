/* sigmoid.h -- 1 / (1 + e^-x) with the same bits on every machine.
 *
 * 2^r for |r| <= 1/2 by its Taylor series in binary32 (error below 2e-7), 2^n by
 * its bits; beyond |x| = 30 what it is there.  Any thread, pure.
 */
#ifndef FRESHET_MODEL_LEARN_SIGMOID_H
#define FRESHET_MODEL_LEARN_SIGMOID_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#define SIGMOID_FAR    30.0f
#define SIGMOID_LOG2_E 1.44269504f
#define SIGMOID_LN_2   0.693147181f

/* e^r; of floats, or of vectors of them (sigmoid_lanes.h).  r2: r * r. */
#define SIGMOID_SERIES(r, r2)                                                  \
    ((1.0f + (r)) + (r2) * (0.5f + (r) * 0.166666667f) +                       \
     (r2) * (r2) * ((0.0416666667f + (r) * 0.00833333333f) +                   \
                    (r2) * 0.00138888889f))

/* e^-x for |x| <= SIGMOID_FAR. */
static inline float sigmoid_exp_neg(float x)
{
    float y = -x * SIGMOID_LOG2_E;
    int n = (int)(y + copysignf(0.5f, y)); // no branch: y is as it comes
    float r = (y - (float)n) * SIGMOID_LN_2, r2 = r * r;
    uint32_t bits = (uint32_t)(n + 127) << 23;
    float two;
    memcpy(&two, &bits, sizeof two);
    return SIGMOID_SERIES(r, r2) * two;
}

static inline float sigmoid(float x)
{
    if (!(x < SIGMOID_FAR)) // also when it is not a number
        x = SIGMOID_FAR;
    if (x < -SIGMOID_FAR)
        x = -SIGMOID_FAR;
    return 1.0f / (1.0f + sigmoid_exp_neg(x));
}

#endif
