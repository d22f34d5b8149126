/* check_recommend_question.c -- which questions are the same but for the page. */
#include "proto_test.h"

#include "proto/recommend.h"

static bool parse(const char *s, struct recommend_request *req, struct fail *f)
{
    f->code = FAIL_NONE;
    return recommend_parse(s, strlen(s), &proto_test_limits, req, f);
}

static bool same_question(const char *one, const char *other)
{
    static struct recommend_request a, b;
    struct fail f;
    recommend_hold(); // or the second would take the place of the first
    ck_assert_msg(parse(one, &a, &f) && parse(other, &b, &f), "%s", f.message);
    bool same = a.question_bytes > 0 && a.question_bytes == b.question_bytes &&
                memcmp(a.question, b.question, a.question_bytes) == 0;
    ck_assert(a.user.len == 0 || a.user.s[0] == 'u'); // it is there still
    recommend_let_go();
    return same;
}

START_TEST(a_question_is_all_but_the_page)
{
    const char *first = "{\"user_id\":\"u\",\"exclude\":[\"a\",\"b\"],"
                        "\"keep\":true,\"n\":3}";
    ck_assert(same_question(first, "{\"at_seq\":5, \"offset\":7,\"n\":9,"
                            "\"exclude\":[\"a\",\"b\"],\"user_id\":\"u\"}"));
    ck_assert(!same_question(first, "{\"at_seq\":5,\"user_id\":\"u\","
                             "\"exclude\":[\"b\",\"a\"]}"));
    ck_assert(!same_question(first, "{\"at_seq\":5,\"user_id\":\"ux\","
                             "\"exclude\":[\"a\",\"b\"]}"));
    ck_assert(!same_question(first, "{\"at_seq\":5,\"user_id\":\"u\","
                             "\"exclude\":[\"a\",\"b\"],\"diversity\":0.1}"));
    struct recommend_request req;
    struct fail f;
    ck_assert(parse("{\"user_id\":\"u\"}", &req, &f));
    ck_assert_uint_eq(req.question_bytes, 0); // nobody wants to know
}
END_TEST

START_TEST(a_question_of_parameters)
{
    static const struct {
        const char *path, *id, *tag, *seq;
        bool same;
    } asked[] = {{"like", "i", "t", "5", true}, {"like", "i", "t", "6", true},
                 {"like", "j", "t", "5", false}, {"for", "i", "t", "5", false},
                 {"like", "i", "s", "5", false}};
    struct recommend_request first, other;
    struct fail f = {.code = FAIL_NONE};
    recommend_hold();
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        struct recommend_request *r = i ? &other : &first;
        recommend_short(r, RECOMMEND_THE_LIKE, &proto_test_limits);
        ck_assert(recommend_query(r, "tag", asked[i].tag, &proto_test_limits,
                                  &f) &&
                  recommend_query(r, "at_seq", asked[i].seq,
                                  &proto_test_limits, &f) &&
                  recommend_short_end(r, asked[i].path,
                                      (struct id){asked[i].id, 1}, &f));
        ck_assert(asked[i].same ==
                  (r->question_bytes == first.question_bytes &&
                   memcmp(r->question, first.question,
                          r->question_bytes) == 0));
    }
    recommend_let_go();
}
END_TEST

PROTO_TEST_MAIN("recommend_question", a_question_is_all_but_the_page,
                a_question_of_parameters)
