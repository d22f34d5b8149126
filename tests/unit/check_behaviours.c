/* check_behaviours.c -- kinds of behaviour from an option, events from JSON. */
#include "proto_test.h"

#include "proto/behaviours.h"

#define TYPES "view:0.2,buy:1,no:-1,seen:0,watch:2:30"

static struct behaviour_kinds kinds;
static const struct behaviour_reader reader = {&kinds, &proto_test_limits};

static void set(const char *types)
{
    char error[BEHAVIOUR_ERROR_MAX];
    ck_assert_msg(behaviour_kinds_set(&kinds, types, error), "%s", error);
}

/* ---- kinds --------------------------------------------------------------- */

START_TEST(kinds_of_the_option)
{
    set(TYPES);
    ck_assert_uint_eq(kinds.n, 5);
    const struct behaviour_kind *k = behaviour_kinds_find(&kinds, "watch", 5);
    ck_assert_ptr_nonnull(k);
    ck_assert(k->weight == 2 && k->full == 30);
    k = behaviour_kinds_find(&kinds, "no", 2);
    ck_assert(k && k->weight == -1 && k->full == 0);
    ck_assert_ptr_null(behaviour_kinds_find(&kinds, "vie", 3));
    ck_assert_ptr_null(behaviour_kinds_find(&kinds, "views", 5));
    ck_assert_ptr_null(behaviour_kinds_find(&kinds, "", 0));
    set("");
    ck_assert_uint_eq(kinds.n, 0);
}
END_TEST

static const struct {
    const char *types, *why;
} bad_types[] = {
    {"view", "\"view\" is not name:weight or name:weight:full"},
    {"view:1,,buy:1", "\"\" is not name:weight or name:weight:full"},
    {":1", "\":1\" has a name that a kind of event may not have"},
    {"a b:1", "\"a b:1\" has a name that a kind of event may not have"},
    {"rating:1", "\"rating:1\" has a name that a kind of event may not have"},
    {"metadata:1",
     "\"metadata:1\" has a name that a kind of event may not have"},
    {"abcdefghijabcdefghijabcdefghijabc:1",
     "\"abcdefghijabcdefghijabcdefghijabc:1\" has a name that a kind of event "
     "may not have"},
    {"a:1,b:2,a:3", "\"a:3\" is there twice"},
    {"a:", "\"a:\" has a weight that is not a number in -100..100"},
    {"a:101", "\"a:101\" has a weight that is not a number in -100..100"},
    {"a:nan", "\"a:nan\" has a weight that is not a number in -100..100"},
    {"a:1 ", "\"a:1 \" has a weight that is not a number in -100..100"},
    {"a:1:", "\"a:1:\" has a full value that is not a number above 0"},
    {"a:1:0", "\"a:1:0\" has a full value that is not a number above 0"},
    {"a:1:-3", "\"a:1:-3\" has a full value that is not a number above 0"},
    {"a:1:2:3", "\"a:1:2:3\" has a full value that is not a number above 0"},
};

START_TEST(kinds_that_are_none)
{
    for (size_t i = 0; i < sizeof bad_types / sizeof *bad_types; i++) {
        char error[BEHAVIOUR_ERROR_MAX];
        ck_assert(!behaviour_kinds_set(&kinds, bad_types[i].types, error));
        ck_assert_str_eq(error, bad_types[i].why);
    }
}
END_TEST

START_TEST(no_more_kinds_than_fit)
{
    char types[1024] = "", error[BEHAVIOUR_ERROR_MAX];
    for (unsigned i = 0; i < BEHAVIOUR_KINDS_MAX; i++)
        snprintf(types + strlen(types), sizeof types - strlen(types),
                 "%sk%u:1", i ? "," : "", i);
    set(types);
    snprintf(types + strlen(types), sizeof types - strlen(types), ",one:1");
    ck_assert(!behaviour_kinds_set(&kinds, types, error));
    ck_assert_str_eq(error, "\"one:1\" is one kind too many");
}
END_TEST

/* ---- events -------------------------------------------------------------- */

struct got {
    char text[512];           /* one "user/item/kind weight[ value]..." each */
    bool refuse;
};

static bool keep(void *arg, const struct behaviour *b, struct fail *f)
{
    struct got *g = arg;
    size_t n = strlen(g->text);
    n += (size_t)snprintf(g->text + n, sizeof g->text - n,
                          "%s%.*s/%.*s/%.*s %.4g", n ? "; " : "",
                          (int)b->user.len, b->user.s, (int)b->item.len,
                          b->item.s, (int)b->kind.len, b->kind.s,
                          (double)b->weight);
    if (b->has_value)
        n += (size_t)snprintf(g->text + n, sizeof g->text - n, " value %.9g",
                              (double)b->value);
    if (b->time_ms != TIME_UNSET)
        n += (size_t)snprintf(g->text + n, sizeof g->text - n, " at %lld",
                              (long long)b->time_ms);
    if (b->event_id.len)
        snprintf(g->text + n, sizeof g->text - n, " id %.*s",
                 (int)b->event_id.len, b->event_id.s);
    return !g->refuse || fail_set(f, FAIL_busy, NULL);
}

static const char *const good[][2] = {
    {"{\"user_id\":1,\"item_id\":\"b\",\"type\":\"buy\"}", "1/b/buy 1"},
    {"{\"type\":\"view\",\"item_id\":2,\"user_id\":\"\xc3\xa4\","
     "\"value\":-0.5,\"timestamp\":3.25,\"event_id\":77}",
     "\xc3\xa4/2/view 0.2 value -0.5 at 3250 id 77"},
    {"{\"user_id\":1,\"item_id\":1,\"type\":\"no\",\"value\":0}",
     "1/1/no -1 value 0"},
    {"{\"user_id\":1,\"item_id\":1,\"type\":\"seen\",\"value\":3e38}",
     "1/1/seen 0 value 3.00000001e+38"},
    {"[{\"user_id\":1,\"item_id\":1,\"type\":\"watch\"},"
     "{\"user_id\":1,\"item_id\":2,\"type\":\"watch\",\"value\":12},"
     "{\"user_id\":1,\"item_id\":3,\"type\":\"watch\",\"value\":30},"
     "{\"user_id\":1,\"item_id\":4,\"type\":\"watch\",\"value\":1e9},"
     "{\"user_id\":1,\"item_id\":5,\"type\":\"watch\",\"value\":0}]",
     "1/1/watch 2; 1/2/watch 0.8 value 12; 1/3/watch 2 value 30; "
     "1/4/watch 2 value 1e+09; 1/5/watch 0 value 0"},
};

START_TEST(events)
{
    set(TYPES);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct got g = {.text = ""};
        struct fail f;
        ck_assert_msg(behaviours_parse(&reader, good[i][0], strlen(good[i][0]),
                                       keep, &g, &f), "%s", f.message);
        ck_assert_str_eq(g.text, good[i][1]);
    }
}
END_TEST

#define PAIR "\"user_id\":1,\"item_id\":1"
static const struct {
    const char *in;
    enum fail_code code;
    const char *message;
} bad[] = {
    {"{}", FAIL_missing_field, "user_id is missing"},
    {"{\"user_id\":1,\"type\":\"buy\"}", FAIL_missing_field,
     "item_id is missing"},
    {"{" PAIR "}", FAIL_missing_field, "type is missing"},
    {"{" PAIR ",\"type\":5}", FAIL_invalid_type,
     "type must be a string, not an integer"},
    {"{" PAIR ",\"type\":\"bu\\u0079s\"}", FAIL_unknown_event_type,
     "type \"buys\" is not one of events.types: view, buy, no, seen, watch"},
    {"{" PAIR ",\"type\":\"\"}", FAIL_unknown_event_type, "type \"\" is not"},
    {"{" PAIR ",\"type\":\"buy\",\"value\":null}", FAIL_invalid_value,
     "value must be a number, not null"},
    {"{" PAIR ",\"type\":\"buy\",\"value\":1e39}", FAIL_invalid_value,
     "value 1e+39 does not fit a 32-bit float"},
    {"{" PAIR ",\"type\":\"watch\",\"value\":-1}", FAIL_invalid_value,
     "value -1 of a \"watch\" is below 0"},
    {"{" PAIR ",\"type\":\"buy\",\"timestamp\":-1}", FAIL_invalid_timestamp,
     "timestamp -1 is before 1970"},
    {"{" PAIR ",\"type\":\"buy\",\"event_id\":\"\"}", FAIL_invalid_id,
     "event_id is empty"},
    {"{" PAIR ",\"type\":\"buy\",\"rating\":1}", FAIL_unknown_field,
     "the field \"rating\" is not known"},
    {"{" PAIR ",\"typ\":\"buy\"}", FAIL_unknown_field,
     "the field \"typ\" is not known; did you mean \"type\"?"},
    {"[]", FAIL_empty_batch, "the array is empty"},
    {"[[]]", FAIL_invalid_type, "an event must be a JSON object, not an array"},
    {"", FAIL_invalid_json, "there is no JSON"},
};

START_TEST(refusals)
{
    set(TYPES);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct got g = {.text = ""};
        struct fail f;
        ck_assert(!behaviours_parse(&reader, bad[i].in, strlen(bad[i].in),
                                    keep, &g, &f));
        ck_assert_msg(f.code == bad[i].code &&
                      strncmp(f.message, bad[i].message,
                              strlen(bad[i].message)) == 0,
                      "%zu: %s: %s", i, fail_name(f.code), f.message);
        ck_assert_str_eq(g.text, "");
    }
}
END_TEST

START_TEST(the_one_to_blame)
{
    const char *second = "[{" PAIR ",\"type\":\"buy\"},{" PAIR "}]";
    struct got g = {.text = ""};
    struct fail f;
    set(TYPES);
    ck_assert(!behaviours_parse(&reader, second, strlen(second), keep, &g,
                                &f));
    ck_assert_int_eq(f.index, 1);
    ck_assert(!behaviours_parse_line(&reader, second, strlen(second), keep, &g,
                                     &f));
    ck_assert_int_eq(f.code, FAIL_invalid_type);
    g.refuse = true;
    ck_assert(!behaviours_parse(&reader, second, strlen(second), keep, &g,
                                &f));
    ck_assert_int_eq(f.code, FAIL_busy);
    ck_assert_int_eq(f.index, 0);
}
END_TEST

/* A list of types that is long is cut, not the message broken. */
START_TEST(many_types_in_a_message)
{
    const char *in = "{" PAIR ",\"type\":\"x\"}";
    char types[1024] = "";
    struct got g = {.text = ""};
    struct fail f;
    for (unsigned i = 0; i < 20; i++)
        snprintf(types + strlen(types), sizeof types - strlen(types),
                 "%sa-rather-long-name-%02u:1", i ? "," : "", i);
    set(types);
    ck_assert(!behaviours_parse(&reader, in, strlen(in), keep, &g, &f));
    ck_assert_int_eq(f.code, FAIL_unknown_event_type);
    ck_assert_ptr_nonnull(strstr(f.message, "a-rather-long-name-04"));
    ck_assert_ptr_null(strstr(f.message, "a-rather-long-name-19"));
}
END_TEST

PROTO_TEST_MAIN("behaviours", kinds_of_the_option, kinds_that_are_none,
                no_more_kinds_than_fit, events, refusals, the_one_to_blame,
                many_types_in_a_message)
