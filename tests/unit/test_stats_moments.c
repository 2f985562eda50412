#include "stats/moments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

static void moments__as_numpy(void **state)
{
    struct fixture_row row[FIXTURE_ROWS];
    struct moments m = {0};

    (void)state;
    fixture_rows(row);
    for (size_t i = 0; i < FIXTURE_ROWS; i++)
        moments_add(&m, row[i].loss);
    assert_near(moments_count(&m), FIXTURE_ROWS, 0);
    assert_near(moments_mean(&m), expected("loss.mean"), 1e-12);
    assert_near(moments_variance(&m), expected("loss.variance"), 1e-12);
    assert_interval(moments_interval(&m), "loss", 1e-10);
}

/* The difference of two sums of squares would keep no digit of this. */
static void moments__far_from_zero(void **state)
{
    struct moments m = {0};

    (void)state;
    for (int i = 0; i < 1000; i++)
        moments_add(&m, 1e9 + i % 2);
    assert_near(moments_mean(&m), 1e9 + .5, 1e-15);
    assert_near(moments_variance(&m), 250.0 / 999, 1e-6);
}

static void moments__few(void **state)
{
    struct moments m = {0};

    (void)state;
    assert_true(isnan(moments_mean(&m)) && isnan(moments_variance(&m)));
    assert_true(isnan(moments_interval(&m).low));
    moments_add(&m, 3);
    assert_true(moments_mean(&m) == 3 && isnan(moments_variance(&m)));
    assert_true(isnan(moments_interval(&m).high));
}

static void moments__infinite_loss(void **state)
{
    struct moments m = {0};
    struct interval finite;

    (void)state;
    moments_add(&m, INFINITY);
    assert_true(moments_mean(&m) == INFINITY);
    assert_true(moments_interval(&m).low == -INFINITY);
    m = (struct moments){0};
    moments_add(&m, 1);
    moments_add(&m, 2);
    moments_add(&m, 4);
    finite = moments_interval(&m);
    moments_add(&m, INFINITY);
    assert_near(moments_count(&m), 4, 0);
    assert_true(moments_mean(&m) == INFINITY);
    assert_true(moments_variance(&m) == INFINITY);
    assert_true(moments_interval(&m).low == finite.low);
    assert_true(moments_interval(&m).high == INFINITY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments__as_numpy),
        cmocka_unit_test(moments__far_from_zero),
        cmocka_unit_test(moments__few),
        cmocka_unit_test(moments__infinite_loss),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
