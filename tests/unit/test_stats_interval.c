#include "stats/interval.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

static void wilson__published(void **state)
{
    (void)state;
    assert_interval(wilson(870, 1000), "wilson.870.1000", 1e-12);
    assert_interval(wilson(1, 3), "wilson.1.3", 1e-12);
    assert_interval(wilson(81, 263), "wilson.81.263", 1e-12);
    assert_near(wilson(870, 1000).low, .847732, 1e-6);
    assert_near(wilson(870, 1000).high, .889436, 1e-6);
}

static void wilson__zero_of_twenty(void **state)
{
    (void)state;
    assert_interval(wilson(0, 20), "wilson.0.20", 1e-12);
    assert_true(wilson(0, 20).low == 0);
    assert_near(wilson(0, 20).high, .161125, 1e-6);
}

static void wilson__all_of_twenty(void **state)
{
    (void)state;
    assert_interval(wilson(20, 20), "wilson.20.20", 1e-12);
    assert_true(wilson(20, 20).high == 1);
}

static void wilson__ends_are_exact(void **state)
{
    (void)state;
    for (int n = 1; n < 1000; n++) {
        assert_true(wilson(0, n).low == 0);
        assert_true(wilson(n, n).high == 1);
    }
}

static void wilson__no_rows(void **state)
{
    (void)state;
    assert_true(wilson(0, 0).low == 0 && wilson(0, 0).high == 1);
}

/* P(X = 0 .. n), X ~ Binomial(n, p). */
static void binomial(double *pdf, int n, double p)
{
    pdf[0] = pow(1 - p, n);
    for (int k = 1; k <= n; k++)
        pdf[k] = pdf[k - 1] * (n - k + 1) / k * p / (1 - p);
}

/* Exact, by enumeration: about .95 on the average over p. */
static void wilson__coverage(void **state)
{
    double pdf[41], mean = 0, least = 1;

    (void)state;
    for (int i = 1; i < 200; i++) {
        double p = i / 200.0, covered = 0;

        binomial(pdf, 40, p);
        for (int k = 0; k <= 40; k++) {
            struct interval ci = wilson(k, 40);

            covered += ci.low <= p && p <= ci.high ? pdf[k] : 0;
        }
        mean += covered / 199;
        least = fmin(least, covered);
    }
    assert_between(mean, .945, .956);
    assert_between(least, .83, .95);
    print_message("wilson: mean coverage %.4f, least %.4f\n", mean, least);
}

static void newcombe__published(void **state)
{
    (void)state;
    assert_interval(newcombe(56, 70, 48, 80), "newcombe.56.70.48.80", 1e-12);
    assert_interval(newcombe(9, 10, 3, 10), "newcombe.9.10.3.10", 1e-12);
    assert_interval(newcombe(0, 10, 0, 20), "newcombe.0.10.0.20", 1e-12);
    assert_near(newcombe(56, 70, 48, 80).low, .0524, 5e-5);
    assert_near(newcombe(56, 70, 48, 80).high, .3339, 5e-5);
}

static void newcombe__empty_set(void **state)
{
    struct interval ci = newcombe(1, 10, 0, 0);

    (void)state;
    assert_true(ci.low == -1 && ci.high == 1);
}

static double newcombe_coverage(double p1, double p2)
{
    enum { N1 = 30, N2 = 50 };
    double pdf1[N1 + 1], pdf2[N2 + 1], covered = 0;

    binomial(pdf1, N1, p1);
    binomial(pdf2, N2, p2);
    for (int i = 0; i <= N1; i++)
        for (int j = 0; j <= N2; j++) {
            struct interval ci = newcombe(i, N1, j, N2);

            if (ci.low <= p1 - p2 && p1 - p2 <= ci.high)
                covered += pdf1[i] * pdf2[j];
        }
    return covered;
}

static void newcombe__coverage(void **state)
{
    double mean = 0, least = 1;

    (void)state;
    for (int i = 1; i < 20; i++)
        for (int j = 1; j < 20; j++) {
            double covered = newcombe_coverage(i / 20.0, j / 20.0);

            mean += covered / 361;
            least = fmin(least, covered);
        }
    assert_between(mean, .945, .965);
    assert_between(least, .90, .96);
    print_message("newcombe: mean coverage %.4f, least %.4f\n", mean, least);
}

static void normal_quantile__values(void **state)
{
    (void)state;
    assert_near(normal_quantile(.5), 0, 1e-15);
    assert_near(normal_quantile(.8), expected("normal_quantile.0.8"), 1e-12);
    assert_near(normal_quantile(.975), expected("normal_quantile.0.975"),
                1e-12);
    assert_near(normal_quantile(1e-10), expected("normal_quantile.1e-10"),
                1e-10);
    assert_true(normal_quantile(0) == -INFINITY);
    assert_true(normal_quantile(1) == INFINITY);
    assert_true(isnan(normal_quantile(1.5)) && isnan(normal_quantile(NAN)));
}

static void interval_mean__student(void **state)
{
    (void)state;
    assert_interval(interval_mean(1.5, 2.25, 2), "mean.2", 1e-9);
    assert_interval(interval_mean(1.5, 2.25, 10), "mean.10", 1e-9);
    assert_interval(interval_mean(0, 1, 1e7), "mean.10000000", 1e-9);
}

static void interval_mean__not_known(void **state)
{
    (void)state;
    assert_true(isnan(interval_mean(1, 1, 1).low));
    assert_true(isnan(interval_mean(1, NAN, 5).high));
    assert_true(isnan(interval_mean(NAN, 1, 5).low));
}

static void interval_from_draws__as_numpy(void **state)
{
    double draws[104];
    struct interval ci;

    (void)state;
    for (int i = 0; i <= 100; i++)
        draws[i] = pow((i * 37) % 101, 1.5);
    draws[101] = NAN; /* undefined draws are left out */
    draws[102] = 1e6;
    draws[103] = NAN;
    ci = interval_from_draws(draws, 104);
    assert_interval(ci, "draws", 1e-12);
}

static void interval_from_draws__one_and_none(void **state)
{
    double one[] = {3}, none[] = {NAN};

    (void)state;
    assert_true(interval_from_draws(one, 1).low == 3);
    assert_true(interval_from_draws(one, 1).high == 3);
    assert_true(isnan(interval_from_draws(none, 1).low));
    assert_true(isnan(interval_from_draws(none, 0).high));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wilson__published),
        cmocka_unit_test(wilson__zero_of_twenty),
        cmocka_unit_test(wilson__all_of_twenty),
        cmocka_unit_test(wilson__ends_are_exact),
        cmocka_unit_test(wilson__no_rows),
        cmocka_unit_test(wilson__coverage),
        cmocka_unit_test(newcombe__published),
        cmocka_unit_test(newcombe__empty_set),
        cmocka_unit_test(newcombe__coverage),
        cmocka_unit_test(normal_quantile__values),
        cmocka_unit_test(interval_mean__student),
        cmocka_unit_test(interval_mean__not_known),
        cmocka_unit_test(interval_from_draws__as_numpy),
        cmocka_unit_test(interval_from_draws__one_and_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
