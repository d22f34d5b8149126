/* check_admin_msg.c -- the control plane's requests and answers as JSON. */
#include "proto_test.h"

#include "proto/admin.h"

static bool rollback(const char *body, uint64_t *to, struct fail *f)
{
    return admin_rollback_parse(body, strlen(body), &proto_test_limits, to, f);
}

START_TEST(rollbacks)
{
    static const struct {
        const char *body;
        enum fail_code code;
    } rows[] = {
        {"{\"to_seq\":0}", FAIL_NONE},
        {"{\"to_seq\":9223372036854775807}", FAIL_NONE},
        {"{\"to_seq\":9223372036854775808}", FAIL_invalid_json},
        {"{\"to_seq\":-1}", FAIL_invalid_type},
        {"{\"to_seq\":1.0}", FAIL_invalid_type},
        {"{\"to_seq\":\"1\"}", FAIL_invalid_type},
        {"{\"to_seq\":null}", FAIL_invalid_type},
        {"{\"to_seq\":1,\"now\":true}", FAIL_unknown_field},
        {"{\"to_seq\":1,\"to_seq\":2}", FAIL_invalid_json},
        {"{}", FAIL_missing_field},
        {"[1]", FAIL_invalid_type},
        {"", FAIL_invalid_json},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fail f = {.code = FAIL_NONE};
        uint64_t to = 77;
        bool ok = rollback(rows[i].body, &to, &f);
        ck_assert_msg(f.code == rows[i].code, "%s: %s", rows[i].body,
                      fail_name(f.code));
        ck_assert(ok == (f.code == FAIL_NONE));
        ck_assert(ok == (to != 77));
    }
}
END_TEST

/* ---- settings ------------------------------------------------------------ */

struct said {
    char text[256];
    const char *refuse;        /* this name; NULL: none */
};

static bool say(void *arg, const char *name, const char *value,
                struct fail *f)
{
    struct said *s = arg;
    size_t n = strlen(s->text);
    if (s->refuse && strcmp(name, s->refuse) == 0)
        return fail_set(f, FAIL_invalid_setting, NULL);
    snprintf(s->text + n, sizeof s->text - n, "%s=%s;", name, value);
    return true;
}

START_TEST(options)
{
    static const struct {
        const char *body, *said;
        enum fail_code code;
    } rows[] = {
        {"{\"a.b\":1,\"c.d\":-2.5,\"e.f\":\"on\"}", "a.b=1;c.d=-2.5;e.f=on;",
         FAIL_NONE},
        {"{\"a.b\":0.1}", "a.b=0.10000000000000001;", FAIL_NONE},
        {"{\"a.b\":1e300}", "a.b=1.0000000000000001e+300;", FAIL_NONE},
        {"{\"a.b\":1,\"no\":2,\"c.d\":3}", "a.b=1;", FAIL_invalid_setting},
        {"{\"a.b\":true}", "", FAIL_invalid_type},
        {"{\"a.b\":{}}", "", FAIL_invalid_type},
        {"{}", "", FAIL_missing_field},
        {"[]", "", FAIL_invalid_type},
        {"{\"a.b\":1,\"a.b\":1}", "", FAIL_invalid_json},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct said s = {.refuse = "no"};
        struct fail f = {.code = FAIL_NONE};
        bool ok = admin_settings_parse(rows[i].body, strlen(rows[i].body),
                                       &proto_test_limits, say, &s, &f);
        ck_assert_msg(f.code == rows[i].code, "%s: %s", rows[i].body,
                      fail_name(f.code));
        ck_assert(ok == (f.code == FAIL_NONE));
        ck_assert_str_eq(s.text, rows[i].said);
    }
}
END_TEST

/* ---- answers ------------------------------------------------------------- */

static void is(struct buf *b, const char *want)
{
    buf_putc(b, '\0');
    ck_assert(!b->failed);
    ck_assert_str_eq(b->p, want);
    buf_clear(b);
}

START_TEST(answers)
{
    struct buf b = {0};
    uint64_t seq = 9;
    struct rollback_receipt r = {.to_seq = 4, .seq = 9, .events = 5,
                                 .live = true, .model_seq = 10};
    admin_rolled_back(&b, &r);
    is(&b, "{\"rolled_back\":true,\"to_seq\":4,\"seq\":9,\"events\":5,"
           "\"effective\":\"now\",\"model_seq\":10}");
    r.live = false;
    admin_rolled_back(&b, &r);
    ck_assert(memmem(b.p, b.len, "at the next start", 17) != NULL);
    buf_clear(&b);
    admin_paused(&b, true, 3);
    is(&b, "{\"paused\":true,\"model_seq\":3}");
    admin_settings_begin(&b);
    admin_setting_number(&b, "a.b", (double)0.1f, true);
    admin_setting_number(&b, "c.d", 0.1, false);
    admin_setting_word(&b, "e.f", "on|off", 2);
    admin_settings_configured(&b);
    admin_setting_number(&b, "a.b", 3, false);
    admin_settings_end(&b, &seq, 12);
    is(&b, "{\"settings\":{\"a.b\":0.1,\"c.d\":0.1,\"e.f\":\"on\"},"
           "\"configured\":{\"a.b\":3},\"seq\":9,\"model_seq\":12}");
    admin_settings_begin(&b);
    admin_settings_configured(&b);
    admin_settings_end(&b, NULL, 0);
    is(&b, "{\"settings\":{},\"configured\":{},\"model_seq\":0}");
    buf_release(&b);
}
END_TEST

PROTO_TEST_MAIN("admin_msg", rollbacks, options, answers)
