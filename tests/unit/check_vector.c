/* check_vector.c -- imported rows and means, and what a teacher says. */
#include "model_test.h"

#include <math.h>
#include <stdbool.h>

#include "model/core/bytes.h"
#include "model/core/ids.h"
#include "model/learn/distill.h"
#include "model/learn/history.h"
#include "model/learn/vector.h"
#include "model/rank/predict.h"

#define DIM 16

static struct model *m;
static uint64_t seq;
static unsigned char payload[VECTOR_BYTES(DIM)];

static void setup(const struct settings *s)
{
    ck_assert_int_eq(model_new(s, 1, &m), ERR_OK);
    seq = 0;
}

static const struct table *table(void)
{
    const struct table *t = live_pin(model_live(m), 0);
    live_unpin(model_live(m), 0);
    return t;
}

static struct id name(const char *s)
{
    return (struct id){s, (uint32_t)strlen(s)};
}

/* dim numbers first, first + 1, ... */
static struct event vector(enum event_head head, uint32_t dim, float first,
                           float bias)
{
    float v[DIM];
    for (uint32_t d = 0; d < dim; d++)
        v[d] = first + (float)d;
    vector_encode(head, v, dim, payload);
    return (struct event){.type = EVENT_VECTOR, .value = bias,
                          .payload = payload,
                          .payload_bytes = VECTOR_BYTES(dim)};
}

static void fold(const struct event *e)
{
    ck_assert(isnan(test_fold(m, e, ++seq)));
}

START_TEST(rows_are_made_and_set)
{
    struct settings s = test_settings();
    setup(&s);
    struct event e = vector(EVENT_HEAD_RATING, 16, 1, 0.5f);
    e.user = name("u");
    e.has_second = true;
    e.second = 20;
    fold(&e);
    e = vector(EVENT_HEAD_RANKING, 8, -2, 0.25f);
    e.item = name("i");
    fold(&e);
    const struct table *t = table();
    ck_assert(t->users.n == 1 && t->items.n == 1);
    ck_assert(t->users.vec[0] == 1 && t->users.vec[15] == 16);
    ck_assert(t->users.bias[0] == 0.5f && t->users.count[0] == 20);
    ck_assert(t->items.rvec[0] == -2 && t->items.rvec[7] == 5);
    ck_assert(t->items.rbias[0] == 0.25f && t->items.count[0] == 0);
    ck_assert(t->items.bias[0] == 0 && t->items.vec[0] != 0); // as if new
    ck_assert_uint_eq(ids_birth(live_user_ids(model_live(m)), 0), 1);
    // again, over what is there; a count does not go down
    e = vector(EVENT_HEAD_RATING, 16, 3, -0.5f);
    e.user = name("u");
    e.has_second = true;
    e.second = 4;
    fold(&e);
    e = vector(EVENT_HEAD_RATING, 16, 5, 1);
    e.item = name("i");
    fold(&e);
    t = table();
    ck_assert(t->users.vec[0] == 3 && t->users.count[0] == 20);
    ck_assert(t->items.vec[0] == 5 && t->items.rvec[0] == -2);
    ck_assert(t->users.n == 1 && t->totals.skipped == 0);
    ck_assert_uint_eq(t->totals.events, 0);
    model_free(m);
}
END_TEST

/* What cannot be is skipped, and leaves no row. */
START_TEST(skipped)
{
    struct settings s = test_settings();
    setup(&s);
    for (int k = 0; k < 7; k++) {
        struct event e = vector(EVENT_HEAD_RATING, 16, 1, 0);
        e.user = name("u");
        if (k == 0)
            e.payload_bytes -= 4;
        if (k == 1)
            payload[0] = EVENT_HEAD_RANKING; // which has 8
        if (k == 2)
            payload[0] = 2;
        if (k == 3)
            put_f32(payload + VECTOR_BYTES(7), NAN);
        if (k == 4)
            e.value = INFINITY;
        if (k == 5) {
            e.has_second = true;
            e.second = -1;
        }
        if (k == 6) { // a mean with numbers
            e.user.len = 0;
        }
        fold(&e);
        ck_assert_uint_eq(table()->totals.skipped, (uint64_t)k + 1);
        ck_assert_uint_eq(table()->users.n, 0);
    }
    model_free(m);
    s.max_items = 1;
    setup(&s);
    for (int k = 0; k < 2; k++) {
        struct event e = vector(EVENT_HEAD_RATING, 16, 1, 0);
        e.item = name(k ? "b" : "a");
        fold(&e);
    }
    ck_assert(table()->items.n == 1 && table()->totals.skipped == 1);
    model_free(m);
}
END_TEST

START_TEST(a_mean)
{
    struct settings s = test_settings();
    setup(&s);
    ck_assert(predict_mean(table()) == 3);
    uint64_t hash = model_hash(m);
    struct event e = {.type = EVENT_VECTOR, .value = 4.25f};
    fold(&e);
    ck_assert(predict_mean(table()) == 4.25);
    ck_assert_uint_ne(model_hash(m), hash);
    e.has_second = true;
    e.second = 30;
    fold(&e);
    struct event rating = test_event("u", "i", 2, 0);
    test_fold(m, &rating, ++seq);
    ck_assert(fabs(predict_mean(table()) - (30 * 4.25 + 2) / 31) < 1e-12);
    model_free(m);
}
END_TEST

START_TEST(units)
{
    struct settings s = test_settings();
    ck_assert(vector_scale(&s) == 1);
    s.rating_min = 0;
    s.rating_max = 10;
    ck_assert(vector_scale(&s) == 0.4f);
}
END_TEST

/* ---- teachers ------------------------------------------------------------ */

START_TEST(targets)
{
    struct settings s = test_settings();
    struct event e = test_event("u", "i", 4, 0);
    s.distill = 0.5f;
    ck_assert(distill_target(&s, &e) == 4);
    e.has_second = true;
    e.second = 3;
    ck_assert(distill_target(&s, &e) == 3.5f);
    s.distill = 0;
    ck_assert(distill_target(&s, &e) == 4);
    s.distill = 1;
    ck_assert(distill_target(&s, &e) == 3);
    e.second = 5.5f; // no rating can be that
    ck_assert(distill_target(&s, &e) == 4);
    e.second = NAN;
    ck_assert(distill_target(&s, &e) == 4);
}
END_TEST

/* The rating is tested and counted, its neighbour is learned. */
START_TEST(a_taught_rating)
{
    struct settings s = test_settings();
    s.distill = 1;
    setup(&s);
    struct event e = test_event("u", "i", 5, 0);
    e.has_second = true;
    e.second = 1;
    test_fold(m, &e, ++seq);
    const struct table *t = table();
    ck_assert(t->users.bias[0] < 0 && t->items.bias[0] < 0);
    ck_assert(t->totals.scaled_sum == 5 && t->totals.all.n == 1);
    ck_assert(t->totals.all.squared == 4); // 5, where 3 was said
    ck_assert(history_entries(model_history(m))[0].inner == 1);
    model_free(m);
}
END_TEST

START_TEST(a_teachers_word)
{
    struct settings s = test_settings();
    s.distill = 1;
    setup(&s);
    struct event e = test_event("u", "i", 5, 7000);
    e.type = EVENT_TEACHER;
    for (int k = 0; k < 200; k++)
        fold(&e);
    const struct table *t = table();
    ck_assert(t->users.n == 1 && t->items.n == 1);
    ck_assert_msg(fabsf(predict_inner(t, 0, 0) - 5) < 0.1f, "%f",
                  (double)predict_inner(t, 0, 0));
    ck_assert(t->users.count[0] == 0 && t->items.count[0] == 0 &&
              t->users.nseen[0] == 0 && t->users.session[0] == 0 &&
              t->items.events[0] == 0);
    ck_assert(t->totals.events == 0 && t->totals.all.n == 0 &&
              t->totals.clock_ms == 0 && predict_mean(t) == 3);
    ck_assert_uint_eq(history_count(model_history(m)), 0);
    e.value = 5.5f;
    fold(&e);
    ck_assert_uint_eq(table()->totals.skipped, 1);
    model_free(m);
}
END_TEST

MODEL_TEST_MAIN("vector", rows_are_made_and_set, skipped, a_mean, units,
                targets, a_taught_rating, a_teachers_word)
