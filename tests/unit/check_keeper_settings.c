/* check_keeper_settings.c -- settings that change while the daemon runs, and
 * what a start makes of them: they stay until their configuration changes. */
#include "keeper_test.h"

static struct house x;

static uint64_t field(const char *option)
{
    bool fixed;
    uint64_t bit = settings_field(option, &fixed);
    ck_assert(bit && !fixed);
    return bit;
}

static struct job *ask(struct settings s, uint64_t fields)
{
    struct job *job = house_job(JOB_SETTINGS, "", "");
    job->settings = s;
    job->fields = fields;
    return house_ask(&x, job);
}

static void set_rate(float rate)
{
    struct job *job = ask((struct settings){.bias_rate = rate},
                          field("learn.bias_rate"));
    ck_assert_int_eq(job->err, ERR_OK);
    ck_assert(job->settings.bias_rate == rate);
    job_free(job);
}

static void begin(void)
{
    house_init(&x, false);
    house_open(&x);
    house_start(&x);
}

/* What the daemon learns with after it has started again, and that the model is
 * that of the log. */
static struct settings again(void)
{
    house_again(&x, true);
    house_applied(&x);
    house_stop(&x);
    ck_assert_uint_eq(model_hash(x.h.m), home_fold(&x.h));
    struct settings s = *model_settings_now(x.h.m);
    house_close(&x, true);
    house_open(&x);
    house_start(&x);
    return s;
}

START_TEST(in_force_from_here_on)
{
    begin();
    house_rate(&x, 100);
    set_rate(0.02f);
    ck_assert_uint_eq(journal_last(x.journal), 101);
    house_rate(&x, 100);
    set_rate(0.02f); // as it is: no event
    ck_assert_uint_eq(journal_last(x.journal), 201);
    house_applied(&x);
    house_stop(&x);
    ck_assert(model_settings_now(x.h.m)->bias_rate == 0.02f);
    ck_assert_uint_eq(model_hash(x.h.m), home_fold(&x.h));
    house_close(&x, true);
    house_open(&x);
    house_start(&x);
    house_release(&x);
}
END_TEST

/* With and without a snapshot that holds it. */
START_TEST(stays_over_restarts)
{
    begin();
    house_rate(&x, 100);
    set_rate(0.02f);
    for (int i = 0; i < 4; i++) {
        ck_assert(again().bias_rate == 0.02f);
        ck_assert(!x.h.r.settled);
        ck_assert(x.h.r.configured.bias_rate == x.h.want.bias_rate);
        house_rate(&x, 50);
        house_applied(&x);
        if (i == 1)
            ck_assert_int_eq(house_do(&x, JOB_SNAPSHOT, "", "").err, ERR_OK);
    }
    house_release(&x);
}
END_TEST

START_TEST(until_its_configuration_changes)
{
    begin();
    set_rate(0.02f);
    struct job *job = ask((struct settings){.factor_l2 = 0.5f},
                          field("learn.factor_l2"));
    ck_assert_int_eq(job->err, ERR_OK);
    job_free(job);
    house_rate(&x, 100);
    x.h.want.factor_rate = 0.09f; // of another option
    struct settings s = again();
    ck_assert(s.bias_rate == 0.02f && s.factor_l2 == 0.5f &&
              s.factor_rate == 0.09f);
    x.h.want.bias_rate = 0.03f;   // of its own
    s = again();
    ck_assert(s.bias_rate == 0.03f && s.factor_l2 == 0.5f);
    x.h.want.factor_l2 = 0.5f;    // to what it is: so it is configured now
    s = again();
    ck_assert(s.factor_l2 == 0.5f);
    x.h.want.factor_l2 = test_settings().factor_l2;
    s = again();
    ck_assert(s.factor_l2 == test_settings().factor_l2);
    ck_assert_ptr_null(settings_differ(&s, &x.h.want, false));
    house_release(&x);
}
END_TEST

/* Two at a time, of different options: none is lost. */
START_TEST(one_after_the_other)
{
    begin();
    struct job *job[2] = {house_job(JOB_SETTINGS, "", ""),
                          house_job(JOB_SETTINGS, "", "")};
    job[0]->settings.bias_rate = 0.02f;
    job[0]->fields = field("learn.bias_rate");
    job[1]->settings.bias_l2 = 0.2f;
    job[1]->fields = field("learn.bias_l2");
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(keeper_submit(x.keeper, job[i]), ERR_OK);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(house_answer(&x)->err, ERR_OK);
    ck_assert(job[1]->settings.bias_rate == 0.02f &&
              job[1]->settings.bias_l2 == 0.2f);
    job_free(job[0]);
    job_free(job[1]);
    struct settings s = again();
    ck_assert(s.bias_rate == 0.02f && s.bias_l2 == 0.2f);
    house_release(&x);
}
END_TEST

START_TEST(what_cannot_be)
{
    begin();
    struct job *job = ask((struct settings){.control_min = 3},
                          field("learn.control_min")); // above control_max
    ck_assert_int_eq(job->err, ERR_RANGE);
    ck_assert_ptr_nonnull(job->why);
    ck_assert_uint_eq(journal_last(x.journal), 0);
    job_free(job);
    house_release(&x);
}
END_TEST

/* ---- options as bits ------------------------------------------------------ */

START_TEST(fields)
{
    uint64_t all = 0;
    bool fixed, single;
    struct settings a = test_settings(), b = {0};
#define FIELD(member, kind, option, may_not)                                   \
    {                                                                          \
        uint64_t bit = settings_field(option, &fixed);                         \
        ck_assert_msg(bit && (bit & (bit - 1)) == 0 && !(all & bit), option);  \
        ck_assert(fixed || !(may_not));                                        \
        ck_assert(settings_value(&a, bit, &single) == (double)a.member);       \
        settings_take(&b, &a, bit);                                            \
        ck_assert(a.member == b.member);                                       \
        all |= bit;                                                            \
    }
    SETTINGS_FIELDS(FIELD)
    ck_assert_ptr_null(settings_differ(&a, &b, false));
    ck_assert(settings_field("model.max_users", &fixed) && fixed);
    ck_assert(settings_field("model.max_seen", &fixed) && !fixed);
    ck_assert_uint_eq(settings_field("server.listen", &fixed), 0);
}
END_TEST

/* The text with what was configured comes back, and fits however long. */
START_TEST(text_of_both)
{
    struct settings a = test_settings(), b = a, back, configured;
    char text[SETTINGS_TEXT_MAX], why[SETTINGS_ERROR_MAX];
    for (int worst = 0; worst < 2; worst++) {
#define SPOIL(member, kind, option, fixed)                                     \
        if (worst || !(fixed)) {                                               \
            SPOIL_##kind(a.member, 1);                                         \
            SPOIL_##kind(b.member, 2);                                         \
        }
#define SPOIL_F32(to, i) to = -(1.23456789e-10f + (float)(i) * 1e-17f)
#define SPOIL_F64(to, i) to = -(1.2345678901234567e-300 * (i))
#define SPOIL_U32(to, i) to = UINT32_MAX - (i)
#define SPOIL_U64(to, i) to = UINT64_MAX - (i)
        SETTINGS_FIELDS(SPOIL)
        size_t n = settings_write_both(&a, &b, text);
        ck_assert_uint_eq(n, strlen(text));
        ck_assert_msg(settings_parse_both(text, n, &back, &configured, why),
                      "%s", why);
        ck_assert_ptr_null(settings_differ(&a, &back, false));
        ck_assert_ptr_null(settings_differ(&b, &configured, false));
        ck_assert(settings_parse(text, n, &back, why));
    }
    size_t n = settings_write(&a, text);
    ck_assert(settings_parse_both(text, n, &back, &configured, why));
    ck_assert_ptr_null(settings_differ(&a, &configured, false));
    static const char *const wrong[] = {"configured.learn.new=1\n",
                                        "configured.fold_version=1\n",
                                        "configured.\n",
                                        "configured.learn.l2\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        snprintf(text + n, sizeof text - n, "%s", wrong[i]);
        ck_assert_msg(!settings_parse(text, strlen(text), &back, why), "%s",
                      wrong[i]);
    }
}
END_TEST

MODEL_TEST_MAIN("keeper_settings", in_force_from_here_on, stays_over_restarts,
                until_its_configuration_changes, one_after_the_other,
                what_cannot_be, fields, text_of_both)
