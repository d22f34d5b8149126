/* sigmoid_lanes.h -- sigmoid() of many at once, with the same bits: a template of
 * lanes.h (rank_kernel.h).  Any thread, pure.
 */

/* Every lane of x becomes its sigmoid(). */
LANES_INLINE void LANES_NAME(lanes_sigmoid)(LANES_VEC *to)
{
    const LANES_VEC far = (LANES_VEC){0} + SIGMOID_FAR;
    const LANES_VEC half = (LANES_VEC){0} + 0.5f;
    LANES_BITS less = (LANES_BITS)(*to < far); // nor is what is no number
    LANES_VEC x = (LANES_VEC)((less & (LANES_BITS)*to) |
                              (~less & (LANES_BITS)far));
    less = (LANES_BITS)(x < -far);
    x = (LANES_VEC)((less & (LANES_BITS)-far) | (~less & (LANES_BITS)x));
    LANES_VEC y = -x * SIGMOID_LOG2_E;
    LANES_BITS sign = (LANES_BITS)y & 0x80000000u;
    LANES_INTS n = __builtin_convertvector(
        y + (LANES_VEC)(sign | (LANES_BITS)half), LANES_INTS);
    LANES_VEC r = (y - __builtin_convertvector(n, LANES_VEC)) * SIGMOID_LN_2;
    LANES_VEC r2 = r * r;
    LANES_VEC two = (LANES_VEC)((LANES_BITS)(n + 127) << 23);
    *to = 1.0f / (1.0f + SIGMOID_SERIES(r, r2) * two);
}
