/*
 * Gradients of the layers of images, and of the norms.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gradient.h"

static const struct weight_init glorot = {INIT_GLOROT_NORMAL, 1};

/* What is zero or one at first would hide mistakes. */
static void draw_params(struct layer *layer, struct rng *rng)
{
    for (int i = 0; i < layer->n_params; i++)
        if (!layer->params[i].fixed)
            param_fill_normal(&layer->params[i], .7, rng);
}

/* ---- convolution ---- */

struct conv_case {
    size_t n;
    struct shape in;
    size_t out;
    struct conv_size size;
    bool bias;
};

static void make_conv(struct gradient_case *k, const struct conv_case *c,
                      struct rng *rng)
{
    memset(k, 0, sizeof(*k));
    k->pass.training = true;
    gradient_rows(&k->batch, c->n);
    layer_conv(&k->layer, "c", c->in, c->out, c->size, c->bias, &glorot, rng);
    draw_params(&k->layer, rng);
}

static void layer_conv__gradient(void **state)
{
    static const struct conv_case cases[] = {
        {5, {4, 4, 2, false}, 3, {3, 1, 1}, true},
        {3, {5, 3, 3, false}, 2, {3, 1, 0}, true},
        {2, {6, 4, 2, false}, 3, {3, 2, 1}, false},
        {17, {3, 2, 2, false}, 2, {3, 2, 1}, true},
        {9, {2, 3, 4, false}, 3, {1, 1, 0}, true},
        {3, {5, 4, 3, false}, 2, {1, 2, 0}, false},
        {2, {3, 4, 2, false}, 2, {1, 1, 1}, true},
        {2, {6, 5, 1, false}, 3, {5, 1, 2}, true},
        {2, {7, 6, 2, false}, 2, {5, 2, 1}, false},
        {3, {4, 6, 2, false}, 2, {2, 2, 0}, true},
        {2, {5, 5, 2, false}, 2, {2, 3, 1}, true},
        {1, {1, 1, 3, false}, 2, {3, 1, 1}, true},
        {2, {2, 1, 1, false}, 1, {5, 1, 4}, true},
        /* several tiles in a shard */
        {150, {2, 2, 1, false}, 2, {2, 1, 1}, true},
        /* as pairs of pixels */
        {3, {5, 6, 2, false}, 3, {5, 1, 2}, true},
        {2, {4, 4, 3, false}, 2, {3, 1, 0}, false},
        {1, {2, 2, 1, false}, 8, {1, 1, 0}, true},
        {2, {3, 8, 4, false}, 5, {3, 1, 2}, true},
    };
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct gradient_case k;
        make_conv(&k, &cases[i], &rng);
        gradient_check(&k, &rng);
    }
}

static void check_some(struct gradient_case *k, real *value,
                       const real *gradient, size_t n, const char *what)
{
    for (size_t i = 0; i < n; i += 1 + n / 7)
        gradient_assert(gradient_worst(k, &value[i], &gradient[i], 1), what);
    gradient_assert(gradient_worst(k, &value[n - 1], &gradient[n - 1], 1),
                    what);
}

/* Several bands of the image; a weight that is cut in pieces. */
static void layer_conv__gradient_of_large_ones(void **state)
{
    static const struct conv_case cases[] = {
        {2, {60, 50, 5, false}, 2, {5, 1, 2}, true},
        {3, {3, 4, 90, false}, 90, {3, 1, 1}, true},
        {1, {3, 3, 90, false}, 90, {3, 2, 1}, true},
        {3, {3, 2, 300, false}, 250, {1, 1, 0}, true},
        {3, {3, 2, 300, false}, 250, {1, 2, 0}, true},
        {1, {90, 60, 50, false}, 1, {1, 1, 0}, true},
    };
    struct rng rng;

    (void)state;
    rng_init(&rng, 2, 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct gradient_case k;
        make_conv(&k, &cases[i], &rng);
        gradient_fill(&k, &rng);
        gradient_forward(&k);
        gradient_backward(&k);
        gradient_without_dx(&k);
        check_some(&k, k.x, k.dx, k.batch.n * shape_size(&k.layer.in, &k.batch),
                   "input");
        for (int p = 0; p < k.layer.n_params; p++)
            check_some(&k, k.layer.params[p].value, k.layer.params[p].grad,
                       param_size(&k.layer.params[p]), k.layer.params[p].name);
        gradient_release(&k);
    }
}

/* The same layer with one batch and then with another: scratch is reused. */
static void layer_conv__gradient_of_a_second_batch(void **state)
{
    static const struct conv_case c = {2, {5, 4, 2, false}, 3, {3, 2, 1}, true};
    struct gradient_case k;
    struct rng rng;

    (void)state;
    rng_init(&rng, 3, 1);
    make_conv(&k, &c, &rng);
    gradient_fill(&k, &rng);
    gradient_forward(&k);
    gradient_backward(&k);
    gradient_free_tensors(&k);
    batch_release(&k.batch);
    gradient_rows(&k.batch, 21);
    gradient_check(&k, &rng);
}

/* A fixed parameter's gradient is not touched, the others are right. */
static void layer_conv__fixed(void **state)
{
    static const struct conv_case c = {3, {4, 4, 2, false}, 3, {3, 1, 1}, true};
    struct rng rng;

    (void)state;
    rng_init(&rng, 4, 1);
    for (int fixed = 0; fixed < 2; fixed++) {
        struct gradient_case k;
        make_conv(&k, &c, &rng);
        k.layer.params[fixed].fixed = true;
        gradient_fill(&k, &rng);
        k.layer.params[fixed].grad[1] = 77;
        gradient_forward(&k);
        gradient_backward(&k);
        assert_true(k.layer.params[fixed].grad[1] == 77);
        gradient_compare(&k);
        gradient_release(&k);
    }
}

static void conv_shape__rounds_down(void **state)
{
    struct shape s;

    (void)state;
    s = conv_shape(SHAPE_IMAGE(7, 8, 3), 5, (struct conv_size){3, 2, 1});
    assert_int_equal(s.height, 4);
    assert_int_equal(s.width, 4);
    assert_int_equal(s.channels, 5);
    assert_false(s.steps);
    s = conv_shape(SHAPE_IMAGE(224, 5, 3), 2, (struct conv_size){5, 1, 0});
    assert_int_equal(s.height, 220);
    assert_int_equal(s.width, 1);
}

/* Named and shaped as in the file; deviation by the fans. */
static void layer_conv__params(void **state)
{
    struct layer layer;
    struct rng rng;
    size_t shape[PARAM_RANK];
    double squares = 0;

    (void)state;
    rng_init(&rng, 5, 1);
    layer_conv(&layer, "layer1.conv", SHAPE_IMAGE(8, 8, 20), 30,
               (struct conv_size){5, 1, 2}, true, &glorot, &rng);
    assert_int_equal(layer.n_params, 2);
    assert_string_equal(layer.params[0].name, "layer1.conv.weight");
    assert_string_equal(layer.params[1].name, "layer1.conv.bias");
    assert_int_equal(param_shape(&layer.params[0], shape), 4);
    assert_int_equal(shape[0], 30);
    assert_int_equal(shape[1], 20);
    assert_int_equal(shape[2], 5);
    assert_int_equal(shape[3], 5);
    assert_int_equal(param_shape(&layer.params[1], shape), 1);
    for (size_t i = 0; i < 15000; i++)
        squares += pow(layer.params[0].value[i], 2);
    assert_true(fabs(squares / 15000 * (25 * 50) / 2 - 1) < .05);
    for (size_t i = 0; i < 30; i++)
        assert_true(layer.params[1].value[i] == 0);
    layer_release(&layer);
}

/* ---- pools ---- */

typedef void pool_fn(struct layer *layer, struct shape in,
                     struct conv_size size);

static void mean_pool(struct layer *layer, struct shape in,
                      struct conv_size size)
{
    (void)size;
    layer_mean_pool(layer, in);
}

struct pool_case {
    size_t n;
    struct shape in;
    struct conv_size size;
};

static const struct pool_case pools[] = {
    {3, {4, 6, 2, false}, {2, 2, 0}},  {2, {5, 3, 3, false}, {2, 2, 0}},
    {17, {3, 3, 2, false}, {3, 2, 1}}, {2, {6, 5, 1, false}, {3, 1, 1}},
    {2, {4, 7, 2, false}, {3, 2, 1}},  {1, {3, 2, 130, false}, {2, 1, 0}},
    {2, {6, 6, 2, false}, {1, 2, 0}},  {2, {5, 4, 2, false}, {3, 1, 2}},
};

/* Values of x that are all far from each other: no kinks. */
static void spread(struct gradient_case *k, struct rng *rng)
{
    size_t n = k->batch.padded * shape_size(&k->layer.in, &k->batch);
    size_t *order = mem_alloc(n, sizeof(*order));

    for (size_t i = 0; i < n; i++)
        order[i] = i;
    rng_shuffle(rng, order, n);
    for (size_t i = 0; i < n; i++)
        k->x[i] = (double)order[i] * .001 - (double)n * .0005;
    free(order);
}

static void check_pools(pool_fn *make, uint64_t seed)
{
    struct rng rng;

    rng_init(&rng, seed, 1);
    for (size_t i = 0; i < sizeof(pools) / sizeof(*pools); i++) {
        struct gradient_case k = {.pass.training = true};
        gradient_rows(&k.batch, pools[i].n);
        make(&k.layer, pools[i].in, pools[i].size);
        gradient_fill(&k, &rng);
        spread(&k, &rng);
        gradient_forward(&k);
        gradient_backward(&k);
        gradient_without_dx(&k);
        gradient_compare(&k);
        gradient_release(&k);
    }
}

static void layer_max_pool__gradient(void **state)
{
    (void)state;
    check_pools(layer_max_pool, 6);
}

static void layer_average_pool__gradient(void **state)
{
    (void)state;
    check_pools(layer_average_pool, 7);
}

static void layer_mean_pool__gradient(void **state)
{
    (void)state;
    check_pools(mean_pool, 8);
}

/* One image of one channel, with dy = 1, 2, ...: y, then dx. */
static void assert_pool(pool_fn *make, struct shape in, struct conv_size size,
                        const double *x, const double *y, const double *dx)
{
    struct gradient_case k = {.pass.training = true};
    struct rng rng;
    size_t n_in, n_out;

    rng_init(&rng, 9, 1);
    gradient_rows(&k.batch, 1);
    make(&k.layer, in, size);
    gradient_fill(&k, &rng);
    n_in = shape_size(&k.layer.in, &k.batch);
    n_out = shape_size(&k.layer.out, &k.batch);
    memcpy(k.x, x, n_in * sizeof(*x));
    for (size_t i = 0; i < n_out; i++)
        k.dy[i] = (double)(i + 1);
    gradient_forward(&k);
    gradient_backward(&k);
    for (size_t i = 0; i < n_out; i++)
        assert_true(k.y[i] == y[i]);
    for (size_t i = 0; i < n_in; i++)
        assert_true(k.dx[i] == dx[i]);
    gradient_release(&k);
}

/* Equal values, also those of an image of zeros behind a rectifier. */
static void layer_max_pool__first_of_equals(void **state)
{
    static const double x[] = {0, 0, 3, 3, 0, 0, 3, 3}, y[] = {0, 3},
                        dx[] = {1, 0, 2, 0, 0, 0, 0, 0};

    (void)state;
    assert_pool(layer_max_pool, SHAPE_IMAGE(2, 4, 1),
                (struct conv_size){2, 2, 0}, x, y, dx);
}

/* Padding is not a zero that is larger than negative values. */
static void layer_max_pool__padding_never_counts(void **state)
{
    static const double x[] = {-4, -3, -2, -1}, y[] = {-4, -2, -1},
                        dx[] = {1, 0, 2, 3};

    (void)state;
    assert_pool(layer_max_pool, SHAPE_IMAGE(1, 4, 1),
                (struct conv_size){2, 2, 1}, x, y, dx);
}

static void layer_average_pool__padding_never_counts(void **state)
{
    static const double x[] = {4, 2, 6, 8}, y[] = {4, 4, 8},
                        dx[] = {1, 1, 1, 3};

    (void)state;
    assert_pool(layer_average_pool, SHAPE_IMAGE(1, 4, 1),
                (struct conv_size){2, 2, 1}, x, y, dx);
}

static void layer_max_pool__keeps_nan(void **state)
{
    struct gradient_case k = {.pass.training = true};
    struct rng rng;

    (void)state;
    rng_init(&rng, 10, 1);
    gradient_rows(&k.batch, 1);
    layer_max_pool(&k.layer, SHAPE_IMAGE(2, 2, 2), (struct conv_size){2, 2, 0});
    for (size_t at = 0; at < 4; at++) {
        gradient_fill(&k, &rng);
        k.x[2 * at] = NAN;
        gradient_forward(&k);
        assert_true(isnan(k.y[0]));
        assert_true(!isnan(k.y[1]));
        gradient_free_tensors(&k);
    }
    gradient_release(&k);
}

/* ---- batch norm ---- */

enum { WEIGHT, BIAS, RUNNING_MEAN, RUNNING_VAR };

static void make_batch_norm(struct gradient_case *k, size_t n, struct shape in,
                            struct rng *rng)
{
    memset(k, 0, sizeof(*k));
    k->pass.training = true;
    gradient_rows(&k->batch, n);
    layer_batch_norm(&k->layer, "n", in);
    draw_params(&k->layer, rng);
    for (size_t j = 0; j < in.channels; j++) {
        k->layer.params[RUNNING_MEAN].value[j] = rng_normal(rng);
        k->layer.params[RUNNING_VAR].value[j] = .5 + rng_uniform(rng);
    }
}

static const struct {
    size_t n;
    struct shape in;
} norms[] = {{5, {3, 2, 3, false}},
             {17, {1, 1, 4, false}},
             {2, {4, 4, 2, false}},
             {1, {2, 3, 9, false}},
             {16, {2, 1, 1, false}}};

enum { N_NORMS = sizeof(norms) / sizeof(*norms) };

static void layer_batch_norm__gradient(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 11, 1);
    for (int i = 0; i < N_NORMS; i++) {
        struct gradient_case k;
        make_batch_norm(&k, norms[i].n, norms[i].in, &rng);
        gradient_check(&k, &rng);
    }
}

/* One of weight and bias fixed: still the batch's statistics. */
static void layer_batch_norm__gradient_partly_fixed(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 12, 1);
    for (int fixed = 0; fixed < 2; fixed++) {
        struct gradient_case k;
        double mean;
        make_batch_norm(&k, 5, SHAPE_IMAGE(2, 3, 3), &rng);
        k.layer.params[fixed].fixed = true;
        gradient_fill(&k, &rng);
        k.layer.params[fixed].grad[1] = 77;
        mean = k.layer.params[RUNNING_MEAN].value[1];
        gradient_forward(&k);
        assert_true(k.layer.params[RUNNING_MEAN].value[1] != mean);
        gradient_backward(&k);
        assert_true(k.layer.params[fixed].grad[1] == 77);
        gradient_compare(&k);
        gradient_release(&k);
    }
}

static void layer_batch_norm__gradient_of_prediction(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 13, 1);
    for (int i = 0; i < N_NORMS; i++) {
        struct gradient_case k;
        make_batch_norm(&k, norms[i].n, norms[i].in, &rng);
        k.pass.training = false;
        gradient_check(&k, &rng);
    }
}

/* Training with fixed weight and bias is prediction, and leaves no trace. */
static void layer_batch_norm__frozen(void **state)
{
    struct gradient_case k;
    struct rng rng;
    double mean[3], var[3], y[5 * 18];

    (void)state;
    rng_init(&rng, 14, 1);
    make_batch_norm(&k, 5, SHAPE_IMAGE(2, 3, 3), &rng);
    k.layer.params[WEIGHT].fixed = k.layer.params[BIAS].fixed = true;
    memcpy(mean, k.layer.params[RUNNING_MEAN].value, sizeof(mean));
    memcpy(var, k.layer.params[RUNNING_VAR].value, sizeof(var));
    gradient_fill(&k, &rng);
    k.layer.params[WEIGHT].grad[0] = k.layer.params[BIAS].grad[0] = 77;
    k.pass.training = false;
    gradient_forward(&k);
    memcpy(y, k.y, sizeof(y));
    k.pass.training = true;
    gradient_forward(&k);
    gradient_backward(&k);
    assert_memory_equal(y, k.y, sizeof(y));
    assert_memory_equal(mean, k.layer.params[RUNNING_MEAN].value, sizeof(mean));
    assert_memory_equal(var, k.layer.params[RUNNING_VAR].value, sizeof(var));
    assert_true(k.layer.params[WEIGHT].grad[0] == 77);
    assert_true(k.layer.params[BIAS].grad[0] == 77);
    gradient_compare(&k);
    gradient_release(&k);
}

/* mean .1 x (1 + 2 + 6) / 3, variance .9 + .1 x 7; padded rows are not seen. */
static void layer_batch_norm__running_averages(void **state)
{
    static const double x[] = {1, 2, 6};
    struct gradient_case k = {.pass.training = true};
    struct rng rng;

    (void)state;
    rng_init(&rng, 15, 1);
    gradient_rows(&k.batch, 3);
    layer_batch_norm(&k.layer, "bn1", SHAPE_VECTOR(1));
    gradient_fill(&k, &rng);
    memcpy(k.x, x, sizeof(x));
    gradient_forward(&k);
    assert_true(fabs(k.layer.params[RUNNING_MEAN].value[0] - .3) < 1e-14);
    assert_true(fabs(k.layer.params[RUNNING_VAR].value[0] - 1.6) < 1e-14);
    assert_true(fabs(k.y[2] - 3 / sqrt(14 / 3. + 1e-5)) < 1e-14);
    k.pass.training = false;
    gradient_forward(&k);
    assert_true(fabs(k.layer.params[RUNNING_MEAN].value[0] - .3) < 1e-14);
    assert_true(fabs(k.y[2] - 5.7 / sqrt(1.6 + 1e-5)) < 1e-14);
    gradient_release(&k);
}

/* A constant far from zero, and a single value: nothing to divide by. */
static void layer_batch_norm__without_variance(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 16, 1);
    for (size_t n = 1; n < 4; n++) {
        struct gradient_case k = {.pass.training = true};
        gradient_rows(&k.batch, n);
        layer_batch_norm(&k.layer, "n", SHAPE_VECTOR(1));
        gradient_fill(&k, &rng);
        for (size_t i = 0; i < n; i++)
            k.x[i] = 1e9 / 3;
        gradient_forward(&k);
        gradient_backward(&k);
        assert_true(k.layer.params[RUNNING_VAR].value[0] == .9);
        for (size_t i = 0; i < n; i++) {
            assert_true(k.y[i] == 0);
            assert_true(isfinite(k.dx[i]));
        }
        gradient_release(&k);
    }
}

static void layer_batch_norm__params(void **state)
{
    static const char *const names[] = {"bn1.weight", "bn1.bias",
                                        "bn1.running_mean", "bn1.running_var"};
    struct layer layer;
    size_t shape[PARAM_RANK];

    (void)state;
    layer_batch_norm(&layer, "bn1", SHAPE_IMAGE(2, 2, 5));
    assert_int_equal(layer.n_params, 4);
    for (int i = 0; i < 4; i++) {
        assert_string_equal(layer.params[i].name, names[i]);
        assert_int_equal(param_shape(&layer.params[i], shape), 1);
        assert_int_equal(shape[0], 5);
        assert_true(layer.params[i].fixed == (i >= 2));
        assert_true(layer.params[i].value[4] == (i % 3 == 0));
    }
    layer_release(&layer);
}

/* ---- layer norm ---- */

static void check_layer_norm(size_t n, struct shape in, bool whole,
                             size_t steps, struct rng *rng)
{
    struct gradient_case k = {.pass.training = true};

    if (steps)
        gradient_steps(&k.batch, n, steps, rng);
    else
        gradient_rows(&k.batch, n);
    layer_layer_norm(&k.layer, "n", in, whole);
    draw_params(&k.layer, rng);
    gradient_check(&k, rng);
}

static void layer_layer_norm__gradient(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 17, 1);
    check_layer_norm(5, SHAPE_VECTOR(7), false, 0, &rng);
    check_layer_norm(17, SHAPE_VECTOR(8), true, 0, &rng);
    check_layer_norm(3, SHAPE_IMAGE(2, 3, 11), false, 0, &rng);
    check_layer_norm(3, SHAPE_STEPS(16), false, 4, &rng);
    check_layer_norm(6, SHAPE_STEPS(3), false, 5, &rng);
}

static void layer_layer_norm__gradient_whole(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 18, 1);
    /* The last has groups of two values, too curved for a difference. */
    for (int i = 0; i < N_NORMS - 1; i++)
        check_layer_norm(norms[i].n, norms[i].in, true, 0, &rng);
    check_layer_norm(2, SHAPE_IMAGE(3, 2, 19), true, 0, &rng);
}

static void layer_layer_norm__fixed(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 19, 1);
    for (int fixed = 0; fixed < 2; fixed++) {
        struct gradient_case k = {.pass.training = true};
        gradient_rows(&k.batch, 3);
        layer_layer_norm(&k.layer, "n", SHAPE_IMAGE(2, 2, 3), true);
        k.layer.params[fixed].fixed = true;
        gradient_fill(&k, &rng);
        k.layer.params[fixed].grad[1] = 77;
        gradient_forward(&k);
        gradient_backward(&k);
        assert_true(k.layer.params[fixed].grad[1] == 77);
        gradient_compare(&k);
        gradient_release(&k);
    }
}

/* A single channel: nothing is left but the bias. */
static void layer_layer_norm__one_channel(void **state)
{
    struct gradient_case k = {.pass.training = true};
    struct rng rng;

    (void)state;
    rng_init(&rng, 20, 1);
    gradient_rows(&k.batch, 2);
    layer_layer_norm(&k.layer, "n", SHAPE_IMAGE(2, 2, 1), false);
    k.layer.params[BIAS].value[0] = 3;
    gradient_fill(&k, &rng);
    gradient_forward(&k);
    gradient_backward(&k);
    for (size_t i = 0; i < 8; i++) {
        assert_true(k.y[i] == 3);
        assert_true(k.dx[i] == 0);
    }
    gradient_release(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layer_conv__gradient),
        cmocka_unit_test(layer_conv__gradient_of_large_ones),
        cmocka_unit_test(layer_conv__gradient_of_a_second_batch),
        cmocka_unit_test(layer_conv__fixed),
        cmocka_unit_test(conv_shape__rounds_down),
        cmocka_unit_test(layer_conv__params),
        cmocka_unit_test(layer_max_pool__gradient),
        cmocka_unit_test(layer_average_pool__gradient),
        cmocka_unit_test(layer_mean_pool__gradient),
        cmocka_unit_test(layer_max_pool__first_of_equals),
        cmocka_unit_test(layer_max_pool__padding_never_counts),
        cmocka_unit_test(layer_average_pool__padding_never_counts),
        cmocka_unit_test(layer_max_pool__keeps_nan),
        cmocka_unit_test(layer_batch_norm__gradient),
        cmocka_unit_test(layer_batch_norm__gradient_partly_fixed),
        cmocka_unit_test(layer_batch_norm__gradient_of_prediction),
        cmocka_unit_test(layer_batch_norm__frozen),
        cmocka_unit_test(layer_batch_norm__running_averages),
        cmocka_unit_test(layer_batch_norm__without_variance),
        cmocka_unit_test(layer_batch_norm__params),
        cmocka_unit_test(layer_layer_norm__gradient),
        cmocka_unit_test(layer_layer_norm__gradient_whole),
        cmocka_unit_test(layer_layer_norm__fixed),
        cmocka_unit_test(layer_layer_norm__one_channel),
    };

    return cmocka_run_group_tests_name("nn_conv", tests, NULL, NULL);
}
