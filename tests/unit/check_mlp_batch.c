/* check_mlp_batch.c -- many pairs at once give what one by one gives. */
#include "model_test.h"

#include <math.h>

#include "model/learn/mlp_step.h"
#include "model/rank/blas.h"
#include "model/rank/predict_batch.h"

static const struct {
    uint32_t dim, hidden[MLP_HIDDEN_MAX];
    float slope;
} shapes[] = {
    {8, {8, 0, 0}, 0},      {16, {16, 0, 0}, 0},       {64, {64, 32, 0}, 0.1f},
    {16, {24, 40, 8}, 0.3f}, {512, {256, 256, 256}, 0},
};

/* Numbers of pairs: all that a batch may have, and its edges. */
static const uint32_t sizes[] = {1, 2, 7, 8, 33, MLP_BATCH - 1, MLP_BATCH};

static float uniform(uint64_t key, uint64_t i)
{
    return (float)test_below(key, i, 1u << 24) / (1 << 23) - 1;
}

START_TEST(as_one_by_one)
{
    struct mlp_shape shape;
    mlp_shape_make(&shape, shapes[_i].dim, shapes[_i].hidden,
                   shapes[_i].slope);
    float *block = aligned_alloc(64, (mlp_bytes(&shape) + 63) / 64 * 64);
    float *rows = aligned_alloc(64, sizeof(float) * 2 * MLP_BATCH * shape.dim);
    struct mlp_batch *b = mlp_batch_new(&shape);
    struct mlp_work *work = aligned_alloc(64, (sizeof *work + 63) / 64 * 64);
    double seen = 0;
    mlp_init(&shape, 3, block);
    for (uint32_t l = 0; l < shape.nlayers; l++) // what is 0 at first, too
        for (uint32_t o = 0; o < shape.layer[l].out; o++)
            block[shape.layer[l].bias + o] = uniform(l, o);
    const struct mlp_layer *last = &shape.layer[shape.nlayers - 1];
    for (uint32_t i = 0; i < last->in; i++)
        block[last->weight + i] = uniform(9, i) / sqrtf((float)last->in);
    for (uint32_t i = 0; i < 2 * MLP_BATCH * shape.dim; i++)
        rows[i] = uniform(10, i);
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        float out[MLP_BATCH];
        for (uint32_t i = 0; i < sizes[k]; i++)
            mlp_batch_set(b, i, rows + 2 * i * shape.dim,
                          rows + (2 * i + 1) * shape.dim);
        mlp_batch_run(b, block, sizes[k], out);
        for (uint32_t i = 0; i < sizes[k]; i++) {
            float one = mlp_forward(&shape, block, rows + 2 * i * shape.dim,
                                    rows + (2 * i + 1) * shape.dim, work);
            ck_assert_msg(fabsf(out[i] - one) < 1e-4f, "%u of %u: %g, not %g",
                          i, sizes[k], (double)out[i], (double)one);
            seen += fabs((double)one);
        }
    }
    ck_assert(seen > 1); // there was something to get wrong
    mlp_batch_free(b);
    free(work);
    free(rows);
    free(block);
}
END_TEST

/* Whole ratings, unknown sides and sessions among them. */
START_TEST(ratings)
{
    enum { PAIRS = 3 * MLP_BATCH + 5 };
    struct settings s = test_settings();
    struct model *m;
    float out[PAIRS];
    s.hidden_1 = 24;
    s.mlp_rate = 0.05f;
    ck_assert_int_eq(model_new(&s, 1, &m), ERR_OK);
    for (uint32_t k = 0; k < 3000; k++) {
        char name[2][16];
        struct event e = test_stream(k, 40, 30, name);
        test_fold(m, &e, k + 1);
    }
    const struct table *t = live_pin(model_live(m), 0);
    struct predict_batch *b = predict_batch_new(&s);
    for (uint32_t n = 0; n < PAIRS; n = n * 2 + 1) {
        uint32_t row[2][PAIRS];
        predict_batch_begin(b, t, &s);
        for (uint32_t i = 0; i < n; i++) {
            row[0][i] = i % 7 == 3 ? ROW_NONE : test_below(i, 3, t->users.n);
            row[1][i] = i % 5 == 2 ? ROW_NONE : test_below(i, 4, t->items.n);
            out[i] = NAN;
            predict_batch_add(b, row[0][i], row[1][i], t->totals.clock_ms,
                              &out[i]);
        }
        predict_batch_end(b);
        for (uint32_t i = 0; i < n; i++) {
            float one = predict_rating(t, &s, row[0][i], row[1][i],
                                       t->totals.clock_ms);
            ck_assert_msg(fabsf(out[i] - one) < 1e-4f, "%u of %u", i, n);
        }
    }
    predict_batch_free(b);
    live_unpin(model_live(m), 0);
    model_free(m);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mlp_batch");
    TCase *tc = tcase_create("mlp_batch");
    blas_setup();
    tcase_add_loop_test(tc, as_one_by_one, 0,
                        (int)(sizeof shapes / sizeof *shapes));
    tcase_add_test(tc, ratings);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
