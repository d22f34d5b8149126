/* check_buf.c -- growth, and numbers that read back as they were. */
#include "proto_test.h"

#include <float.h>
#include <math.h>

#include "proto/buf.h"

static const char *text(struct buf *b)
{
    buf_putc(b, '\0');
    ck_assert(!b->failed);
    return b->p;
}

START_TEST(grows_and_keeps_what_it_has)
{
    struct buf b = {0};
    for (int i = 0; i < 10000; i++)
        buf_put(&b, "0123456789", 10);
    ck_assert_uint_eq(b.len, 100000);
    for (size_t i = 0; i < b.len; i++)
        ck_assert_int_eq(b.p[i], (int)('0' + i % 10));
    size_t cap = b.cap;
    buf_clear(&b);
    ck_assert_uint_eq(b.len, 0);
    ck_assert_uint_eq(b.cap, cap);
    buf_put(&b, NULL, 0);
    ck_assert_uint_eq(b.len, 0);
    buf_release(&b);
    ck_assert_ptr_null(b.p);
    ck_assert_uint_eq(b.cap, 0);
}
END_TEST

START_TEST(a_failed_growth_is_remembered)
{
    struct buf b = {0};
    buf_puts(&b, "kept");
    ck_assert(!buf_reserve(&b, SIZE_MAX - 2));
    ck_assert(b.failed);
    buf_puts(&b, "lost");
    buf_putc(&b, 'x');
    buf_printf(&b, "%d", 1);
    ck_assert(!buf_reserve(&b, 1));
    ck_assert_uint_eq(b.len, 4);
    buf_clear(&b);
    buf_puts(&b, "again");
    ck_assert_str_eq(text(&b), "again");
    buf_release(&b);
}
END_TEST

START_TEST(printf_of_any_length)
{
    struct buf b = {0};
    char long_text[5000];
    for (int n = 0; n < 4990; n = n * 3 / 2 + 1) {
        memset(long_text, 'x', sizeof long_text);
        long_text[n] = '\0';
        buf_clear(&b);
        buf_printf(&b, "<%s>%d", long_text, 42);
        const char *out = text(&b);
        ck_assert_uint_eq(strlen(out), (size_t)n + 4);
        ck_assert_int_eq(out[0], '<');
        ck_assert_str_eq(out + n + 1, ">42");
    }
    buf_release(&b);
}
END_TEST

START_TEST(integers)
{
    struct buf b = {0};
    buf_uint(&b, 0);
    buf_putc(&b, ' ');
    buf_uint(&b, UINT64_MAX);
    buf_putc(&b, ' ');
    buf_int(&b, INT64_MIN);
    buf_putc(&b, ' ');
    buf_int(&b, INT64_MAX);
    buf_putc(&b, ' ');
    buf_int(&b, -1);
    ck_assert_str_eq(text(&b), "0 18446744073709551615 -9223372036854775808 "
                               "9223372036854775807 -1");
    buf_release(&b);
}
END_TEST

static const struct {
    float v;
    const char *text;
} floats[] = {
    {0.0f, "0"},          {-0.0f, "-0"},
    {1.0f, "1"},          {4.0f, "4"},
    {3.5f, "3.5"},        {0.1f, "0.1"},
    {-2.25f, "-2.25"},    {3.5278842f, "3.5278842"},
    {0.0001f, "0.0001"},  {999999999.0f, "1e+09"},
    {16777216.0f, "16777216"},  {16777217.0f, "16777216"},
    {0.3f, "0.3"},        {1.0f / 3, "0.33333334"},
    {2.0f / 3, "0.6666667"},    {123456.789f, "123456.79"},
    {FLT_MAX, "3.4028235e+38"}, {FLT_MIN, "1.1754944e-38"},
    {FLT_TRUE_MIN, "1e-45"},    {1e20f, "1e+20"},
    {NAN, "null"},        {INFINITY, "null"},
    {-INFINITY, "null"},  {4.9999995f, "4.9999995"},
};

START_TEST(floats_are_short)
{
    struct buf b = {0};
    for (size_t i = 0; i < sizeof floats / sizeof *floats; i++) {
        buf_clear(&b);
        buf_float(&b, floats[i].v);
        ck_assert_str_eq(text(&b), floats[i].text);
    }
    buf_release(&b);
}
END_TEST

/* Digits that count: from the first that is not 0 to the last that is not. */
static int significant(const char *s)
{
    int n = 0, zeros = 0;
    for (; *s && *s != 'e'; s++) {
        if (*s == '0' && n == 0)
            continue;
        if (*s < '0' || *s > '9')
            continue;
        n++;
        zeros = *s == '0' ? zeros + 1 : 0;
    }
    return n - zeros;
}

static void check_float(struct buf *b, float v)
{
    char reference[320];
    int digits = 1;
    buf_clear(b);
    buf_float(b, v);
    const char *out = text(b);
    float back = strtof(out, NULL);
    ck_assert_msg(memcmp(&back, &v, sizeof v) == 0, "%s for %.9g", out,
                  (double)v);
    do
        snprintf(reference, sizeof reference, "%.*g", digits++, (double)v);
    while (strtof(reference, NULL) != v);
    /* Whole numbers are written whole. */
    if (strchr(out, '.') || strchr(out, 'e'))
        ck_assert_msg(significant(out) <= significant(reference),
                      "%s, not %s", out, reference);
}

START_TEST(floats_read_back)
{
    struct buf b = {0};
    uint64_t state = 20;
    for (int i = 0; i < 40000; i++) {
        uint32_t bits = (uint32_t)proto_test_random(&state);
        float v;
        memcpy(&v, &bits, sizeof v);
        if (isfinite(v))
            check_float(&b, v);
        v = 1 + 4 * (float)(bits >> 8) * 0x1p-24f; // a rating
        check_float(&b, v);
        bits = 0x38d00000u + bits % (0x4e700000u - 0x38d00000u); // 1e-4..1e9
        memcpy(&v, &bits, sizeof v);
        check_float(&b, v);
        check_float(&b, -v);
    }
    buf_release(&b);
}
END_TEST

START_TEST(floats_around_powers_read_back)
{
    struct buf b = {0};
    for (int e = -149; e < 128; e++) {
        float v = ldexpf(1, e);
        check_float(&b, v);
        check_float(&b, nextafterf(v, 0));
        if (e < 127)
            check_float(&b, nextafterf(v, INFINITY));
    }
    for (int e = -44; e < 39; e++) {
        float v = strtof((char[]){'1', 'e', e < 0 ? '-' : '+',
                                  (char)('0' + abs(e) / 10),
                                  (char)('0' + abs(e) % 10), 0}, NULL);
        check_float(&b, v);
        check_float(&b, nextafterf(v, 0));
        check_float(&b, nextafterf(v, INFINITY));
    }
    buf_release(&b);
}
END_TEST

static const struct {
    double v;
    int digits;
    const char *text;
} doubles[] = {
    {0.1, 17, "0.1"},     {1.0 / 3, 6, "0.333333"},
    {1e300, 17, "1e+300"}, {0.30000000000000004, 17, "0.30000000000000004"},
    {5e-324, 17, "4.94065645841247e-324"}, {-2.5, 3, "-2.5"},
    {1234567, 3, "1.23e+06"}, {NAN, 6, "null"},
    {-INFINITY, 6, "null"},   {9007199254740993.0, 17, "9007199254740992"},
    {2.0, 99, "2"},
};

START_TEST(doubles_are_rounded)
{
    struct buf b = {0};
    for (size_t i = 0; i < sizeof doubles / sizeof *doubles; i++) {
        buf_clear(&b);
        buf_double(&b, doubles[i].v, doubles[i].digits);
        ck_assert_str_eq(text(&b), doubles[i].text);
    }
    buf_release(&b);
}
END_TEST

START_TEST(strings_are_escaped)
{
    struct buf b = {0};
    static const char in[] = "a\"b\\c\n\t\r\b\f\x01\x1f/\x7f\xc3\xa9\0z";
    buf_json_string(&b, in, sizeof in - 1);
    ck_assert_str_eq(text(&b), "\"a\\\"b\\\\c\\n\\t\\r\\b\\f\\u0001\\u001f/"
                               "\x7f\xc3\xa9\\u0000z\"");
    buf_clear(&b);
    buf_json_string(&b, "", 0);
    ck_assert_str_eq(text(&b), "\"\"");
    buf_release(&b);
}
END_TEST

PROTO_TEST_MAIN("buf", grows_and_keeps_what_it_has,
                a_failed_growth_is_remembered, printf_of_any_length, integers,
                floats_are_short, floats_read_back,
                floats_around_powers_read_back, doubles_are_rounded,
                strings_are_escaped)
