/* check_simd.c -- the kernels of every width and the plain code make one model:
 * rows of all lengths, with what is large or not finite among them. */
#include "cards_test.h"

#include "model/core/simd.h"

#define USERS    40u
#define ITEMS    60u
#define FEATURES 12u

/* A model and how wild it is. */
struct wild {
    uint32_t dim, rdim;
    float init;       /* of all vectors: some large, or all */
    float rate;       /* of all steps */
};

static struct settings settings_of(struct wild w)
{
    struct settings s = test_settings();
    s.dim = w.dim;
    s.rdim = w.rdim;
    s.init = s.rank_init = w.init;
    s.factor_rate *= w.rate;
    s.rank_rate *= w.rate;
    s.positive_from = 1;
    s.negatives = 11;
    return s;
}

/* Cards of up to nine features, most of weight 1, some twice on one card; every
 * seventh user has one too. */
static void put_card(struct model *m, enum event_type type, uint32_t row,
                     uint64_t seq)
{
    struct cards_test c = {.n = 0};
    char name[16], feature[16];
    for (uint32_t k = 0; k < test_below(row, 3, 10); k++) {
        snprintf(feature, sizeof feature, "f%u", test_below(row, 4 + k,
                                                            FEATURES));
        cards_test_feature(&c, feature, row % 5 == 0 ? 0.5f : 1.0f);
    }
    snprintf(name, sizeof name, type == EVENT_ITEM_PUT ? "i%u" : "u%u", row);
    struct event e = cards_test_put(type, name, &c);
    model_fold(m, &e, seq, NULL);
}

/* What all of it ends with when kernels are no better than that. */
static uint64_t hash_with(enum simd most, struct wild w, uint32_t events,
                          uint64_t *skipped)
{
    struct settings s = settings_of(w);
    struct model *m;
    uint64_t seq = 0;
    simd_limit(most);
    ck_assert_int_eq(model_new(&s, 1, &m), ERR_OK);
    model_begin(m);
    for (uint32_t i = 0; i < ITEMS; i++)
        put_card(m, EVENT_ITEM_PUT, i, ++seq);
    for (uint32_t u = 0; u < USERS; u += 7)
        put_card(m, EVENT_USER_PUT, u, ++seq);
    for (uint32_t k = 0; k < events; k++) {
        char name[2][16];
        struct event e = test_stream(k, USERS, ITEMS, name);
        if (k % 13 == 0) {
            e.type = EVENT_BEHAVIOUR;
            e.value = k % 2 ? 1 : -1;
        }
        model_fold(m, &e, ++seq, NULL);
    }
    model_publish(m);
    uint64_t hash = model_hash(m);
    *skipped = live_pin(model_live(m), 0)->totals.skipped;
    live_unpin(model_live(m), 0);
    model_free(m);
    simd_limit(SIMD_32);
    return hash;
}

/* Returns how many steps were skipped, in all ways alike. */
static uint64_t same_all_ways(struct wild w, uint32_t events)
{
    uint64_t skipped[3], hash[3];
    for (enum simd way = SIMD_CAREFUL; way <= SIMD_32; way++) {
        hash[way] = hash_with(way, w, events, &skipped[way]);
        ck_assert_msg(hash[way] == hash[0] && skipped[way] == skipped[0],
                      "way %u, dim %u, rdim %u, init %g, rate %g", (unsigned)way,
                      w.dim, w.rdim, (double)w.init, (double)w.rate);
    }
    return skipped[0];
}

START_TEST(every_length)
{
    for (uint32_t dim = 8; dim <= 512; dim += dim < 80 ? 8 : 48)
        ck_assert_uint_eq(same_all_ways((struct wild){dim, 520 - dim, 0.2f, 1},
                                        60), 0);
}
END_TEST

/* Elements on both sides of what the kernels take. */
START_TEST(what_is_large)
{
    static const float init[] = {0.1f, 2, 8, 300, 1e18f};
    for (size_t i = 0; i < sizeof init / sizeof *init; i++) {
        same_all_ways((struct wild){16, 32, init[i], 0.1f}, 600);
        same_all_ways((struct wild){24, 8, init[i], 0.1f}, 600);
    }
}
END_TEST

START_TEST(what_is_not_finite)
{
    uint64_t skipped = 0;
    static const float rate[] = {3, 100, 1e5f, 1e9f, 1e30f};
    for (size_t i = 0; i < sizeof rate / sizeof *rate; i++) {
        skipped += same_all_ways((struct wild){16, 32, 0.5f, rate[i]}, 600);
        skipped += same_all_ways((struct wild){40, 16, 0.5f, rate[i]}, 600);
    }
    ck_assert_uint_gt(skipped, 100); // else nothing was tested
}
END_TEST

/* A longer run, by the settings that most models have. */
START_TEST(a_usual_model)
{
    ck_assert_uint_eq(same_all_ways((struct wild){16, 32, 0.1f, 1}, 6000), 0);
}
END_TEST

MODEL_TEST_MAIN("simd", every_length, what_is_large, what_is_not_finite,
                a_usual_model)
