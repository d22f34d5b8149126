/* check_mlp.c -- the neural head against a second one in double: its output,
 * and every gradient against finite differences; then what a step may not do. */
#include "model_test.h"

#include <math.h>

#include "model/learn/mlp_step.h"

#define FLOATS_MAX 600000u
#define H          1e-6      /* of a finite difference */

static const struct shape {
    uint32_t dim, hidden[MLP_HIDDEN_MAX];
    float slope;
} shapes[] = {
    {8, {8, 0, 0}, 0},       {16, {16, 0, 0}, 0},     {16, {16, 8, 0}, 0},
    {16, {32, 16, 8}, 0.1f}, {24, {8, 8, 8}, 0.01f},  {8, {64, 0, 0}, 1},
};

struct rig {
    struct mlp_shape shape;
    struct mlp_work work;
    struct mlp_gradient g;
    _Alignas(32) float p[MLP_DIM_MAX], q[MLP_DIM_MAX];
    _Alignas(32) float block[FLOATS_MAX];
    double exact[FLOATS_MAX];    /* the block, to be changed by a little */
    double input[2 * MLP_DIM_MAX]; /* p, q, likewise */
};

static float uniform(uint64_t key, uint64_t i)
{
    return (float)test_below(key, i, 1u << 24) / (1 << 23) - 1;
}

/* Every weight of every layer is something, the padding 0. */
static struct rig *rig_new(const struct shape *s, uint64_t key)
{
    struct rig *r = calloc(1, sizeof *r);
    ck_assert_ptr_nonnull(r);
    ck_assert(mlp_hidden_ok(s->hidden));
    mlp_shape_make(&r->shape, s->dim, s->hidden, s->slope);
    ck_assert_uint_le(r->shape.floats, FLOATS_MAX);
    for (uint32_t l = 0; l < r->shape.nlayers; l++) {
        const struct mlp_layer *layer = &r->shape.layer[l];
        for (uint32_t i = 0; i < layer->in * layer->out; i++)
            r->block[layer->weight + i] = 0.5f * uniform(key + l, i);
        for (uint32_t o = 0; o < layer->out; o++)
            r->block[layer->bias + o] = uniform(key + l + 10, o);
    }
    for (uint32_t d = 0; d < s->dim; d++) {
        r->input[d] = r->p[d] = uniform(key + 20, d);
        r->input[s->dim + d] = r->q[d] = uniform(key + 21, d);
    }
    for (uint32_t i = 0; i < r->shape.floats; i++)
        r->exact[i] = r->block[i];
    return r;
}

static float output_of(struct rig *r)
{
    return mlp_forward(&r->shape, r->block, r->p, r->q, &r->work);
}

/* ---- the same in double ------------------------------------------------ */

static double exact_output(const struct rig *r)
{
    double a[3 * MLP_DIM_MAX], z[MLP_UNITS_MAX];
    uint32_t dim = r->shape.dim;
    for (uint32_t d = 0; d < dim; d++) {
        a[d] = r->input[d];
        a[dim + d] = r->input[dim + d];
        a[2 * dim + d] = a[d] * a[dim + d];
    }
    for (uint32_t l = 0; l < r->shape.nlayers; l++) {
        const struct mlp_layer *layer = &r->shape.layer[l];
        for (uint32_t o = 0; o < layer->out; o++) {
            z[o] = r->exact[layer->bias + o];
            for (uint32_t i = 0; i < layer->in; i++)
                z[o] += r->exact[layer->weight + o * layer->in + i] * a[i];
        }
        for (uint32_t o = 0; o < layer->out; o++)
            a[o] = z[o] > 0 ? z[o] : (double)r->shape.slope * z[o];
    }
    return z[0];
}

static double slope_at(struct rig *r, double *x)
{
    double before = *x;
    *x = before + H;
    double up = exact_output(r);
    *x = before - H;
    double down = exact_output(r);
    *x = before;
    return (up - down) / (2 * H);
}

static void close_to(double got, double want, const char *what, uint32_t i)
{
    ck_assert_msg(fabs(got - want) <= 2e-5 * (1 + fabs(want)),
                  "%s %u: %.9g, by finite differences %.9g", what, i, got,
                  want);
}

START_TEST(output)
{
    for (uint64_t key = 0; key < 100; key += 50) {
        struct rig *r = rig_new(&shapes[_i], key);
        close_to(output_of(r), exact_output(r), "output", (uint32_t)key);
        free(r);
    }
}
END_TEST

START_TEST(gradients)
{
    struct rig *r = rig_new(&shapes[_i], 1000);
    uint32_t dim = r->shape.dim;
    double squared = 0;
    output_of(r);
    mlp_backward(&r->shape, r->block, &r->work, &r->g);
    for (uint32_t d = 0; d < dim; d++) {
        close_to(r->g.p[d], slope_at(r, &r->input[d]), "df/dp", d);
        close_to(r->g.q[d], slope_at(r, &r->input[dim + d]), "df/dq", d);
    }
    // a step of rate 1 for an error of e moves each weight by e df/dw
    float e = 1 / (1 + r->g.squared);
    struct mlp_rates rates = {.rate = 1};
    ck_assert(mlp_step_ok(&r->g, e));
    mlp_step(&r->shape, r->block, &r->work, &r->g, e, &rates);
    for (uint32_t i = 0; i < r->shape.floats; i++) {
        double moved = (double)r->block[i] - r->exact[i];
        double want = slope_at(r, &r->exact[i]);
        squared += want * want;
        ck_assert_msg(fabs(moved - (double)e * want) < 1e-6,
                      "weight %u moved by %.9g, not %.9g", i, moved,
                      (double)e * want);
    }
    close_to(r->g.squared / (1 + squared), squared / (1 + squared),
             "squared length", 0);
    free(r);
}
END_TEST

/* ---- the step ---------------------------------------------------------- */

START_TEST(a_long_gradient_is_cut)
{
    struct rig *r = rig_new(&shapes[3], 7);
    struct mlp_rates rates = {.rate = 0.01f};
    double squared = 0;
    output_of(r);
    mlp_backward(&r->shape, r->block, &r->work, &r->g);
    mlp_step(&r->shape, r->block, &r->work, &r->g, -1000, &rates);
    for (uint32_t i = 0; i < r->shape.floats; i++)
        squared += pow((double)r->block[i] - r->exact[i], 2);
    ck_assert_msg(fabs(sqrt(squared) - 0.01 * (double)MLP_CLIP) < 1e-5,
                  "moved by %g", sqrt(squared));
    free(r);
}
END_TEST

START_TEST(l2_shrinks_weights_not_biases)
{
    struct rig *r = rig_new(&shapes[2], 3);
    struct mlp_rates rates = {.rate = 0.5f, .l2 = 0.5f};
    output_of(r);
    mlp_backward(&r->shape, r->block, &r->work, &r->g);
    mlp_step(&r->shape, r->block, &r->work, &r->g, 0, &rates);
    for (uint32_t l = 0; l < r->shape.nlayers; l++) {
        const struct mlp_layer *layer = &r->shape.layer[l];
        for (uint32_t i = 0; i < layer->in * layer->out; i++)
            ck_assert(fabs((double)r->block[layer->weight + i] -
                           0.75 * r->exact[layer->weight + i]) < 1e-7);
        for (uint32_t o = 0; o < layer->out; o++)
            ck_assert((double)r->block[layer->bias + o] ==
                      r->exact[layer->bias + o]);
    }
    free(r);
}
END_TEST

/* Weights and errors as large as floats can be: refused, or finite after it. */
START_TEST(never_a_weight_that_is_not_finite)
{
    static const float scales[] = {1e3f, 1e8f, 1e15f, 1e25f, 3e37f};
    static const float errors[] = {4, -1e6f, 1e19f, -3e38f, INFINITY, NAN};
    int taken = 0, refused = 0;
    for (size_t s = 0; s < sizeof scales / sizeof *scales; s++) {
        for (size_t k = 0; k < sizeof errors / sizeof *errors; k++) {
            struct rig *r = rig_new(&shapes[3], s);
            struct mlp_rates rates = {.rate = 1, .l2 = 1};
            for (uint32_t i = 0; i < r->shape.floats; i++)
                r->block[i] *= scales[s];
            output_of(r);
            mlp_backward(&r->shape, r->block, &r->work, &r->g);
            bool ok = mlp_step_ok(&r->g, errors[k]);
            ck_assert(!ok || isfinite(errors[k]));
            if (ok)
                mlp_step(&r->shape, r->block, &r->work, &r->g, errors[k],
                         &rates);
            for (uint32_t i = 0; i < r->shape.floats; i++)
                ck_assert_msg(isfinite(r->block[i]), "scale %zu, error %zu", s,
                              k);
            *(ok ? &taken : &refused) += 1;
            free(r);
        }
    }
    ck_assert_int_gt(taken, 0);
    ck_assert_int_gt(refused, 10); // the two that are no number, always
}
END_TEST

/* ---- first weights ----------------------------------------------------- */

START_TEST(adds_nothing_at_first)
{
    struct rig *r = rig_new(&shapes[_i], 5);
    const struct mlp_layer *layer = &r->shape.layer[0];
    double sum = 0, squares = 0;
    uint32_t n = layer->in * layer->out;
    mlp_init(&r->shape, 1, r->block);
    ck_assert(output_of(r) == 0);
    mlp_backward(&r->shape, r->block, &r->work, &r->g);
    for (uint32_t d = 0; d < r->shape.dim; d++)
        ck_assert(r->g.p[d] == 0 && r->g.q[d] == 0);
    ck_assert(r->g.squared > 0); // and yet there is something to learn
    for (uint32_t i = 0; i < n; i++) {
        sum += (double)r->block[layer->weight + i];
        squares += pow((double)r->block[layer->weight + i], 2);
    }
    double sd = sqrt(2.0 / layer->in);
    ck_assert(fabs(sum / n) < 4 * sd / sqrt(n));
    ck_assert(fabs(sqrt(squares / n) / sd - 1) < 0.1);
    free(r);
}
END_TEST

START_TEST(each_seed_and_layer_its_own)
{
    static const struct shape same = {8, {24, 24, 0}, 0};
    struct rig *a = rig_new(&same, 0), *b = rig_new(&same, 0);
    const struct mlp_layer *layer = a->shape.layer;
    mlp_init(&a->shape, 1, a->block);
    mlp_init(&b->shape, 2, b->block);
    ck_assert(memcmp(a->block, b->block, mlp_bytes(&a->shape)) != 0);
    ck_assert(memcmp(a->block + layer[0].weight, a->block + layer[1].weight,
                     24 * 24 * sizeof(float)) != 0);
    mlp_init(&b->shape, 1, b->block);
    ck_assert_mem_eq(a->block, b->block, mlp_bytes(&a->shape));
    free(a);
    free(b);
}
END_TEST

/* What no dot product can tell: the sign of p[0] * p[1] * q[0] * q[1]. */
START_TEST(learns_what_a_product_of_vectors_cannot)
{
    static const struct shape wide = {8, {32, 16, 0}, 0.01f};
    struct rig *r = rig_new(&wide, 0);
    struct mlp_rates rates = {.rate = 0.05f, .l2 = 1e-5f};
    double late = 0;
    memset(r->p, 0, sizeof r->p);
    memset(r->q, 0, sizeof r->q);
    mlp_init(&r->shape, 1, r->block);
    for (uint32_t k = 0; k < 40000; k++) {
        float target = 1;
        for (uint32_t d = 0; d < 2; d++) {
            r->p[d] = test_below(k, d, 2) ? 1 : -1;
            r->q[d] = test_below(k, d + 2, 2) ? 1 : -1;
            target *= r->p[d] * r->q[d];
        }
        float e = target - output_of(r);
        late += k >= 30000 ? (double)(e * e) / 10000 : 0;
        mlp_backward(&r->shape, r->block, &r->work, &r->g);
        ck_assert(mlp_step_ok(&r->g, e));
        mlp_step(&r->shape, r->block, &r->work, &r->g, e, &rates);
    }
    ck_assert_msg(late < 0.02, "mean squared error %g", late);
    free(r);
}
END_TEST

/* ---- shapes ------------------------------------------------------------ */

START_TEST(hidden_layers)
{
    static const struct {
        uint32_t hidden[MLP_HIDDEN_MAX];
        bool ok;
    } cases[] = {
        {{0, 0, 0}, true},      {{8, 0, 0}, true},   {{256, 256, 256}, true},
        {{16, 8, 0}, true},     {{12, 0, 0}, false}, {{264, 0, 0}, false},
        {{0, 8, 0}, false},     {{8, 0, 8}, false},  {{16, 8, 1}, false},
        {{UINT32_MAX, 0, 0}, false}, {{1u << 31, 0, 0}, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(mlp_hidden_ok(cases[i].hidden) == cases[i].ok, "%zu", i);
}
END_TEST

START_TEST(layers_do_not_overlap)
{
    static const uint32_t largest[] = {256, 256, 256}, none[] = {0, 0, 0};
    struct mlp_shape s;
    uint32_t end = 0;
    mlp_shape_make(&s, 512, largest, 0);
    ck_assert_uint_eq(s.nlayers, 4);
    for (uint32_t l = 0; l < s.nlayers; l++) {
        ck_assert_uint_eq(s.layer[l].weight, end);
        ck_assert_uint_eq(s.layer[l].in, l ? 256 : 1536);
        ck_assert_uint_eq(s.layer[l].out, l < 3 ? 256 : 1);
        end += s.layer[l].in * s.layer[l].out;
        ck_assert_uint_eq(s.layer[l].bias, end);
        end += l < 3 ? 256 : 8;
    }
    ck_assert_uint_eq(s.floats, end);
    mlp_shape_make(&s, 16, none, 0);
    ck_assert_uint_eq(s.nlayers, 0);
    ck_assert_uint_eq(mlp_bytes(&s), 0);
}
END_TEST

int main(void)
{
    const TTest *once[] = {
        a_long_gradient_is_cut, l2_shrinks_weights_not_biases,
        never_a_weight_that_is_not_finite, each_seed_and_layer_its_own,
        learns_what_a_product_of_vectors_cannot, hidden_layers,
        layers_do_not_overlap};
    int n = (int)(sizeof shapes / sizeof *shapes);
    Suite *suite = suite_create("mlp");
    TCase *tc = tcase_create("mlp");
    tcase_add_loop_test(tc, output, 0, n);
    tcase_add_loop_test(tc, gradients, 0, n);
    tcase_add_loop_test(tc, adds_nothing_at_first, 0, n);
    for (size_t i = 0; i < sizeof once / sizeof *once; i++)
        tcase_add_test(tc, once[i]);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
