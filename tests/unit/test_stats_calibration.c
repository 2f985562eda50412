#include "stats/calibration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

#include "base/rng.h"

static void calibration_bin_of__edges(void **state)
{
    (void)state;
    for (size_t bins = 1; bins <= 120; bins++) {
        for (size_t b = 0; b < bins; b++) {
            double edge = (double)(b + 1) / (double)bins;

            assert_int_equal(calibration_bin_of(edge, bins), b);
            if (b + 1 < bins)
                assert_int_equal(calibration_bin_of(nextafter(edge, 2), bins),
                                 b + 1);
        }
        assert_int_equal(calibration_bin_of(0, bins), 0);
        assert_int_equal(calibration_bin_of(-1, bins), 0);
        assert_int_equal(calibration_bin_of(1.0000001, bins), bins - 1);
    }
}

static void calibration_add__sums(void **state)
{
    struct calibration c = {0};

    (void)state;
    calibration_add(&c, .95, true);
    calibration_add(&c, .98, false);
    assert_near(c.bin[14].n, 2, 0);
    assert_near(c.bin[14].prob, 1.93, 1e-15);
    assert_near(c.bin[14].correct, 1, 0);
    assert_near(c.bin[14].square, .05 * .05 + .98 * .98, 1e-15);
    assert_near(calibration_count(&c), 2, 0);
    assert_near(calibration_ece(&c), .93 / 2, 1e-15);
}

static void calibration_ece__as_numpy(void **state)
{
    struct fixture_row row[FIXTURE_ROWS];
    struct calibration c = {0};
    struct interval ci;

    (void)state;
    fixture_rows(row);
    for (size_t i = 0; i < FIXTURE_ROWS; i++)
        calibration_add(&c, row[i].prob, row[i].label == row[i].pred);
    assert_near(calibration_ece(&c), expected("ece"), 1e-12);
    ci = calibration_ece_interval(&c, 500, 1);
    assert_true(ci.low < calibration_ece(&c) && calibration_ece(&c) <= ci.high);
    assert_true(ci.low == calibration_ece_interval(&c, 500, 1).low);
    assert_true(ci.low != calibration_ece_interval(&c, 500, 2).low);
}

static void calibration_ece__no_rows(void **state)
{
    struct calibration c = {0};

    (void)state;
    assert_true(isnan(calibration_ece(&c)));
    assert_true(isnan(calibration_ece_interval(&c, 100, 1).low));
    calibration_add(&c, .5, true);
    assert_true(isnan(calibration_ece_interval(&c, 0, 1).high));
}

/* Sure of itself and right 20 times: the error may still be 16 %. */
static void calibration_ece_interval__all_right(void **state)
{
    struct calibration c = {0};
    struct interval ci;

    (void)state;
    for (int i = 0; i < 20; i++)
        calibration_add(&c, 1, true);
    ci = calibration_ece_interval(&c, 100, 1);
    assert_true(ci.low == 0);
    assert_near(ci.high, wilson(0, 20).high, 1e-12);
}

/* One row a bin has no variance of its own, and yet there is noise. */
static void calibration_ece_interval__lone_rows(void **state)
{
    struct calibration c = {0};

    (void)state;
    calibration_add(&c, .9, true);
    calibration_add(&c, .6, false);
    calibration_add(&c, .7, true);
    assert_true(calibration_ece_interval(&c, 400, 1).low == 0);
}

/* Probabilities .5 + .5 sqrt(u), right with probability p (1 - off). */
static bool draw_row(struct rng *rng, double off, double *prob)
{
    *prob = .5 + .5 * sqrt(rng_uniform(rng));
    return rng_uniform(rng) < *prob * (1 - off);
}

/* Every bin is off in the same direction: ECE = off x mean probability. */
static double ece_coverage(double off, int rows, int runs)
{
    double truth = off * (.5 + .5 * 2 / 3);
    struct rng rng;
    int covered = 0;

    rng_init(&rng, 11, 99);
    for (int run = 0; run < runs; run++) {
        struct calibration c = {0};
        struct interval ci;
        double prob;

        for (int i = 0; i < rows; i++) {
            bool right = draw_row(&rng, off, &prob);

            calibration_add(&c, prob, right);
        }
        ci = calibration_ece_interval(&c, 200, (uint64_t)run);
        covered += ci.low <= truth && truth <= ci.high;
    }
    return (double)covered / runs;
}

static void calibration_ece_interval__coverage(void **state)
{
    static const double off[] = {0, 0, .03, .03, .12, .12};
    static const int rows[] = {100, 1000, 100, 1000, 100, 1000};

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        double covered = ece_coverage(off[i], rows[i], 200);

        print_message("ECE %.3f, %d rows: coverage %.3f\n",
                      off[i] * (.5 + 1.0 / 3), rows[i], covered);
        assert_between(covered, .90, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calibration_bin_of__edges),
        cmocka_unit_test(calibration_add__sums),
        cmocka_unit_test(calibration_ece__as_numpy),
        cmocka_unit_test(calibration_ece__no_rows),
        cmocka_unit_test(calibration_ece_interval__all_right),
        cmocka_unit_test(calibration_ece_interval__lone_rows),
        cmocka_unit_test(calibration_ece_interval__coverage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
