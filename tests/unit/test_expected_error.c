#include "stats/expected_error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define FIXTURE_VALUES TEST_DATA "/shift/labels.txt"
#include "fixture.h"
#include "labelled_side.h"

#include "base/rng.h"

enum { CLASSES = CASE_CLASSES, MOST = 400 };

static void expected_by_confidence__as_scipy(void **state)
{
    struct side sides[2];
    char key[40];

    (void)state;
    for (int number = 0; number < 2; number++) {
        struct class_probs reference, current;
        struct expected_error e, again, other;
        read_case(number, sides);
        reference = probs_of(&sides[0]);
        current = probs_of(&sides[1]);
        current.label = NULL;
        e = expected_by_confidence(&reference, &current, CLASSES, 1);
        snprintf(key, sizeof(key), "%d.expected", number);
        assert_near(e.current.value, expected(key), 1e-5);
        snprintf(key, sizeof(key), "%d.wrong", number);
        assert_near(e.reference.value, expected(key), 1e-12);
        assert_near(e.change, e.current.value - e.reference.value, 1e-12);
        assert_true(e.current.ci.low < e.current.value &&
                    e.current.value < e.current.ci.high);
        assert_true(e.change_ci.low < e.change && e.change < e.change_ci.high);
        assert_near(e.effective, 200, 0);
        again = expected_by_confidence(&reference, &current, CLASSES, 1);
        other = expected_by_confidence(&reference, &current, CLASSES, 2);
        assert_memory_equal(&e.current.ci, &again.current.ci,
                            sizeof(e.change_ci));
        assert_true(e.current.ci.low != other.current.ci.low);
        side_release(&sides[0]);
        side_release(&sides[1]);
    }
}

/* Rows of one number x: P(1 | x) = 1 / (1 + exp(-3 x)), told `sure` times as
 * sure; returns the mean chance of being wrong. */
static double add_rows(struct rng *rng, struct side *side, size_t n,
                       double shift, double sure)
{
    double wrong = 0;

    for (side->n = 0; side->n < n; side->n++) {
        double z = 3 * (rng_normal(rng) + shift), one = 1 / (1 + exp(-z));
        float told = (float)(1 / (1 + exp(-sure * z)));
        side->p[side->n * 2] = 1 - told;
        side->p[side->n * 2 + 1] = told;
        side->label[side->n] = rng_uniform(rng) < one;
        wrong += fmin(one, 1 - one) / (double)n;
    }
    return wrong;
}

/* Of 60 pairs of samples with other x: the interval holds the rate of error,
 * by numeric integration over a fine grid of x. */
static void expected_by_confidence__coverage(void **state)
{
    enum { PAIRS = 60 };
    struct side reference = side_new(MOST, 2), current = side_new(MOST, 2);
    double truth = 0, mass = 0;
    struct rng rng;
    int held = 0, changed = 0;

    (void)state;
    for (double x = -6; x < 8; x += .001) {
        double weight = exp(-(x - 1) * (x - 1) / 2);
        truth += weight / (1 + exp(3 * fabs(x)));
        mass += weight;
    }
    truth /= mass;
    rng_init(&rng, 23, RNG_SYNTH);
    for (int r = 0; r < PAIRS; r++) {
        struct class_probs a, b;
        struct expected_error e;
        add_rows(&rng, &reference, 200, 0, 2);
        add_rows(&rng, &current, 200, 1, 2);
        a = probs_of(&reference);
        b = probs_of(&current);
        e = expected_by_confidence(&a, &b, 2, (uint64_t)r);
        held += e.current.ci.low <= truth && truth <= e.current.ci.high;
        changed += e.change_ci.high < 0;
    }
    assert_between(held, .87 * PAIRS, PAIRS);
    assert_between(changed, .1 * PAIRS, PAIRS);
    side_release(&reference);
    side_release(&current);
}

/* No reference row is wrong: the interval says so, and is no point. */
static void expected_by_confidence__all_right(void **state)
{
    struct side sides[2] = {side_new(MOST, 2), side_new(MOST, 2)};
    struct class_probs a, b;
    struct expected_error e;

    (void)state;
    for (int i = 0; i < 30; i++)
        for (int s = 0; s < 2; s++) {
            uint32_t label = (uint32_t)i % 2;
            sides[s].p[i * 2 + (int)label] = .98f;
            sides[s].p[i * 2 + 1 - (int)label] = .02f;
            sides[s].label[i] = label;
            sides[s].n = (size_t)i + 1;
        }
    a = probs_of(&sides[0]);
    b = probs_of(&sides[1]);
    e = expected_by_confidence(&a, &b, 2, 1);
    assert_near(e.current.value, .02, 1e-6);
    assert_near(e.current.ci.low, 0, 0);
    assert_between(e.current.ci.high, wilson(0, 30).high, .15);
    side_release(&sides[0]);
    side_release(&sides[1]);
}

static void expected_by_confidence__nothing(void **state)
{
    struct side some = side_new(1, 2);
    struct class_probs a, b = {NULL, NULL, 0}, unlabelled;
    struct expected_error e;

    (void)state;
    some.n = 1;
    some.p[0] = .7f;
    some.p[1] = .3f;
    a = probs_of(&some);
    unlabelled = (struct class_probs){some.p, NULL, 1};
    assert_true(isnan(expected_by_confidence(&a, &b, 2, 1).current.value));
    assert_true(isnan(expected_by_confidence(&b, &a, 2, 1).change_ci.low));
    assert_true(
        isnan(expected_by_confidence(&unlabelled, &a, 2, 1).current.value));
    e = expected_by_confidence(&a, &unlabelled, 2, 1); /* one row each */
    assert_near(e.current.value, .3, 1e-6);
    assert_true(e.current.ci.high > .3);
    side_release(&some);
}

/* ---- by weights ---- */

static void expected_by_weights__by_hand(void **state)
{
    const float wrong[] = {1, 0, 0, 1, NAN, 0}, weight[] = {1, 1, 2, 3, 9, 1};
    const float same[] = {1, 1, 1, 1, 1, 1};
    struct expected_error e = expected_by_weights(wrong, weight, 6);

    (void)state;
    assert_near(e.reference.value, .4, 1e-12);
    assert_near(e.current.value, .5, 1e-12);
    assert_near(e.effective, 64. / 16, 1e-12);
    assert_near(e.current.variance, (1 + 1 + 4 + 9 + 1) * .25 / 64, 1e-12);
    assert_near(e.current.ci.low, wilson(2, 4).low, 1e-12);
    assert_near(e.change, .1, 1e-12);
    e = expected_by_weights(wrong, same, 6); /* nothing has changed */
    assert_near(e.change, 0, 1e-12);
    assert_true(e.change_ci.low <= 0 && 0 <= e.change_ci.high);
    assert_true(e.change_ci.high < .3 * newcombe(2, 5, 2, 5).high);
    assert_near(e.current.ci.high, e.reference.ci.high, 1e-12);
}

static void expected_by_weights__nothing(void **state)
{
    const float unknown[] = {NAN, NAN}, zero[] = {0, 0}, one[] = {1, 1};
    struct expected_error e;

    (void)state;
    assert_true(isnan(expected_by_weights(NULL, NULL, 0).current.value));
    assert_true(isnan(expected_by_weights(unknown, one, 2).current.value));
    assert_true(isnan(expected_by_weights(one, zero, 2).change_ci.low));
    e = expected_by_weights(zero, one, 2); /* none wrong: Wilson's */
    assert_near(e.current.ci.high, wilson(0, 2).high, 1e-12);
}

static void expected_realised__newcombe(void **state)
{
    struct expected_error e = expected_realised(10, 100, 30, 120);

    (void)state;
    assert_near(e.change, .15, 1e-12);
    assert_near(e.change_ci.low, newcombe(30, 120, 10, 100).low, 1e-12);
    assert_near(e.current.ci.high, wilson(30, 120).high, 1e-12);
    assert_true(isnan(expected_realised(0, 0, 1, 2).change));
    assert_true(isnan(expected_realised(1, 2, 0, 0).current.value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expected_by_confidence__as_scipy),
        cmocka_unit_test(expected_by_confidence__coverage),
        cmocka_unit_test(expected_by_confidence__all_right),
        cmocka_unit_test(expected_by_confidence__nothing),
        cmocka_unit_test(expected_by_weights__by_hand),
        cmocka_unit_test(expected_by_weights__nothing),
        cmocka_unit_test(expected_realised__newcombe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
