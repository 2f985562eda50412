#include "stats/dependence.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"
#include "stats/neighbours.h"
#include "stats/probe.h"

#define FIXTURE_VALUES TEST_DATA "/alignment/alignment.txt"
#ifndef TEST_DATA
#define TEST_DATA "tests/data"
#endif
#include "fixture.h"

enum { N = 60, WIDTH = 4, CLASSES = 3 };

/* As tests/data/alignment/make.py has them. */
static void formula(float *x, uint32_t *label)
{
    for (size_t i = 0; i < N; i++) {
        for (size_t c = 0; c < WIDTH; c++)
            x[i * WIDTH + c] =
                (float)sin(.7 * (double)(i * (c + 1)) + (double)c);
        label[i] = (uint32_t)(i % 5 == 0);
        if ((double)x[i * WIDTH] + .5 * (double)x[i * WIDTH + 1] > .3)
            label[i]++;
    }
}

static void probe__against_numpy(void **state)
{
    float x[N * WIDTH], score[N * CLASSES];
    struct association a, tried;
    uint32_t label[N];
    struct probe *p;

    (void)state;
    formula(x, label);
    p = probe_new(x, N, WIDTH);
    probe_fit(p, label, CLASSES, score);
    a = probe_association_of_all(score, label, CLASSES, N);
    assert_near(a.sum - a.mean, expected("probe.lead"), 1e-4);
    assert_near(a.sd, expected("probe.sd"), 1e-4);
    assert_near(a.z, expected("probe.z"), 1e-4);
    tried = probe_try(p, label, CLASSES, false);
    assert_near(tried.z, a.z, 1e-5);
    assert_near(tried.sd, a.sd, 1e-5);
    tried = probe_try(p, label, CLASSES, true);
    assert_near(tried.sum, a.sum - a.mean, 1e-5);
    assert_near(tried.z, a.z, .2);
    probe_free(p);
}

static void probe__rows_without_a_label(void **state)
{
    float x[N * WIDTH], score[N * CLASSES];
    uint32_t label[N];
    struct association a, tried;
    struct probe *p;

    (void)state;
    formula(x, label);
    for (size_t i = 0; i < N; i += 7)
        label[i] = PROBE_NONE;
    p = probe_new(x, N, WIDTH);
    probe_fit(p, label, CLASSES, score);
    a = probe_association_of_all(score, label, CLASSES, N);
    tried = probe_try(p, label, CLASSES, false);
    assert_near(tried.sum, a.sum - a.mean, 1e-5);
    assert_near(tried.n, a.n, 0);
    assert_near(tried.z, a.z, .1);
    probe_free(p);
}

/* Conditional on either half the other's z is exact: p is at most what it says.
 */
static void probe__labels_in_random_order(void **state)
{
    enum { RUNS = 1500 };
    float x[N * WIDTH];
    uint32_t label[N];
    size_t order[N], above = 0;
    struct probe *p;
    struct rng rng;

    (void)state;
    rng_init(&rng, 3, 90);
    formula(x, label);
    p = probe_new(x, N, WIDTH);
    for (size_t i = 0; i < N; i++)
        order[i] = i;
    for (size_t run = 0; run < RUNS; run++) {
        uint32_t shuffled[N];
        rng_shuffle(&rng, order, N);
        for (size_t i = 0; i < N; i++)
            shuffled[i] = label[order[i]];
        above += probe_try(p, shuffled, CLASSES, false).z > 2.33;
    }
    assert_true((double)above < .015 * RUNS);
    probe_free(p);
}

static void neighbours__against_scikit_learn(void **state)
{
    float x[N * WIDTH], distance[N];
    double first = 0, third = 0, sum = 0;
    uint32_t near[N * 3], label[N];

    (void)state;
    formula(x, label);
    neighbours_find(x, N, WIDTH, WIDTH, 3, near, distance);
    for (size_t i = 0; i < N; i++) {
        first += near[i * 3];
        third += near[i * 3 + 2];
        sum += (double)distance[i];
    }
    assert_near(first, expected("neighbours.first"), 0);
    assert_near(third, expected("neighbours.third"), 0);
    assert_near(sum, expected("neighbours.distance"), 1e-5);
}

static void neighbours__equal_rows_are_none(void **state)
{
    const float x[] = {0, 0, 0, 5, 5};
    float distance[5];
    uint32_t near[5 * 4];

    (void)state;
    neighbours_find(x, 5, 1, 1, 4, near, distance);
    assert_int_equal(near[0], 3);
    assert_int_equal(near[1], 4);
    assert_int_equal(near[2], NEIGHBOUR_NONE);
    assert_int_equal(near[3 * 4 + 2], 2);
    assert_near((double)distance[4], 5, 1e-6);
    neighbours_find(x, 3, 1, 1, 4, near, distance);
    assert_int_equal(near[0], NEIGHBOUR_NONE);
    assert_true(isinf(distance[2]));
}

/* ---- dependence ---- */

enum { ROWS = 300, COLUMNS = 12 };

static float *normals(struct rng *rng)
{
    float *x = mem_alloc(ROWS * COLUMNS, sizeof(*x));

    for (size_t i = 0; i < ROWS * COLUMNS; i++)
        x[i] = (float)rng_normal(rng);
    return x;
}

static struct dependence test(const float *x, const uint32_t *label)
{
    return dependence_test(x, ROWS, COLUMNS, COLUMNS, label, 2, 1);
}

static void dependence__exclusive_or_and_means(void **state)
{
    uint32_t label[ROWS];
    struct dependence d;
    struct rng rng;
    float *x;

    (void)state;
    rng_init(&rng, 1, 91);
    x = normals(&rng);
    for (size_t i = 0; i < ROWS; i++)
        label[i] = x[i * COLUMNS + 3] * x[i * COLUMNS + 7] > 0;
    d = test(x, label);
    assert_true(d.p <= .001);
    assert_string_equal(d.by, "products");
    for (size_t i = 0; i < ROWS; i++)
        label[i] = x[i * COLUMNS + 3] + x[i * COLUMNS + 7] > 0;
    d = test(x, label);
    assert_true(d.p <= .001);
    assert_string_equal(d.by, "scatter");
    free(x);
}

/* Bits whose parity is the label: neighbours have the other one. */
static void dependence__parity_by_neighbours(void **state)
{
    enum { BITS = 8 };
    float x[ROWS * BITS];
    uint32_t label[ROWS];
    struct dependence d;
    struct rng rng;

    (void)state;
    rng_init(&rng, 2, 91);
    for (size_t i = 0; i < ROWS; i++) {
        label[i] = 0;
        for (size_t b = 0; b < BITS; b++) {
            uint32_t bit = (uint32_t)rng_below(&rng, 2);
            x[i * BITS + b] = (float)bit;
            label[i] ^= bit;
        }
    }
    d = dependence_test(x, ROWS, BITS, BITS, label, 2, 1);
    assert_true(d.p <= .001);
    assert_string_equal(d.by, "neighbours");
}

static void dependence__nothing_to_find(void **state)
{
    enum { RUNS = 12 };
    uint32_t label[ROWS];
    size_t below = 0;
    struct rng rng;

    (void)state;
    for (uint64_t run = 0; run < RUNS; run++) {
        float *x;
        rng_init(&rng, run, 92);
        x = normals(&rng);
        for (size_t i = 0; i < ROWS; i++)
            label[i] = rng_below(&rng, 3) == 0;
        below += test(x, label).p <= .02;
        free(x);
    }
    assert_true(below <= 2);
}

static void dependence__too_little_to_tell(void **state)
{
    uint32_t label[ROWS] = {0};
    struct rng rng;
    float *x;

    (void)state;
    rng_init(&rng, 1, 93);
    x = normals(&rng);
    assert_near(test(x, label).p, 1, 0);
    for (size_t i = 0; i < ROWS; i++)
        label[i] = i < 10 ? (uint32_t)i % 2 : UINT32_MAX;
    assert_near(test(x, label).p, 1, 0);
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probe__against_numpy),
        cmocka_unit_test(probe__rows_without_a_label),
        cmocka_unit_test(probe__labels_in_random_order),
        cmocka_unit_test(neighbours__against_scikit_learn),
        cmocka_unit_test(neighbours__equal_rows_are_none),
        cmocka_unit_test(dependence__exclusive_or_and_means),
        cmocka_unit_test(dependence__parity_by_neighbours),
        cmocka_unit_test(dependence__nothing_to_find),
        cmocka_unit_test(dependence__too_little_to_tell),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
