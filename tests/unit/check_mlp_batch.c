/* check_mlp_batch.c -- many pairs at once give what one by one gives. */
#include "model_test.h"

#include <math.h>

#include "model/learn/mlp_step.h"
#include "model/rank/blas.h"
#include "model/rank/mlp_batch.h"

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

int main(void)
{
    const TTest *tests[] = {as_one_by_one};
    blas_setup();
    return suite_run_loops("mlp_batch", tests, 1,
                           (int)(sizeof shapes / sizeof *shapes));
}
