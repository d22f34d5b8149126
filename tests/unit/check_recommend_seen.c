/* check_recommend_seen.c -- what a request may say about what counts as seen,
 * in both forms. */
#include "proto_test.h"

#include "proto/behaviour_kinds.h"
#include "proto/recommend.h"

static struct behaviour_kinds kinds;
static struct proto_limits limits;

/* {"user_id":1,...} */
static bool parse(const char *more, struct recommend_request *req,
                  struct fail *f)
{
    char json[256];
    snprintf(json, sizeof json, "{\"user_id\":1%s}", more);
    *f = (struct fail){.code = FAIL_NONE};
    return recommend_parse(json, strlen(json), &limits, req, f);
}

static void kinds_are(const struct recommend_request *req, const char *want)
{
    char got[256] = "";
    for (uint32_t i = 0; i < req->exclude_kinds.n; i++)
        snprintf(got + strlen(got), sizeof got - strlen(got), "%.*s ",
                 (int)req->exclude_kinds.id[i].len,
                 req->exclude_kinds.id[i].s);
    ck_assert_str_eq(got, want);
}

START_TEST(documents)
{
    static const struct {
        const char *more, *kinds;
        uint32_t days;
        bool exclude_seen;
    } t[] = {
        {"", "", 0, true},
        {",\"exclude_kinds\":[]", "", 0, true},
        {",\"exclude_kinds\":[\"view\"]", "view ", 0, true},
        {",\"exclude_kinds\":[\"no\",\"rating\",\"buy\",\"no\"]",
         "no rating buy no ", 0, true},
        {",\"exclude_days\":1", "", 1, true},
        {",\"exclude_days\":65535,\"exclude_seen\":true", "", 65535, true},
        {",\"include\":[1]", "", 0, false},
        {",\"include\":[1],\"exclude_days\":7", "", 7, true},
        {",\"include\":[1],\"exclude_kinds\":[\"buy\"]", "buy ", 0, true},
        {",\"exclude_seen\":false,\"exclude_kinds\":[]", "", 0, false},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct recommend_request req;
        struct fail f;
        ck_assert_msg(parse(t[i].more, &req, &f), "%s: %s", t[i].more,
                      f.message);
        kinds_are(&req, t[i].kinds);
        ck_assert_uint_eq(req.exclude_days, t[i].days);
        ck_assert_msg(req.exclude_seen == t[i].exclude_seen, "%s", t[i].more);
    }
}
END_TEST

START_TEST(documents_that_are_none)
{
    static const struct {
        const char *more;
        enum fail_code code;
        int index;
        const char *message;
    } t[] = {
        {",\"exclude_kinds\":[\"view\",\"veiw\"]", FAIL_unknown_event_type, 1,
         "exclude_kinds \"veiw\" is not \"rating\" or one of events.types: "
         "view, buy, no, shown"},
        {",\"exclude_kinds\":[\"shown\"]", FAIL_invalid_value, 0,
         "\"shown\" has weight 0"},
        {",\"exclude_kinds\":\"view\"", FAIL_invalid_type, -1,
         "exclude_kinds must be an array"},
        {",\"exclude_kinds\":[true]", FAIL_invalid_type, 0, "exclude_kinds"},
        {",\"exclude_days\":0", FAIL_invalid_value, -1,
         "exclude_days must be an integer in 1..65535"},
        {",\"exclude_days\":65536", FAIL_invalid_value, -1, "1..65535"},
        {",\"exclude_days\":-3", FAIL_invalid_value, -1, "1..65535"},
        {",\"exclude_days\":1.5", FAIL_invalid_value, -1, "an integer"},
        {",\"exclude_days\":\"7\"", FAIL_invalid_value, -1, "an integer"},
        {",\"exclude_days\":7,\"exclude_seen\":false", FAIL_invalid_value, -1,
         "exclude_days does not go with exclude_seen false"},
        {",\"exclude_seen\":false,\"exclude_kinds\":[\"buy\"]",
         FAIL_invalid_value, -1, "exclude_kinds does not go with"},
        {",\"exclude_kind\":[\"buy\"]", FAIL_unknown_field, -1,
         "did you mean \"exclude_kinds\"?"},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct recommend_request req;
        struct fail f;
        ck_assert_msg(!parse(t[i].more, &req, &f), "%s", t[i].more);
        ck_assert_msg(f.code == t[i].code && f.index == t[i].index &&
                      strstr(f.message, t[i].message), "%s: %s, %d: %s",
                      t[i].more, fail_name(f.code), (int)f.index, f.message);
    }
}
END_TEST

/* More names than there are kinds are no request. */
START_TEST(no_more_than_there_are)
{
    for (uint32_t more = 1; more <= 2; more++) {
        struct buf json = {0};
        struct recommend_request req;
        struct fail f;
        uint32_t n = BEHAVIOUR_KINDS_MAX + more;
        buf_puts(&json, "{\"user_id\":1,\"exclude_kinds\":[\"buy\"");
        for (uint32_t i = 1; i < n; i++)
            buf_puts(&json, ",\"buy\"");
        buf_puts(&json, "]}");
        bool ok = recommend_parse(json.p, json.len, &limits, &req, &f);
        ck_assert(ok == (more == 1));
        if (ok)
            ck_assert_uint_eq(req.exclude_kinds.n, n);
        else
            ck_assert_int_eq(f.code, FAIL_too_many_elements);
        buf_release(&json);
    }
}
END_TEST

START_TEST(parameters)
{
    static const char long_name[] = "a-name-longer-than-any-kind-has-x";
    const struct {
        const char *name, *value;
        enum fail_code code;
        const char *kinds;       /* in all, afterwards */
        uint32_t days;
    } t[] = {
        {"exclude_kinds", "buy", FAIL_NONE, "buy ", 0},
        {"exclude_kinds", "view,rating,no", FAIL_NONE, "buy view rating no ",
         0},
        {"exclude_days", "30", FAIL_NONE, "buy view rating no ", 30},
        {"exclude_seen", "true", FAIL_NONE, "buy view rating no ", 30},
        {"exclude_kinds", "", FAIL_unknown_event_type, NULL, 0},
        {"exclude_kinds", "buy,", FAIL_unknown_event_type, NULL, 0},
        {"exclude_kinds", ",buy", FAIL_unknown_event_type, NULL, 0},
        {"exclude_kinds", "buy, no", FAIL_unknown_event_type, NULL, 0},
        {"exclude_kinds", "shown", FAIL_invalid_value, NULL, 0},
        {"exclude_kinds", long_name, FAIL_unknown_event_type, NULL, 0},
        {"exclude_days", "0", FAIL_invalid_value, NULL, 0},
        {"exclude_days", "65536", FAIL_invalid_value, NULL, 0},
        {"exclude_days", "x", FAIL_invalid_value, NULL, 0},
        {"exclude_days", "", FAIL_invalid_value, NULL, 0},
        {"exclude_seen", "false", FAIL_invalid_value, NULL, 0},
    };
    struct recommend_request req;
    recommend_short(&req, RECOMMEND_THE_BEST, &limits);
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct recommend_request copy = req;
        struct fail f = {.code = FAIL_NONE};
        bool ok = recommend_query(&copy, t[i].name, t[i].value, &limits, &f);
        ck_assert_msg(ok == (t[i].code == FAIL_NONE) && f.code == t[i].code,
                      "%s=%s: %s", t[i].name, t[i].value, f.message);
        if (!ok)
            continue;
        req = copy;
        kinds_are(&req, t[i].kinds);
        ck_assert_uint_eq(req.exclude_days, t[i].days);
    }
    // whichever comes first
    static const char *const more[][2] = {{"exclude_days", "3"},
                                          {"exclude_kinds", "no"}};
    for (int i = 0; i < 2; i++) {
        struct fail f;
        recommend_short(&req, RECOMMEND_THE_BEST, &limits);
        ck_assert(recommend_query(&req, "exclude_seen", "false", &limits, &f));
        ck_assert(!recommend_query(&req, more[i][0], more[i][1], &limits, &f));
        ck_assert_int_eq(f.code, FAIL_invalid_value);
    }
}
END_TEST

int main(void)
{
    char error[BEHAVIOUR_ERROR_MAX];
    const TTest *tests[] = {documents, documents_that_are_none,
                            no_more_than_there_are, parameters};
    if (!behaviour_kinds_set(&kinds, "view:0.2,buy:1,no:-1,shown:0", error))
        return EXIT_FAILURE;
    limits = proto_test_limits;
    limits.kinds = &kinds;
    proto_setup();
    return suite_run("recommend_seen", tests, sizeof tests / sizeof *tests);
}
