/* check_crc.c -- CRC32C against published values. */
#include "asserts.h"
#include <string.h>

#include "model/store/crc.h"
#include "tests/unit/suite_run.h"

/* RFC 3720, B.4, and the check value of the catalogue of CRCs. */
START_TEST(published_values)
{
    unsigned char b[32];
    memset(b, 0, sizeof b);
    ck_assert_uint_eq(crc32c(0, b, 32), 0x8a9136aa);
    memset(b, 0xff, sizeof b);
    ck_assert_uint_eq(crc32c(0, b, 32), 0x62a8ab43);
    for (int i = 0; i < 32; i++)
        b[i] = (unsigned char)i;
    ck_assert_uint_eq(crc32c(0, b, 32), 0x46dd794e);
    ck_assert_uint_eq(crc32c(0, "123456789", 9), 0xe3069283);
}
END_TEST

START_TEST(joins_pieces)
{
    const char *s = "the quick brown fox";
    size_t n = strlen(s);
    for (size_t i = 0; i <= n; i++)
        ck_assert_uint_eq(crc32c(crc32c(0, s, i), s + i, n - i),
                          crc32c(0, s, n));
    ck_assert_uint_eq(crc32c(0, s, 0), 0);
}
END_TEST

START_TEST(joins_crcs)
{
    static unsigned char b[70000];
    for (size_t i = 0; i < sizeof b; i++)
        b[i] = (unsigned char)(i * i >> 3);
    const size_t at[] = {0, 1, 7, 8, 4096, 65536, 69999, sizeof b};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++)
        ck_assert_uint_eq(crc32c_join(crc32c(0, b, at[i]),
                                      crc32c(0, b + at[i], sizeof b - at[i]),
                                      sizeof b - at[i]),
                          crc32c(0, b, sizeof b));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {published_values, joins_pieces, joins_crcs};
    return suite_run("crc", tests, sizeof tests / sizeof *tests);
}
