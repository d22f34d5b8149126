/* check_session.c -- the session bias: fades, never looks back, stays finite. */
#include "model_test.h"

#include <float.h>
#include <math.h>

#include "model/learn/session.h"

struct row {
    float session;
    int64_t last_ms;
    struct users u;
};

static struct users *row_of(struct row *r, float session, int64_t last_ms)
{
    *r = (struct row){.session = session, .last_ms = last_ms};
    r->u = (struct users){.n = 1, .session = &r->session,
                          .last_ms = &r->last_ms};
    return &r->u;
}

static struct settings with(float tau, float rate)
{
    return (struct settings){.session_tau = tau, .session_rate = rate};
}

START_TEST(fades)
{
    static const struct {
        int64_t ms;
        double part;
    } t[] = {{0, 1}, {1000, 0.98019867330675525}, {50000, 0.36787944117144233},
             {500000, 4.5399929762484854e-5}, {86400000, 0}};
    struct settings s = with(50, 0.1f);
    struct row r;
    for (size_t k = 0; k < sizeof t / sizeof *t; k++) {
        const struct users *u = row_of(&r, 0.5f, 1700000000000);
        float v = session_value(u, 0, 1700000000000 + t[k].ms, &s);
        ck_assert_double_eq_tol(v, 0.5 * t[k].part, 3e-8);
    }
}
END_TEST

START_TEST(does_not_look_back)
{
    struct settings s = with(50, 0.1f);
    struct row r;
    struct users *u = row_of(&r, 0.5f, 1000000);
    ck_assert(session_value(u, 0, 999999, &s) == 0);
    session_learn(u, 0, 999999, 2, &s); // late: changes nothing
    ck_assert(r.session == 0.5f);
    ck_assert_int_eq(r.last_ms, 1000000);
}
END_TEST

START_TEST(learns_a_part_of_the_error)
{
    struct settings s = with(50, 0.25f);
    struct row r;
    struct users *u = row_of(&r, 0, 0);
    session_learn(u, 0, 5000, 2, &s);
    ck_assert(r.session == 0.5f);
    ck_assert_int_eq(r.last_ms, 5000);
    session_learn(u, 0, 5000, -1, &s); // at the same moment nothing fades
    ck_assert(r.session == 0.25f);
}
END_TEST

START_TEST(off_is_off)
{
    struct settings s = with(0, 0.25f);
    struct row r;
    struct users *u = row_of(&r, 0.5f, 1000);
    ck_assert(session_value(u, 0, 1000, &s) == 0);
    session_learn(u, 0, 2000, 2, &s);
    ck_assert(r.session == 0.5f);
}
END_TEST

START_TEST(stays_finite)
{
    struct settings s = with(50, 1);
    struct row r;
    struct users *u = row_of(&r, FLT_MAX, 1000);
    session_learn(u, 0, 1000, FLT_MAX, &s);
    ck_assert(r.session == FLT_MAX);
    session_learn(u, 0, 1000, NAN, &s);
    ck_assert(r.session == FLT_MAX);
    // the ends of time
    row_of(&r, 1, 0);
    ck_assert(session_value(u, 0, INT64_MAX, &s) == 0);
}
END_TEST

MODEL_TEST_MAIN("session", fades, does_not_look_back,
                learns_a_part_of_the_error, off_is_off, stays_finite)
