/* check_explain_msg.c -- the messages of POST /v1/explain, and histories in
 * those of /v1/predict. */
#include "proto_test.h"

#include "proto/explain.h"

static bool parse(const char *s, struct explain_request *req, struct fail *f)
{
    f->code = FAIL_NONE;
    return explain_parse(s, strlen(s), &proto_test_limits, req, f);
}

static void assert_id(struct id id, const char *s)
{
    ck_assert_uint_eq(id.len, strlen(s));
    ck_assert_int_eq(memcmp(id.s, s, id.len), 0);
}

START_TEST(good_requests)
{
    struct explain_request req;
    struct fail f;
    ck_assert(parse("{\"user_id\":7,\"item_id\":\"i\"}", &req, &f));
    assert_id(req.pair.user, "7");
    assert_id(req.pair.item, "i");
    ck_assert_int_eq(req.pair.time_ms, NOW_MS);
    ck_assert(!req.ranking);
    ck_assert_uint_eq(req.past.n, 0);
    ck_assert(parse("{\"user_id\":\"u\",\"item_id\":1,\"head\":\"ranking\","
                    "\"timestamp\":1.5}", &req, &f));
    ck_assert(req.ranking);
    ck_assert_int_eq(req.pair.time_ms, 1500);
    ck_assert(parse("{\"user_id\":\"u\",\"item_id\":1,\"head\":\"rating\"}",
                    &req, &f));
    ck_assert(!req.ranking);
}
END_TEST

START_TEST(histories)
{
    struct explain_request req;
    struct predict_request pair;
    struct fail f;
    static const char with[] =
        "{\"history\":[{\"item_id\":\"a\",\"rating\":5},"
        "{\"rating\":1.5,\"item_id\":9}],\"item_id\":\"i\"}";
    ck_assert(parse(with, &req, &f));
    ck_assert_uint_eq(req.pair.user.len, 0);
    ck_assert_uint_eq(req.past.n, 2);
    assert_id(req.past.items[0].item, "a");
    ck_assert(req.past.items[0].rating == 5);
    assert_id(req.past.items[1].item, "9");
    ck_assert(req.past.items[1].rating == 1.5f);
    ck_assert(predict_parse(with, strlen(with), &proto_test_limits, &pair, &f));
    ck_assert(!pair.batch && !pair.explain && pair.n == 1);
    ck_assert_uint_eq(pair.past.n, 2);
    ck_assert_uint_eq(pair.pairs[0].user.len, 0);
    ck_assert(parse("{\"user_id\":\"u\",\"history\":[],\"item_id\":1}", &req,
                    &f));
    assert_id(req.pair.user, "u");
    ck_assert_uint_eq(req.past.n, 0);
}
END_TEST

/* The ranking head learns from what was liked, as /v1/recommend says it. */
START_TEST(histories_of_the_ranking_head)
{
    struct explain_request req;
    struct fail f;
    ck_assert(parse("{\"history\":[\"a\",{\"item_id\":7,\"weight\":-2}],"
                    "\"item_id\":\"i\",\"head\":\"ranking\"}", &req, &f));
    ck_assert_uint_eq(req.past.n, 0);
    ck_assert_uint_eq(req.pair.user.len, 0);
    ck_assert_uint_eq(req.nliked, 2);
    assert_id(req.liked[0].item, "a");
    ck_assert(req.liked[0].weight == 1);
    assert_id(req.liked[1].item, "7");
    ck_assert(req.liked[1].weight == -2);
    ck_assert(!parse("{\"history\":[{\"item_id\":7,\"rating\":2}],"
                     "\"item_id\":\"i\",\"head\":\"ranking\"}", &req, &f));
    ck_assert_int_eq(f.code, FAIL_unknown_field);
    ck_assert(parse("{\"user_id\":1,\"item_id\":2,\"head\":\"ranking\"}", &req,
                    &f));
    ck_assert_uint_eq(req.nliked, 0);
}
END_TEST

static const struct {
    const char *json;
    enum fail_code code;
    int index;
    const char *message;     /* a part of it */
} bad[] = {
    {"{}", FAIL_missing_field, -1, "user_id"},
    {"[]", FAIL_invalid_type, -1, "the body"},
    {"{\"user_id\":1}", FAIL_missing_field, -1, "item_id"},
    {"{\"item_id\":1}", FAIL_missing_field, -1, "user_id"},
    {"{\"user_id\":null,\"item_id\":1,\"history\":[]}", FAIL_invalid_type, -1,
     "user_id"},
    {"{\"user_id\":1,\"item_id\":1,\"head\":\"both\"}", FAIL_invalid_head, -1,
     "\"ranking\""},
    {"{\"user_id\":1,\"item_id\":1,\"head\":null}", FAIL_invalid_head, -1, ""},
    {"{\"user_id\":1,\"item_id\":1,\"head\":1}", FAIL_invalid_head, -1, ""},
    {"{\"user_id\":1,\"item_id\":1,\"explain\":true}", FAIL_unknown_field, -1,
     "explain"},
    {"{\"user_id\":1,\"item_id\":1,\"timestamp\":-1}", FAIL_invalid_timestamp,
     -1, "1970"},
    {"{\"item_id\":1,\"history\":{}}", FAIL_invalid_type, -1,
     "history must be an array, not an object"},
    {"{\"item_id\":1,\"history\":null}", FAIL_invalid_type, -1, "not null"},
    {"{\"item_id\":1,\"history\":[{\"item_id\":1,\"rating\":3},1]}",
     FAIL_invalid_type, 1, "an element of history"},
    {"{\"item_id\":1,\"history\":[{\"item_id\":1}]}", FAIL_missing_field, 0,
     "rating"},
    {"{\"item_id\":1,\"history\":[{\"rating\":1}]}", FAIL_missing_field, 0,
     "item_id"},
    {"{\"item_id\":1,\"history\":[{\"item_id\":\"\",\"rating\":1}]}",
     FAIL_invalid_id, 0, "item_id"},
    {"{\"item_id\":1,\"history\":[{\"item_id\":1,\"rating\":\"5\"}]}",
     FAIL_invalid_rating, 0, "not a string"},
    {"{\"item_id\":1,\"history\":[{\"item_id\":1,\"rating\":5.1}]}",
     FAIL_invalid_rating, 0, "1..5"},
    {"{\"item_id\":1,\"history\":[{\"item_id\":1,\"rating\":1e300}]}",
     FAIL_invalid_rating, 0, "1..5"},
    {"{\"item_id\":1,\"history\":[{\"item_id\":1,\"rating\":1,\"when\":1}]}",
     FAIL_unknown_field, 0, "when"},
};

START_TEST(bad_requests)
{
    struct explain_request req;
    struct fail f;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_msg(!parse(bad[i].json, &req, &f), "%s", bad[i].json);
        ck_assert_msg(f.code == bad[i].code && f.index == bad[i].index &&
                      strstr(f.message, bad[i].message), "%s: %s: %s",
                      bad[i].json, fail_name(f.code), f.message);
    }
}
END_TEST

/* As many as limits.history, and one more. */
START_TEST(how_long_a_history_may_be)
{
    struct proto_limits l = proto_test_limits;
    struct explain_request req;
    struct fail f;
    static const char two[] = "{\"item_id\":1,\"history\":["
        "{\"item_id\":1,\"rating\":3},{\"item_id\":1,\"rating\":3}]}";
    l.history = 2;
    ck_assert(explain_parse(two, strlen(two), &l, &req, &f));
    l.history = 1;
    ck_assert(!explain_parse(two, strlen(two), &l, &req, &f));
    ck_assert_int_eq(f.code, FAIL_too_many_elements);
    ck_assert_ptr_nonnull(strstr(f.message, "more than 1 (limits.history)"));
}
END_TEST

START_TEST(writing)
{
    struct buf b = {0};
    explain_begin(&b, false, 3.5f);
    explain_parts(&b);
    explain_because(&b);
    explain_done(&b);
    explain_end(&b, 7, 0);
    buf_putc(&b, '\0');
    ck_assert_str_eq(b.p, "{\"rating\":3.5,\"parts\":[],\"because\":[],"
                          "\"model_seq\":7}");
    buf_clear(&b);
    explain_begin(&b, true, -1);
    explain_parts(&b);
    explain_part(&b, true, "item", (struct id){NULL, 0}, -2);
    explain_part(&b, false, "feature", (struct id){"tag=\"", 5}, 1);
    explain_because(&b);
    explain_past_item(&b, true, (struct id){"a", 1}, 0.5f, 0.25f);
    explain_past_item(&b, false, (struct id){"b\\", 2}, -1, -3);
    explain_done(&b);
    explain_end(&b, 8, PREDICT_COLD_USER | PREDICT_COLD_ITEM);
    buf_putc(&b, '\0');
    ck_assert_str_eq(b.p,
        "{\"score\":-1,\"parts\":[{\"part\":\"item\",\"value\":-2},"
        "{\"part\":\"feature\",\"name\":\"tag=\\\"\",\"value\":1}],"
        "\"because\":[{\"item_id\":\"a\",\"similarity\":0.5,\"pull\":0.25},"
        "{\"item_id\":\"b\\\\\",\"similarity\":-1,\"pull\":-3}],"
        "\"model_seq\":8,\"cold\":[\"user\",\"item\"]}");
    buf_release(&b);
}
END_TEST

PROTO_TEST_MAIN("explain_msg", good_requests, histories,
                histories_of_the_ranking_head, bad_requests,
                how_long_a_history_may_be, writing)
