#include "stats/seriation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"

enum { N = 24 };

static void assert_permutation(const size_t *order, size_t n)
{
    unsigned char seen[512] = {0};

    for (size_t i = 0; i < n; i++) {
        assert_true(order[i] < n && !seen[order[i]]);
        seen[order[i]] = 1;
    }
}

/* Confusions of neighbours on a line whose places are shuffled. */
static void seriation_order__finds_the_line(void **state)
{
    size_t name[N], order[N];
    double weight[N * N] = {0};
    struct rng rng;

    (void)state;
    rng_init(&rng, 3, 1);
    for (size_t i = 0; i < N; i++)
        name[i] = i;
    rng_shuffle(&rng, name, N);
    for (size_t i = 0; i + 1 < N; i++) /* one direction is enough */
        weight[name[i] * N + name[i + 1]] = 1 + (double)(i % 3);
    seriation_order(weight, N, order);
    if (order[0] != name[0]) /* the smaller number stands first */
        for (size_t i = 0; i < N; i++)
            assert_int_equal(order[i], name[N - 1 - i]);
    else
        assert_memory_equal(order, name, sizeof(name));
    assert_true(order[0] < order[N - 1]);
}

/* Groups that nothing connects stand together. */
static void seriation_order__groups(void **state)
{
    double weight[N * N] = {0};
    size_t order[N];

    (void)state;
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++)
            weight[i * N + j] = i % 4 == j % 4 ? 5 : 0;
    seriation_order(weight, N, order);
    assert_permutation(order, N);
    for (size_t i = 0; i < N; i++)
        assert_int_equal(order[i] % 4, order[i / 6 * 6] % 4);
}

static void draw_weights(struct rng *rng, double *weight, size_t n)
{
    for (size_t i = 0; i < n * n; i++)
        weight[i] = rng_below(rng, 3) ? 0 : (double)rng_below(rng, 20);
}

static void assert_not_better(const double *weight, size_t n,
                              const size_t *order, size_t from, size_t to)
{
    size_t other[N], k = 0;

    for (size_t i = 0; i < n; i++) {
        if (i == to)
            other[i] = order[from];
        else
            other[i] = order[k == from ? ++k : k], k++;
    }
    assert_permutation(other, n);
    assert_true(seriation_cost(weight, n, other) >=
                seriation_cost(weight, n, order) - 1e-6);
}

/* No single move makes it better, and the given order is not better. */
static void seriation_order__no_move_is_better(void **state)
{
    double weight[N * N];
    size_t order[N], given[N];
    struct rng rng;

    (void)state;
    rng_init(&rng, 5, 1);
    for (size_t n = 3; n <= N; n += 3) {
        draw_weights(&rng, weight, n);
        seriation_order(weight, n, order);
        assert_permutation(order, n);
        for (size_t i = 0; i < n; i++)
            given[i] = i;
        assert_true(seriation_cost(weight, n, order) <=
                    seriation_cost(weight, n, given));
        for (size_t i = 0; i < n * n; i++)
            assert_not_better(weight, n, order, i / n, i % n);
    }
}

/* The best of all orders of six: found, or nearly so. */
static double best_cost(const double *weight, size_t *order, size_t n, size_t k)
{
    double best;

    if (k == n)
        return seriation_cost(weight, n, order);
    best = 1e300;
    for (size_t i = k; i < n; i++) {
        size_t kept = order[k];
        double cost;
        order[k] = order[i], order[i] = kept;
        cost = best_cost(weight, order, n, k + 1);
        best = cost < best ? cost : best;
        order[i] = order[k], order[k] = kept;
    }
    return best;
}

static void seriation_order__near_the_best(void **state)
{
    double weight[36], got = 0, best = 0;
    struct rng rng;

    (void)state;
    rng_init(&rng, 7, 1);
    for (int run = 0; run < 40; run++) {
        size_t order[6], all[6] = {0, 1, 2, 3, 4, 5};
        draw_weights(&rng, weight, 6);
        seriation_order(weight, 6, order);
        got += seriation_cost(weight, 6, order);
        best += best_cost(weight, all, 6, 0);
    }
    assert_true(got >= best - 1e-6 && got <= 1.03 * best);
}

static void seriation_order__nothing_to_order(void **state)
{
    static double none[301 * 301];
    static size_t order[301];
    static const size_t sizes[] = {0, 1, 2, 3, 10, 301};

    (void)state;
    none[1] = 1; /* of more than can be ordered */
    for (size_t i = 0; i < 6; i++) {
        size_t n = sizes[i];
        seriation_order(i == 5 ? none : none + 2, n, order);
        for (size_t k = 0; k < n; k++)
            assert_int_equal(order[k], k);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seriation_order__finds_the_line),
        cmocka_unit_test(seriation_order__groups),
        cmocka_unit_test(seriation_order__no_move_is_better),
        cmocka_unit_test(seriation_order__near_the_best),
        cmocka_unit_test(seriation_order__nothing_to_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
