/* check_model.c -- the object around the fold: settings, the floating-point
 * environment, memory. */
#include "model_test.h"

#include <fenv.h>
#include <math.h>

static struct model *model_of(const struct settings *s)
{
    struct model *m;
    ck_assert_int_eq(model_new(s, 1, &m), ERR_OK);
    return m;
}

START_TEST(settings_outside_their_range)
{
    struct model *m;
#define REFUSED(field, value)                                                  \
    do {                                                                       \
        struct settings s = test_settings();                                   \
        s.field = value;                                                       \
        ck_assert_int_eq(model_new(&s, 1, &m), ERR_RANGE);                     \
    } while (0)
    REFUSED(dim, 0);
    REFUSED(dim, 12);
    REFUSED(dim, 520);
    REFUSED(max_users, 0);
    REFUSED(max_items, 0);
    REFUSED(rating_max, 1);
    REFUSED(rating_min, NAN);
    REFUSED(factor_half, 0);
    REFUSED(bias_count, 0);
    REFUSED(replay, 257);
    REFUSED(history, 0);
    REFUSED(half_life_days, 0);
    struct settings off = test_settings();
    off.replay = off.history = 0; // no replay needs no history
    ck_assert_int_eq(model_new(&off, 1, &m), ERR_OK);
    model_free(m);
}
END_TEST

static uint64_t hash_with_rounding(int mode)
{
    struct settings s = test_settings();
    struct model *m = model_of(&s);
    fesetround(mode);
    for (uint32_t k = 0; k < 200; k++) {
        char name[2][16];
        struct event e = test_stream(k, 20, 20, name);
        test_fold(m, &e, k + 1);
    }
    uint64_t hash = model_hash(m);
    fesetround(FE_TONEAREST);
    model_free(m);
    return hash;
}

START_TEST(environment_is_the_default_one)
{
    ck_assert_uint_eq(hash_with_rounding(FE_UPWARD),
                      hash_with_rounding(FE_TONEAREST));
#ifdef __SSE__
    __builtin_ia32_ldmxcsr(0x1f80 | 0x8040); // flush denormals to zero
    struct settings s = test_settings();
    struct model *m = model_of(&s);
    model_begin(m);
    ck_assert_uint_eq(__builtin_ia32_stmxcsr() & 0xffc0, 0x1f80);
    model_publish(m);
    model_free(m);
#endif
}
END_TEST

START_TEST(memory_is_reported)
{
    struct settings s = test_settings();
    s.max_users = s.max_items = 10000000;
    struct model *m = model_of(&s);
    size_t before = model_bytes(m);
    ck_assert_uint_lt(before, 1000000); // reserved is not used
    for (uint32_t k = 0; k < 5000; k++) {
        char name[2][16];
        struct event e = test_stream(k, 900, 900, name);
        test_fold(m, &e, k + 1);
    }
    // two copies of 1800 rows of 16 floats, the history, the seen lists
    ck_assert_uint_gt(model_bytes(m) - before,
                      2 * 1800 * 64 + 3000 * 24 + 5000 * 4);
    model_free(m);
}
END_TEST

MODEL_TEST_MAIN("model", settings_outside_their_range,
                environment_is_the_default_one, memory_is_reported)
