#include "stats/multiplicity.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

/* R: p.adjust(p, "holm"), p.adjust(p, "BH"). */
static const double p[] = {.01, .04, .03, .005, .5, .04};
static const double by_holm[] = {.05, .12, .12, .03, .5, .12};
static const double by_bh[] = {.03, .048, .048, .03, .5, .048};

static void holm__reference(void **state)
{
    double adjusted[6];

    (void)state;
    holm(p, 6, adjusted);
    for (size_t i = 0; i < 6; i++)
        assert_near(adjusted[i], by_holm[i], 1e-12);
}

static void benjamini_hochberg__reference(void **state)
{
    double adjusted[6];

    (void)state;
    benjamini_hochberg(p, 6, adjusted);
    for (size_t i = 0; i < 6; i++)
        assert_near(adjusted[i], by_bh[i], 1e-12);
}

static void multiplicity__missing_and_in_place(void **state)
{
    double q[] = {.02, NAN, .5};

    (void)state;
    holm(q, 3, q);
    assert_near(q[0], .04, 1e-12);
    assert_true(isnan(q[1]));
    assert_near(q[2], .5, 1e-12);
    benjamini_hochberg(q, 0, q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holm__reference),
        cmocka_unit_test(benjamini_hochberg__reference),
        cmocka_unit_test(multiplicity__missing_and_in_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
