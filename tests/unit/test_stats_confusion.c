#include "stats/confusion.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

#include "base/rng.h"

static void load(struct confusion *c)
{
    struct fixture_row row[FIXTURE_ROWS];

    fixture_rows(row);
    confusion_init(c, FIXTURE_CLASSES);
    for (size_t i = 0; i < FIXTURE_ROWS; i++)
        confusion_add(c, row[i].label, row[i].pred, 1);
}

static double of_class(const char *name, size_t k)
{
    char key[40];

    snprintf(key, sizeof key, "%s.%zu", name, k);
    return expected(key);
}

static void confusion_class__as_sklearn(void **state)
{
    struct class_scores s;
    struct confusion c;
    char key[40];

    (void)state;
    load(&c);
    for (size_t k = 0; k < FIXTURE_CLASSES; k++) {
        confusion_class(&c, k, &s);
        assert_near(s.n, of_class("n", k), 0);
        assert_near(s.predicted, of_class("predicted", k), 0);
        assert_near(s.precision, of_class("precision", k), 1e-12);
        assert_near(s.recall, of_class("recall", k), 1e-12);
        assert_near(s.f1, of_class("f1", k), 1e-12);
        snprintf(key, sizeof key, "f1_ci.%zu", k);
        assert_interval(s.f1_ci, key, 1e-12);
        assert_near(s.recall_ci.low, wilson(s.recall * s.n, s.n).low, 1e-12);
        assert_near(s.precision_ci.high,
                    wilson(s.precision * s.predicted, s.predicted).high, 1e-12);
    }
    confusion_release(&c);
}

static void confusion_class__never_seen(void **state)
{
    struct class_scores s;
    struct confusion c;

    (void)state;
    confusion_init(&c, 3);
    confusion_add(&c, 0, 1, 1);
    confusion_class(&c, 2, &s);
    assert_true(isnan(s.precision) && isnan(s.recall) && isnan(s.f1));
    assert_true(s.f1_ci.low == 0 && s.f1_ci.high == 1);
    confusion_class(&c, 1, &s);
    assert_true(s.precision == 0 && isnan(s.recall) && s.f1 == 0);
    confusion_class(&c, 0, &s);
    assert_true(isnan(s.precision) && s.recall == 0 && s.f1 == 0);
    confusion_release(&c);
}

static void confusion_metrics__as_sklearn(void **state)
{
    struct confusion c;

    (void)state;
    load(&c);
    assert_near(confusion_total(&c), FIXTURE_ROWS, 0);
    assert_near(confusion_error(&c), expected("error"), 1e-12);
    assert_near(confusion_macro_f1(&c), expected("macro_f1"), 1e-12);
    assert_near(confusion_balanced_error(&c), expected("balanced_error"),
                1e-12);
    confusion_release(&c);
}

/* By hand: labels a a b, predictions a c c; class d does not occur. */
static void confusion_metrics__classes_that_occur(void **state)
{
    struct confusion c;

    (void)state;
    confusion_init(&c, 4);
    confusion_add(&c, 0, 0, 1);
    confusion_add(&c, 0, 2, 1);
    confusion_add(&c, 1, 2, 1);
    assert_near(confusion_macro_f1(&c), (2.0 / 3 + 0 + 0) / 3, 1e-15);
    assert_near(confusion_balanced_error(&c), (.5 + 1) / 2, 1e-15);
    confusion_release(&c);
}

static void confusion_metrics__no_rows(void **state)
{
    struct confusion c;

    (void)state;
    confusion_init(&c, 0);
    assert_true(isnan(confusion_error(&c)));
    assert_true(isnan(confusion_macro_f1(&c)));
    assert_true(isnan(confusion_balanced_error(&c)));
    assert_true(isnan(confusion_bootstrap(&c, sums_error, 9, 1).low));
    confusion_release(&c);
}

static void confusion_add__weights(void **state)
{
    struct confusion c;

    (void)state;
    confusion_init(&c, 2);
    confusion_add(&c, 0, 0, 2.5);
    confusion_add(&c, 0, 1, .5);
    assert_near(confusion_total(&c), 3, 0);
    assert_near(confusion_error(&c), .5 / 3, 1e-15);
    confusion_release(&c);
}

static void confusion_grow__keeps_counts(void **state)
{
    struct confusion c, whole;

    (void)state;
    load(&whole);
    confusion_init(&c, 0);
    for (size_t n = 1; n <= FIXTURE_CLASSES; n++) {
        confusion_grow(&c, n);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                if (i == n - 1 || j == n - 1)
                    confusion_add(&c, i, j,
                                  whole.count[i * FIXTURE_CLASSES + j]);
    }
    confusion_grow(&c, 2); /* never shrinks */
    assert_int_equal(c.n_classes, FIXTURE_CLASSES);
    assert_memory_equal(c.count, whole.count,
                        sizeof *c.count * FIXTURE_CLASSES * FIXTURE_CLASSES);
    confusion_release(&c);
    confusion_release(&whole);
}

/* The same quantiles as 20,000 resamplings of the rows themselves. */
static void confusion_bootstrap__as_rows_resampled(void **state)
{
    struct confusion c;

    (void)state;
    load(&c);
    assert_interval(confusion_bootstrap(&c, sums_macro_f1, 20000, 1),
                    "macro_f1_bootstrap", .004);
    confusion_release(&c);
}

static void confusion_bootstrap__error_is_binomial(void **state)
{
    struct interval ci;
    struct confusion c;

    (void)state;
    confusion_init(&c, 2);
    confusion_add(&c, 0, 0, 3e9); /* more rows than an unsigned int counts */
    confusion_add(&c, 1, 0, 1e9);
    ci = confusion_bootstrap(&c, sums_error, 4000, 1);
    assert_near((ci.high - ci.low) / (2 * 1.96 * sqrt(.25 * .75 / 4e9)), 1,
                .05);
    assert_near((ci.high + ci.low) / 2, .25, 1e-6);
    confusion_release(&c);
}

static void confusion_bootstrap__seed(void **state)
{
    struct interval a, b, other;
    struct confusion c;

    (void)state;
    load(&c);
    a = confusion_bootstrap(&c, sums_balanced_error, 200, 1);
    b = confusion_bootstrap(&c, sums_balanced_error, 200, 1);
    other = confusion_bootstrap(&c, sums_balanced_error, 200, 2);
    assert_true(a.low == b.low && a.high == b.high);
    assert_true(a.low != other.low);
    confusion_release(&c);
}

/*
 * Coverage of the true macro F1, that of the cell probabilities.  Class k has
 * the share[k] of the rows; .8 of them are right, the rest spread evenly.
 */
static double bootstrap_coverage(const double *share, size_t rows, int runs)
{
    struct confusion truth, c;
    struct rng rng;
    double goal;
    int covered = 0;

    rng_init(&rng, 5, 99);
    confusion_init(&truth, 4);
    confusion_init(&c, 4);
    for (size_t i = 0; i < 16; i++)
        truth.count[i] = share[i / 4] * (i / 4 == i % 4 ? .8 : .2 / 3);
    goal = confusion_macro_f1(&truth);
    for (int run = 0; run < runs; run++) {
        struct interval ci;

        memset(c.count, 0, 16 * sizeof *c.count);
        for (size_t i = 0; i < rows; i++) {
            double u = rng_uniform(&rng);
            size_t cell = 0;

            for (; cell < 15 && u >= truth.count[cell]; cell++)
                u -= truth.count[cell];
            c.count[cell]++;
        }
        ci = confusion_bootstrap(&c, sums_macro_f1, 200, (uint64_t)run);
        covered += ci.low <= goal && goal <= ci.high;
    }
    confusion_release(&truth);
    confusion_release(&c);
    return (double)covered / runs;
}

static void confusion_bootstrap__coverage(void **state)
{
    static const double even[] = {.25, .25, .25, .25};
    static const double uneven[] = {.7, .2, .07, .03};
    double a = bootstrap_coverage(even, 300, 600);
    double b = bootstrap_coverage(uneven, 300, 600);

    (void)state;
    print_message("macro F1 bootstrap: coverage %.3f, uneven %.3f\n", a, b);
    assert_between(a, .915, .975);
    assert_between(b, .87, .975);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(confusion_class__as_sklearn),
        cmocka_unit_test(confusion_class__never_seen),
        cmocka_unit_test(confusion_metrics__as_sklearn),
        cmocka_unit_test(confusion_metrics__classes_that_occur),
        cmocka_unit_test(confusion_metrics__no_rows),
        cmocka_unit_test(confusion_add__weights),
        cmocka_unit_test(confusion_grow__keeps_counts),
        cmocka_unit_test(confusion_bootstrap__as_rows_resampled),
        cmocka_unit_test(confusion_bootstrap__error_is_binomial),
        cmocka_unit_test(confusion_bootstrap__seed),
        cmocka_unit_test(confusion_bootstrap__coverage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
