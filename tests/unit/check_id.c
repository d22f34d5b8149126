/* check_id.c -- what is an id, and its way through a path. */
#include "proto_test.h"

#include <jansson.h>

#include "proto/id.h"

static const struct {
    const char *s;
    bool valid;
} ids[] = {
    {"u123", true},        {"", false},
    {" ", true},           {"a b", true},
    {"/", true},           {"..", true},
    {"?x=1#f", true},      {"%zz", true},
    {"a\nb", false},       {"\t", false},
    {"\x1f", false},       {"~", true},
    {"\x7f", false},       {"caf\xc3\xa9", true},
    {"\xc2\x80", false},   {"\xc2\x9f", false},
    {"\xc2\xa0", true},    {"\xf0\x9f\x8e\xac", true},
    {"\xe9", false},       {"a\xc3", false},
    {"\xc3(", false},      {"\x80", false},
    {"\xc0\xaf", false},   {"\xc1\xbf", false},
    {"\xe0\x9f\xbf", false}, {"\xe0\xa0\x80", true},
    {"\xed\x9f\xbf", true},  {"\xed\xa0\x80", false},
    {"\xed\xbf\xbf", false}, {"\xee\x80\x80", true},
    {"\xf0\x8f\xbf\xbf", false}, {"\xf0\x90\x80\x80", true},
    {"\xf4\x8f\xbf\xbf", true},  {"\xf4\x90\x80\x80", false},
    {"\xf5\x80\x80\x80", false}, {"\xff", false},
    {"\xef\xbf\xbf", true},      {"\xf0\x9f\x8e", false},
};

START_TEST(validity)
{
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        ck_assert_msg(id_valid(ids[i].s, strlen(ids[i].s)) == ids[i].valid,
                      "case %zu", i);
    ck_assert(!id_valid("a\0b", 3));
}
END_TEST

START_TEST(length)
{
    char s[300];
    memset(s, 'x', sizeof s);
    ck_assert(id_valid(s, 1));
    ck_assert(id_valid(s, 255));
    ck_assert(id_valid(s, 256));
    ck_assert(!id_valid(s, 257));
    memcpy(s + 254, "\xc3\xa9", 2);
    ck_assert(id_valid(s, 256));
    ck_assert(!id_valid(s, 255)); // its last character is cut
}
END_TEST

static const struct {
    const char *in, *out;   /* NULL: refused */
} paths[] = {
    {"plain", "plain"},     {"a%2Fb", "a/b"},
    {"a%2fb", "a/b"},       {"a+b", "a+b"},
    {"%25", "%"},           {"%41%42", "AB"},
    {"%E2%82%AC", "\xe2\x82\xac"}, {"%", NULL},
    {"%4", NULL},           {"abc%4", NULL},
    {"%zz", NULL},          {"%4g", NULL},
    {"%%41", NULL},         {"%-1", NULL},
    {"", ""},
};

START_TEST(decoding)
{
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        char out[64];
        size_t n = 999;
        bool ok = id_decode_path(paths[i].in, strlen(paths[i].in), out, &n);
        ck_assert_msg(ok == (paths[i].out != NULL), "case %zu", i);
        if (ok)
            ck_assert_msg(n == strlen(paths[i].out) &&
                          memcmp(out, paths[i].out, n) == 0, "case %zu", i);
    }
}
END_TEST

static void round_trip(const char *s, size_t n)
{
    char *path = malloc(3 * n + 1), *back = malloc(3 * n + 1);
    size_t len = 0;
    ck_assert(path && back);
    id_encode_path(s, n, path);
    for (const char *p = path; *p; p++)
        ck_assert_msg(strchr("/?# \"<>\\^`{|}\x7f", *p) == NULL &&
                      (unsigned char)*p > 0x20 && (unsigned char)*p < 0x7f,
                      "%s", path);
    ck_assert_str_ne(path, ".");
    ck_assert_str_ne(path, "..");
    ck_assert(id_decode_path(path, strlen(path), back, &len));
    ck_assert_uint_eq(len, n);
    ck_assert_int_eq(memcmp(back, s, n), 0);
    free(path);
    free(back);
}

START_TEST(encoding_round_trip)
{
    char all[256];
    for (int i = 0; i < 256; i++)
        all[i] = (char)i;
    round_trip(all, sizeof all);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        round_trip(ids[i].s, strlen(ids[i].s));
    char out[8];
    id_encode_path("..", 2, out);
    ck_assert_str_eq(out, "%2E%2E");
}
END_TEST

START_TEST(naughty_strings_round_trip)
{
    const char *path = proto_test_data("naughty-strings/blns.json");
    if (!path)
        return;
    json_t *list = json_load_file(path, 0, NULL);
    ck_assert(json_is_array(list) && json_array_size(list) > 500);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        round_trip(json_string_value(v), json_string_length(v));
    }
    json_decref(list);
}
END_TEST

PROTO_TEST_MAIN("id", validity, length, decoding, encoding_round_trip,
                naughty_strings_round_trip)
