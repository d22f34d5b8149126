/* check_ranking.c -- one event of the ranking head: its gradient against finite
 * differences, who is compared with whom, replays, dislikes. */
#include "cards_test.h"

#include <math.h>

#include "model/learn/fold.h"
#include "model/learn/history.h"
#include "model/learn/seen.h"

#define R       8u
#define ROWS    20u    /* of each entity at most, in these tests */

/* No negatives, no replay, no decay: one example. */
static struct settings plain_settings(void)
{
    struct settings s = test_settings();
    s.rdim = R;
    s.negatives = s.rank_replay = s.positives = 0;
    s.rank_l2 = 0;
    s.rank_init = 1.5f;
    s.rank_feature_rate = 0.5f;
    return s;
}

/* What of the ranking head there is. */
struct picture {
    float users[ROWS][R], items[ROWS][R], features[ROWS][R], rbias[ROWS];
};

static void picture_take(const struct cards_rig *r, struct picture *p)
{
    const struct table *t = r->t;
    ck_assert(t->users.n <= ROWS && t->items.n <= ROWS &&
              t->features.n <= ROWS);
    memset(p, 0, sizeof *p);
    memcpy(p->users, t->users.rvec, t->users.n * sizeof p->users[0]);
    memcpy(p->items, t->items.rvec, t->items.n * sizeof p->items[0]);
    memcpy(p->features, t->features.rvec,
           t->features.n * sizeof p->features[0]);
    memcpy(p->rbias, t->items.rbias, t->items.n * sizeof p->rbias[0]);
}

/* ---- the gradient ------------------------------------------------------ */

/* The loss of user 0 and item 0 in doubles, by the definition: features 0 and 1
 * are the item's, 1 and 2 the user's. */
static const double item_weight[] = {1.0, -0.5}, user_weight[] = {0.75, 1.0};

static double loss(const struct picture *p, double label)
{
    double s = (double)p->rbias[0];
    for (uint32_t d = 0; d < R; d++) {
        double u = (double)p->users[0][d], q = (double)p->items[0][d];
        for (int k = 0; k < 2; k++) {
            q += item_weight[k] * (double)p->features[k][d];
            u += user_weight[k] * (double)p->features[1 + k][d];
        }
        s += u * q;
    }
    return label > 0 ? log1p(exp(-s)) : log1p(exp(s));
}

static double slope(struct picture *p, float *x, double label)
{
    const float h = 1.0f / 4096;
    float was = *x;
    *x = was + h;
    double up = loss(p, label), wide = (double)(*x - was);
    *x = was - h;
    double down = loss(p, label);
    wide += (double)(was - *x);
    *x = was;
    return (up - down) / wide;
}

static void moved(struct picture *before, const float *after, float *x,
                  double label, double rate)
{
    double want = -rate * slope(before, x, label);
    ck_assert_double_eq_tol((double)*after - (double)*x, want,
                            2e-3 * fabs(want) + 1e-6);
}

/* One step moves everything down the slope of the loss, each part by its rate.
 * (Feature 1 is of both: its two parts add up.) */
static void follows_the_slope(float weight)
{
    struct settings s = plain_settings();
    struct cards_rig r;
    static struct picture was, is;
    struct cards_test item = {.n = 0}, user = {.n = 0};
    cards_test_feature(&item, "a", (float)item_weight[0]);
    cards_test_feature(&item, "b", (float)item_weight[1]);
    cards_test_feature(&user, "b", (float)user_weight[0]);
    cards_test_feature(&user, "c", (float)user_weight[1]);
    cards_rig_init(&r, &s);
    cards_rig_put(&r, EVENT_ITEM_PUT, "i", &item);
    cards_rig_put(&r, EVENT_USER_PUT, "u", &user);
    picture_take(&r, &was);
    cards_rig_behave(&r, "u", "i", weight);
    picture_take(&r, &is);
    double step = (double)s.rank_rate * fabs((double)weight);
    double part = step * (double)s.rank_feature_rate;
    moved(&was, &is.rbias[0], &was.rbias[0], weight, step);
    for (uint32_t d = 0; d < R; d++) {
        moved(&was, &is.users[0][d], &was.users[0][d], weight, step);
        moved(&was, &is.items[0][d], &was.items[0][d], weight, step);
        for (uint32_t f = 0; f < 3; f++)
            moved(&was, &is.features[f][d], &was.features[f][d], weight, part);
    }
    cards_rig_release(&r);
}

START_TEST(gradient)
{
    follows_the_slope(1.0f);
    follows_the_slope(0.25f);
    follows_the_slope(-1.0f);
    follows_the_slope(-2.0f);
}
END_TEST

/* ---- who is compared with whom ----------------------------------------- */

/* Items that a positive event does not draw stay as they are; nor does it touch
 * one that the user has seen. */
START_TEST(negatives)
{
    struct settings s = plain_settings();
    struct cards_rig r;
    static struct picture was, is;
    uint32_t touched = 0, spared = 0;
    s.negatives = 3;
    cards_rig_init(&r, &s);
    for (uint32_t k = 0; k < ROWS; k++) {
        char name[16];
        snprintf(name, sizeof name, "i%u", k);
        cards_rig_behave(&r, k < 8 ? "u" : "other", name, 0); // rows, no more
    }
    picture_take(&r, &was);
    for (uint32_t k = 0; k < 8; k++) {
        char name[16];
        bool drawn[ROWS] = {false};
        snprintf(name, sizeof name, "i%u", k);
        for (uint32_t i = 0; i < s.negatives; i++)
            drawn[random_below(random_u64(s.seed, RANDOM_NEGATIVE, r.seq + 1,
                                          i), ROWS)] = true;
        cards_rig_behave(&r, "u", name, 1);
        picture_take(&r, &is);
        for (uint32_t i = 0; i < ROWS; i++) {
            bool seen = i <= k; // in this order
            bool want = i == k || (drawn[i] && !seen);
            ck_assert_msg((is.rbias[i] != was.rbias[i]) == want,
                          "item %u at event %u", i, k);
            ck_assert((memcmp(is.items[i], was.items[i], sizeof is.items[i]) !=
                       0) == want);
            if (want)
                ck_assert((is.rbias[i] > was.rbias[i]) == (i == k));
            touched += want;
            spared += drawn[i] && seen;
        }
        was = is;
    }
    ck_assert_uint_gt(touched, 16);
    ck_assert_uint_gt(spared, 1);
    cards_rig_release(&r);
}
END_TEST

static double dot_of(const float *a, const float *b)
{
    double sum = 0;
    for (uint32_t d = 0; d < R; d++)
        sum += (double)a[d] * (double)b[d];
    return sum;
}

/* What of x a step leaves and what it adds, by the rule in doubles. */
static void became(const float *after, const float *x, double decay,
                   const double *add)
{
    for (uint32_t d = 0; d < R; d++)
        ck_assert_double_eq_tol((double)after[d],
                                (1 - decay) * (double)x[d] + add[d], 1e-6);
}

/* All examples of a step are learned from what was there before it; an item that
 * is drawn twice learns twice. */
START_TEST(examples_at_once)
{
    struct settings s = plain_settings();
    struct cards_rig r;
    static struct picture was, is;
    double rate = (double)s.rank_rate, g[4] = {0}, sum[R] = {0};
    uint32_t n = 1, times[4] = {1};
    s.negatives = 12; // of three
    s.rank_l2 = 0.25f;
    cards_rig_init(&r, &s);
    for (uint32_t i = 0; i < 4; i++)
        cards_rig_behave(&r, "u", (const char *const[]){"a", "b", "c", "d"}[i],
                         0);
    picture_take(&r, &was);
    cards_rig_behave(&r, "u", "a", 1);
    picture_take(&r, &is);
    for (uint32_t k = 0; k < s.negatives; k++) {
        uint32_t i = random_below(random_u64(s.seed, RANDOM_NEGATIVE, r.seq, k),
                                  4);
        times[i] += i > 0;
        n += i > 0;
    }
    for (uint32_t i = 0; i < 4; i++) {
        double add[R], keep = 1, part = 0;
        g[i] = (i == 0) - 1 / (1 + exp(-((double)was.rbias[i] +
                                         dot_of(was.users[0], was.items[i]))));
        for (uint32_t k = 0; k < times[i]; k++) {
            part = part * (1 - rate * 0.25) + rate * g[i];
            keep *= 1 - rate * 0.25;
        }
        for (uint32_t d = 0; d < R; d++) {
            sum[d] += rate * times[i] * g[i] * (double)was.items[i][d];
            add[d] = part * (double)was.users[0][d];
        }
        became(is.items[i], was.items[i], 1 - keep, add);
    }
    became(is.users[0], was.users[0], rate * 0.25 * n, sum);
    ck_assert_uint_gt(n, 4); // so one of the three was drawn twice
    cards_rig_release(&r);
}
END_TEST

/* A replay learns the pairs of past events once more, each with its user. */
START_TEST(replays)
{
    struct settings s = plain_settings();
    struct cards_rig r;
    static struct picture was, is;
    s.rank_replay = 2;
    s.positives = 100;
    cards_rig_init(&r, &s);
    for (uint32_t k = 0; k < ROWS - 1; k++) {
        char user[16], item[16];
        bool again[ROWS] = {false};
        uint32_t n = history_count(fold_positives(model_fold_state(r.m)));
        ck_assert_uint_eq(n, k);
        for (uint32_t j = 0; n && j < s.rank_replay; j++)
            again[random_below(random_u64(s.seed, RANDOM_RANK_REPLAY, r.seq + 1,
                                          j), n)] = true;
        snprintf(user, sizeof user, "u%u", k);
        snprintf(item, sizeof item, "i%u", k);
        cards_rig_behave(&r, user, item, 1);
        picture_take(&r, &is);
        for (uint32_t i = 0; i < k; i++) { // entry i is of user and item i
            ck_assert((is.rbias[i] > was.rbias[i]) == again[i]);
            ck_assert((memcmp(is.users[i], was.users[i], sizeof is.users[i]) !=
                       0) == again[i]);
        }
        was = is;
    }
    ck_assert_uint_eq(r.t->totals.positives, ROWS - 1);
    cards_rig_release(&r);
}
END_TEST

/* A dislike lowers the score and counts as seen; it is no positive, is not
 * replayed and makes nothing popular. */
START_TEST(dislikes)
{
    struct settings s = test_settings();
    struct cards_rig r;
    s.rdim = R;
    cards_rig_init(&r, &s);
    cards_rig_behave(&r, "u", "i", 0);
    float before = cards_rig_score(&r, "u", "i"), bias = r.t->items.rbias[0];
    ck_assert_uint_eq(r.t->users.nseen[0], 0);
    cards_rig_behave(&r, "u", "i", -1);
    ck_assert_float_lt(cards_rig_score(&r, "u", "i"), before);
    ck_assert_float_lt(r.t->items.rbias[0], bias);
    ck_assert(seen_has(r.t->users.seen[0], r.t->users.nseen[0], 0));
    ck_assert_uint_eq(r.t->users.positives[0] + r.t->items.positives[0], 0);
    ck_assert_uint_eq(r.t->totals.positives, 0);
    ck_assert_uint_eq(r.t->totals.behaviours, 2);
    ck_assert_uint_eq(r.t->items.events[0], 0);
    ck_assert_uint_eq(history_count(fold_positives(model_fold_state(r.m))), 0);
    cards_rig_behave(&r, "u", "i", 1);
    ck_assert_uint_eq(r.t->totals.positives, 1);
    ck_assert_uint_eq(r.t->items.events[0], 1);
    ck_assert_uint_eq(history_count(fold_positives(model_fold_state(r.m))), 1);
    cards_rig_release(&r);
}
END_TEST

/* Ratings from positive_from on are positives, those below are nothing. */
START_TEST(ratings)
{
    struct settings s = test_settings();
    struct cards_rig r;
    cards_rig_init(&r, &s);
    for (int k = 0; k < 8; k++) {
        char item[16];
        snprintf(item, sizeof item, "i%d", k);
        struct event e = test_event("u", item, 1 + 0.5f * (float)k, 1);
        cards_rig_fold(&r, &e);
        ck_assert(r.t->items.positives[k] == (e.value >= s.positive_from));
    }
    ck_assert_uint_eq(r.t->users.positives[0], 2);
    ck_assert_uint_eq(r.t->totals.positives, 2);
    cards_rig_release(&r);
}
END_TEST

MODEL_TEST_MAIN("ranking", gradient, negatives, examples_at_once, replays,
                dislikes, ratings)
