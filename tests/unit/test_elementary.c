/*
 * The exponentials of lib/nn/elementary.h against the C library's in double
 * precision, at finite floats of every size.
 */
#include "nn/elementary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A float in so many; prime, so that all low bits occur. */
enum { STRIDE = 1009 };

static double of_exp(double x)
{
    return exp(x);
}

static double of_expm1(double x)
{
    return expm1(x);
}

static double of_tanh(double x)
{
    return tanh(x);
}

static double of_sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static double of_normal_cdf(double x)
{
    return .5 * erfc(-x * M_SQRT1_2);
}

/* The distance between floats around a value. */
static double unit(double value)
{
    int exponent;

    frexp(value, &exponent);
    return ldexp(1, (exponent < -125 ? -125 : exponent) - 24);
}

/* `most` in units of the last place, or absolute. */
struct function {
    const char *name;
    float (*f)(float);
    double (*exact)(double);
    double low, high, most;
    int absolute;
};

static const struct function functions[] = {
    {"exp_of", exp_of, of_exp, -87.3, 88.3, 2, 0},
    {"expm1_of", expm1_of, of_expm1, -INFINITY, 88.3, 3, 0},
    {"tanh_of", tanh_of, of_tanh, -INFINITY, INFINITY, 3, 0},
    {"sigmoid_of", sigmoid_of, of_sigmoid, -87.3, INFINITY, 3, 0},
    {"exp_of, small", exp_of, of_exp, -INFINITY, -87.3, 0x1p-125, 1},
    {"sigmoid_of, small", sigmoid_of, of_sigmoid, -INFINITY, -87.3, 0x1p-125,
     1},
    {"normal_cdf_of", normal_cdf_of, of_normal_cdf, -INFINITY, INFINITY, 4e-7,
     1},
};

static void functions__are_as_close_as_stated(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++) {
        const struct function *f = &functions[i];
        size_t tried = 0;
        for (uint64_t bits = 0; bits <= UINT32_MAX; bits += STRIDE) {
            uint32_t low = (uint32_t)bits;
            float x;
            double want, error;
            memcpy(&x, &low, sizeof(x));
            if (!isfinite(x) || (double)x < f->low || (double)x > f->high)
                continue;
            want = f->exact((double)x);
            error = fabs((double)f->f(x) - want);
            if (error > f->most * (f->absolute ? 1 : unit(want)))
                fail_msg("%s(%.9g) is %.9g, not %.9g", f->name, (double)x,
                         (double)f->f(x), want);
            tried++;
        }
        assert_true(tried > 10000);
    }
}

static void functions__keep_what_is_no_number(void **state)
{
    (void)state;
    assert_true(isnan(exp_of(NAN)));
    assert_true(isnan(expm1_of(NAN)));
    assert_true(isnan(tanh_of(NAN)));
    assert_true(isnan(sigmoid_of(NAN)));
    assert_true(isnan(normal_cdf_of(NAN)));
    assert_true(tanh_of(INFINITY) == 1 && tanh_of(-INFINITY) == -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions__are_as_close_as_stated),
        cmocka_unit_test(functions__keep_what_is_no_number),
    };
    return cmocka_run_group_tests_name("elementary", tests, NULL, NULL);
}
