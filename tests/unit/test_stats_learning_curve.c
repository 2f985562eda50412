#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "fixture.h"
#include "stats/learning_curve.h"

/* ---- the fit ---- */

static void read_values(FILE *file, double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_int_equal(fscanf(file, "%lf", &values[i]), 1);
}

static double left_over(const struct power_law *law, const double *size,
                        const double *y, const double *w, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        double d = y[i] - power_law_at(law, size[i]);
        sum += w[i] * d * d;
    }
    return sum;
}

static void power_law_fit__scipy(void **state)
{
    FILE *file = fixture_open(TEST_DATA "/learning/cases.txt");
    double size[16], y[16], w[16], abc[3];
    int cases = 0;
    size_t n;

    (void)state;
    while (fscanf(file, "%zu", &n) == 1) {
        struct power_law got, wanted;
        read_values(file, size, n);
        read_values(file, y, n);
        read_values(file, w, n);
        read_values(file, abc, 3);
        wanted = (struct power_law){abc[0], abc[1], abc[2]};
        got = power_law_fit(size, y, w, n);
        for (size_t i = 0; i < n; i++)
            assert_near(power_law_at(&got, size[i]),
                        power_law_at(&wanted, size[i]), 1e-5);
        assert_near(got.a, wanted.a, 1e-3);
        assert_near(got.c, wanted.c, 2e-3);
        assert_true(left_over(&got, size, y, w, n) <=
                    left_over(&wanted, size, y, w, n) * (1 + 1e-6) + 1e-12);
        cases++;
    }
    fclose(file);
    assert_int_equal(cases, 5);
}

static void power_law_fit__exact(void **state)
{
    const double size[] = {100, 200, 400, 800}, w[] = {1, 1, 1, 1};
    struct power_law law = {.05, 4, .6}, got;
    double y[4];

    (void)state;
    for (int i = 0; i < 4; i++)
        y[i] = power_law_at(&law, size[i]);
    got = power_law_fit(size, y, w, 4);
    assert_near(got.a, .05, 1e-6);
    assert_near(got.b, 4, 1e-4);
    assert_near(got.c, .6, 1e-5);
}

/* What cannot be is not fitted: no negative a, and no error that rises. */
static void power_law_fit__bounds(void **state)
{
    const double size[] = {100, 200, 400}, w[] = {1, 1, 2};
    struct power_law got;

    (void)state;
    got = power_law_fit(size, (double[]){.1, .2, .3}, w, 3);
    assert_near(got.a, .225, 1e-12); /* the weighted mean */
    assert_true(got.b == 0 && isnan(got.c));
    got = power_law_fit(size, (double[]){0, 0, 0}, w, 3);
    assert_near(power_law_at(&got, 100), 0, 0);
    got = power_law_fit(size, (double[]){.4, .25, .02}, w, 3);
    assert_true(got.a >= 0 && got.b > 0);
}

/* ---- curves ---- */

/* Models of three replicas that are wrong where a row's number says so, each
 * row a unit of its own. */
enum { SIZES = 4, REPLICAS = 3, MODELS = SIZES * REPLICAS, ROWS = 300 };

struct made {
    struct learning_data data;
    double size[SIZES], rows[ROWS], train_wrong[MODELS], train_rows[MODELS];
    size_t size_of[MODELS], replica_of[MODELS];
    float wrong[ROWS * MODELS];
};

static void make(struct made *m, const struct power_law *law, uint64_t seed)
{
    struct rng rng;

    rng_init(&rng, seed, 77);
    for (size_t k = 0; k < SIZES; k++)
        m->size[k] = 200.0 * (double)(1 << k);
    for (size_t i = 0; i < MODELS; i++) {
        m->size_of[i] = i / REPLICAS;
        m->replica_of[i] = i % REPLICAS;
        m->train_rows[i] = m->size[i / REPLICAS];
        m->train_wrong[i] = round(.02 * m->train_rows[i]);
    }
    for (size_t row = 0; row < ROWS; row++) {
        double hard = rng_normal(&rng);
        m->rows[row] = 1;
        for (size_t i = 0; i < MODELS; i++) {
            double e = power_law_at(law, m->size[m->size_of[i]]);
            double z = sqrt(.5) * (hard + rng_normal(&rng));
            m->wrong[row * MODELS + i] = z < normal_quantile(e);
        }
    }
    m->data = (struct learning_data){.n_sizes = SIZES,
                                     .n_models = MODELS,
                                     .n_replicas = REPLICAS,
                                     .n_units = ROWS,
                                     .size = m->size,
                                     .size_of = m->size_of,
                                     .replica_of = m->replica_of,
                                     .rows = m->rows,
                                     .wrong = m->wrong,
                                     .train_wrong = m->train_wrong,
                                     .train_rows = m->train_rows};
}

static const struct power_law truth = {.05, 2.5, .5};

static void learning_curve__measures_and_repeats(void **state)
{
    struct learning_curve curve, again;
    struct made m;
    double wrong = 0;

    (void)state;
    make(&m, &truth, 1);
    learning_curve_init(&curve, &m.data, LEARNING_ERROR, 5);
    learning_curve_init(&again, &m.data, LEARNING_ERROR, 5);
    for (size_t row = 0; row < ROWS; row++)
        for (size_t i = 0; i < REPLICAS; i++)
            wrong += (double)m.wrong[row * MODELS + i];
    assert_near(curve.measured[0], wrong / ROWS / REPLICAS, 1e-12);
    assert_near(curve.n_rows, ROWS, 0);
    for (int i = 0; i < LEARNING_DRAWS; i++)
        assert_memory_equal(&curve.draw[i].b, &again.draw[i].b, sizeof(double));
    for (size_t k = 0; k < SIZES; k++)
        assert_true(curve.ci[k].low < curve.measured[k] &&
                    curve.measured[k] < curve.ci[k].high);
    learning_curve_release(&curve);
    learning_curve_release(&again);
}

/* Rows in random blocks are as sure as the rows themselves. */
static void learning_curve__blocks(void **state)
{
    struct learning_curve curve, blocks;
    struct made m, b;

    (void)state;
    make(&m, &truth, 2);
    make(&b, &truth, 2);
    for (size_t u = 0; u < ROWS / 3; u++) {
        b.rows[u] = 3;
        for (size_t i = 0; i < MODELS; i++)
            b.wrong[u * MODELS + i] = m.wrong[3 * u * MODELS + i] +
                                      m.wrong[(3 * u + 1) * MODELS + i] +
                                      m.wrong[(3 * u + 2) * MODELS + i];
    }
    b.data.n_units = ROWS / 3;
    learning_curve_init(&curve, &m.data, LEARNING_ERROR, 1);
    learning_curve_init(&blocks, &b.data, LEARNING_ERROR, 1);
    assert_near(blocks.n_rows, ROWS, 0);
    for (size_t k = 0; k < SIZES; k++) {
        double width = curve.ci[k].high - curve.ci[k].low;
        assert_near(blocks.measured[k], curve.measured[k], 1e-12);
        assert_between(blocks.ci[k].high - blocks.ci[k].low, .8 * width,
                       1.25 * width);
    }
    learning_curve_release(&curve);
    learning_curve_release(&blocks);
}

static void learning_curve_need__refusals(void **state)
{
    struct learning_curve curve = {.n_sizes = 3,
                                   .size = {100, 200, 400},
                                   .has_law = true,
                                   .law = {.1, 1, .5}};
    struct learning_need need;

    (void)state;
    curve.draw = calloc(LEARNING_DRAWS, sizeof(*curve.draw));
    for (int i = 0; i < LEARNING_DRAWS; i++)
        curve.draw[i] = (struct power_law){.1, 1 + .0002 * (i - 499.5), .5};
    need = learning_curve_need(&curve, .14); /* (1 / .04)^2 = 625 */
    assert_int_equal(need.answer, LEARNING_FOUND);
    assert_near(need.rows, 625, 0);
    assert_between(need.ci.low, 500, 520);
    assert_between(need.ci.high, 740, 760);
    need = learning_curve_need(&curve, .1249); /* 1613 of at most 1600 */
    assert_int_equal(need.answer, LEARNING_BEYOND);
    assert_true(isnan(need.rows) && isinf(need.ci.high));
    assert_between(need.ci.low, 1300, 1340);
    need = learning_curve_need(&curve, .126); /* 1479, perhaps beyond */
    assert_int_equal(need.answer, LEARNING_FOUND);
    assert_true(isinf(need.ci.high));
    need = learning_curve_need(&curve, .1);
    assert_int_equal(need.answer, LEARNING_NEVER);
    assert_near(need.ci.low, 1600, 0);
    need = learning_curve_need(&curve, .2);
    assert_int_equal(need.answer, LEARNING_REACHED);
    assert_near(need.rows, 100, 0);
    curve.has_law = false;
    need = learning_curve_need(&curve, .2);
    assert_int_equal(need.answer, LEARNING_FEW_SIZES);
    assert_true(isnan(need.rows) && isnan(need.ci.low));
    free(curve.draw);
}

static void learning_curve__few_sizes(void **state)
{
    struct learning_curve curve;
    struct made m;

    (void)state;
    make(&m, &truth, 3);
    m.data.n_sizes = 2;
    m.data.n_models = 2 * REPLICAS;
    learning_curve_init(&curve, &m.data, LEARNING_ERROR, 1);
    assert_false(curve.has_law);
    assert_true(isnan(learning_curve_band(&curve, 100).low));
    learning_curve_release(&curve);
}

/* Without an error there is no noise to be seen, which is no certainty. */
static void learning_curve__few_wrong(void **state)
{
    struct learning_curve curve;
    struct made m;

    (void)state;
    make(&m, &truth, 3);
    memset(m.wrong, 0, sizeof(m.wrong));
    learning_curve_init(&curve, &m.data, LEARNING_ERROR, 1);
    assert_true(curve.few_wrong && !curve.has_law);
    assert_near(curve.ci[0].low, 0, 0);
    assert_near(curve.ci[0].high, wilson(0, ROWS).high, 1e-12);
    assert_int_equal(learning_curve_need(&curve, .1).answer,
                     LEARNING_FEW_WRONG);
    learning_curve_release(&curve);
}

/* The gap is the error less .02, which the models have on training rows. */
static void learning_curve__gap(void **state)
{
    struct learning_curve error, gap;
    struct made m;

    (void)state;
    make(&m, &truth, 4);
    learning_curve_init(&error, &m.data, LEARNING_ERROR, 1);
    learning_curve_init(&gap, &m.data, LEARNING_GAP, 1);
    for (size_t k = 0; k < SIZES; k++) {
        assert_near(gap.measured[k], error.measured[k] - .02, 1e-12);
        assert_true(gap.ci[k].low < gap.measured[k] &&
                    gap.measured[k] < gap.ci[k].high);
    }
    learning_curve_release(&error);
    learning_curve_release(&gap);
}

/* A short run of what the header quotes. */
static void learning_curve__coverage(void **state)
{
    double goal = power_law_at(&truth, 3200);
    int runs = 100, band = 0, answered = 0, covered = 0;

    (void)state;
    for (int run = 0; run < runs; run++) {
        struct learning_curve curve;
        struct learning_need need;
        struct interval at;
        struct made m;
        make(&m, &truth, 100 + (uint64_t)run);
        learning_curve_init(&curve, &m.data, LEARNING_ERROR, 1);
        at = learning_curve_band(&curve, 1600);
        band += at.low <= power_law_at(&truth, 1600) &&
                power_law_at(&truth, 1600) <= at.high;
        need = learning_curve_need(&curve, goal);
        if (need.answer == LEARNING_FOUND) {
            answered++;
            covered += need.ci.low <= 3200 && 3200 <= need.ci.high;
        }
        learning_curve_release(&curve);
    }
    print_message("band %d of %d; rows needed %d of %d answered\n", band, runs,
                  covered, answered);
    assert_true(band >= 91);
    assert_true(answered >= 40 && covered >= answered - 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(power_law_fit__scipy),
        cmocka_unit_test(power_law_fit__exact),
        cmocka_unit_test(power_law_fit__bounds),
        cmocka_unit_test(learning_curve__measures_and_repeats),
        cmocka_unit_test(learning_curve__blocks),
        cmocka_unit_test(learning_curve_need__refusals),
        cmocka_unit_test(learning_curve__few_sizes),
        cmocka_unit_test(learning_curve__few_wrong),
        cmocka_unit_test(learning_curve__gap),
        cmocka_unit_test(learning_curve__coverage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
