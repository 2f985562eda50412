#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"
#include "fixture.h"
#include "stats/contingency.h"
#include "stats/draw.h"
#include "stats/ks.h"

static const double first[] = {38.7, 41.5, 43.8, 44.5, 45.5, 46, 47.7, 58};
static const double second[] = {39.2, 39.3, 39.7, 41.4, 41.8, 42.9, 43.3, 45.8};

/* scipy 1.10: ks_2samp(method='exact'), kstwobign.sf, wasserstein_distance. */
static void ks__reference(void **state)
{
    struct ks ks = ks_test(first, 8, second, 8);
    double a[30], b[40];

    (void)state;
    assert_near(ks.d, .625, 1e-12);
    assert_near(ks.p, .087024, 1e-6);
    assert_true(ks.exact);
    assert_near(kolmogorov_tail(2 * .625), .087866, 1e-6);
    assert_near(wasserstein(first, 8, second, 8), 4.1625, 1e-12);
    for (int i = 0; i < 30; i++)
        a[i] = i * 1.01;
    for (int i = 0; i < 40; i++)
        b[i] = i * .9 + 3.003;
    ks = ks_test(a, 30, b, 40);
    assert_near(ks.d, .25833333333333336, 1e-12);
    assert_near(ks.p, .17506382575409368, 1e-9);
}

/* All orders of the pooled sample counted one by one. */
static void ks__ties(void **state)
{
    static const double a[] = {1, 1, 2, 3, 3, 3, 5},
                        b[] = {1, 2, 2, 4, 4, 5, 6, 6};
    static const double few[] = {0, 0, 0, 1, 1}, more[] = {0, 1, 1, 1, 1, 1, 1};

    (void)state;
    assert_near(ks_test(a, 7, b, 8).d, .4821428571428571, 1e-12);
    assert_near(ks_test(a, 7, b, 8).p, .22455322455322455, 1e-12);
    assert_near(ks_test(few, 5, more, 7).p, .2222222222222222, 1e-12);
    assert_near(wasserstein(a, 7, b, 8), 1.1785714285714284, 1e-12);
    assert_near(ks_test(a, 7, a, 7).p, 1, 0);
    assert_near(ks_test(a, 1, a, 1).p, 1, 0);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The rate of p < .05 where nothing differs; digits: of the numbers. */
static double false_alarms(size_t n, size_t m, double digits, int runs)
{
    double a[200], b[200], alarms = 0;
    struct rng rng;

    rng_init(&rng, 7, 99);
    for (int run = 0; run < runs; run++) {
        for (size_t i = 0; i < n; i++)
            a[i] = round(rng_normal(&rng) * digits) / digits;
        for (size_t i = 0; i < m; i++)
            b[i] = round(rng_normal(&rng) * digits) / digits;
        qsort(a, n, sizeof(*a), ascending);
        qsort(b, m, sizeof(*b), ascending);
        alarms += ks_test(a, n, b, m).p < .05;
    }
    return alarms / runs;
}

static void ks__false_alarms(void **state)
{
    double rate = false_alarms(50, 200, 1e9, 3000);

    (void)state;
    assert_true(rate > .03 && rate < .06);
    rate = false_alarms(50, 200, 1, 3000);
    assert_true(rate > .015 && rate < .06);
}

/* scipy 1.10: chi2_contingency(correction=False), and chisquare. */
static void homogeneity__reference(void **state)
{
    static const double table[] = {16, 18, 16, 14, 12, 12,
                                   16, 16, 16, 16, 16, 8};
    static const double holes[] = {0, 0, 0, 0, 16, 18, 0, 16, 16, 16, 0, 16};
    struct homogeneity h = homogeneity_test(table, 2, 6, 1000, 1);

    (void)state;
    assert_near(h.chi2, 1.622409, 1e-6);
    assert_near(h.p, .898526, 1e-6);
    assert_false(h.permuted);
    h = homogeneity_test(holes, 3, 4, 1000, 1);
    assert_near(h.df, 2, 0);
    h = homogeneity_test(holes, 1, 4, 1000, 1);
    assert_near(h.p, 1, 0);
    h = fit_test(table + 6, table, 6);
    assert_near(h.chi2, 3.174603, 1e-6);
    assert_near(h.p, .673088, 1e-6);
}

/* .047155 from 200,000 shuffles of the rows. */
static void homogeneity__sparse_table(void **state)
{
    static const double table[] = {3, 0, 7, 1, 5, 2, 0, 2, 2};
    struct homogeneity h = homogeneity_test(table, 3, 3, 20000, 1);

    (void)state;
    assert_near(h.chi2, 9.401785714285715, 1e-9);
    assert_true(h.permuted);
    assert_near(h.p, .047155, 3 * sqrt(.047 / 400)); /* 20 of some 420 */
    h = homogeneity_test(table, 3, 3, 300, 1);
    assert_true(h.draws <= 300);
}

/*
 * Eight rows and thirty that share nothing: no drawn table is like it.  Exact
 * 1 / C(38, 8) = 2.04e-8; the gamma distribution with the exact moments has
 * 3.01e-10 (scipy).
 */
static void homogeneity__far_out(void **state)
{
    static const double apart[] = {8, 0, 0, 30}, near[] = {8, 0, 1, 29};
    struct homogeneity h = homogeneity_test(apart, 2, 2, 20000, 1);

    (void)state;
    assert_true(h.permuted);
    assert_int_equal(h.draws, 20000);
    assert_near(log10(h.p), log10(3.011409813553014e-10), .5);
    h = homogeneity_test(near, 2, 2, 20000, 1);
    assert_true(h.p > 1e-10 && h.p <= 1 / 20001.);
}

static void homogeneity__false_alarms(void **state)
{
    static const double weight[] = {.9, .06, .02, .01, .01};
    double alarms = 0, count[10];
    struct rng rng;

    (void)state;
    rng_init(&rng, 3, 99);
    for (uint64_t run = 0; run < 1000; run++) {
        draw_multinomial(&rng, weight, 5, 1, 60, count);
        draw_multinomial(&rng, weight, 5, 1, 200, count + 5);
        alarms += homogeneity_test(count, 2, 5, 400, run).p < .05;
    }
    assert_true(alarms > 10 && alarms < 70);
}

static void distances__reference(void **state)
{
    static const double p[] = {16. / 88, 18. / 88, 16. / 88,
                               14. / 88, 12. / 88, 12. / 88};
    static const double q[] = {16. / 88, 16. / 88, 16. / 88,
                               16. / 88, 16. / 88, 8. / 88};
    static const double gone[] = {.5, .5, 0, 0, 0, 0};

    (void)state;
    assert_near(hellinger(p, q, 6), .068128, 1e-6);
    assert_near(stability_index(p, q, 6), .037218, 1e-6);
    assert_near(kullback_leibler(p, q, 6), .018910, 1e-6);
    assert_near(sqrt(jensen_shannon(p, q, 6)), .068048, 1e-6);
    assert_near(sqrt(jensen_shannon(p, q, 6) / log(2)), .081734, 1e-6);
    assert_near(largest_difference(p, q, 6), .045455, 1e-6);
    assert_near(total_variation(p, q, 6), .068182, 1e-6);
    assert_true(isinf(kullback_leibler(p, gone, 6)));
    assert_near(jensen_shannon(gone, gone, 6), 0, 0);
}

/* Mean n K / N, variance n K / N (1 - K / N) (N - n) / (N - 1). */
static void draw_hypergeometric__moments(void **state)
{
    double sum = 0, square = 0;
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 99);
    for (int i = 0; i < 20000; i++) {
        double n = draw_hypergeometric(&rng, 300, 1000, 90);
        sum += n;
        square += n * n;
    }
    sum /= 20000;
    assert_near(sum, 27, .1);
    assert_near(square / 20000 - sum * sum, 27 * .7 * 910 / 999, .6);
    assert_near(draw_hypergeometric(&rng, 5, 10, 10), 5, 0);
    assert_near(draw_hypergeometric(&rng, 0, 10, 4), 0, 0);
    assert_near(draw_hypergeometric(&rng, 10, 10, 4), 4, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ks__reference),
        cmocka_unit_test(ks__ties),
        cmocka_unit_test(ks__false_alarms),
        cmocka_unit_test(homogeneity__reference),
        cmocka_unit_test(homogeneity__sparse_table),
        cmocka_unit_test(homogeneity__far_out),
        cmocka_unit_test(homogeneity__false_alarms),
        cmocka_unit_test(distances__reference),
        cmocka_unit_test(draw_hypergeometric__moments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
