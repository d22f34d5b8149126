/* check_cosine.c -- cosines have the bits of compose() and dot_rows(). */
#include "suite_run.h"

#include "asserts.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/random.h"
#include "model/core/simd.h"
#include "model/rank/cosine.h"
#include "model/rank/similar.h"

#define ROWS     60u
#define FEATURES 90u
#define DIM_MAX  512u

static float vec[ROWS * DIM_MAX] __attribute__((aligned(64)));
static float features[FEATURES * DIM_MAX] __attribute__((aligned(64)));
static float p[DIM_MAX] __attribute__((aligned(64)));
static uint32_t learned[ROWS], met[FEATURES];
static struct brief brief[ROWS];
static struct card *card[ROWS];
static uint64_t draws;

static uint64_t draw(void)
{
    return random_u64(7, RANDOM_REPLAY, 1, draws++);
}

static void fill(float *v, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        v[i] = (float)random_bell(draw()) * 1e-5f;
}

/* Features of all sorts: none, as many as a card holds, weights, also -0. */
static void make_card(uint32_t i)
{
    static const uint32_t sizes[] = {0, 1, 5, 7, 8, CARD_FEATURES_MAX};
    uint32_t n = sizes[draw() % 6];
    struct card *c = calloc(1, sizeof *c + n * sizeof *c->feature);
    ck_assert_ptr_nonnull(c);
    bool plain = n <= BRIEF_FEATURES && draw() % 3 != 0;
    c->nfeatures = n;
    brief[i] = (struct brief){.n = plain ? n : BRIEF_SEE_CARD};
    for (uint32_t k = 0; k < n; k++) {
        c->feature[k].row = random_below(draw(), FEATURES);
        c->feature[k].weight = plain ? 1 : (float)(draw() % 5) - 2;
        if (plain)
            brief[i].slot[k] = c->feature[k].row + 1;
    }
    free(card[i]);
    card[i] = c;
    if (n == 0 && draw() % 2) {
        free(c);
        card[i] = NULL;
        brief[i] = (struct brief){.n = 0};
    }
}

static void make(uint32_t dim)
{
    fill(vec, ROWS * dim);
    fill(features, FEATURES * dim);
    fill(p, dim);
    for (uint32_t i = 0; i < ROWS; i++) {
        make_card(i);
        learned[i] = draw() % 3 != 0;
    }
    for (uint32_t f = 0; f < FEATURES; f++)
        met[f] = draw() % 8 == 0;
    memset(vec, 0, dim * sizeof *vec); // q is 0 where there is no feature
    vec[dim] = INFINITY;
}

/* As similar.h says it. */
static float want(const struct similar_space *s, uint32_t row)
{
    struct compose_room room;
    bool known = s->learned[row] != 0;
    for (uint32_t k = 0; card[row] && k < card[row]->nfeatures; k++)
        known |= s->met[card[row]->feature[k].row] != 0;
    if (!known)
        return 0;
    const float *q = compose(&s->vec[(size_t)row * s->dim], card[row],
                             s->features, s->dim, &room);
    float c = dot_rows(p, q, s->dim) / sqrtf(dot_rows(q, q, s->dim));
    return isfinite(c) ? c : 0;
}

static void check(const struct similar_space *s)
{
    for (uint32_t i = 0; i < ROWS; i++) {
        float a = similar_to(s, p, i), b = want(s, i);
        ck_assert_int_eq(memcmp(&a, &b, sizeof a), 0);
    }
}

START_TEST(as_composed)
{
    for (uint32_t dim = 8; dim <= DIM_MAX; dim += dim < 152 ? 8 : 24) {
        make(dim);
        struct similar_space s = {vec, learned, card, brief, features,
                                  met, ROWS, dim};
        check(&s);
        s.brief = NULL; // of users
        check(&s);
    }
}
END_TEST

START_TEST(the_same_everywhere)
{
    struct cosine_parts q = {.vec = vec, .n = 5};
    for (uint32_t dim = 8; dim <= DIM_MAX; dim += 8) {
        fill(vec, dim);
        fill(features, FEATURES * dim);
        fill(p, dim);
        for (uint32_t k = 0; k < q.n; k++) {
            q.of[k] = &features[(size_t)k * dim];
            q.weight[k] = (float)k / 3;
        }
        q.weighed = !q.weighed;
        float a = cosine(p, &q, dim);
        simd_limit(SIMD_16);
        float b = cosine(p, &q, dim);
        simd_limit(SIMD_32);
        ck_assert(isfinite(a));
        ck_assert_int_eq(memcmp(&a, &b, sizeof a), 0);
    }
}
END_TEST

int main(void)
{
    const TTest *tests[] = {as_composed, the_same_everywhere};
    return suite_run("cosine", tests, sizeof tests / sizeof *tests);
}
