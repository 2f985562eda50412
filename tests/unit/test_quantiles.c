#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/float_sort.h"
#include "base/mem.h"
#include "base/rng.h"
#include "fixture.h"
#include "stats/kll.h"
#include "stats/quantiles.h"

enum order { RANDOM, RISING, FALLING, ZOOMED, TIES, FEW, ORDERS };

static void sort(float *x, size_t n)
{
    uint32_t *scratch = mem_alloc(n, sizeof(*scratch));

    float_sort(x, scratch, n);
    free(scratch);
}

/* n numbers, in an order that a sketch might be weak in. */
static float *numbers(enum order order, size_t n, uint64_t seed)
{
    float *x = mem_alloc(n, sizeof(*x)), *y;
    struct rng rng;

    rng_init(&rng, seed, 99);
    for (size_t i = 0; i < n; i++) {
        double z = rng_normal(&rng);
        if (order == TIES)
            z = round(z * 20) / 20;
        if (order == FEW)
            z = z > 1.2 ? 1 : z > .3 ? .5 : 0;
        x[i] = (float)z;
    }
    if (order == RANDOM || order == TIES || order == FEW)
        return x;
    sort(x, n);
    if (order == RISING)
        return x;
    y = mem_alloc(n, sizeof(*y));
    for (size_t i = 0; i < n; i++)
        y[i] = order == FALLING ? x[n - 1 - i]
               : i % 2          ? x[n - 1 - i / 2]
                                : x[i / 2];
    free(x);
    return y;
}

/* The largest error of the share of numbers <= t or < t, of all t. */
static double largest_error(struct distribution d, const float *x, size_t n)
{
    float *sorted = mem_alloc(n, sizeof(*sorted));
    double below = 0, most = 0;
    size_t i = 0, j = 0;

    memcpy(sorted, x, n * sizeof(*x));
    sort(sorted, n);
    while (i < n) {
        float value = sorted[i];
        most = fmax(most, fabs(below / d.total - (double)i / (double)n));
        for (; i < n && sorted[i] <= value; i++)
            ;
        for (; j < d.n && d.x[j] <= value; j++)
            below += d.weight ? d.weight[j] : 1;
        most = fmax(most, fabs(below / d.total - (double)i / (double)n));
    }
    free(sorted);
    return most;
}

static struct quantiles *sketch_of(const float *x, size_t n, double accuracy,
                                   uint64_t seed)
{
    struct quantiles *q = quantiles_new(accuracy, seed);

    quantiles_add(q, x, n);
    return q;
}

static void quantiles__all_orders(void **state)
{
    (void)state;
    for (enum order order = 0; order < ORDERS; order++)
        for (uint64_t seed = 1; seed <= 3; seed++) {
            size_t n = 60000;
            float *x = numbers(order, n, seed);
            struct quantiles *q = sketch_of(x, n, .01, seed);
            struct distribution d = quantiles_view(q);
            assert_true(d.n < 3500);
            assert_near(d.total, (double)n, 0);
            assert_true(d.rank_error > .003 && d.rank_error <= .01);
            assert_true(largest_error(d, x, n) <= d.rank_error);
            quantiles_free(q);
            free(x);
        }
}

/* Up as often as down: the error of the median, of 60 seeds. */
static void quantiles__no_bias(void **state)
{
    size_t n = 20000;
    float *x = numbers(RISING, n, 1);
    double sum = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct quantiles *q = sketch_of(x, n, .05, seed);
        struct distribution d = quantiles_view(q);
        for (size_t i = 0; i < d.n && d.x[i] < x[n / 2]; i++)
            sum += d.weight[i];
        quantiles_free(q);
    }
    assert_near(sum / 60 / (double)n, .5, .002);
    free(x);
}

/* Nothing is forgotten yet, and then a little. */
static void quantiles__few_are_exact(void **state)
{
    size_t n = kll_size(.01);
    float *x = numbers(RANDOM, n + 1, 1);
    struct quantiles *q = sketch_of(x, n, .01, 1);
    struct distribution d = quantiles_view(q);

    (void)state;
    assert_near(d.rank_error, 0, 0);
    assert_null(d.weight);
    assert_near(largest_error(d, x, n), 0, 0);
    quantiles_free(q);
    q = sketch_of(x, n + 1, .01, 1);
    assert_near(quantiles_view(q).rank_error, 1 / ((double)n + 1), 1e-3);
    assert_true(quantiles_view(q).rank_error > 0);
    quantiles_free(q);
    free(x);
}

static void assert_same(struct quantiles *a, struct quantiles *b)
{
    struct distribution d = quantiles_view(a), e = quantiles_view(b);

    assert_int_equal(d.n, e.n);
    if (d.n > 0)
        assert_memory_equal(d.x, e.x, d.n * sizeof(*d.x));
    assert_true(!d.weight == !e.weight);
    if (d.weight)
        assert_memory_equal(d.weight, e.weight, d.n * sizeof(*d.weight));
    assert_memory_equal(&d.moments, &e.moments, sizeof(d.moments));
    assert_near(d.low, e.low, 0);
    assert_near(d.high, e.high, 0);
    assert_near(d.rank_error, e.rank_error, 0);
}

/* However the numbers are cut into blocks. */
static void quantiles__same_bytes(void **state)
{
    size_t n = 30011;
    float *x = numbers(RANDOM, n, 4);

    (void)state;
    for (double accuracy = 0; accuracy < .02; accuracy += .01) {
        struct quantiles *a = sketch_of(x, n, accuracy, 1);
        struct quantiles *b = quantiles_new(accuracy, 1);
        struct quantiles *other = sketch_of(x, n, accuracy, 2);
        for (size_t i = 0, take; i < n; i += take) {
            take = i % 7 == 0 ? 1 : 1234;
            take = take < n - i ? take : n - i;
            quantiles_add(b, x + i, take);
        }
        assert_same(a, b);
        if (accuracy > 0) {
            struct distribution d = quantiles_view(a);
            struct distribution e = quantiles_view(other);
            assert_int_not_equal(memcmp(d.x, e.x, 1000 * sizeof(*d.x)), 0);
        }
        quantiles_free(a);
        quantiles_free(b);
        quantiles_free(other);
    }
    free(x);
}

enum { PARTS = 10, PART = 9001 };

static void merge_parts(struct quantiles **part, size_t parts, size_t order)
{
    if (order == 0) /* one after the other */
        for (size_t k = 1; k < parts; k++)
            quantiles_merge(part[0], part[k]);
    if (order == 1) /* the last first */
        for (size_t k = parts - 1; k > 0; k--)
            quantiles_merge(part[0], part[k]);
    if (order == 2) /* pairs of pairs */
        for (size_t step = 1; step < parts; step *= 2)
            for (size_t k = 0; k + step < parts; k += 2 * step)
                quantiles_merge(part[k], part[k + step]);
}

static void quantiles__merged_in_any_order(void **state)
{
    float *x = numbers(RISING, PARTS * PART, 5);

    (void)state;
    for (size_t order = 0; order < 3; order++) {
        struct quantiles *part[PARTS];
        struct moments whole = {0};
        struct distribution d;
        for (size_t k = 0; k < PARTS; k++)
            part[k] = sketch_of(x + k * PART, PART, .01, 1);
        merge_parts(part, PARTS, order);
        d = quantiles_view(part[0]);
        assert_near(d.total, PARTS * PART, 0);
        assert_true(d.rank_error <= .01);
        assert_true(largest_error(d, x, PARTS * PART) <= d.rank_error);
        for (size_t i = 0; i < PARTS * PART; i++)
            moments_add(&whole, (double)x[i]);
        assert_near(d.moments.n, whole.n, 0);
        assert_near(d.moments.mean, whole.mean, 1e-12);
        assert_near(d.moments.m2, whole.m2, 1e-10);
        assert_near(d.low, (double)x[0], 0);
        assert_near(d.high, (double)x[PARTS * PART - 1], 0);
        for (size_t k = 0; k < PARTS; k++)
            quantiles_free(part[k]);
    }
    free(x);
}

/* a + b is b + a, to the bit; all numbers kept: the whole, too. */
static void quantiles__merging_commutes(void **state)
{
    float *x = numbers(RANDOM, 24000, 6);

    (void)state;
    for (double accuracy = 0; accuracy < .02; accuracy += .01) {
        struct quantiles *a = sketch_of(x, 5000, accuracy, 1);
        struct quantiles *b = sketch_of(x + 5000, 19000, accuracy, 1);
        struct quantiles *whole = sketch_of(x, 24000, accuracy, 1);
        struct quantiles *ab = quantiles_new(accuracy, 1);
        struct quantiles *ba = quantiles_new(accuracy, 1);
        quantiles_merge(ab, a);
        quantiles_merge(ab, b);
        quantiles_merge(ba, b);
        quantiles_merge(ba, a);
        assert_same(ab, ba);
        if (accuracy == 0)
            assert_same(ab, whole);
        quantiles_free(a);
        quantiles_free(b);
        quantiles_free(ab);
        quantiles_free(ba);
        quantiles_free(whole);
    }
    free(x);
}

static void quantiles__written_and_read(void **state)
{
    float *x = numbers(TIES, 90000, 7);

    (void)state;
    for (size_t n = 0; n <= 80000; n += 40000)
        for (double accuracy = 0; accuracy < .02; accuracy += .01) {
            struct quantiles *q = sketch_of(x, n, accuracy, 1);
            struct quantiles *back = quantiles_new(accuracy, 1);
            struct distribution d = quantiles_view(q);
            for (size_t h = 0; h < quantiles_levels(q); h++) {
                size_t many;
                const float *level = quantiles_level(q, h, &many);
                quantiles_restore(back, h, level, many);
            }
            quantiles_set_exact(back, &d.moments, d.low, d.high);
            assert_same(q, back);
            quantiles_add(q, x + n, 10000); /* and they go on alike */
            quantiles_add(back, x + n, 10000);
            assert_same(q, back);
            quantiles_free(q);
            quantiles_free(back);
        }
    free(x);
}

static void quantiles__odd_input(void **state)
{
    float few[] = {NAN, 2, NAN, -1e38f, 3e38f, -0.f}, same[5000];
    struct quantiles *q = quantiles_new(.1, 1), *empty = quantiles_new(.1, 1);
    struct distribution d = quantiles_view(q);

    (void)state;
    assert_int_equal(d.n, 0);
    assert_near(d.total, 0, 0);
    assert_true(isnan(d.low) && isnan(d.high));
    quantiles_merge(q, empty);
    quantiles_add(q, few, 0);
    assert_int_equal(quantiles_view(q).n, 0);
    quantiles_add(q, few, 6);
    d = quantiles_view(q);
    assert_int_equal(d.n, 4);
    assert_near(d.low, (double)few[3], 0);
    assert_near(d.high, (double)few[4], 0);
    assert_true(isfinite(d.moments.m2));
    quantiles_free(q);
    for (size_t i = 0; i < 5000; i++)
        same[i] = .1f;
    q = sketch_of(same, 5000, .1, 1);
    quantiles_merge(empty, q);
    d = quantiles_view(empty);
    assert_near(d.moments.mean, (double).1f, 0);
    assert_near(d.moments.m2, 0, 0);
    assert_near(d.total, 5000, 0);
    quantiles_free(q);
    quantiles_free(empty);
    quantiles_free(NULL);
}

/* Whatever the accuracy and the number of rows. */
static void kll__holds_its_accuracy(void **state)
{
    (void)state;
    assert_int_equal(kll_size(.001), 10773);
    for (double accuracy = 1e-4; accuracy < .11; accuracy *= sqrt(10)) {
        size_t size = kll_size(accuracy);
        for (size_t top = 1; top < 40; top++)
            for (double f = 1; f < 2.5; f *= 1.1) {
                double n = ldexp((double)size * f, (int)top - 1);
                assert_true(kll_rank_error(size, top, n) <= accuracy);
            }
    }
    assert_near(kll_rank_error(1000, 0, 900), 0, 0);
    assert_near(kll_rank_error(1000, 1, 1000), .001, 2e-4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles__all_orders),
        cmocka_unit_test(quantiles__no_bias),
        cmocka_unit_test(quantiles__few_are_exact),
        cmocka_unit_test(quantiles__same_bytes),
        cmocka_unit_test(quantiles__merged_in_any_order),
        cmocka_unit_test(quantiles__merging_commutes),
        cmocka_unit_test(quantiles__written_and_read),
        cmocka_unit_test(quantiles__odd_input),
        cmocka_unit_test(kll__holds_its_accuracy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
