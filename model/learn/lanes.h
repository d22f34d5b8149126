/* lanes.h -- what a kernel that is compiled once per width of registers is made
 * of.
 *
 * A file that has such a kernel includes its template (rating_kernel.h,
 * rank_kernel.h) once with LANES 4, and on x86-64 once more with LANES 8 and
 * LANES_TARGET an attribute for the compiler.  In a template
 *
 *   LANES_VEC      a vector of LANES floats, LANES_BITS one of as many words,
 *                  LANES_INTS of integers
 *   LANES_PAIR     a struct of the template's own
 *   LANES_NAME(x)  x4 or x8: its functions, static and always inline but for
 *                  those that carry LANES_TARGET
 *
 * Both ways give the same bits: what is done per element is the same, and sums
 * have the eight lanes of rank/dot.h, in two registers or one.
 *
 * DESIGN  Steps are all or nothing (step.h), and computing new rows aside, to
 * look at them and then store them, took as long as all the arithmetic.  Here
 * the old rows are looked at while they are read: where every element is below 2
 * (one bit tells) and every rate, bias and error below LANES_RATE, no step can
 * give anything that is not finite, so results are stored at once.  (Those of the
 * ranking head need to know this of the user's vector alone: rank_step.c.)  What is
 * not small, which is seldom, goes the careful way, with the same bits.
 */
#ifndef FRESHET_MODEL_LEARN_LANES_H
#define FRESHET_MODEL_LEARN_LANES_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

typedef float lanes_vec4 __attribute__((vector_size(16), may_alias));
typedef float lanes_vec8 __attribute__((vector_size(32), may_alias));
typedef uint32_t lanes_bits4 __attribute__((vector_size(16), may_alias));
typedef uint32_t lanes_bits8 __attribute__((vector_size(32), may_alias));
typedef int32_t lanes_ints4 __attribute__((vector_size(16)));
typedef int32_t lanes_ints8 __attribute__((vector_size(32)));

#define LANES_PASTE_TWO(x, n) x##n
#define LANES_PASTE(x, n)     LANES_PASTE_TWO(x, n)
#define LANES_NAME(x)         LANES_PASTE(x, LANES)
#define LANES_VEC             LANES_NAME(lanes_vec)
#define LANES_BITS            LANES_NAME(lanes_bits)
#define LANES_INTS            LANES_NAME(lanes_ints)
#define LANES_PAIR            LANES_NAME(pair)

/* Before a loop over a row's vectors, whose number is known where it counts. */
#define LANES_UNROLL _Pragma("GCC unroll 8")
#define LANES_INLINE static inline __attribute__((always_inline))

/* The highest bit of the exponent: 2 and above have it, and what is no number. */
#define LANES_LARGE 0x40000000u
#define LANES_RATE  1e6f

/* No number is not below it. */
LANES_INLINE bool lanes_is_rate(float x)
{
    return fabsf(x) < LANES_RATE;
}

/* Every one of the words that were or-ed together is a small number. */
LANES_INLINE bool lanes_small4(const lanes_bits4 *x)
{
    typedef uint64_t pair __attribute__((vector_size(16)));
    pair p = (pair)*x;
    return !((p[0] | p[1]) & ((uint64_t)LANES_LARGE << 32 | LANES_LARGE));
}

LANES_INLINE bool lanes_small8(const lanes_bits8 *x)
{
    lanes_bits4 both = __builtin_shufflevector(*x, *x, 0, 1, 2, 3) |
                       __builtin_shufflevector(*x, *x, 4, 5, 6, 7);
    return lanes_small4(&both);
}

/* The eight partial sums, added as dot_rows() does: l0+l4 .. l3+l7 first. */
LANES_INLINE float lanes_sum4(const lanes_vec4 *s)
{
    lanes_vec4 x = s[0] + s[1];
    return (x[0] + x[2]) + (x[1] + x[3]);
}

LANES_INLINE float lanes_sum8(const lanes_vec8 *s)
{
    lanes_vec4 halves[2] = {__builtin_shufflevector(*s, *s, 0, 1, 2, 3),
                            __builtin_shufflevector(*s, *s, 4, 5, 6, 7)};
    return lanes_sum4(halves);
}

/* dot_rows() of two rows of n vectors; both are in registers by then. */
LANES_INLINE float lanes_dot4(const lanes_vec4 *a, const lanes_vec4 *b,
                              uint32_t n)
{
    lanes_vec4 s[2] = {a[0] * b[0], a[1] * b[1]};
LANES_UNROLL
    for (uint32_t j = 2; j < n; j += 2) {
        s[0] += a[j] * b[j];
        s[1] += a[j + 1] * b[j + 1];
    }
    return lanes_sum4(s);
}

LANES_INLINE float lanes_dot8(const lanes_vec8 *a, const lanes_vec8 *b,
                              uint32_t n)
{
    lanes_vec8 s = a[0] * b[0];
LANES_UNROLL
    for (uint32_t j = 1; j < n; j++)
        s += a[j] * b[j];
    return lanes_sum8(&s);
}

#endif
