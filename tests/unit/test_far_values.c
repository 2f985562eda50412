#include "stats/far_values.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/float_sort.h"
#include "base/rng.h"
#include "fixture.h"

enum { MOST = 1000 };

enum shape {
    NORMAL,
    UNIFORM,
    LOGNORMAL,
    EXPONENTIAL,
    COUNTS,
    RARE_COUNTS,
    MANY_ZEROS,
    YEARS,
    MARKS,
    TWO_HEAPS,
    SHAPES
};

static double poisson(struct rng *rng, double mean)
{
    double p = exp(-mean), sum = p, u = rng_uniform(rng), n = 0;

    while (u > sum && n < 100)
        sum += p *= mean / ++n;
    return n;
}

static double draw(struct rng *rng, enum shape shape)
{
    switch (shape) {
    case NORMAL:
        return rng_normal(rng);
    case UNIFORM:
        return rng_uniform(rng);
    case LOGNORMAL:
        return exp(1.5 * rng_normal(rng));
    case EXPONENTIAL:
        return -log(1 - rng_uniform(rng));
    case COUNTS:
        return poisson(rng, 3);
    case RARE_COUNTS:
        return poisson(rng, .1);
    case MANY_ZEROS:
        return rng_below(rng, 5) ? 0 : exp(3 + rng_normal(rng));
    case YEARS:
        return round(1900 + 30 * rng_normal(rng));
    case MARKS:
        return 1 + (double)rng_below(rng, 5);
    case TWO_HEAPS:
    case SHAPES:
        break;
    }
    return (rng_below(rng, 2) ? 10 : 0) + rng_normal(rng);
}

static struct far_values find(float *value, size_t n)
{
    static uint32_t scratch[MOST];

    float_sort(value, scratch, n);
    return far_values_find(value, n, 0);
}

static void far_values__false_alarms(void **state)
{
    static const size_t sizes[] = {20, 100, MOST};
    static float value[MOST];
    size_t found = 0;

    (void)state;
    for (size_t k = 0; k < 3; k++)
        for (int shape = 0; shape < SHAPES; shape++)
            for (uint64_t set = 0; set < 60; set++) {
                struct far_values far;
                struct rng rng;
                rng_init(&rng, set, (uint64_t)shape);
                for (size_t i = 0; i < sizes[k]; i++)
                    value[i] = (float)draw(&rng, (enum shape)shape);
                far = find(value, sizes[k]);
                found += far.low.n || far.high.n;
            }
    assert_true(found <= 4); /* of 1,800 */
}

/* One value in a thousand of another unit. */
static void far_values__a_slip(void **state)
{
    static float value[MOST];
    size_t found = 0;

    (void)state;
    for (int shape = 0; shape < SHAPES; shape++) {
        struct far_values far;
        struct rng rng;
        rng_init(&rng, 1, (uint64_t)shape);
        for (size_t i = 0; i < 300; i++)
            value[i] = (float)draw(&rng, (enum shape)shape);
        value[7] = 123456;
        far = find(value, 300);
        found += far.high.n == 1 && !far.high.code && far.low.n == 0 &&
                 far.squeeze < .2;
        assert_near(far.high.value, 123456, 0);
    }
    assert_int_equal(found, SHAPES);
}

/* n numbers of mean 50 and deviation 10, and `times` the code. */
static struct far_values with_code(size_t n, size_t times, float code)
{
    static float value[MOST];
    struct rng rng;

    rng_init(&rng, 1, 99);
    for (size_t i = 0; i < n; i++)
        value[i] = (float)(50 + 10 * rng_normal(&rng));
    for (size_t i = 0; i < times; i++)
        value[i] = code;
    return find(value, n);
}

static void far_values__codes(void **state)
{
    struct far_values far = with_code(400, 160, 999);

    (void)state;
    assert_int_equal(far.high.n, 160);
    assert_true(far.high.code);
    assert_near(far.high.value, 999, 0);
    assert_true(far.high.edge < 100);
    far = with_code(400, 60, -99);
    assert_int_equal(far.low.n, 60);
    assert_true(far.low.code && !far.high.n);
    far = with_code(400, 30, 0);
    assert_int_equal(far.low.n, 30);
    assert_true(far.low.code);
    assert_int_equal(with_code(400, 30, 101).high.n, 0); /* no code's word */
    assert_int_equal(with_code(400, 2, 0).low.n, 0);     /* too few */
}

static void far_values__degenerate(void **state)
{
    float same[30] = {0}, few[5] = {0, 1, 2, 3, 1e6f};
    struct far_values far = far_values_find(same, 30, 0);

    (void)state;
    assert_int_equal(far.low.n + far.high.n, 0);
    assert_near(far.squeeze, 1, 0);
    same[29] = 9999; /* all but one are one */
    assert_int_equal(far_values_find(same, 30, 0).high.n, 0);
    assert_int_equal(far_values_find(few, 5, 0).high.n, 0);
    assert_int_equal(far_values_find(few, 0, 0).high.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(far_values__false_alarms),
        cmocka_unit_test(far_values__a_slip),
        cmocka_unit_test(far_values__codes),
        cmocka_unit_test(far_values__degenerate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
