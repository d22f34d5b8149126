/* check_recommend_msg.c -- the messages of recommendations, both forms. */
#include "proto_test.h"

#include "proto/recommend.h"

static bool parse(const char *s, struct recommend_request *req, struct fail *f)
{
    f->code = FAIL_NONE;
    return recommend_parse(s, strlen(s), &proto_test_limits, req, f);
}

static const struct {
    const char *json, *user;
    uint32_t n, offset;
    bool exclude_seen;
} good[] = {
    {"{\"user_id\":\"u\"}", "u", RECOMMEND_N, 0, true},
    {"{\"user_id\":7,\"n\":1}", "7", 1, 0, true},
    {"{\"user_id\":\"u\",\"n\":1000,\"offset\":1000000000}", "u", 1000,
     1000000000, true},
    {"{\"exclude_seen\":false,\"user_id\":\"u\",\"offset\":0}", "u",
     RECOMMEND_N, 0, false},
    {"{\"exclude_seen\":true,\"user_id\":\"u\"}", "u", RECOMMEND_N, 0, true},
};

START_TEST(good_requests)
{
    struct recommend_request req;
    struct fail f;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ck_assert_msg(parse(good[i].json, &req, &f), "%s: %s", good[i].json,
                      f.message);
        ck_assert_uint_eq(req.user.len, strlen(good[i].user));
        ck_assert_int_eq(memcmp(req.user.s, good[i].user, req.user.len), 0);
        ck_assert_uint_eq(req.n, good[i].n);
        ck_assert_uint_eq(req.offset, good[i].offset);
        ck_assert_int_eq(req.exclude_seen, good[i].exclude_seen);
    }
}
END_TEST

START_TEST(explanations)
{
    struct recommend_request req;
    struct fail f;
    ck_assert(parse("{\"user_id\":1}", &req, &f));
    ck_assert(!req.explain);
    ck_assert(parse("{\"user_id\":1,\"explain\":true,\"n\":100}", &req, &f));
    ck_assert(req.explain);
    ck_assert(parse("{\"users\":[1,2],\"explain\":true,\"n\":50}", &req, &f));
    ck_assert(parse("{\"users\":[1,2],\"explain\":false,\"n\":51}", &req, &f));
    ck_assert(!req.explain);
}
END_TEST

static const struct {
    const char *json;
    enum fail_code code;
    const char *message;     /* a part of it */
} bad[] = {
    {"{\"user_id\":1,\"explain\":1}", FAIL_invalid_type, "explain must be"},
    {"{\"user_id\":1,\"explain\":true,\"n\":101}", FAIL_too_many_elements,
     "101 items are more than 100 to explain (limits.explain)"},
    {"{\"users\":[1,2],\"explain\":true,\"n\":51}", FAIL_too_many_elements,
     "limits.explain"},
    {"{}", FAIL_missing_field, "user_id"},
    {"[]", FAIL_invalid_type, "the body"},
    {"{\"user_id\":{}}", FAIL_invalid_type, "user_id"},
    {"{\"user_id\":\"u\",\"n\":0}", FAIL_invalid_n, "n must be in 1..1000"},
    {"{\"user_id\":\"u\",\"n\":-1}", FAIL_invalid_n, "limits.top_n"},
    {"{\"user_id\":\"u\",\"n\":1001}", FAIL_invalid_n, "1..1000"},
    {"{\"user_id\":\"u\",\"n\":4294967297}", FAIL_invalid_n, "1..1000"},
    {"{\"user_id\":\"u\",\"n\":9223372036854775807}", FAIL_invalid_n, "1..10"},
    {"{\"user_id\":\"u\",\"n\":1e9}", FAIL_invalid_n, "not a real number"},
    {"{\"user_id\":\"u\",\"n\":10.0}", FAIL_invalid_n, "n must be an integer"},
    {"{\"user_id\":\"u\",\"n\":\"10\"}", FAIL_invalid_n, "not a string"},
    {"{\"user_id\":\"u\",\"n\":null}", FAIL_invalid_n, "not null"},
    {"{\"user_id\":\"u\",\"offset\":-1}", FAIL_invalid_n, "offset must be in"},
    {"{\"user_id\":\"u\",\"offset\":1000000001}", FAIL_invalid_n, "offset"},
    {"{\"user_id\":\"u\",\"offset\":0.5}", FAIL_invalid_n, "offset"},
    {"{\"user_id\":\"u\",\"exclude_seen\":1}", FAIL_invalid_type,
     "exclude_seen must be true or false, not an integer"},
    {"{\"user_id\":\"u\",\"exclude\":true}", FAIL_invalid_type,
     "exclude must be an array, not true"},
    {"{\"user_id\":\"u\",\"exclude_sen\":true}", FAIL_unknown_field,
     "did you mean \"exclude_seen\"?"},
    {"{\"user_id\":\"u\",\"users\":[1]}", FAIL_unknown_field,
     "users does not go with user_id"},
    {"{\"users\":[]}", FAIL_empty_batch, "users"},
    {"{\"users\":[1],\"history\":[1]}", FAIL_unknown_field, "history"},
    {"{\"users\":[1],\"n\":10,\"offset\":9991}", FAIL_invalid_n, "10000"},
    {"{\"similar_to\":1,\"history\":[1]}", FAIL_unknown_field, "history"},
    {"{\"similar_to\":1,\"by\":\"latest\"}", FAIL_unknown_field, "by"},
    {"{\"similar_to\":1,\"boosts\":[]}", FAIL_unknown_field, "boosts"},
    {"{\"user_id\":1,\"by\":\"best\"}", FAIL_invalid_value, "popular"},
    {"{\"user_id\":1,\"by\":1}", FAIL_invalid_value, "popular"},
    {"{\"user_id\":1,\"at_seq\":-1}", FAIL_invalid_n, "at_seq"},
    {"{\"user_id\":1,\"keep\":1}", FAIL_invalid_type, "keep"},
    {"{\"user_id\":1,\"keep\":true,\"offset\":991}", FAIL_invalid_n, "keep"},
    {"{\"users\":[1],\"keep\":true}", FAIL_unknown_field, "keep"},
    {"{\"user_id\":1,\"diversity\":1.5}", FAIL_invalid_value, "0..1"},
    {"{\"user_id\":1,\"diversity\":0.5,\"n\":101}", FAIL_invalid_n, "100"},
    {"{\"user_id\":1,\"filter\":[]}", FAIL_invalid_type, "filter"},
    {"{\"user_id\":1,\"filter\":{\"category\":[]}}", FAIL_unknown_field,
     "category"},
    {"{\"user_id\":1,\"filter\":{\"tags\":{\"some\":[1]}}}",
     FAIL_unknown_field, "some"},
    {"{\"user_id\":1,\"filter\":{\"tags\":{\"any\":[\"\"]}}}",
     FAIL_invalid_id, "any"},
    {"{\"user_id\":1,\"filter\":{\"numbers\":{\"a\":3}}}",
     FAIL_invalid_type, "a range of numbers"},
    {"{\"user_id\":1,\"filter\":{\"numbers\":{\"a\":{\"min\":\"3\"}}}}",
     FAIL_invalid_type, "min"},
    {"{\"user_id\":1,\"filter\":{\"available_at\":-1}}",
     FAIL_invalid_timestamp, "available_at"},
    {"{\"user_id\":1,\"filter\":{\"available_at\":\"now\"}}",
     FAIL_invalid_timestamp, "available_at"},
    {"{\"user_id\":1,\"boosts\":[{\"by\":2}]}", FAIL_missing_field, "filter"},
    {"{\"user_id\":1,\"boosts\":[{\"items\":[1]}]}", FAIL_missing_field, "by"},
    {"{\"user_id\":1,\"boosts\":[{\"items\":[1],\"by\":0}]}",
     FAIL_invalid_value, "by"},
    {"{\"user_id\":1,\"boosts\":[{\"filter\":{\"available_at\":1},\"by\":2}]}",
     FAIL_unknown_field, "available_at"},
    {"{\"history\":7}", FAIL_invalid_type, "history must be an array"},
    {"{\"history\":[\"a\",null]}", FAIL_invalid_type, "an item of history"},
    {"{\"history\":[{}]}", FAIL_missing_field, "item_id"},
    {"{\"history\":[{\"item_id\":1,\"weigth\":2}]}", FAIL_unknown_field,
     "weight"},
    {"{\"history\":[{\"item_id\":1,\"weight\":\"2\"}]}", FAIL_invalid_value,
     "not a string"},
    {"{\"history\":[{\"item_id\":1,\"weight\":-101}]}", FAIL_invalid_value,
     "-100..100"},
    {"{\"user_id\":\"u\",\"N\":3}", FAIL_unknown_field, "\"N\""},
};

START_TEST(bad_requests)
{
    struct recommend_request req;
    struct fail f;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_msg(!parse(bad[i].json, &req, &f), "%s", bad[i].json);
        ck_assert_msg(f.code == bad[i].code &&
                      strstr(f.message, bad[i].message), "%s: %s: %s",
                      bad[i].json, fail_name(f.code), f.message);
    }
}
END_TEST

static const struct {
    const char *name, *value;
    enum fail_code code;
    uint32_t n, offset;
    bool exclude_seen;
} queries[] = {
    {"n", "1", FAIL_NONE, 1, 7, true},
    {"n", "1000", FAIL_NONE, 1000, 7, true},
    {"n", "0010", FAIL_NONE, 10, 7, true},
    {"offset", "0", FAIL_NONE, 10, 0, true},
    {"offset", "1000000000", FAIL_NONE, 10, 1000000000, true},
    {"exclude_seen", "false", FAIL_NONE, 10, 7, false},
    {"exclude_seen", "true", FAIL_NONE, 10, 7, true},
    {"n", "0", FAIL_invalid_n, 10, 7, true},
    {"n", "-1", FAIL_invalid_n, 10, 7, true},
    {"n", "1001", FAIL_invalid_n, 10, 7, true},
    {"n", "", FAIL_invalid_n, 10, 7, true},
    {"n", "-", FAIL_invalid_n, 10, 7, true},
    {"n", "+5", FAIL_invalid_n, 10, 7, true},
    {"n", " 5", FAIL_invalid_n, 10, 7, true},
    {"n", "5x", FAIL_invalid_n, 10, 7, true},
    {"n", "1e3", FAIL_invalid_n, 10, 7, true},
    {"n", "abc", FAIL_invalid_n, 10, 7, true},
    {"n", "18446744073709551617", FAIL_invalid_n, 10, 7, true},
    {"n", "-18446744073709551617", FAIL_invalid_n, 10, 7, true},
    {"offset", "-1", FAIL_invalid_n, 10, 7, true},
    {"offset", "1000000001", FAIL_invalid_n, 10, 7, true},
    {"exclude_seen", "", FAIL_bad_query, 10, 7, true},
    {"exclude_seen", "1", FAIL_bad_query, 10, 7, true},
    {"user_id", "u", FAIL_NONE, 10, 7, true},
    {"user_id", "", FAIL_invalid_id, 10, 7, true},
    {"category", "", FAIL_invalid_id, 10, 7, true},
    {"tag", "x y", FAIL_NONE, 10, 7, true},
    {"at_seq", "7", FAIL_NONE, 10, 7, true},
    {"at_seq", "-7", FAIL_invalid_n, 10, 7, true},
    {"include", "u", FAIL_bad_query, 10, 7, true},
    {"", "", FAIL_bad_query, 10, 7, true},
    {"N", "1", FAIL_bad_query, 10, 7, true},
};

START_TEST(query_parameters)
{
    struct fail f;
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        struct recommend_request req = {.n = 10, .offset = 7,
                                        .exclude_seen = true};
        f.code = FAIL_NONE;
        bool ok = recommend_query(&req, queries[i].name, queries[i].value,
                                  &proto_test_limits, &f);
        ck_assert_msg(ok == (queries[i].code == FAIL_NONE) &&
                      f.code == queries[i].code, "%s=%s: %s", queries[i].name,
                      queries[i].value, ok ? "taken" : f.message);
        ck_assert_uint_eq(req.n, queries[i].n);
        ck_assert_uint_eq(req.offset, queries[i].offset);
        ck_assert_int_eq(req.exclude_seen, queries[i].exclude_seen);
    }
}
END_TEST

START_TEST(the_default_heeds_the_limit)
{
    struct proto_limits l = proto_test_limits;
    struct recommend_request req;
    struct fail f;
    l.top_n = 3;
    ck_assert(recommend_parse("{\"user_id\":1}", 13, &l, &req, &f));
    ck_assert_uint_eq(req.n, 3);
}
END_TEST

/* Every member at once. */
START_TEST(everything_that_may_be_said)
{
    struct recommend_request req;
    struct fail f;
    ck_assert_msg(parse("{\"user_id\":\"u\",\"filter\":{\"categories\":[\"a\",\"b\"],"
        "\"tags\":{\"any\":[1],\"all\":[\"x\"],\"none\":[\"y\",\"z\"]},"
        "\"numbers\":{\"price\":{\"min\":1,\"max\":2.5},\"year\":{}},"
        "\"available_at\":12.5},\"include\":[\"i\"],\"exclude\":[],"
        "\"pinned\":[1,2],\"boosts\":[{\"filter\":{\"tags\":[\"t\"]},\"by\":2},"
        "{\"items\":[5],\"by\":0.5}],\"diversity\":1,\"at_seq\":9,"
        "\"by\":\"popular\",\"n\":7}", &req, &f), "%s", f.message);
    const struct filter_labels *tags = &req.filter.labels[FILTER_TAGS];
    ck_assert_int_eq(req.what, RECOMMEND_THE_POPULAR);
    ck_assert_uint_eq(req.filter.labels[FILTER_CATEGORIES].any.n, 2);
    ck_assert_uint_eq(tags->any.n, 1);
    ck_assert_int_eq(tags->any.id[0].s[0], '1');
    ck_assert_uint_eq(tags->all.n, 1);
    ck_assert_uint_eq(tags->none.n, 2);
    ck_assert_uint_eq(req.filter.nranges, 2);
    ck_assert(req.filter.range[0].min == 1 && req.filter.range[0].max == 2.5);
    ck_assert(req.filter.range[1].min < -1e300 &&
              req.filter.range[1].max > 1e300);
    ck_assert_int_eq(req.filter.at_ms, 12500);
    ck_assert(req.has_include && req.include.n == 1 && req.exclude.n == 0);
    ck_assert(!req.exclude_seen); // candidates are what the caller says
    ck_assert_uint_eq(req.pinned.n, 2);
    ck_assert_uint_eq(req.nboosts, 2);
    ck_assert(req.boost[0].has_filter && !req.boost[0].has_items);
    ck_assert(req.boost[1].by == 0.5f && req.boost[1].items.n == 1);
    ck_assert(req.diversity == 1 && req.has_at_seq && req.at_seq == 9);
    ck_assert(parse("{\"similar_to\":5}", &req, &f));
    ck_assert_int_eq(req.what, RECOMMEND_THE_LIKE);
    ck_assert(parse("{\"by\":\"latest\"}", &req, &f));
    ck_assert_int_eq(req.what, RECOMMEND_THE_LATEST);
    ck_assert_uint_eq(req.user.len, 0);
    ck_assert(parse("{\"users\":[1,\"2\"]}", &req, &f));
    ck_assert(req.batch && req.users.n == 2);
}
END_TEST

START_TEST(labels_of_a_query_add_up)
{
    struct recommend_request req;
    struct fail f;
    recommend_short(&req, RECOMMEND_THE_LATEST, &proto_test_limits);
    ck_assert_int_eq(req.filter.at_ms, proto_test_limits.now_ms);
    for (uint32_t i = 0; i < FILTER_LABELS_MAX; i++) {
        char text[2] = {(char)('0' + i), 0};
        ck_assert(recommend_query(&req, "tag", text, &proto_test_limits, &f));
    }
    ck_assert_uint_eq(req.filter.labels[FILTER_TAGS].any.n, FILTER_LABELS_MAX);
    ck_assert_int_eq(req.filter.labels[FILTER_TAGS].any.id[3].s[0], '3');
    ck_assert(!recommend_query(&req, "tag", "x", &proto_test_limits, &f));
    ck_assert_int_eq(f.code, FAIL_bad_query);
}
END_TEST

START_TEST(histories)
{
    struct recommend_request req;
    struct fail f;
    ck_assert(parse("{\"history\":[\"a\",7,{\"item_id\":\"b\",\"weight\":-2.5},"
                    "{\"item_id\":8}]}", &req, &f));
    ck_assert_uint_eq(req.user.len, 0);
    ck_assert_uint_eq(req.nhistory, 4);
    ck_assert_int_eq(memcmp(req.history[1].item.s, "7", 1), 0);
    ck_assert(req.history[0].weight == 1 && req.history[2].weight == -2.5f);
    ck_assert_int_eq(memcmp(req.history[3].item.s, "8", 1), 0);
    ck_assert(parse("{\"history\":[],\"user_id\":\"u\"}", &req, &f));
    ck_assert_uint_eq(req.nhistory, 0);
    ck_assert_uint_eq(req.user.len, 1);
}
END_TEST

START_TEST(a_history_has_its_limit)
{
    struct recommend_request req;
    struct buf b = {0};
    struct fail f;
    for (int n = RECOMMEND_HISTORY; n <= RECOMMEND_HISTORY + 1; n++) {
        buf_clear(&b);
        buf_puts(&b, "{\"history\":[1");
        for (int i = 1; i < n; i++)
            buf_puts(&b, ",1");
        buf_puts(&b, "]}");
        buf_putc(&b, '\0');
        ck_assert_int_eq(parse(b.p, &req, &f), n <= RECOMMEND_HISTORY);
    }
    ck_assert_int_eq(f.code, FAIL_too_many_elements);
    buf_release(&b);
}
END_TEST

START_TEST(writing)
{
    struct buf b = {0};
    recommend_begin(&b);
    recommend_end(&b, "latest", 5, true);
    buf_putc(&b, '\0');
    ck_assert_str_eq(b.p, "{\"items\":[],\"by\":\"latest\",\"model_seq\":5,"
                          "\"cold\":[\"user\"]}");
    buf_clear(&b);
    recommend_begin(&b);
    recommend_item_begin(&b, true, (struct id){"a\"", 2}, 0.5f, true);
    recommend_item_end(&b);
    recommend_item_begin(&b, false, (struct id){"b", 1}, -3, false);
    recommend_item_end(&b);
    recommend_end(&b, "ranking", 6, false);
    buf_putc(&b, '\0');
    ck_assert_str_eq(b.p, "{\"items\":[{\"item_id\":\"a\\\"\",\"score\":0.5,"
                          "\"pinned\":true},"
                          "{\"item_id\":\"b\",\"score\":-3}],"
                          "\"by\":\"ranking\",\"model_seq\":6}");
    buf_release(&b);
}
END_TEST

PROTO_TEST_MAIN("recommend_msg", good_requests, explanations, bad_requests,
                query_parameters,
                the_default_heeds_the_limit, everything_that_may_be_said,
                labels_of_a_query_add_up, histories,
                a_history_has_its_limit, writing)
