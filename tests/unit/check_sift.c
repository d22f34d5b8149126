/* check_sift.c -- no score is above its bound, and bounds are near. */
#include "suite_run.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/random.h"
#include "model/core/simd.h"
#include "model/rank/sift.h"

#define ITEMS    SIFT_BLOCK
#define FEATURES 300u
#define DIM_MAX  512u

static float rvec[ITEMS * DIM_MAX] __attribute__((aligned(64)));
static float frvec[FEATURES * DIM_MAX] __attribute__((aligned(64)));
static float p[DIM_MAX] __attribute__((aligned(64)));
static float rbias[ITEMS];
static int8_t code[ITEMS * DIM_MAX];
static struct grain grain[ITEMS];
static struct brief brief[ITEMS];
static struct card *card[ITEMS];
static struct table table;
static uint64_t draws;

static const enum simd widths[] = {SIMD_16, SIMD_32};

static uint64_t draw(void)
{
    return random_u64(7, RANDOM_REPLAY, 1, draws++);
}

/* About normal, of that size; now and then an outlier or a zero. */
static float number(float size)
{
    uint64_t r = draw();
    float x = (float)random_bell(r) * 0x1p-16f * size;
    return r % 97 == 0 ? 0 : r % 101 == 0 ? x * 50 : x;
}

static void make_card(uint32_t i)
{
    uint32_t n = random_below(draw(), 12);
    struct card *c = calloc(1, sizeof *c + n * sizeof *c->feature);
    ck_assert_ptr_nonnull(c);
    c->nfeatures = n;
    brief[i] = (struct brief){.n = n > BRIEF_FEATURES ? BRIEF_SEE_CARD : n};
    bool plain = draw() % 3 != 0;
    if (!plain)
        brief[i].n = BRIEF_SEE_CARD;
    for (uint32_t k = 0; k < n; k++) {
        c->feature[k].row = random_below(draw(), FEATURES);
        c->feature[k].weight = plain ? 1 : number(2);
        if (brief[i].n != BRIEF_SEE_CARD)
            brief[i].slot[k] = c->feature[k].row + 1;
    }
    free(card[i]);
    card[i] = c;
}

static void make_table(uint32_t dim, float size)
{
    table = (struct table){.rdim = dim};
    table.items.n = ITEMS;
    table.items.rvec = rvec;
    table.items.rbias = rbias;
    table.items.code = code;
    table.items.grain = grain;
    table.items.brief = brief;
    table.items.card = card;
    table.features.n = FEATURES;
    table.features.rvec = frvec;
    for (uint32_t j = 0; j < dim; j++)
        p[j] = number(size);
    for (uint32_t j = 0; j < FEATURES * dim; j++)
        frvec[j] = number(.3f * size);
    for (uint32_t i = 0; i < ITEMS; i++) {
        for (uint32_t j = 0; j < dim; j++)
            rvec[i * dim + j] = number(size);
        if (draw() % 20 == 0)
            memset(&rvec[i * dim], 0, dim * sizeof(float));
        rbias[i] = number(size * size);
        sieve_make(&rvec[i * dim], dim, &code[i * dim], &grain[i]);
        make_card(i);
    }
}

static const float sizes[] = {1e-38f, 1e-20f, 1e-6f, .1f, 1, 1e4f, 1e16f,
                              1e19f};

START_TEST(no_score_is_above)
{
    struct score_scratch scratch = {0};
    static struct sift s;
    float most[ITEMS];
    for (uint32_t dim = 8; dim <= DIM_MAX; dim += dim < 80 ? 8 : 144)
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
            for (size_t m = 0; m < 2; m++) {
                simd_limit(widths[m]);
                make_table(dim, sizes[k]);
                ck_assert_int_eq(score_features(&table, p, &scratch), ERR_OK);
                sift_begin(&s, p, dim, scratch.feature, FEATURES);
                uint32_t from = random_below(draw(), 9);
                uint32_t n = ITEMS - from - random_below(draw(), 9);
                sift_block(&s, &table, scratch.feature, from, n, most);
                for (uint32_t i = 0; i < n; i++) {
                    float score = score_item(&table, p, from + i);
                    ck_assert_msg(!(most[i] < score),
                                  "dim %u size %g item %u: %.9g below %.9g",
                                  dim, (double)sizes[k], i, (double)most[i],
                                  (double)score);
                }
            }
    score_scratch_release(&scratch);
}
END_TEST

/* ... and by a small part of what scores differ. */
START_TEST(bounds_are_near)
{
    struct score_scratch scratch = {0};
    static struct sift s;
    float most[ITEMS];
    double gap = 0, spread = 0;
    make_table(64, .3f);
    ck_assert_int_eq(score_features(&table, p, &scratch), ERR_OK);
    sift_begin(&s, p, 64, scratch.feature, FEATURES);
    sift_block(&s, &table, scratch.feature, 0, ITEMS, most);
    for (uint32_t i = 0; i < ITEMS; i++) {
        double score = (double)score_item(&table, p, i);
        gap += (double)most[i] - score;
        spread += score * score;
    }
    ck_assert_double_lt(gap / ITEMS, .15 * sqrt(spread / ITEMS));
    score_scratch_release(&scratch);
}
END_TEST

START_TEST(loss_is_the_length_of_the_rest)
{
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
        for (size_t m = 0; m < 2; m++) {
            simd_limit(widths[m]);
            make_table(40, sizes[k]);
            for (uint32_t i = 0; i < ITEMS; i++) {
                double sum = 0;
                for (uint32_t j = 0; j < 40; j++) {
                    double rest = (double)rvec[i * 40 + j] -
                                  (double)grain[i].step * code[i * 40 + j];
                    sum += rest * rest;
                }
                ck_assert(!((double)grain[i].loss < sqrt(sum)));
                ck_assert_int_ge(code[i * 40], -SIEVE_CODE_MAX);
            }
        }
}
END_TEST

START_TEST(what_is_no_number_is_not_turned_away)
{
    struct score_scratch scratch = {0};
    static struct sift s;
    float most[ITEMS];
    for (size_t m = 0; m < 2; m++) {
        simd_limit(widths[m]);
        make_table(16, 1);
        rvec[3 * 16 + 5] = INFINITY;
        rvec[4 * 16 + 5] = NAN;
        for (uint32_t i = 3; i <= 4; i++)
            sieve_make(&rvec[i * 16], 16, &code[i * 16], &grain[i]);
        ck_assert_int_eq(score_features(&table, p, &scratch), ERR_OK);
        sift_begin(&s, p, 16, scratch.feature, FEATURES);
        sift_block(&s, &table, scratch.feature, 0, ITEMS, most);
        ck_assert(!(most[3] < 1e30f));
        ck_assert(!(most[4] < 1e30f));
    }
    score_scratch_release(&scratch);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {no_score_is_above, bounds_are_near,
                            loss_is_the_length_of_the_rest,
                            what_is_no_number_is_not_turned_away};
    return suite_run("sift", tests, sizeof tests / sizeof *tests);
}
