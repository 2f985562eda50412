#include "stats/gaps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

#include "base/rng.h"

static struct split_errors counted(double errors, double n)
{
    return (struct split_errors){true, n, errors};
}

static struct split_errors rated(double rate)
{
    return (struct split_errors){true, 0, rate};
}

static double sum_of(const struct gaps *g)
{
    double sum = 0;

    for (int i = 0; i < GAP_COUNT; i++)
        if (g->gap[i].measured)
            sum += g->gap[i].value;
    return sum;
}

static void assert_gap(const struct gap *g, double value, enum split from,
                       enum split to)
{
    assert_true(g->measured);
    assert_near(g->value, value, 1e-12);
    assert_int_equal(g->from, from);
    assert_int_equal(g->to, to);
}

/* goal 1 %, train 20 %, val 27 %, test 28 %: 19, 7, 1. */
static void gaps_measure__lecture(void **state)
{
    struct split_errors part[SPLIT_COUNT] = {[SPLIT_TRAIN] = rated(.20),
                                             [SPLIT_VAL] = rated(.27),
                                             [SPLIT_TEST] = rated(.28)};
    struct gaps g;

    (void)state;
    gaps_measure(.01, part, &g);
    assert_gap(&g.gap[0], .19, SPLIT_GOAL, SPLIT_TRAIN);
    assert_gap(&g.gap[1], .07, SPLIT_TRAIN, SPLIT_VAL);
    assert_false(g.gap[2].measured);
    assert_true(isnan(g.gap[2].value));
    assert_gap(&g.gap[3], .01, SPLIT_VAL, SPLIT_TEST);
    assert_near(.01 + sum_of(&g), .28, 1e-12);
    assert_int_equal(g.largest, GAP_UNDERFITTING);
    assert_true(isnan(g.gap[0].ci.low) && g.gap[0].beyond_noise);
    assert_false(g.gap[1].includes_val_overfitting);
    assert_true(isnan(g.error[SPLIT_TRAINVAL]));
    assert_near(g.error[SPLIT_VAL], .27, 0);
}

static void gaps_measure__all_five(void **state)
{
    struct split_errors part[SPLIT_COUNT] = {
        [SPLIT_TRAIN] = counted(50, 1000),
        [SPLIT_TRAINVAL] = counted(30, 300),
        [SPLIT_VAL] = counted(99, 100),
        [SPLIT_TESTVAL] = counted(60, 200),
        [SPLIT_TEST] = counted(100, 300)};
    struct interval ci = newcombe(60, 200, 30, 300), train = wilson(50, 1000);
    struct gaps g;

    (void)state;
    gaps_measure(.02, part, &g);
    assert_gap(&g.gap[0], .03, SPLIT_GOAL, SPLIT_TRAIN);
    assert_gap(&g.gap[1], .05, SPLIT_TRAIN, SPLIT_TRAINVAL);
    assert_gap(&g.gap[2], .20, SPLIT_TRAINVAL, SPLIT_TESTVAL);
    assert_gap(&g.gap[3], 1.0 / 30, SPLIT_TESTVAL, SPLIT_TEST);
    assert_near(.02 + sum_of(&g), 1.0 / 3, 1e-12);
    assert_near(g.gap[0].ci.low, train.low - .02, 1e-15);
    assert_near(g.gap[0].ci.high, train.high - .02, 1e-15);
    assert_near(g.gap[2].ci.low, ci.low, 1e-15);
    assert_near(g.gap[2].ci.high, ci.high, 1e-15);
    assert_true(g.gap[0].beyond_noise && g.gap[1].beyond_noise);
    assert_true(g.gap[2].beyond_noise && !g.gap[3].beyond_noise);
    assert_int_equal(g.largest, GAP_SHIFT);
    assert_near(g.error_ci[SPLIT_TRAIN].low, train.low, 1e-15);
}

/* A set of its own takes precedence over val in one part only. */
static void gaps_measure__val_beside_trainval(void **state)
{
    struct split_errors part[SPLIT_COUNT] = {[SPLIT_TRAIN] = counted(1, 100),
                                             [SPLIT_TRAINVAL] = counted(5, 100),
                                             [SPLIT_VAL] = counted(20, 100),
                                             [SPLIT_TEST] = counted(25, 100)};
    struct gaps g;

    (void)state;
    gaps_measure(0, part, &g);
    assert_gap(&g.gap[1], .04, SPLIT_TRAIN, SPLIT_TRAINVAL);
    assert_gap(&g.gap[2], .15, SPLIT_TRAINVAL, SPLIT_VAL);
    assert_gap(&g.gap[3], .05, SPLIT_VAL, SPLIT_TEST);
    assert_false(g.gap[1].includes_shift || g.gap[3].includes_shift);
}

static void gaps_measure__only_testval(void **state)
{
    struct split_errors part[SPLIT_COUNT] = {[SPLIT_TRAIN] = counted(1, 100),
                                             [SPLIT_TESTVAL] = counted(5, 100),
                                             [SPLIT_TEST] = counted(9, 100)};
    struct gaps g;

    (void)state;
    gaps_measure(0, part, &g);
    assert_gap(&g.gap[1], .04, SPLIT_TRAIN, SPLIT_TESTVAL);
    assert_true(g.gap[1].includes_shift && !g.gap[3].includes_shift);
    assert_false(g.gap[2].measured);
    part[SPLIT_TRAINVAL] = part[SPLIT_TESTVAL];
    part[SPLIT_TESTVAL].present = false;
    gaps_measure(0, part, &g);
    assert_gap(&g.gap[3], .04, SPLIT_TRAINVAL, SPLIT_TEST);
    assert_true(!g.gap[1].includes_shift && g.gap[3].includes_shift);
}

static void gaps_measure__no_validation(void **state)
{
    struct split_errors part[SPLIT_COUNT] = {
        [SPLIT_TRAIN] = counted(10, 100), [SPLIT_TEST] = counted(30, 100)};
    struct gaps g;

    (void)state;
    gaps_measure(.05, part, &g);
    assert_gap(&g.gap[1], .20, SPLIT_TRAIN, SPLIT_TEST);
    assert_true(g.gap[1].includes_val_overfitting);
    assert_false(g.gap[2].measured || g.gap[3].measured);
    assert_near(.05 + sum_of(&g), .30, 1e-12);
    assert_int_equal(g.largest, GAP_OVERFITTING);
}

static void gaps_measure__no_train(void **state)
{
    struct split_errors part[SPLIT_COUNT] = {
        [SPLIT_VAL] = counted(30, 300), [SPLIT_TEST] = counted(31, 300)};
    struct gaps g;

    (void)state;
    gaps_measure(.05, part, &g);
    assert_false(g.gap[0].measured || g.gap[1].measured || g.gap[2].measured);
    assert_gap(&g.gap[3], 1.0 / 300, SPLIT_VAL, SPLIT_TEST);
    assert_int_equal(g.largest, -1); /* within noise */
    part[SPLIT_VAL].present = false;
    gaps_measure(.05, part, &g);
    assert_false(g.gap[1].measured || g.gap[3].measured);
    assert_false(g.gap[1].includes_val_overfitting);
    assert_int_equal(g.largest, -1);
}

static void gaps_measure__ties_in_order_of_attack(void **state)
{
    struct split_errors part[SPLIT_COUNT] = {[SPLIT_TRAIN] = rated(.25),
                                             [SPLIT_VAL] = rated(.5),
                                             [SPLIT_TEST] = rated(.75)};
    struct gaps g;

    (void)state;
    gaps_measure(0, part, &g);
    assert_int_equal(g.largest, GAP_UNDERFITTING);
    gaps_measure(.125, part, &g);
    assert_int_equal(g.largest, GAP_OVERFITTING);
    part[SPLIT_TEST] = part[SPLIT_VAL];
    gaps_measure(.125, part, &g);
    assert_false(g.gap[GAP_VAL_OVERFITTING].beyond_noise); /* 0 is no gap */
}

/* A negative gap is not a source of error, however sure it is. */
static void gaps_measure__better_than_goal(void **state)
{
    struct split_errors part[SPLIT_COUNT] = {
        [SPLIT_TRAIN] = counted(1, 1000), [SPLIT_TEST] = rated(.0005)};
    struct gaps g;

    (void)state;
    gaps_measure(.5, part, &g);
    assert_false(g.gap[0].beyond_noise);
    assert_true(isnan(g.gap[1].ci.low)); /* one n is not known */
    assert_false(g.gap[1].beyond_noise);
    assert_int_equal(g.largest, -1);
}

static void gap_names(void **state)
{
    (void)state;
    assert_string_equal(gap_name(GAP_UNDERFITTING), "underfitting");
    assert_string_equal(gap_name(GAP_VAL_OVERFITTING), "val_overfitting");
    assert_string_equal(split_name(SPLIT_TRAINVAL), "trainval");
    assert_string_equal(split_name(SPLIT_TESTVAL), "testval");
    assert_string_equal(split_name(SPLIT_GOAL), "goal");
}

static void gaps_rows_needed__fleiss(void **state)
{
    (void)state;
    assert_near(gaps_rows_needed(.1, .2), expected("rows_needed.0.1.0.2"), 0);
    assert_near(gaps_rows_needed(.02, .031), expected("rows_needed.0.02.0.031"),
                0);
    assert_near(gaps_rows_needed(.126, .115),
                expected("rows_needed.0.126.0.115"), 0);
    assert_near(gaps_rows_needed(.2, .1), gaps_rows_needed(.1, .2), 0);
    assert_true(gaps_rows_needed(.1, .1) == INFINITY);
}

/* With that many rows the gap is beyond noise in about 80 % of cases. */
static void gaps_rows_needed__power(void **state)
{
    int n = (int)gaps_rows_needed(.1, .2), found = 0;
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 99);
    for (int run = 0; run < 4000; run++) {
        struct split_errors part[SPLIT_COUNT] = {
            [SPLIT_VAL] = counted(0, n), [SPLIT_TEST] = counted(0, n)};
        struct gaps g;

        for (int i = 0; i < n; i++) {
            part[SPLIT_VAL].errors += rng_uniform(&rng) < .1;
            part[SPLIT_TEST].errors += rng_uniform(&rng) < .2;
        }
        gaps_measure(0, part, &g);
        found += g.gap[GAP_VAL_OVERFITTING].beyond_noise;
    }
    print_message("rows needed: power %.3f\n", found / 4000.0);
    assert_between(found / 4000.0, .77, .83);
}

/* The same of underfitting, against a goal that is given. */
static void rows_needed__of_one_set(void **state)
{
    struct split_errors part[SPLIT_COUNT] = {[SPLIT_TRAIN] = {true, 1000, 200}};
    struct gaps gaps;
    struct rng rng;
    int n, found = 0;

    (void)state;
    gaps_measure(.1, part, &gaps);
    n = (int)gaps.gap[GAP_UNDERFITTING].rows_needed;
    assert_int_equal(n, 86);
    rng_init(&rng, 1, 99);
    for (int run = 0; run < 4000; run++) {
        int wrong = 0;
        for (int i = 0; i < n; i++)
            wrong += rng_next(&rng) % 10 < 2;
        part[SPLIT_TRAIN] = (struct split_errors){true, n, wrong};
        gaps_measure(.1, part, &gaps);
        found += gaps.gap[GAP_UNDERFITTING].beyond_noise;
    }
    assert_true(found > .76 * 4000 && found < .84 * 4000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gaps_measure__lecture),
        cmocka_unit_test(gaps_measure__all_five),
        cmocka_unit_test(gaps_measure__val_beside_trainval),
        cmocka_unit_test(gaps_measure__only_testval),
        cmocka_unit_test(gaps_measure__no_validation),
        cmocka_unit_test(gaps_measure__no_train),
        cmocka_unit_test(gaps_measure__ties_in_order_of_attack),
        cmocka_unit_test(gaps_measure__better_than_goal),
        cmocka_unit_test(gap_names),
        cmocka_unit_test(gaps_rows_needed__fleiss),
        cmocka_unit_test(gaps_rows_needed__power),
        cmocka_unit_test(rows_needed__of_one_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
