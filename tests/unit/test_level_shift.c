#include "stats/level_shift.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "stats/draw.h"

#define FIXTURE_VALUES "tests/data/shift/levels.txt"
#include "fixture.h"

enum { MANY = 200 };

static const double fair[] = {16, 18, 16, 14, 12, 12},
                    later[] = {16, 16, 16, 16, 16, 8};

static void level_shift__values(void **state)
{
    struct level_shift s = level_shift_test(fair, later, 6, 1);

    (void)state;
    assert_near(s.chi2, expected("six.chi2"), 1e-9);
    assert_near(s.p, expected("six.p"), 1e-9);
    assert_near(s.df, expected("six.df"), 0);
    assert_false(s.permuted);
    assert_near(s.raw_variation, .068182, 1e-5);
    assert_near(s.total_variation, 0, 0); /* chance makes more of it */
    assert_near(s.ci.low, 0, 0);
    assert_between(s.ci.high, .1, .3);
}

/* Two sparse levels: all tables there are. */
static void level_shift__two_levels(void **state)
{
    static const double few[2][2] = {{1960, 40}, {18, 2}},
                        apart[2][2] = {{20, 0}, {0, 20}},
                        uneven[2][2] = {{0, 5}, {100, 0}};
    struct level_shift s = level_shift_test(few[0], few[1], 2, 1);

    (void)state;
    assert_true(s.permuted);
    assert_near(s.chi2, expected("few.chi2"), 1e-9);
    assert_near(s.p, expected("few.p"), 1e-9);
    s = level_shift_test(uneven[0], uneven[1], 2, 1);
    assert_near(log(s.p), log(expected("uneven.p")), 1e-9);
    s = level_shift_test(apart[0], apart[1], 2, 1);
    assert_false(s.permuted); /* expected 10 each */
    assert_near(s.chi2, expected("apart.chi2"), 1e-9);
    assert_near(s.total_variation, 1, 1e-4);
    assert_between(s.ci.low, .7, .9);
    assert_near(s.ci.high, 1, 0);
    assert_int_equal(s.fresh, 1);
    assert_int_equal(s.gone, 1);
    assert_near(s.fresh_share, 1, 0);
}

/* Drawn tables have the chi² of shuffled rows. */
static void level_shift__sparse(void **state)
{
    static const double a[] = {900, 600, 9, 7, 5, 3, 2, 1, 1, 0},
                        b[] = {290, 186, 5, 1, 4, 3, 0, 2, 1, 2};
    struct level_shift s;
    double sum = 0;

    (void)state;
    for (uint64_t seed = 0; seed < 100; seed++) {
        s = level_shift_test(a, b, 10, seed);
        sum += s.p / 100;
    }
    assert_true(s.permuted);
    assert_near(s.chi2, expected("sparse.chi2"), 1e-9);
    assert_between(sum / expected("sparse.p"), .9, 1.1);
    assert_int_equal(s.fresh, 1);
    assert_near(s.fresh_share, 2. / 494, 1e-12);
    assert_int_equal(s.gone, 1);
    assert_near(s.gone_share, 2. / 1528, 1e-12);
    assert_near(s.p, level_shift_test(a, b, 10, 99).p, 0); /* same seed */
}

/* The rate of p < .05, of intervals that miss `truth`, and the mean. */
struct rates {
    double found, missed, mean;
};

static struct rates rates_of(const double *p, const double *q, size_t levels,
                             const double *rows, double truth, size_t runs)
{
    static double a[MANY], b[MANY];
    struct rates r = {0, 0, 0};
    struct rng rng;

    rng_init(&rng, 3, 1);
    for (size_t i = 0; i < runs; i++) {
        struct level_shift s;
        draw_multinomial(&rng, p, levels, 1, rows[0], a);
        draw_multinomial(&rng, q, levels, 1, rows[1], b);
        s = level_shift_test(a, b, levels, i);
        r.found += (s.p < .05) / (double)runs;
        r.missed += (s.ci.low > truth || s.ci.high < truth) / (double)runs;
        r.mean += s.total_variation / (double)runs;
    }
    return r;
}

static void level_shift__no_difference(void **state)
{
    static const double rows[] = {2000, 20}, more[] = {2000, 300};
    double two[] = {.98, .02}, all[MANY];
    struct rates r;

    (void)state;
    for (size_t i = 0; i < MANY; i++)
        all[i] = 1. / MANY;
    assert_between(rates_of(two, two, 2, rows, 0, 1000).found, 0, .06);
    r = rates_of(all, all, MANY, rows, 0, 300);
    assert_between(r.found, .02, .08);
    assert_between(r.missed, 0, .03);
    r = rates_of(all, all, MANY, more, 0, 300);
    assert_between(r.found, .02, .08);
    assert_between(r.missed, 0, .03);
    assert_between(r.mean, 0, .08); /* raw: .35 */
}

/* A shift of what is said to be detectable is found in 80 %. */
static void level_shift__detectable(void **state)
{
    static const double rows[] = {2000, 400};
    double p[10], q[10], a[10], b[10], t;
    struct rates r;

    (void)state;
    for (size_t i = 0; i < 10; i++) {
        p[i] = .1;
        a[i] = 200;
        b[i] = 40;
    }
    t = level_shift_test(a, b, 10, 1).detectable;
    for (size_t i = 0; i < 10; i++)
        q[i] = .1 + (i % 2 ? t : -t) / 5;
    r = rates_of(p, q, 10, rows, t, 500);
    assert_between(r.found, .74, .87);
    assert_between(r.missed, 0, .08);
    assert_between(r.mean, t * .8, t * 1.1);
}

static void level_shift__odd(void **state)
{
    static const double none[3] = {0}, one[3] = {0, 7, 0}, two[3] = {0, 1, 1},
                        many[3] = {3e8, 3e8, 0}, other[3] = {3.001e8, 3e8, 0};
    struct level_shift s = level_shift_test(none, two, 3, 1);

    (void)state;
    assert_true(isnan(s.p) && isnan(s.ci.low) && isnan(s.total_variation));
    assert_int_equal(s.fresh, 2);
    assert_int_equal(s.gone, 0);
    assert_true(isnan(level_shift_test(two, none, 3, 1).p));
    assert_true(isnan(level_shift_test(NULL, NULL, 0, 1).p));
    s = level_shift_test(one, one, 3, 1);
    assert_near(s.p, 1, 0);
    assert_near(s.total_variation, 0, 0);
    s = level_shift_test(one, two, 3, 1);
    assert_between(s.p, .2, .25); /* 2 of 9 */
    assert_between(s.ci.low, 0, 0);
    s = level_shift_test(many, other, 3, 1);
    assert_true(s.p < .01 && s.ci.low > 0);
    assert_between(s.detectable, 1e-6, 1e-4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(level_shift__values),
        cmocka_unit_test(level_shift__two_levels),
        cmocka_unit_test(level_shift__sparse),
        cmocka_unit_test(level_shift__no_difference),
        cmocka_unit_test(level_shift__detectable),
        cmocka_unit_test(level_shift__odd),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
