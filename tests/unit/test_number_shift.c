#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"
#define FIXTURE_VALUES "tests/data/shift/numbers_expected.txt"
#include "fixture.h"
#include "stats/ks.h"
#include "stats/lattice_paths.h"
#include "stats/number_shift.h"

/* What is kept of two sides, and what is to be said of it. */
struct sides {
    struct quantiles *reference, *current;
};

static struct sides sides_new(double accuracy)
{
    return (struct sides){quantiles_new(accuracy, 1), quantiles_new(0, 1)};
}

static struct number_shift sides_test(struct sides *sides)
{
    struct distribution a = quantiles_view(sides->reference);
    struct distribution b = quantiles_view(sides->current);
    struct number_shift shift = number_shift_test(&a, &b);

    quantiles_free(sides->reference);
    quantiles_free(sides->current);
    return shift;
}

static struct number_shift compare(const float *a, size_t n, const float *b,
                                   size_t m)
{
    struct sides sides = sides_new(0);

    quantiles_add(sides.reference, a, n);
    quantiles_add(sides.current, b, m);
    return sides_test(&sides);
}

static struct sides fixture_sides(const char *wanted)
{
    FILE *file = fixture_open(TEST_DATA "/shift/numbers_values.txt");
    struct sides sides = sides_new(0);
    char name[20], side[20];
    float value;

    while (fscanf(file, "%19s %19s %f", name, side, &value) == 3)
        if (strcmp(name, wanted) == 0)
            quantiles_add(strcmp(side, "current") == 0 ? sides.current
                                                       : sides.reference,
                          &value, 1);
    fclose(file);
    return sides;
}

static double of(const char *name, const char *what)
{
    char key[60];

    snprintf(key, sizeof(key), "%s.%s", name, what);
    return expected(key);
}

static void number_shift__reference(void **state)
{
    static const char *const name[] = {"methods", "normal", "alike",
                                       "skewed",  "wider",  "ties"};

    (void)state;
    for (size_t k = 0; k < 6; k++) {
        struct sides sides = fixture_sides(name[k]);
        struct number_shift s = sides_test(&sides);
        assert_near(s.d, of(name[k], "d"), 1e-9);
        assert_near(s.p, of(name[k], "p"), k < 5 ? 1e-8 : .002);
        assert_true(s.exact);
        assert_near(s.p_low, s.p, 0);
        assert_near(s.p_high, s.p, 0);
        assert_near(s.raw_wasserstein, of(name[k], "raw"), 1e-6);
        assert_near(s.wasserstein, of(name[k], "wasserstein"), .01);
        assert_near(s.wasserstein_ci.low, of(name[k], "wasserstein.low"), .01);
        assert_near(s.wasserstein_ci.high, of(name[k], "wasserstein.high"),
                    .01);
        assert_near(s.smd, of(name[k], "smd"), 1e-6);
        assert_near(s.smd_ci.low, of(name[k], "smd.low"), .01);
        assert_near(s.smd_ci.high, of(name[k], "smd.high"), .01);
    }
}

/* All orders of the pooled sample counted one by one; scipy for the others. */
static void paths_reach__reference(void **state)
{
    static const unsigned char all[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    static const unsigned char once[] = {0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0};

    (void)state;
    assert_near(paths_reach(5, 7, 0, all), 1, 0);
    /* one of the two full separations, C(12, 5) = 792 */
    assert_near(paths_reach(5, 7, 35, all), 2 / 792., 1e-15);
    assert_near(paths_reach(7, 5, 35, all), 2 / 792., 1e-15);
    assert_near(paths_reach(5, 7, 36, all), 0, 0);
    /* the first four are of one sample */
    assert_near(paths_reach(5, 7, 20, once), (5 + 35) / 495., 1e-15);
}

enum shape { NORMAL, LOGNORMAL, DIGITS, WHOLE, RARE };

static void draw(struct quantiles *q, struct rng *rng, enum shape shape,
                 size_t n, double shift)
{
    for (size_t i = 0; i < n; i++) {
        double z = rng_normal(rng) + shift;
        float x = (float)(shape == LOGNORMAL ? exp(z)
                          : shape == DIGITS  ? round(z * 1000) / 1000
                          : shape == WHOLE   ? round(2 * z)
                          : shape == RARE    ? z > 2
                                             : z);
        quantiles_add(q, &x, 1);
    }
}

static double alarms(enum shape shape, size_t n, size_t m, int runs)
{
    double found = 0;
    struct rng rng;

    rng_init(&rng, 11, shape);
    for (int run = 0; run < runs; run++) {
        struct sides sides = sides_new(0);
        draw(sides.reference, &rng, shape, n, 0);
        draw(sides.current, &rng, shape, m, 0);
        found += sides_test(&sides).p < .05;
    }
    return found / runs;
}

/* number_shift.h says what longer simulations gave. */
static void number_shift__false_alarms(void **state)
{
    (void)state;
    assert_between(alarms(NORMAL, 300, 40, 1500), .035, .065);
    assert_between(alarms(LOGNORMAL, 300, 40, 1500), .035, .065);
    assert_between(alarms(DIGITS, 300, 40, 1500), .035, .065);
    assert_between(alarms(WHOLE, 300, 40, 1500), .015, .06);
    assert_between(alarms(RARE, 300, 40, 1500), 0, .06);
}

/* The true distance lies inside, detectable is detected, 0 can be reached. */
static void number_shift__coverage(void **state)
{
    double inside = 0, found = 0, zero = 0, runs = 600, shift = .5;
    struct rng rng;

    (void)state;
    rng_init(&rng, 12, 0);
    for (int run = 0; run < runs; run++) {
        struct sides sides = sides_new(0), none = sides_new(0);
        struct number_shift s;
        draw(sides.reference, &rng, NORMAL, 300, 0);
        draw(sides.current, &rng, NORMAL, 40, shift);
        s = sides_test(&sides);
        inside += s.wasserstein_ci.low <= shift &&
                  s.wasserstein_ci.high >= shift;
        found += s.p < .05;
        shift = s.detectable;
        draw(none.reference, &rng, NORMAL, 300, 0);
        draw(none.current, &rng, NORMAL, 40, 0);
        zero += sides_test(&none).wasserstein_ci.low == 0;
    }
    assert_near(shift, .53, .03);
    assert_between(inside / runs, .935, .99);
    assert_between(zero / runs, .95, .999);
    assert_between(found / runs, .76, .84);
}

/* Large sets of few levels: as if all paths had been walked, where the limit
 * would see too little. */
static void number_shift__many_equal_numbers(void **state)
{
    static const int many[] = {730, 730, 740, 800};
    struct sides sides = sides_new(0);
    unsigned char *looked = calloc(33001, 1);
    struct number_shift s;
    size_t end = 0;
    double p;

    (void)state;
    for (int level = 0; level < 4; level++) {
        float x = (float)level;
        for (int k = 0; k < 7500; k++)
            quantiles_add(sides.reference, &x, 1);
        for (int k = 0; k < many[level]; k++)
            quantiles_add(sides.current, &x, 1);
        looked[end += (size_t)(7500 + many[level])] = 1;
    }
    s = sides_test(&sides);
    p = paths_reach(30000, 3000, llround(s.d * 9e7), looked);
    assert_false(s.exact);
    assert_near(s.p, p, .01);
    assert_true(kolmogorov_tail(s.d * sqrt(3e4 / 11)) > 1.5 * p);
    free(looked);
}

/* A sketch says what p may be, and p of all rows is within. */
static void number_shift__sketches(void **state)
{
    struct sides whole = sides_new(0), sketch = sides_new(.01);
    struct number_shift w, s;
    struct rng rng;

    (void)state;
    rng_init(&rng, 13, 0);
    draw(whole.reference, &rng, NORMAL, 30000, 0);
    draw(whole.current, &rng, NORMAL, 3000, .04);
    quantiles_merge(sketch.current, whole.current);
    quantiles_add(sketch.reference, quantiles_view(whole.reference).x, 30000);
    w = sides_test(&whole);
    s = sides_test(&sketch);
    assert_false(w.exact || s.exact);
    assert_near(w.p_low, w.p, 0);
    assert_true(s.p_low < w.p && w.p < s.p_high);
    assert_true(s.p_low < s.p && s.p < s.p_high);
    assert_near(s.smd, w.smd, 1e-12);
    assert_near(s.raw_wasserstein, w.raw_wasserstein, .02);
    whole = sides_new(0);
    sketch = sides_new(.01); /* of few rows is exact */
    draw(whole.reference, &rng, NORMAL, 900, 0);
    draw(whole.current, &rng, NORMAL, 70, 0);
    quantiles_add(sketch.reference, quantiles_view(whole.reference).x, 900);
    quantiles_merge(sketch.current, whole.current);
    w = sides_test(&whole);
    s = sides_test(&sketch);
    assert_true(s.exact);
    assert_near(s.p, w.p, 0);
    assert_near(s.p_low, w.p, 0);
}

static void number_shift__odd_input(void **state)
{
    static const float one[] = {1, 1, 1, 1, 1, 1}, two[] = {2, 2, 2, 2, 2, 2};
    static const float wide[] = {-3e38f, -1, 0, 1, 2, 3e38f};
    static const float some[] = {1, 2, 3, 4, 5, 6};
    struct number_shift s = compare(one, 6, one, 6);

    (void)state;
    assert_near(s.d, 0, 0);
    assert_near(s.p, 1, 0);
    assert_near(s.wasserstein, 0, 0);
    assert_near(s.smd, 0, 0);
    s = compare(one, 6, two, 6);
    assert_near(s.p, 2 / 924., 1e-12);
    assert_true(isinf(s.wasserstein) && isinf(s.raw_wasserstein));
    assert_near(s.wasserstein_ci.low, 0, 0);
    assert_true(isinf(s.wasserstein_ci.high));
    assert_true(isinf(s.smd) && s.smd > 0);
    assert_true(compare(two, 6, one, 6).smd < 0);
    s = compare(some, 6, two, 6);
    assert_true(isfinite(s.wasserstein) && s.wasserstein_ci.high < 5);
    s = compare(two, 6, some, 6);
    assert_true(isinf(s.wasserstein) && isfinite(s.smd));
    s = compare(wide, 6, some, 6);
    assert_true(isfinite(s.wasserstein) && isfinite(s.wasserstein_ci.high));
    assert_true(isfinite(s.smd_ci.low) && s.p > .1);
    s = compare(some, 6, wide, 6);
    assert_true(isfinite(s.wasserstein) && s.wasserstein > 1e37);
    for (size_t n = 0; n < 2; n++) {
        assert_true(isnan(compare(some, n, some, 6).p));
        s = compare(some, 6, some, n);
        assert_true(isnan(s.p) && isnan(s.d) && isnan(s.wasserstein));
        assert_true(isnan(s.smd_ci.low) && isnan(s.detectable));
    }
    assert_true(isinf(compare(some, 3, some, 3).detectable));
    assert_true(isfinite(compare(some, 4, some, 4).detectable));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(number_shift__reference),
        cmocka_unit_test(paths_reach__reference),
        cmocka_unit_test(number_shift__false_alarms),
        cmocka_unit_test(number_shift__coverage),
        cmocka_unit_test(number_shift__many_equal_numbers),
        cmocka_unit_test(number_shift__sketches),
        cmocka_unit_test(number_shift__odd_input),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
