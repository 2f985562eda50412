#include "stats/course.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TEST_DATA "tests/data"
#define FIXTURE_VALUES TEST_DATA "/course/trends.txt"
#include "base/rng.h"
#include "fixture.h"

enum { MANY = 60 };

static void assert_trend(const char *name, const double *value, size_t n)
{
    struct trend t = trend_of(value, n);
    char key[40];

    snprintf(key, sizeof key, "%s.s", name);
    assert_near(t.s, expected(key), 1e-12);
    snprintf(key, sizeof key, "%s.rises", name);
    assert_near(t.rises, expected(key), 1e-9);
    snprintf(key, sizeof key, "%s.falls", name);
    assert_near(t.falls, expected(key), 1e-9);
    snprintf(key, sizeof key, "%s.slope", name);
    assert_near(t.slope, expected(key), 1e-9);
    assert_interval(t.ci, name, 1e-9);
}

static void trend__reference(void **state)
{
    const double falling[] = {2.31, 1.70, 1.42, 1.10, 1.21,
                              0.93, 0.71, 0.74, 0.52};
    const double flat[] = {0.7, 0.9, 0.6, 0.8, 0.75, 0.65, 0.85, 0.72};
    const double tied[] = {3, 3, 2, 2, 2, 4, 5, 5, 1, 3, 6, 6};
    double value[MANY];

    (void)state;
    assert_trend("falling", falling, 9);
    assert_trend("flat", flat, 8);
    assert_trend("tied", tied, 12);
    for (int i = 0; i < MANY; i++)
        value[i] = 1 / (1 + i / 20.) + .02 * sin(7. * i * i);
    assert_trend("long", value, MANY);
}

static void trend__nothing_to_see(void **state)
{
    const double equal[] = {2, 2, 2, 2};

    (void)state;
    assert_near(trend_of(equal, 0).falls, 1, 0);
    assert_true(isnan(trend_of(equal, 1).slope));
    assert_near(trend_of(equal, 4).falls, 1, 0);
    assert_near(trend_of(equal, 4).slope, 0, 0);
    assert_near(trend_noise(equal, 4), 0, 0);
    assert_true(isnan(trend_noise(equal, 2)));
    assert_true(isnan(trend_median(equal, 0)));
}

/* In random order p <= .01 in a hundredth of the series, at most. */
static void trend__false_alarms(void **state)
{
    static const size_t sizes[] = {6, 20, 80};
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 77);
    for (size_t k = 0; k < 3; k++) {
        size_t found = 0;
        double value[80];
        for (int i = 0; i < 500; i++) {
            for (size_t j = 0; j < sizes[k]; j++)
                value[j] = rng_normal(&rng);
            found += trend_of(value, sizes[k]).falls <= .01;
        }
        assert_between((double)found, k ? 1 : 0, 12);
    }
}

static void trend__noise_and_long_series(void **state)
{
    static double value[5000];
    struct rng rng;
    struct trend t;

    (void)state;
    rng_init(&rng, 2, 77);
    for (int i = 0; i < 5000; i++)
        value[i] = 3 - 1e-4 * i + .1 * rng_normal(&rng) + (i == 100 ? 50 : 0);
    assert_between(trend_noise(value, 5000), .095, .105);
    t = trend_of(value, 5000);
    assert_between(t.slope, -1.05e-4, -.95e-4);
    assert_true(t.falls < 1e-10);
    assert_int_equal(t.n, TREND_MOST);
}

/* ---- courses ---- */

/* from + (to - from)(1 - exp(-i / pace)), and normal noise of that share. */
static struct course course_of(double from, double to, double pace,
                               double noise, size_t n, uint64_t seed)
{
    double loss[MANY];
    struct rng rng;

    rng_init(&rng, seed, 78);
    for (size_t i = 0; i < n; i++) {
        loss[i] = from + (to - from) * (1 - exp(-(double)i / pace));
        loss[i] *= exp(noise * rng_normal(&rng));
    }
    return course_read(loss, n, 2.3);
}

static void assert_kind(struct course c, enum course_kind kind)
{
    assert_string_equal(course_name(c.kind), course_name(kind));
}

static void course__falls(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        assert_kind(course_of(2.4, .01, 3, .1, 40, seed), COURSE_FALLS);
        assert_kind(course_of(2.4, .3, 20, .01, 30, seed), COURSE_FALLS);
        assert_kind(course_of(2.4, .5, 4, 0, 5, seed), COURSE_FALLS);
    }
}

static void course__plateaus(void **state)
{
    struct course c;

    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        c = course_of(2.4, 2.3, .5, .003, 40, seed);
        assert_kind(c, COURSE_PLATEAUS);
        assert_between(c.fallen, .03, .06);
        c = course_of(2.4, .8, 2, .02, 40, seed);
        assert_kind(c, COURSE_PLATEAUS);
        assert_between(c.left, .3, .4);
        assert_between(c.noise, .008, .035);
    }
}

static void course__up_explodes_oscillates(void **state)
{
    double loss[MANY];

    (void)state;
    assert_kind(course_of(2.3, 9, 10, .05, 30, 1), COURSE_UP);
    assert_kind(course_of(2.3, 4, 10, 0, 6, 1), COURSE_UP);
    assert_kind(course_of(2.3, 90, 10, .05, 30, 1), COURSE_EXPLODES);
    for (uint64_t seed = 1; seed <= 20; seed++)
        assert_kind(course_of(2.4, 1, 3, .3, 40, seed), COURSE_OSCILLATES);
    for (int i = 0; i < MANY; i++)
        loss[i] = 2.3 / (1 + i) + (i % 2 ? .6 : 0);
    assert_kind(course_read(loss, MANY, NAN), COURSE_OSCILLATES);
    for (int i = 0; i < MANY; i++)
        loss[i] = -2.3 - i;
    assert_kind(course_read(loss, MANY, NAN), COURSE_FALLS);
    loss[7] = INFINITY;
    assert_kind(course_read(loss, MANY, NAN), COURSE_EXPLODES);
    assert_int_equal(course_read(loss, MANY, NAN).broken, 7);
    loss[0] = NAN;
    assert_kind(course_read(loss, 2, NAN), COURSE_EXPLODES);
}

/* Down and up again in large steps is one turn. */
static void course__rises_again(void **state)
{
    struct course c;
    double loss[MANY];

    (void)state;
    for (int i = 0; i < 20; i++)
        loss[i] = i < 10 ? 2.3 * exp(-i / 3.) : .1 + .2 * (i - 9);
    c = course_read(loss, 20, 2.3);
    assert_int_equal(c.turns, 1);
    assert_true(c.ups >= 3 && c.downs >= 3);
    assert_true(c.kind != COURSE_OSCILLATES);
    assert_true(c.since.rises < .001);
}

static void course__small_is_no_trouble(void **state)
{
    double loss[MANY];

    (void)state;
    for (int i = 0; i < MANY; i++)
        loss[i] = i < 10 ? 2.3 * exp(-i) : i % 2 ? 1e-4 : 1e-3;
    assert_kind(course_read(loss, MANY, NAN), COURSE_FALLS);
}

static void course__few(void **state)
{
    const double loss[] = {2.3, 1.2, .8, .7};

    (void)state;
    assert_kind(course_read(loss, 4, NAN), COURSE_UNDECIDED);
    assert_near(course_read(loss, 4, NAN).last, .8, 1e-12);
    assert_kind(course_read(loss, 0, NAN), COURSE_UNDECIDED);
    assert_true(isnan(course_read(loss, 0, 1).first));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trend__reference),
        cmocka_unit_test(trend__nothing_to_see),
        cmocka_unit_test(trend__false_alarms),
        cmocka_unit_test(trend__noise_and_long_series),
        cmocka_unit_test(course__falls),
        cmocka_unit_test(course__plateaus),
        cmocka_unit_test(course__up_explodes_oscillates),
        cmocka_unit_test(course__rises_again),
        cmocka_unit_test(course__small_is_no_trouble),
        cmocka_unit_test(course__few),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
