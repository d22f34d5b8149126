/* check_batches.c -- where batches end must not matter: every row that an event
 * changes is marked, whatever became of the event; and frozen tables stay as
 * they are. */
#include "cards_test.h"


#define EVENTS 3000u
#define USERS  30u
#define ITEMS  40u

/* What else may go on while events are learned. */
static const struct {
    const char *what;
    float rate, feature_rate, init, norm_cap, trust_half, error_clip;
    uint32_t influence_cap, freeze, hidden;
} variants[] = {
    {"plain", .rate = 0.1f, .feature_rate = 0.2f, .init = 0.1f},
    {"capped", .rate = 0.2f, .feature_rate = 0.5f, .init = 1, .norm_cap = 0.5f,
     .trust_half = 4, .error_clip = 0.8f, .influence_cap = 9},
    {"steps that run away", .rate = 1e18f, .feature_rate = 2, .init = 1e5f,
     .influence_cap = 30},
    {"features that run away", .rate = 0.1f, .feature_rate = 3e38f, .init = 1},
    {"no step is finite", .rate = 3e38f, .feature_rate = 3e38f, .init = 1e30f,
     .influence_cap = 4, .norm_cap = 1},
    {"users frozen", .rate = 0.1f, .feature_rate = 0.2f, .init = 1,
     .norm_cap = 0.5f, .freeze = FREEZE_USERS},
    {"items frozen", .rate = 0.1f, .feature_rate = 0.2f, .init = 1,
     .norm_cap = 0.5f, .freeze = FREEZE_ITEMS},
    {"features frozen", .rate = 0.1f, .feature_rate = 0.2f, .init = 1,
     .norm_cap = 0.5f, .freeze = FREEZE_FEATURES},
    {"all frozen", .rate = 0.1f, .feature_rate = 0.2f, .init = 1,
     .norm_cap = 0.5f, .freeze = FREEZE_ALL},
    {"a neural head", .rate = 0.1f, .feature_rate = 0.2f, .init = 0.1f,
     .hidden = 8},
    {"a neural head that runs away", .rate = 1e10f, .feature_rate = 2,
     .init = 1, .hidden = 8, .influence_cap = 25},
    {"a neural head of frozen rows", .rate = 0.1f, .feature_rate = 0.2f,
     .init = 1, .hidden = 8, .norm_cap = 0.5f, .freeze = FREEZE_ALL},
};

static struct settings settings_of(int i)
{
    struct settings s = test_settings();
    s.factor_rate = s.rank_rate = s.mlp_rate = variants[i].rate;
    s.mlp_rate = s.mlp_rate > 100 ? 100 : s.mlp_rate;
    s.feature_rate = s.rank_feature_rate = variants[i].feature_rate;
    s.feature_bias_rate = variants[i].feature_rate;
    s.init = s.rank_init = variants[i].init;
    s.norm_cap = variants[i].norm_cap;
    s.trust_half = variants[i].trust_half;
    s.error_clip = variants[i].error_clip;
    s.influence_cap = variants[i].influence_cap;
    s.freeze = variants[i].freeze;
    s.hidden_1 = variants[i].hidden;
    s.max_features = 20; // cards know of more
    return s;
}

/* Event k of a stream of all kinds, some of which cannot be taken. */
static struct event event_of(uint32_t k, char name[2][16], struct cards_test *c)
{
    struct event e = test_stream(k, USERS, ITEMS, name);
    if (k % 101 == 100)
        e.value = 99;
    return cards_test_mixed(e, k, c);
}

static uint64_t hash_of(const struct settings *s, uint32_t batch)
{
    struct model *m;
    ck_assert_int_eq(model_new(s, 1, &m), ERR_OK);
    for (uint32_t k = 0; k < EVENTS; k++) {
        char name[2][16];
        struct cards_test card;
        struct event e = event_of(k, name, &card);
        if (k % batch == 0)
            model_begin(m);
        model_fold(m, &e, k + 1, NULL);
        if (k % batch == batch - 1 || k == EVENTS - 1)
            model_publish(m);
    }
    uint64_t hash = model_hash(m);
    model_free(m);
    return hash;
}

START_TEST(do_not_matter)
{
    static const uint32_t batch[] = {1, 2, 13, 500};
    struct settings s = settings_of(_i);
    uint64_t want = hash_of(&s, EVENTS);
    for (size_t i = 0; i < sizeof batch / sizeof *batch; i++)
        ck_assert_msg(hash_of(&s, batch[i]) == want, "%s, %u at a time",
                      variants[_i].what, batch[i]);
}
END_TEST

/* ---- frozen tables -------------------------------------------------------- */

/* Bits of the vectors and biases that heads learn, up to n rows. */
static uint64_t sum_of(uint64_t h, const float *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &v[i], sizeof bits);
        h = random_mix(h ^ bits);
    }
    return h;
}

struct sums {
    uint32_t users, items, features;
    uint64_t user, item, feature;
};

static void take_sums(const struct table *t, struct sums *s)
{
    uint32_t u = s->users, i = s->items, f = s->features;
    s->user = sum_of(sum_of(sum_of(1, t->users.vec, (size_t)u * t->dim),
                            t->users.rvec, (size_t)u * t->rdim),
                     t->users.bias, u);
    s->item = sum_of(sum_of(sum_of(sum_of(2, t->items.vec, (size_t)i * t->dim),
                                   t->items.rvec, (size_t)i * t->rdim),
                            t->items.bias, i), t->items.rbias, i);
    s->feature = sum_of(sum_of(sum_of(3, t->features.vec, (size_t)f * t->dim),
                               t->features.rvec, (size_t)f * t->rdim),
                        t->features.bias, f);
}

static void fold(struct model *m, uint32_t from, uint32_t to)
{
    model_begin(m);
    for (uint32_t k = from; k < to; k++) {
        char name[2][16];
        struct cards_test card;
        struct event e = event_of(k, name, &card);
        model_fold(m, &e, k + 1, NULL);
    }
    model_publish(m);
}

/* Rates at which something is learned: with others no step may be finite. */
#define LEARNS 1

static void frozen_or_not(int i, bool same, uint32_t table, const char *what)
{
    if (variants[i].freeze & table)
        ck_assert_msg(same, "%s: %s change", variants[i].what, what);
    else if (variants[i].rate < LEARNS && variants[i].feature_rate < LEARNS)
        ck_assert_msg(!same, "%s: %s do not learn", variants[i].what, what);
}

/* Rows that are there when the freeze begins stay as they are to the bit, even
 * where they are beyond the cap; the others go on learning. */
START_TEST(frozen_is_frozen)
{
    struct settings s = settings_of(_i);
    struct model *m;
    uint32_t freeze = s.freeze;
    s.freeze = 0;
    s.norm_cap = 0;
    ck_assert_int_eq(model_new(&s, 1, &m), ERR_OK);
    fold(m, 0, 1000);
    const struct table *t = live_pin(model_live(m), 0);
    struct sums was = {.users = t->users.n, .items = t->items.n,
                       .features = t->features.n}, is = was;
    take_sums(t, &was);
    live_unpin(model_live(m), 0);
    s.freeze = freeze;
    s.norm_cap = variants[_i].norm_cap;
    ck_assert(model_set(m, &s));
    fold(m, 1000, 2000);
    take_sums(live_pin(model_live(m), 0), &is);
    live_unpin(model_live(m), 0);
    frozen_or_not(_i, was.user == is.user, FREEZE_USERS, "users");
    frozen_or_not(_i, was.item == is.item, FREEZE_ITEMS, "items");
    frozen_or_not(_i, was.feature == is.feature, FREEZE_FEATURES, "features");
    model_free(m);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {do_not_matter, frozen_is_frozen};
    return suite_run_loops("batches", tests, sizeof tests / sizeof *tests,
                           (int)(sizeof variants / sizeof *variants));
}
