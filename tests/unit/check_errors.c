/* check_errors.c -- codes, statuses, and messages that are fit to be shown. */
#include "proto_test.h"

#include "proto/error_body.h"
#include "proto/errors.h"
#include "proto/utf8.h"

START_TEST(every_code_has_a_name_a_status_and_a_text)
{
    for (int a = FAIL_NONE + 1; a < FAIL_CODES; a++) {
        int status = fail_status((enum fail_code)a);
        ck_assert_msg(status >= 400 && status < 600, "%d", status);
        ck_assert_uint_gt(strlen(fail_text((enum fail_code)a)), 10);
        for (int b = a + 1; b < FAIL_CODES; b++)
            ck_assert_str_ne(fail_name((enum fail_code)a),
                             fail_name((enum fail_code)b));
    }
    ck_assert_str_eq(fail_name(FAIL_invalid_rating), "invalid_rating");
    ck_assert_int_eq(fail_status(FAIL_body_too_large), 413);
}
END_TEST

START_TEST(set_fills_all_and_says_false)
{
    struct fail f;
    memset(&f, 0x55, sizeof f);
    ck_assert(!fail_set(&f, FAIL_stale, NULL));
    ck_assert_int_eq(f.code, FAIL_stale);
    ck_assert_int_eq(f.index, -1);
    ck_assert_str_eq(f.message, fail_text(FAIL_stale));
    ck_assert(!fail_set(&f, FAIL_invalid_n, "n is %d of %s", 7, "x"));
    ck_assert_str_eq(f.message, "n is 7 of x");
}
END_TEST

static const struct {
    const char *text, *shown;
} printable[] = {
    {"plain", "plain"},
    {"", ""},
    {"two\nlines\r\t", "two\\x0alines\\x0d\\x09"},
    {"\x1b[31mred\x7f", "\\x1b[31mred\\x7f"},
    {"caf\xc3\xa9 \xf0\x9f\x8e\xac", "caf\xc3\xa9 \xf0\x9f\x8e\xac"},
    {"latin caf\xe9!", "latin caf\\xe9!"},
    {"cut \xf0\x9f\x8e", "cut \\xf0\\x9f\\x8e"},
    {"\xed\xa0\x80", "\\xed\\xa0\\x80"},             // a surrogate
    {"\xc0\x80", "\\xc0\\x80"},                      // overlong
    {"\xc2\x85", "\\xc2\\x85"},                      // C1: next line
    {"a\xe2\x80\xa8" "b", "a\\xe2\\x80\\xa8" "b"},   // line separator
    {"\xe2\x80\xae" "abc", "\\xe2\\x80\\xae" "abc"}, // right-to-left override
};

START_TEST(messages_are_one_printable_line)
{
    struct fail f;
    for (size_t i = 0; i < sizeof printable / sizeof *printable; i++) {
        fail_set(&f, FAIL_invalid_json, "%s", printable[i].text);
        ck_assert_str_eq(f.message, printable[i].shown);
    }
}
END_TEST

START_TEST(long_messages_are_cut_between_characters)
{
    struct fail f;
    uint32_t cp;
    char text[2000];
    for (size_t shift = 0; shift < 4; shift++) {
        memset(text, 'a', shift);
        for (size_t i = shift; i + 4 < sizeof text; i += 4)
            memcpy(text + i, "\xf0\x9f\x8e\xac", 5);
        fail_set(&f, FAIL_invalid_json, "%s", text);
        size_t n = strlen(f.message);
        ck_assert_uint_lt(n, sizeof f.message);
        ck_assert_uint_gt(n, sizeof f.message - 8);
        ck_assert_str_eq(f.message + n - 3, "...");
        for (size_t i = 0; i < n;) {
            size_t bytes = utf8_decode(f.message + i, n - i, &cp);
            ck_assert_uint_gt(bytes, 0);
            i += bytes;
        }
    }
}
END_TEST

START_TEST(printable_fits_any_room)
{
    char out[64];
    const char *text = "ab\xc3\xa9\x01" "cd\xf0\x9f\x8e\xac\xff" "efgh";
    for (size_t room = 8; room <= sizeof out; room++) {
        memset(out, 'Z', sizeof out);
        utf8_printable(out, room, text, strlen(text));
        ck_assert_uint_lt(strlen(out), room);
        if (room < sizeof out)
            ck_assert_int_eq(out[room], 'Z');
    }
    ck_assert_str_eq(out, "ab\xc3\xa9\\x01" "cd\xf0\x9f\x8e\xac\\xff" "efgh");
    utf8_printable(out, 8, "abcdefg", 7);
    ck_assert_str_eq(out, "abcdefg");
    utf8_printable(out, 8, "abcdefgh", 8);
    ck_assert_str_eq(out, "abcd...");
}
END_TEST

START_TEST(body_is_json)
{
    struct buf b = {0};
    struct fail f;
    fail_set(&f, FAIL_unknown_field, "the field \"%s\"", "a\\b");
    error_body_write(&b, &f);
    buf_putc(&b, '\0');
    ck_assert_str_eq(b.p, "{\"error\":{\"code\":\"unknown_field\",\"message\":"
                          "\"the field \\\"a\\\\b\\\"\"}}");
    buf_clear(&b);
    f.index = 499;
    error_body_write(&b, &f);
    buf_putc(&b, '\0');
    ck_assert_ptr_nonnull(strstr(b.p, "\",\"index\":499}}"));
    buf_release(&b);
}
END_TEST

PROTO_TEST_MAIN("errors", every_code_has_a_name_a_status_and_a_text,
                set_fills_all_and_says_false, messages_are_one_printable_line,
                long_messages_are_cut_between_characters,
                printable_fits_any_room, body_is_json)
