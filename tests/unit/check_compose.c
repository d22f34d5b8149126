/* check_compose.c -- a vector with those of its features: in the order of the
 * card, each operation rounded, and for free where there are none. */
#include "model_test.h"

#include "cards_test.h"
#include "model/rank/compose.h"

#define FEATURES 80u

struct rig {
    _Alignas(32) float vec[COMPOSE_DIM_MAX];
    _Alignas(32) float features[FEATURES * COMPOSE_DIM_MAX];
    float bias[FEATURES];
    struct card *card;
};

static float number(uint64_t key, uint64_t i)
{
    return (float)test_below(key, i, 1u << 20) / (1 << 19) - 1;
}

static void rig_init(struct rig *r, uint32_t nfeatures)
{
    r->card = malloc(sizeof *r->card +
                     CARD_FEATURES_MAX * sizeof *r->card->feature);
    *r->card = (struct card){.nfeatures = nfeatures};
    for (uint32_t i = 0; i < nfeatures; i++) // some of them twice
        r->card->feature[i] = (struct card_feature){
            test_below(i, 7, FEATURES), number(i, 8)};
    for (uint32_t d = 0; d < COMPOSE_DIM_MAX; d++)
        r->vec[d] = number(d, 1);
    for (uint32_t k = 0; k < FEATURES * COMPOSE_DIM_MAX; k++)
        r->features[k] = number(k, 2);
    for (uint32_t k = 0; k < FEATURES; k++)
        r->bias[k] = number(k, 3);
}

/* The same, one number after the other. */
static float plain(const struct rig *r, uint32_t dim, uint32_t d)
{
    volatile float sum = r->vec[d]; // so that nothing is joined or reordered
    for (uint32_t i = 0; i < r->card->nfeatures; i++) {
        const struct card_feature *f = &r->card->feature[i];
        volatile float product = f->weight *
                                 r->features[(size_t)f->row * dim + d];
        sum = sum + product;
    }
    return sum;
}

START_TEST(adds_up)
{
    static const uint32_t n[] = {1, 2, 5, CARD_FEATURES_MAX};
    static struct rig r;
    for (size_t k = 0; k < sizeof n / sizeof *n; k++) {
        rig_init(&r, n[k]);
        for (uint32_t dim = 8; dim <= COMPOSE_DIM_MAX; dim += 56) {
            struct compose_room room;
            memset(&room, 0xff, sizeof room);
            const float *got = compose(r.vec, r.card, r.features, dim, &room);
            ck_assert_ptr_eq(got, room.v);
            for (uint32_t d = 0; d < dim; d++) {
                float want = plain(&r, dim, d);
                ck_assert_mem_eq(&got[d], &want, sizeof want);
            }
            if (dim < COMPOSE_DIM_MAX) // and no more than that is written
                ck_assert(got[dim] != got[dim]);
        }
        free(r.card);
    }
}
END_TEST

START_TEST(nothing_to_add)
{
    static struct rig r;
    struct compose_room room;
    rig_init(&r, 0);
    ck_assert(!compose_has(NULL) && !compose_has(r.card));
    ck_assert_ptr_eq(compose(r.vec, NULL, r.features, 16, &room), r.vec);
    ck_assert_ptr_eq(compose(r.vec, r.card, r.features, 16, &room), r.vec);
    ck_assert(compose_bias(0.75f, NULL, r.bias) == 0.75f);
    ck_assert(compose_bias(0.75f, r.card, r.bias) == 0.75f);
    free(r.card);
}
END_TEST

START_TEST(biases)
{
    static struct rig r;
    rig_init(&r, CARD_FEATURES_MAX);
    volatile float want = 0.25f;
    for (uint32_t i = 0; i < CARD_FEATURES_MAX; i++) {
        volatile float product = r.card->feature[i].weight *
                                 r.bias[r.card->feature[i].row];
        want = want + product;
    }
    ck_assert(compose_bias(0.25f, r.card, r.bias) == want);
    free(r.card);
}
END_TEST

/* The four sums take their own columns. */
START_TEST(each_its_columns)
{
    struct settings s = test_settings();
    struct cards_rig r;
    static const char *const features[] = {"f", "g", NULL};
    struct cards_test card = cards_test_of("", features);
    struct compose_room room;
    cards_rig_init(&r, &s);
    cards_rig_put(&r, EVENT_USER_PUT, "u", &card);
    cards_rig_put(&r, EVENT_ITEM_PUT, "i", &card);
    const struct features *f = &r.t->features;
    const float *own[] = {r.t->users.vec, r.t->items.vec, r.t->users.rvec,
                          r.t->items.rvec};
    for (int k = 0; k < 4; k++) {
        const float *got = k == 0   ? compose_user(r.t, 0, &room)
                           : k == 1 ? compose_item(r.t, 0, &room)
                           : k == 2 ? compose_rank_user(r.t, 0, &room)
                                    : compose_rank_item(r.t, 0, &room);
        const float *e = k < 2 ? f->vec : f->rvec;
        uint32_t dim = k < 2 ? r.t->dim : r.t->rdim;
        for (uint32_t d = 0; d < dim; d++)
            ck_assert(got[d] == (own[k][d] + e[d]) + e[dim + d]);
    }
    cards_rig_release(&r);
}
END_TEST

MODEL_TEST_MAIN("compose", adds_up, nothing_to_add, biases, each_its_columns)
