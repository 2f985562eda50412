/*
 * The layers of images, and the norms, in single precision: the bits of a row,
 * and the values of PyTorch.
 */
#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "gradient.h"

enum kind {
    CONV,
    CONV_PLAIN, /* without bias */
    MAX,
    AVERAGE,
    MEAN,
    BATCH_NORM,
    LAYER_NORM,
    WHOLE
};

/* One layer, and whether it is used in training. */
struct layer_case {
    const char *name;
    enum kind kind;
    bool training;
    size_t n;
    struct shape in;
    size_t out;
    struct conv_size size;
};

static void make_layer(struct layer *layer, const struct layer_case *c,
                       struct rng *rng)
{
    static const struct weight_init init = {INIT_HE_NORMAL, 1.4};

    switch (c->kind) {
    case CONV:
    case CONV_PLAIN:
        layer_conv(layer, "l", c->in, c->out, c->size, c->kind == CONV, &init,
                   rng);
        break;
    case MAX:
        layer_max_pool(layer, c->in, c->size);
        break;
    case AVERAGE:
        layer_average_pool(layer, c->in, c->size);
        break;
    case MEAN:
        layer_mean_pool(layer, c->in);
        break;
    case BATCH_NORM:
        layer_batch_norm(layer, "l", c->in);
        break;
    case LAYER_NORM:
    case WHOLE:
        layer_layer_norm(layer, "l", c->in, c->kind == WHOLE);
    }
}

/* ---- bits ---- */

/* Each is large enough for threads. */
static const struct layer_case bits[] = {
    {"3x3", CONV, true, 5, {16, 16, 12, false}, 17, {3, 1, 1}},
    {"7x7", CONV, true, 5, {33, 32, 3, false}, 24, {7, 2, 3}},
    {"5x5", CONV, true, 19, {14, 14, 6, false}, 16, {5, 1, 0}},
    {"pairs", CONV, true, 19, {28, 28, 1, false}, 6, {5, 1, 2}},
    {"bands", CONV_PLAIN, true, 5, {70, 40, 16, false}, 5, {3, 1, 1}},
    {"large", CONV, true, 5, {4, 4, 96, false}, 80, {3, 1, 1}},
    {"1x1", CONV, true, 5, {16, 16, 64, false}, 32, {1, 1, 0}},
    {"1x1 large", CONV, true, 5, {5, 4, 300, false}, 250, {1, 1, 0}},
    {"1x1 strided", CONV_PLAIN, true, 5, {31, 30, 24, false}, 24, {1, 2, 0}},
    {"max", MAX, true, 15, {31, 30, 20, false}, 0, {3, 2, 1}},
    {"average", AVERAGE, true, 15, {31, 30, 20, false}, 0, {3, 2, 1}},
    {"mean", MEAN, true, 15, {16, 17, 70, false}, 0, {0, 0, 0}},
    {"batch norm", BATCH_NORM, true, 15, {31, 30, 20, false}, 0, {0, 0, 0}},
    {"prediction", BATCH_NORM, false, 15, {31, 30, 20, false}, 0, {0, 0, 0}},
    {"layer norm", LAYER_NORM, true, 15, {31, 30, 20, false}, 0, {0, 0, 0}},
    {"whole", WHOLE, true, 15, {31, 30, 20, false}, 0, {0, 0, 0}}};

enum { N_BITS = sizeof(bits) / sizeof(*bits) };

/* Rows [0, n) are random, and so is what stands behind them. */
static void start(struct gradient_case *k, const struct layer_case *c,
                  uint64_t seed)
{
    struct rng rng;

    memset(k, 0, sizeof(*k));
    rng_init(&rng, seed, 1);
    gradient_rows(&k->batch, c->n);
    k->pass.training = c->training;
    make_layer(&k->layer, c, &rng);
    for (int i = 0; i < k->layer.n_params; i++)
        for (size_t j = 0; j < param_size(&k->layer.params[i]); j++)
            k->layer.params[i].value[j] = (real)(.1 + rng_uniform(&rng));
    gradient_fill(k, &rng);
}

/* y, dx, and all parameters with their gradients, one behind the other. */
static real *results_of(struct gradient_case *k, size_t *n)
{
    size_t in = k->batch.padded * shape_size(&k->layer.in, &k->batch),
           out = k->batch.padded * shape_size(&k->layer.out, &k->batch);
    real *all, *to;

    *n = in + out;
    for (int i = 0; i < k->layer.n_params; i++)
        *n += 2 * param_size(&k->layer.params[i]);
    all = to = mem_aligned(*n, sizeof(*all));
    memcpy(to, k->y, out * sizeof(*to));
    memcpy(to += out, k->dx, in * sizeof(*to));
    to += in;
    for (int i = 0; i < k->layer.n_params; i++) {
        const struct param *p = &k->layer.params[i];
        memcpy(to, p->value, param_size(p) * sizeof(*to));
        memcpy(to += param_size(p), p->grad, param_size(p) * sizeof(*to));
        to += param_size(p);
    }
    return all;
}

/* Twice, so that the second meets what the first has left. */
static real *run_at(const struct layer_case *c, int threads, size_t *n)
{
    struct gradient_case k;
    real *results;

    omp_set_num_threads(threads);
    start(&k, c, 7);
    for (int i = 0; i < 2; i++) {
        gradient_forward(&k);
        gradient_backward(&k);
    }
    results = results_of(&k, n);
    gradient_release(&k);
    omp_set_num_threads(2);
    return results;
}

static void layers__same_bits_at_any_threads(void **state)
{
    static const int threads[] = {2, 3, 8};

    (void)state;
    for (int i = 0; i < N_BITS; i++) {
        size_t n;
        real *one = run_at(&bits[i], 1, &n);
        for (int t = 0; t < 3; t++) {
            real *many = run_at(&bits[i], threads[t], &n);
            if (memcmp(one, many, n * sizeof(*one)) != 0)
                fail_msg("%s differs at %d threads", bits[i].name, threads[t]);
            free(many);
        }
        free(one);
    }
}

/* A layer whose scratch was made for fewer threads. */
static void layer_conv__more_threads_later(void **state)
{
    struct gradient_case k;
    real *before, *after;
    size_t n;

    (void)state;
    omp_set_num_threads(1);
    start(&k, &bits[0], 8);
    gradient_forward(&k);
    gradient_backward(&k);
    before = results_of(&k, &n);
    omp_set_num_threads(4);
    gradient_forward(&k);
    gradient_backward(&k);
    after = results_of(&k, &n);
    assert_memory_equal(before, after, n * sizeof(*before));
    free(before);
    free(after);
    gradient_release(&k);
    omp_set_num_threads(2);
}

/* Inside a region that is parallel already (folds are), each its own layer. */
static void layers__same_bits_in_a_region(void **state)
{
    (void)state;
    for (int i = 0; i < N_BITS; i += 3) {
        real *one, *inside[3];
        size_t n, m[3];
        one = run_at(&bits[i], 1, &n);
#pragma omp parallel for num_threads(3)
        for (int t = 0; t < 3; t++)
            inside[t] = run_at(&bits[i], 2, &m[t]);
        for (int t = 0; t < 3; t++) {
            assert_memory_equal(one, inside[t], n * sizeof(*one));
            free(inside[t]);
        }
        free(one);
    }
}

/* Batch norm in training knows the batch. */
static bool is_by_row(const struct layer_case *c)
{
    return c->kind != BATCH_NORM || !c->training;
}

/* The y and dx of one row that stands at `place` of n. */
static real *row_at(const struct layer_case *c, const real *x, const real *dy,
                    size_t n, size_t place, size_t *size)
{
    struct layer_case many = *c;
    struct gradient_case k;
    size_t in, out;
    real *row;

    many.n = n;
    start(&k, &many, 9);
    in = shape_size(&k.layer.in, &k.batch);
    out = shape_size(&k.layer.out, &k.batch);
    memcpy(k.x + place * in, x, in * sizeof(*x));
    memcpy(k.dy + place * out, dy, out * sizeof(*dy));
    gradient_forward(&k);
    gradient_backward(&k);
    row = mem_alloc(in + out, sizeof(*row));
    memcpy(row, k.y + place * out, out * sizeof(*row));
    memcpy(row + out, k.dx + place * in, in * sizeof(*row));
    *size = in + out;
    gradient_release(&k);
    return row;
}

static void layers__row_alone_is_row_in_a_batch(void **state)
{
    static const size_t at[][2] = {{5, 0}, {5, 3}, {15, 14}, {17, 16}};
    struct rng rng;

    (void)state;
    rng_init(&rng, 10, 1);
    for (int i = 0; i < N_BITS; i++) {
        size_t n = 70 * 40 * 16, size;
        real *x, *dy, *alone;
        if (!is_by_row(&bits[i]))
            continue;
        x = gradient_values(n, &rng);
        dy = gradient_values(n, &rng);
        alone = row_at(&bits[i], x, dy, 1, 0, &size);
        for (int p = 0; p < 4; p++) {
            real *row = row_at(&bits[i], x, dy, at[p][0], at[p][1], &size);
            if (memcmp(alone, row, size * sizeof(*row)) != 0)
                fail_msg("%s: row %zu of %zu differs", bits[i].name, at[p][1],
                         at[p][0]);
            free(row);
        }
        free(x);
        free(dy);
        free(alone);
    }
}

/* What stands in padded rows has no influence; dx is zero there. */
static void layers__padded_rows(void **state)
{
    (void)state;
    for (int i = 0; i < N_BITS; i++) {
        struct gradient_case k;
        size_t n, in, out;
        real *before, *after;
        start(&k, &bits[i], 11);
        in = shape_size(&k.layer.in, &k.batch);
        out = shape_size(&k.layer.out, &k.batch);
        gradient_forward(&k);
        gradient_backward(&k);
        before = results_of(&k, &n);
        for (size_t j = k.batch.n * in; j < k.batch.padded * in; j++) {
            assert_true(k.dx[j] == 0);
            k.x[j] = 1e30f;
        }
        for (size_t j = k.batch.n * out; j < k.batch.padded * out; j++)
            assert_true(isfinite(k.y[j]));
        gradient_forward(&k);
        gradient_backward(&k);
        after = results_of(&k, &n);
        if (memcmp(before, after,
                   k.batch.padded * (in + out) * sizeof(*before)) != 0)
            fail_msg("%s reads padded rows", bits[i].name);
        free(before);
        free(after);
        gradient_release(&k);
    }
}

/* A step's bits do not depend on the longest sequence of the batch. */
static void layer_layer_norm__steps_of_others(void **state)
{
    static const size_t steps[] = {3, 9};
    real y[2][3 * 20];

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct gradient_case k = {.pass.training = true};
        struct rng rng;
        rng_init(&rng, 12, 1);
        gradient_steps(&k.batch, 2, steps[i], &rng);
        k.batch.length[0] = 3;
        layer_layer_norm(&k.layer, "l", SHAPE_STEPS(20), false);
        gradient_fill(&k, &rng);
        for (size_t j = 0; j < 60; j++)
            k.x[j] = (real)((double)(j * j % 17) * .1);
        gradient_forward(&k);
        memcpy(y[i], k.y, sizeof(y[i]));
        gradient_release(&k);
    }
    assert_memory_equal(y[0], y[1], sizeof(y[0]));
}

/* ---- values ---- */

static const struct layer_case torch[] = {
    {"conv.3x3", CONV, true, 3, {5, 4, 3, false}, 4, {3, 1, 1}},
    {"conv.5x5", CONV_PLAIN, true, 2, {6, 8, 2, false}, 3, {5, 1, 0}},
    {"conv.strided", CONV, true, 5, {8, 7, 3, false}, 2, {3, 2, 1}},
    {"conv.1x1", CONV, true, 3, {3, 4, 5, false}, 4, {1, 1, 0}},
    {"conv.1x1.strided", CONV_PLAIN, true, 3, {5, 6, 4, false}, 5, {1, 2, 0}},
    {"conv.2x2", CONV, true, 2, {4, 6, 3, false}, 2, {2, 2, 0}},
    {"conv.7x7", CONV, true, 2, {12, 11, 3, false}, 4, {7, 2, 3}},
    {"max.2x2", MAX, true, 3, {4, 6, 3, false}, 0, {2, 2, 0}},
    {"max.3x3", MAX, true, 3, {7, 8, 3, false}, 0, {3, 2, 1}},
    {"average.2x2", AVERAGE, true, 3, {5, 6, 3, false}, 0, {2, 2, 0}},
    {"average.3x3", AVERAGE, true, 3, {7, 8, 3, false}, 0, {3, 2, 1}},
    {"mean", MEAN, true, 3, {4, 5, 6, false}, 0, {0, 0, 0}},
    {"batch_norm.training", BATCH_NORM, true, 5, {3, 4, 3, false}, 0, {0}},
    {"batch_norm.prediction", BATCH_NORM, false, 5, {3, 4, 3, false}, 0, {0}},
    {"layer_norm", LAYER_NORM, true, 5, {3, 2, 10, false}, 0, {0, 0, 0}},
    {"layer_norm.whole", WHOLE, true, 5, {3, 4, 3, false}, 0, {0, 0, 0}}};

/* As in make.py; the parameters follow in the layer's order. */
enum { X, DY, WEIGHT, PROBE = WEIGHT + 4 };

static double value_at(size_t i, size_t tensor)
{
    return (double)(uint32_t)((i + 1000003 * tensor) * 2654435761u) * 0x1p-32 -
           .5;
}

static double torch_value(const char *name)
{
    FILE *file = fixture_open(TEST_DATA "/layers/layers.txt");
    char key[100];
    double value, found = NAN;

    while (isnan(found) && fscanf(file, "%99s %lf", key, &value) == 2)
        if (strcmp(key, name) == 0)
            found = value;
    fclose(file);
    if (isnan(found))
        fail_msg("no value '%s'", name);
    return found;
}

static void assert_torch(const char *layer, const char *what, const char *end,
                         double got)
{
    char name[100];
    double want;

    snprintf(name, sizeof(name), "%s.%s.%s", layer, what, end);
    want = torch_value(name);
    if (!fixture_near(got, want, 1e-5))
        fail_msg("%s is %.10g, expected %.10g", name, got, want);
}

static void assert_tensor(const char *layer, const char *what, const float *v,
                          size_t n)
{
    double sum = 0, probe = 0;

    for (size_t i = 0; i < n; i++) {
        sum += (double)v[i];
        probe += (double)v[i] * value_at(i, PROBE);
    }
    assert_torch(layer, what, "sum", sum);
    assert_torch(layer, what, "probe", probe);
    for (size_t k = 0; k < 4; k++) {
        char end[] = {(char)('0' + k), '\0'};
        assert_torch(layer, what, end, (double)v[k * (n - 1) / 3]);
    }
}

/* Fills a parameter through the order of a file. */
static void import(struct param *p, size_t number)
{
    float *file = mem_alloc(param_size(p), sizeof(*file));

    for (size_t i = 0; i < param_size(p); i++)
        file[i] = (float)value_at(i, WEIGHT + number) + (number == 3 ? 1 : 0);
    param_import(p, file);
    free(file);
}

/* The gradient of what is learned, the value of running averages. */
static void assert_param(const char *layer, const struct param *p)
{
    struct param copy = *p;
    float *file = mem_alloc(param_size(p), sizeof(*file));

    if (!p->fixed)
        copy.value = p->grad;
    param_export(&copy, file);
    assert_tensor(layer, strchr(p->name, '.') + 1, file, param_size(p));
    free(file);
}

static void check_against_torch(const struct layer_case *c)
{
    struct gradient_case k;
    size_t in, out;

    start(&k, c, 13);
    in = c->n * shape_size(&k.layer.in, &k.batch);
    out = c->n * shape_size(&k.layer.out, &k.batch);
    for (size_t i = 0; i < in; i++)
        k.x[i] = (float)value_at(i, X);
    for (size_t i = 0; i < out; i++)
        k.dy[i] = (float)value_at(i, DY);
    for (int i = 0; i < k.layer.n_params; i++)
        import(&k.layer.params[i], (size_t)i);
    gradient_forward(&k);
    gradient_backward(&k);
    assert_tensor(c->name, "y", k.y, out);
    assert_tensor(c->name, "dx", k.dx, in);
    for (int i = 0; i < k.layer.n_params; i++)
        assert_param(c->name, &k.layer.params[i]);
    gradient_release(&k);
}

static void layers__values_of_torch(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(torch) / sizeof(*torch); i++)
        check_against_torch(&torch[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers__same_bits_at_any_threads),
        cmocka_unit_test(layer_conv__more_threads_later),
        cmocka_unit_test(layers__same_bits_in_a_region),
        cmocka_unit_test(layers__row_alone_is_row_in_a_batch),
        cmocka_unit_test(layers__padded_rows),
        cmocka_unit_test(layer_layer_norm__steps_of_others),
        cmocka_unit_test(layers__values_of_torch),
    };

    return cmocka_run_group_tests_name("conv", tests, NULL, NULL);
}
