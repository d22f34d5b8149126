/* check_json_gate.c -- each limit at its edge, and what must not count. */
#include "proto_test.h"

#include "proto/json_gate.h"

static const struct proto_limits small = {
    .json_depth = 3, .array_elements = 4, .json_values = 12};

static const struct {
    const char *json;
    enum fail_code code;
} cases[] = {
    {"{}", FAIL_NONE},
    {"[[[]]]", FAIL_NONE},
    {"[[[[]]]]", FAIL_too_deep},
    {"{\"a\":{\"a\":{\"a\":1}}}", FAIL_NONE},
    {"{\"a\":{\"a\":{\"a\":{}}}}", FAIL_too_deep},
    {"[{\"a\":[[", FAIL_too_deep},
    {"[1,2,3,4]", FAIL_NONE},
    {"[1,2,3,4,5]", FAIL_too_many_elements},
    {"[[1,2,3,4],[1,2,3,4]]", FAIL_NONE},
    {"[[1,2],[3,4],[5,6],[7]]", FAIL_NONE},            // 12 values
    {"[[1,2],[3,4],[5,6],[7,8]]", FAIL_too_many_values},
    {"[[{},{},[ ],{}],[{},[],{}],[\t]]", FAIL_NONE},  // 11 values
    {"[[{},{},{},{}],[{},{},{}],[1]]", FAIL_NONE},     // 12
    {"[[{},{},{},{}],[{},{},{}],[[]]]", FAIL_NONE},
    {"[[{},{},{},{}],[{},{},{},{}],[1]]", FAIL_too_many_values},
    {"[\"[[[[[,,,,,,{{{{\"]", FAIL_NONE},
    {"[\"\\\"[[[[[,,,,,\"]", FAIL_NONE},
    {"[\"\\\\\",[[],[],[],[]]]", FAIL_NONE},
    {"[\"\\\\\",[[[]]]]", FAIL_too_deep},              // the string has ended
    {"\"unclosed [[[[[[", FAIL_NONE},
    {"\"ends in a backslash \\", FAIL_NONE},
    {"]]]]]]", FAIL_NONE},                             // the parser's business
    {",,,,,,", FAIL_NONE},
    {",,,,,,,,,,,,", FAIL_too_many_values},
    {"]]]]]][[[", FAIL_NONE},
    {"]]]]]][[[[", FAIL_too_deep},
};

START_TEST(limits_at_their_edges)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fail f = {.code = FAIL_NONE};
        bool ok = json_gate_check(cases[i].json, strlen(cases[i].json), &small,
                                  &f);
        ck_assert_msg(ok == (cases[i].code == FAIL_NONE) &&
                      f.code == cases[i].code, "%s: %s", cases[i].json,
                      ok ? "passed" : f.message);
    }
}
END_TEST

START_TEST(messages_name_the_limit)
{
    struct fail f;
    ck_assert(!json_gate_check("[[[[", 4, &small, &f));
    ck_assert_ptr_nonnull(strstr(f.message, "3 (limits.json_depth)"));
    ck_assert(!json_gate_check("[,,,,", 5, &small, &f));
    ck_assert_ptr_nonnull(strstr(f.message, "4 elements (limits.array_"));
    ck_assert(!json_gate_check(",,,,,,,,,,,,", 12, &small, &f));
    ck_assert_ptr_nonnull(strstr(f.message, "12 values (limits.json_values)"));
}
END_TEST

static size_t object_of(char *out, int keys)
{
    char *p = out;
    *p++ = '{';
    for (int i = 0; i < keys; i++)
        p += snprintf(p, 16, "%s\"%d\":0", i ? "," : "", i);
    *p++ = '}';
    return (size_t)(p - out);
}

START_TEST(keys_of_an_object_are_bounded)
{
    char json[16 * (JSON_GATE_KEYS + 2)];
    struct fail f;
    size_t n = object_of(json, JSON_GATE_KEYS);
    ck_assert(json_gate_check(json, n, &proto_test_limits, &f));
    n = object_of(json, JSON_GATE_KEYS + 1);
    ck_assert(!json_gate_check(json, n, &proto_test_limits, &f));
    ck_assert_int_eq(f.code, FAIL_too_many_elements);
    ck_assert_ptr_nonnull(strstr(f.message, "256 keys"));
}
END_TEST

START_TEST(depth_beyond_the_table_is_refused)
{
    struct proto_limits wide = proto_test_limits;
    char *json = malloc(100000);
    struct fail f;
    ck_assert_ptr_nonnull(json);
    memset(json, '[', 100000);
    wide.json_depth = UINT32_MAX;
    ck_assert(json_gate_check(json, JSON_GATE_DEPTH, &wide, &f));
    ck_assert(!json_gate_check(json, JSON_GATE_DEPTH + 1, &wide, &f));
    ck_assert(!json_gate_check(json, 100000, &wide, &f));
    ck_assert_int_eq(f.code, FAIL_too_deep);
    free(json);
}
END_TEST

PROTO_TEST_MAIN("json_gate", limits_at_their_edges, messages_name_the_limit,
                keys_of_an_object_are_bounded,
                depth_beyond_the_table_is_refused)
