/*
 * Initial weights: moments within what a seeded sample allows, and orthogonal
 * matrices that are.
 */
#include "nn/initialise.h"

#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

enum { ROWS = 200, COLS = 300, N = ROWS * COLS };

static float *draw(enum init rule, double gain, size_t rows, size_t cols,
                   size_t fan_in, size_t fan_out, uint64_t seed)
{
    struct weight_init init = {rule, gain};
    float *w = mem_alloc(rows * cols, sizeof(*w));
    struct rng rng;

    rng_init(&rng, seed, RNG_INIT);
    initialise(w, rows, cols, cols, fan_in, fan_out, &init, &rng);
    return w;
}

struct sample {
    double mean, deviation, kurtosis, most;
};

static struct sample describe(const float *w, size_t n)
{
    struct sample s = {0};
    double fourth = 0;

    for (size_t i = 0; i < n; i++) {
        s.mean += (double)w[i] / (double)n;
        s.most = fmax(s.most, fabs((double)w[i]));
    }
    for (size_t i = 0; i < n; i++) {
        double d = (double)w[i] - s.mean;
        s.deviation += d * d / (double)n;
        fourth += d * d * d * d / (double)n;
    }
    s.kurtosis = fourth / (s.deviation * s.deviation);
    s.deviation = sqrt(s.deviation);
    return s;
}

/* Four standard errors of 60,000 values either way. */
static void check(enum init rule, double gain, double deviation, bool uniform)
{
    float *w = draw(rule, gain, ROWS, COLS, 50, 150, 1);
    struct sample s = describe(w, N);

    assert_true(fabs(s.mean) < 4 * deviation / sqrt(N));
    assert_true(fabs(s.deviation / deviation - 1) < 4 / sqrt(2. * N));
    assert_true(fabs(s.kurtosis - (uniform ? 1.8 : 3)) < .08);
    if (uniform)
        assert_true(s.most <= deviation * 1.7320509 &&
                    s.most > deviation * 1.73);
    free(w);
}

static void initialise__moments(void **state)
{
    double he = 1 / sqrt(50), glorot = sqrt(2. / 200);

    (void)state;
    check(INIT_HE_NORMAL, 1, he, false);
    check(INIT_HE_NORMAL, M_SQRT2, M_SQRT2 * he, false);
    check(INIT_HE_UNIFORM, M_SQRT2, M_SQRT2 * he, true);
    check(INIT_GLOROT_NORMAL, M_SQRT2, glorot, false);
    check(INIT_GLOROT_UNIFORM, 1, glorot, true);
}

static void initialise__auto(void **state)
{
    float *he = draw(INIT_HE_NORMAL, M_SQRT2, 5, 7, 5, 7, 1),
          *glorot = draw(INIT_GLOROT_NORMAL, 1, 5, 7, 5, 7, 1),
          *before_relu = draw(INIT_AUTO, M_SQRT2, 5, 7, 5, 7, 1),
          *before_tanh = draw(INIT_AUTO, 1, 5, 7, 5, 7, 1);

    (void)state;
    assert_memory_equal(he, before_relu, 35 * sizeof(*he));
    assert_memory_equal(glorot, before_tanh, 35 * sizeof(*he));
    assert_memory_not_equal(he, glorot, 35 * sizeof(*he));
    free(he);
    free(glorot);
    free(before_relu);
    free(before_tanh);
}

static void initialise__zero(void **state)
{
    float *w = draw(INIT_ZERO, M_SQRT2, 5, 7, 5, 7, 1);

    (void)state;
    for (size_t i = 0; i < 35; i++)
        assert_true(w[i] == 0);
    free(w);
}

/* A layer that reads nothing (a majority) has weights too: none. */
static void initialise__no_inputs(void **state)
{
    (void)state;
    for (int rule = INIT_AUTO; rule <= INIT_ZERO; rule++)
        free(draw((enum init)rule, 1, 0, 3, 0, 3, 1));
}

static void initialise__seeds(void **state)
{
    (void)state;
    for (int rule = INIT_AUTO; rule < INIT_ZERO; rule++) {
        float *a = draw((enum init)rule, 1, 20, 30, 20, 30, 1),
              *b = draw((enum init)rule, 1, 20, 30, 20, 30, 1),
              *c = draw((enum init)rule, 1, 20, 30, 20, 30, 2);
        assert_memory_equal(a, b, 600 * sizeof(*a));
        for (size_t i = 0; i < 600; i++)
            assert_true(a[i] != c[i]);
        free(a);
        free(b);
        free(c);
    }
}

/* A matrix inside a larger one: nothing beside it is written. */
static void initialise__stride(void **state)
{
    (void)state;
    for (int rule = INIT_AUTO; rule <= INIT_ZERO; rule++) {
        struct weight_init init = {(enum init)rule, 1};
        float w[4 * 10], *alone = draw((enum init)rule, 1, 4, 3, 4, 3, 1);
        struct rng rng;
        for (size_t i = 0; i < 40; i++)
            w[i] = 9;
        rng_init(&rng, 1, RNG_INIT);
        initialise(w + 5, 4, 3, 10, 4, 3, &init, &rng);
        for (size_t i = 0; i < 40; i++)
            assert_true(w[i] == (i % 10 >= 5 && i % 10 < 8
                                     ? alone[i / 10 * 3 + i % 10 - 5]
                                     : 9));
        free(alone);
    }
}

/* ---- orthogonal ---- */

/* Vector i of the fewer ones, value c. */
static double at(const float *w, size_t rows, size_t cols, size_t i, size_t c)
{
    return (double)(rows <= cols ? w[i * cols + c] : w[c * cols + i]);
}

/* The largest departure of the products of all pairs from gain^2 or 0. */
static double departure(const float *w, size_t rows, size_t cols, double gain)
{
    size_t few = rows <= cols ? rows : cols, many = rows <= cols ? cols : rows;
    double most = 0;

    for (size_t i = 0; i < few; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = 0;
            for (size_t c = 0; c < many; c++)
                sum += at(w, rows, cols, i, c) * at(w, rows, cols, j, c);
            most = fmax(most, fabs(sum / (gain * gain) - (i == j)));
        }
    return most;
}

static void initialise__orthogonal(void **state)
{
    static const size_t shapes[][2] = {{1, 1},   {1, 9},     {9, 1},
                                       {5, 5},   {33, 32},   {40, 100},
                                       {100, 7}, {120, 120}, {1200, 70}};

    (void)state;
    for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++)
        for (int g = 0; g < 2; g++) {
            size_t rows = shapes[i][0], cols = shapes[i][1];
            double gain = g ? M_SQRT2 : 1;
            float *w = draw(INIT_ORTHOGONAL, gain, rows, cols, 1, 1, 3);
            double most = departure(w, rows, cols, gain);
            if (!(most < 1e-5))
                fail_msg("%zu x %zu: off by %.3g", rows, cols, most);
            free(w);
        }
}

/* Directions are uniform: values of a wide one have variance 1 / many. */
static void initialise__orthogonal_directions(void **state)
{
    float *w = draw(INIT_ORTHOGONAL, 1, 60, 1000, 1, 1, 4);
    struct sample s = describe(w, 60000);

    (void)state;
    assert_true(fabs(s.mean) < 4 * sqrt(1e-3 / 60000));
    assert_true(fabs(s.deviation / sqrt(1e-3) - 1) < 1e-4);
    assert_true(fabs(s.kurtosis - 3) < .08);
    free(w);
}

static void initialise__orthogonal_threads(void **state)
{
    int most = omp_get_max_threads();
    float *one, *three;

    (void)state;
    omp_set_num_threads(1);
    one = draw(INIT_ORTHOGONAL, 1, 100, 1500, 1, 1, 5);
    omp_set_num_threads(3);
    three = draw(INIT_ORTHOGONAL, 1, 100, 1500, 1, 1, 5);
    omp_set_num_threads(most);
    assert_memory_equal(one, three, 150000 * sizeof(*one));
    free(one);
    free(three);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(initialise__moments),
        cmocka_unit_test(initialise__auto),
        cmocka_unit_test(initialise__zero),
        cmocka_unit_test(initialise__no_inputs),
        cmocka_unit_test(initialise__seeds),
        cmocka_unit_test(initialise__stride),
        cmocka_unit_test(initialise__orthogonal),
        cmocka_unit_test(initialise__orthogonal_directions),
        cmocka_unit_test(initialise__orthogonal_threads),
    };

    return cmocka_run_group_tests_name("initialise", tests, NULL, NULL);
}
