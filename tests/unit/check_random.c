/* check_random.c -- the numbers are those of the published algorithms, and well
 * spread.  All that the fold draws hangs on them, so they are recorded. */
#include "model_test.h"

/* The first numbers of SplitMix64 with seed 1234567, as its authors' C code and
 * the tables of others (Rosetta Code) give them. */
START_TEST(mix_is_splitmix64)
{
    static const uint64_t want[] = {6457827717110365317u, 3203168211198807973u,
                                    9817491932198370423u, 4593380528125082431u,
                                    16408922859458223821u};
    for (uint64_t i = 0; i < sizeof want / sizeof *want; i++)
        ck_assert_uint_eq(random_mix(1234567 + 0x9e3779b97f4a7c15u * (i + 1)),
                          want[i]);
}
END_TEST

/* By an independent Python version of random.h's formula. */
START_TEST(recorded)
{
    static const struct {
        uint64_t seed, key, i, want;
        enum random_kind kind;
    } t[] = {
        {0, 0, 0, 0x568a9b0b1a2c05ecu, RANDOM_INIT_USER},
        {1, 0, 0, 0x6ec85f1f8547bc0cu, RANDOM_INIT_USER},
        {1, 0, 0, 0x44f2ea5b23ec746eu, RANDOM_INIT_ITEM},
        {1, 1, 0, 0xbd17853175c4f325u, RANDOM_INIT_USER},
        {1, 0, 1, 0x6cf63afcc21a470au, RANDOM_INIT_USER},
        {42, UINT64_MAX, 7, 0x40c648978625f312u, RANDOM_REPLAY},
    };
    for (size_t k = 0; k < sizeof t / sizeof *t; k++)
        ck_assert_uint_eq(random_u64(t[k].seed, t[k].kind, t[k].key, t[k].i),
                          t[k].want);
}
END_TEST

/* FNV-1a of "" is cbf29ce484222325, of "a" af63dc4c8601ec8c (its authors). */
START_TEST(id_is_fnv)
{
    ck_assert_uint_eq(random_id("", 0), random_mix(0xcbf29ce484222325u));
    ck_assert_uint_eq(random_id("a", 1), random_mix(0xaf63dc4c8601ec8cu + 1));
    ck_assert_uint_eq(random_id("foobar", 6),
                      random_mix(0x85944171f73967e8u + 6));
    ck_assert_uint_eq(random_id("foobar", 6), 0x1eec74932b43250au);
    ck_assert_uint_ne(random_id("a\0", 2), random_id("a", 1));
    // Bytes above 0x7f are not negative.
    uint64_t h = (0xcbf29ce484222325u ^ 0xffu) * 0x100000001b3u;
    ck_assert_uint_eq(random_id("\xff", 1), random_mix(h + 1));
}
END_TEST

START_TEST(below_is_below)
{
    static const uint32_t n[] = {1, 2, 3, 7, 1000, 1u << 31, UINT32_MAX};
    for (size_t k = 0; k < sizeof n / sizeof *n; k++) {
        ck_assert_uint_eq(random_below(0, n[k]), 0);
        ck_assert_uint_eq(random_below(UINT64_MAX, n[k]), n[k] - 1);
        for (uint64_t i = 0; i < 1000; i++)
            ck_assert_uint_lt(test_below(k, i, n[k]), n[k]);
    }
}
END_TEST

/* Each argument alone moves the result everywhere: a hundred cells, 100,000
 * draws; chi-square with 99 degrees of freedom is above 150 once in 1,500. */
START_TEST(every_argument_spreads)
{
    for (int which = 0; which < 3; which++) {
        uint32_t cell[100] = {0};
        for (uint64_t i = 0; i < 100000; i++) {
            uint64_t r = random_u64(which == 0 ? i : 5, RANDOM_REPLAY,
                                    which == 1 ? i : 6, which == 2 ? i : 7);
            cell[random_below(r, 100)]++;
        }
        double chi = 0;
        for (int c = 0; c < 100; c++)
            chi += (cell[c] - 1000.0) * (cell[c] - 1000.0) / 1000.0;
        ck_assert_msg(chi < 150 && chi > 60, "argument %d: %g", which, chi);
    }
}
END_TEST

/* One flipped bit of the key flips half of the result's. */
START_TEST(avalanche)
{
    for (int bit = 0; bit < 64; bit++) {
        int flipped = 0;
        for (uint64_t k = 0; k < 1000; k++)
            flipped += __builtin_popcountll(
                random_u64(1, RANDOM_INIT_USER, k, 0) ^
                random_u64(1, RANDOM_INIT_USER, k ^ (uint64_t)1 << bit, 0));
        ck_assert_int_gt(flipped, 31500);
        ck_assert_int_lt(flipped, 32500);
    }
}
END_TEST

MODEL_TEST_MAIN("random", mix_is_splitmix64, recorded, id_is_fnv,
                below_is_below, every_argument_spreads, avalanche)
