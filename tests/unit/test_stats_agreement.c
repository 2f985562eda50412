#include "stats/agreement.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define TEST_DATA "tests/data"
#define FIXTURE_VALUES TEST_DATA "/course/trends.txt"
#include "base/rng.h"
#include "fixture.h"

enum { ROWS = 400, FEW = 60 };

/* Classes at random, and predictions of which `right` are so. */
static void draw(uint32_t *label, uint32_t *pred, size_t classes, double right,
                 uint64_t seed)
{
    struct rng rng;

    rng_init(&rng, seed, 79);
    for (size_t i = 0; i < ROWS; i++) {
        label[i] = (uint32_t)rng_below(&rng, classes);
        pred[i] = rng_uniform(&rng) < right
                      ? label[i]
                      : (uint32_t)rng_below(&rng, classes);
    }
}

static void agreement__reference(void **state)
{
    uint32_t label[FEW], pred[FEW];
    struct agreement a;

    (void)state;
    for (uint32_t i = 0; i < FEW; i++) {
        label[i] = i * i % 7 % 3;
        pred[i] = (i * i % 7 + (i % 4 == 0)) % 3;
    }
    a = agreement_of(label, pred, FEW, 3);
    assert_near(a.right, expected("agreement.right"), 1e-12);
    assert_near(a.expected, expected("agreement.expected"), 1e-9);
    assert_near(a.sd, expected("agreement.drawn_sd"), .02);
    assert_near(a.z, (a.right - a.expected) / a.sd, 1e-12);
}

static void agreement__one_class(void **state)
{
    const uint32_t label[] = {0, 1, 1, 2}, pred[] = {1, 1, 1, 1};

    (void)state;
    assert_true(isnan(agreement_of(label, pred, 4, 3).z));
    assert_near(agreement_of(label, pred, 4, 3).largest, 2, 0);
}

static void binomial__reference(void **state)
{
    (void)state;
    assert_near(binomial_at_least(12, 40, .2),
                expected("agreement.binomial_least"), 1e-12);
    assert_near(binomial_at_most(3, 40, .2),
                expected("agreement.binomial_most"), 1e-12);
    assert_near(binomial_at_least(0, 0, .5), 1, 0);
    assert_near(binomial_at_most(0, 0, .5), 1, 0);
}

static void assign__reference(void **state)
{
    double gain[36], sum = 0;
    size_t to[6], seen = 0;

    (void)state;
    for (size_t i = 0; i < 6; i++)
        for (size_t j = 0; j < 6; j++)
            gain[6 * i + j] =
                (double)((7 * i * i + 5 * j * j + 3 * i * j) % 17);
    best_assignment(gain, 6, to);
    for (size_t i = 0; i < 6; i++) {
        sum += gain[6 * i + to[i]];
        seen |= (size_t)1 << to[i];
    }
    assert_near(sum, expected("agreement.assigned"), 1e-12);
    assert_int_equal(seen, 63);
}

static void pred_order__offsets_and_reverse(void **state)
{
    uint32_t label[ROWS], pred[ROWS], moved[ROWS];
    struct pred_order o;

    (void)state;
    draw(label, pred, 4, .8, 1);
    assert_false(pred_order_find(label, pred, ROWS, 4).found);
    memcpy(moved + 7, pred, (ROWS - 7) * sizeof(*pred));
    memcpy(moved, pred, 7 * sizeof(*pred));
    o = pred_order_find(label, moved, ROWS, 4);
    assert_true(o.found && !o.reversed);
    assert_int_equal(o.offset, 7);
    assert_between(o.best, .8, .9);
    o = pred_order_find(moved, pred, ROWS, 4);
    assert_false(o.found && o.offset == 7);
    for (size_t i = 0; i < ROWS; i++)
        moved[i] = pred[ROWS - 1 - i];
    o = pred_order_find(label, moved, ROWS, 4);
    assert_true(o.found && o.reversed);
    assert_false(pred_order_find(label, moved, ORDER_LEAST - 1, 4).found);
}

static void pred_names__permuted(void **state)
{
    uint32_t label[ROWS], pred[ROWS];
    struct pred_names names;
    size_t to[5];

    (void)state;
    draw(label, pred, 5, .8, 2);
    assert_false(pred_names_find(label, pred, ROWS, 5, to).found);
    for (size_t i = 0; i < ROWS; i++)
        pred[i] = (pred[i] + 1) % 5;
    names = pred_names_find(label, pred, ROWS, 5, to);
    assert_true(names.found);
    for (size_t k = 0; k < 5; k++)
        assert_int_equal(to[k], (k + 4) % 5);
    assert_between(names.best, .78, .92);
    assert_true(names.share < .1);
}

/* All of one class called as a rare one: no other names. */
static void pred_names__a_class_never_predicted(void **state)
{
    uint32_t label[ROWS], pred[ROWS];
    size_t to[3];

    (void)state;
    for (uint32_t i = 0; i < ROWS; i++) {
        label[i] = i % 19 == 0 ? 2 : i % 3 == 0;
        pred[i] = label[i] == 0 ? 2 : label[i];
    }
    assert_false(pred_names_find(label, pred, ROWS, 3, to).found);
}

/* Predictions that know nothing have no order and no names. */
static void found__by_chance(void **state)
{
    uint32_t label[ROWS], pred[ROWS];
    size_t order = 0, names = 0, to[10];

    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        size_t classes = 2 + seed % 9;
        draw(label, pred, classes, 0, seed);
        order += pred_order_find(label, pred, ROWS, classes).found;
        names += pred_names_find(label, pred, ROWS, classes, to).found;
    }
    assert_int_equal(order, 0);
    assert_int_equal(names, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agreement__reference),
        cmocka_unit_test(agreement__one_class),
        cmocka_unit_test(binomial__reference),
        cmocka_unit_test(assign__reference),
        cmocka_unit_test(pred_order__offsets_and_reverse),
        cmocka_unit_test(pred_names__permuted),
        cmocka_unit_test(pred_names__a_class_never_predicted),
        cmocka_unit_test(found__by_chance),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
