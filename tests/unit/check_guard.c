/* check_guard.c -- when the guard holds and when it lets go, what a held model
 * is, and the pace of steps: all of it the same however events are batched. */
#include "model_test.h"

#include <math.h>

#include "model/learn/guard.h"
#include "model/learn/pace.h"

static struct settings settings_of(float ratio)
{
    struct settings s = test_settings();
    s.guard_ratio = ratio;
    return s;
}

/* ---- the guard alone ------------------------------------------------------ */

/* A window of n ratings with these squared errors each, then a look. */
static void window(struct totals *t, const struct settings *s, uint32_t n,
                   double squared, double baseline)
{
    for (uint32_t i = 0; i < n; i++)
        guard_add(t, (float)(3 + sqrt(squared)), (float)(3 + sqrt(baseline)),
                  3);
    t->seq += GUARD_EVENTS;
    guard_look(t, s);
}

START_TEST(trips_and_releases)
{
    struct settings s = settings_of(1.5f);
    struct totals t = {0};
    for (int i = 0; i < 10; i++)
        window(&t, &s, 1000, 0.9, 1);
    ck_assert_uint_eq(t.course.held, 0);
    ck_assert_uint_eq(t.course.good_seq, 10 * GUARD_EVENTS);
    window(&t, &s, 1000, 1.49, 1);        // bad, not bad enough
    ck_assert_uint_eq(t.course.held, 0);
    window(&t, &s, 1000, 1.52, 1);
    ck_assert_uint_eq(t.course.held, 11 * GUARD_EVENTS);
    ck_assert_uint_eq(t.course.held_at, 12 * GUARD_EVENTS);
    uint64_t past = t.course.past.n;
    window(&t, &s, 1000, 1.4, 1);         // not good enough
    window(&t, &s, 1000, 1.25, 1);
    ck_assert_uint_eq(t.course.held, 11 * GUARD_EVENTS);
    ck_assert_uint_eq(t.course.past.n, past);
    window(&t, &s, 1000, 1.19, 1);
    ck_assert_uint_eq(t.course.held, 0);
    ck_assert_uint_eq(t.course.held_at, 0);
    ck_assert_uint_eq(t.course.trips, 1);
    ck_assert_uint_eq(t.course.good_seq, 15 * GUARD_EVENTS);
}
END_TEST

/* Windows in which it must not trip, after a good past. */
START_TEST(does_not_trip)
{
    static const struct {
        float ratio;
        double past;               /* squared error of the windows before */
        double squared, baseline;
    } rows[] = {
        {0, 0.9, 16, 1},           // off
        {1.5f, 1.1, 4, 1},         // was never good
        {1.5f, 0.9, 0.0015, 1e-9}, // less than 1% of the scale
        {20, 0.9, 19, 1},          // as asked for
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct settings s = settings_of(rows[i].ratio);
        struct totals t = {0};
        for (int k = 0; k < 5; k++)
            window(&t, &s, 1000, rows[i].past, 1);
        window(&t, &s, 1000, rows[i].squared, rows[i].baseline);
        ck_assert_msg(t.course.held == 0, "row %zu", i);
    }
}
END_TEST

/* Too few ratings in a window: they are looked at with those to come. */
START_TEST(waits_for_enough)
{
    struct settings s = settings_of(1.5f);
    struct totals t = {0};
    window(&t, &s, 1000, 0.9, 1);
    for (uint32_t n = 0; n + 50 < GUARD_RATINGS; n += 50)
        window(&t, &s, 50, 4, 1);
    ck_assert_uint_eq(t.course.held, 0);
    window(&t, &s, 50, 4, 1);
    ck_assert_uint_eq(t.course.held, GUARD_EVENTS);
}
END_TEST

START_TEST(switched_off_lets_go)
{
    struct settings s = settings_of(1.5f);
    struct totals t = {0};
    window(&t, &s, 1000, 0.9, 1);
    window(&t, &s, 1000, 4, 1);
    ck_assert_uint_ne(t.course.held, 0);
    s.guard_ratio = 0;
    window(&t, &s, 1000, 4, 1);
    ck_assert_uint_eq(t.course.held, 0);
}
END_TEST

/* ---- in a model ----------------------------------------------------------- */

#define GOOD 8192u             /* events until the poison comes, */
#define BAD  1500u             /* ... of it, */
#define ALL  40960u            /* ... and of all */

/* Events of the stream; the poison turns every rating around. */
static struct event poisoned(uint32_t k, char name[2][16])
{
    struct event e = test_stream(k, 200, 150, name);
    if (k >= GOOD && k < GOOD + BAD)
        e.value = 6 - e.value;
    return e;
}

/* Folds [from, to), offered every `batch` events.  The offers that were held. */
static uint32_t fold_some(struct model *m, uint32_t from, uint32_t to,
                          uint32_t batch)
{
    uint32_t held = 0;
    for (uint32_t k = from; k < to; k++) {
        char name[2][16];
        struct event e = poisoned(k, name);
        if ((k - from) % batch == 0)
            model_begin(m);
        model_fold(m, &e, k + 1, NULL);
        if ((k - from) % batch == batch - 1 || k == to - 1)
            held += !model_offer(m);
    }
    return held;
}

static struct model *new_model(float ratio)
{
    struct settings s = settings_of(ratio);
    struct model *m;
    ck_assert_int_eq(model_new(&s, 1, &m), ERR_OK);
    return m;
}

START_TEST(holds_and_comes_back)
{
    struct model *m = new_model(1.5f), *free_run = new_model(0);
    ck_assert_uint_eq(fold_some(m, 0, GOOD, 100), 0);
    ck_assert_uint_gt(fold_some(m, GOOD, GOOD + BAD, 100), 3);
    struct course c = model_course(m);
    ck_assert_uint_eq(c.held, GOOD);
    uint64_t shown = live_seq(model_live(m));
    ck_assert_uint_ge(shown, GOOD - 1);
    ck_assert_uint_lt(shown, c.held_at);
    ck_assert_uint_eq(model_seq(m), GOOD + BAD);
    ck_assert_uint_gt(fold_some(m, GOOD + BAD, ALL, 100), 0);
    ck_assert_uint_eq(model_course(m).held, 0); // by itself
    ck_assert_uint_eq(live_seq(model_live(m)), ALL);
    // but for the flag it is the model that was never held
    (void)fold_some(free_run, 0, ALL, 100);
    const struct table *a = live_pin(model_live(m), 0);
    const struct table *b = live_pin(model_live(free_run), 0);
    ck_assert_uint_eq(live_hash(model_live(m), a),
                      live_hash(model_live(free_run), b));
    ck_assert(a->totals.all.squared == b->totals.all.squared);
    live_unpin(model_live(m), 0);
    live_unpin(model_live(free_run), 0);
    model_free(m);
    model_free(free_run);
}
END_TEST

START_TEST(batches_do_not_matter)
{
    static const uint32_t batch[] = {1, 64, 1000, ALL};
    uint64_t hash[2] = {0};
    for (size_t i = 0; i < sizeof batch / sizeof *batch; i++) {
        struct model *m = new_model(1.5f);
        for (int half = 0; half < 2; half++) { // held at the end of the first
            (void)fold_some(m, half ? GOOD + BAD : 0, half ? ALL : GOOD + BAD,
                            batch[i]);
            ck_assert_int_eq(model_course(m).held != 0, !half);
            hash[half] = i ? hash[half] : model_hash(m);
            ck_assert_uint_eq(model_hash(m), hash[half]);
        }
        model_free(m);
    }
}
END_TEST

/* Freed while it is held: the lists that grew meanwhile are not leaked, those
 * that readers saw not freed twice (valgrind and ASan look on). */
START_TEST(freed_while_held)
{
    struct model *m = new_model(1.5f);
    (void)fold_some(m, 0, GOOD + BAD, 100);
    ck_assert_uint_ne(model_course(m).held, 0);
    model_free(m);
}
END_TEST

/* ---- the pace ------------------------------------------------------------- */

static struct settings paced(void)
{
    struct settings s = test_settings();
    s.control = 1;
    s.control_min = 0.5f;
    s.control_max = 2;
    return s;
}

START_TEST(pace_stays_in_bounds)
{
    struct settings s = paced(), off = test_settings();
    struct totals t = {0};
    ck_assert(pace_now(&t.course, &s) == 1);
    for (int i = 0; i < 200; i++) {
        window(&t, &s, 300, 0.8, 1);
        ck_assert(pace_now(&t.course, &s) >= 0.5f);
    }
    ck_assert(pace_now(&t.course, &s) == 0.5f); // stable
    for (int i = 0; i < 30; i++) {
        window(&t, &s, 300, 0.8 + 0.2 * i, 1);
        ck_assert(pace_now(&t.course, &s) <= 2);
    }
    ck_assert(pace_now(&t.course, &s) == 2);    // it gets worse and worse
    s.control_max = 1.5f;                       // a bound that moves counts
    ck_assert(pace_now(&t.course, &s) == 1.5f);
    ck_assert(pace_now(&t.course, &off) == 1);
}
END_TEST

#define TURN 20000u            /* events between two changes of taste */

/* The sum of squared errors on a stream whose taste turns around every now and
 * then, from the first time on.  *above: events with larger steps. */
static double drifting(bool control, uint32_t *above)
{
    struct settings s = paced();
    struct model *m;
    double squared = 0;
    s.control = control;
    s.replay = 0;
    ck_assert_int_eq(model_new(&s, 1, &m), ERR_OK);
    *above = 0;
    for (uint32_t k = 0; k < 4 * TURN; k++) {
        char name[2][16];
        struct event e = test_stream(k, 200, 150, name);
        if (k / TURN % 2)
            e.value = 6 - e.value;
        float p = test_fold(m, &e, k + 1);
        if (k >= TURN)
            squared += ((double)p - (double)e.value) *
                       ((double)p - (double)e.value);
        struct course c = model_course(m);
        *above += pace_now(&c, &s) > 1;
    }
    model_free(m);
    return squared;
}

START_TEST(helps_on_drift)
{
    uint32_t above;
    double without = drifting(false, &above);
    ck_assert_uint_eq(above, 0);
    double with = drifting(true, &above);
    ck_assert_uint_gt(above, 1024);
    ck_assert_msg(with < 0.97 * without, "%g, without control %g", with,
                  without);
}
END_TEST

MODEL_TEST_MAIN("guard", trips_and_releases, does_not_trip, waits_for_enough,
                switched_off_lets_go, holds_and_comes_back,
                batches_do_not_matter, freed_while_held, pace_stays_in_bounds,
                helps_on_drift)
