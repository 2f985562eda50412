/*
 * Losses against their definitions, and their gradients against central
 * differences, in double precision: relative error at most 1e-6.
 */
#include "nn/loss.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"

#ifndef NN_DOUBLE
#error "needs the double-precision build of lib/nn"
#endif

enum { MOST = 10 };

static const enum loss_kind KINDS[] = {LOSS_CROSS_ENTROPY, LOSS_FOCAL,
                                       LOSS_SQUARED};
static const double STEP = 1e-5, LIMIT = 1e-6;

/* Below 1e-4 a central difference has too few digits: absolute, 1e-10. */
static double relative(double a, double b)
{
    return fabs(a - b) / fmax(fmax(fabs(a), fabs(b)), 1e-4);
}

static void assert_close(double got, double want, const char *what)
{
    if (!(relative(got, want) <= LIMIT))
        fail_msg("%s: %.12g, expected %.12g", what, got, want);
}

/* The header's formulas as they stand there, for logits that are not large. */
static double defined(const struct hyper *h, const double *z, size_t classes,
                      size_t label)
{
    double all = 0, loss = 0, smooth = h->label_smoothing;

    for (size_t k = 0; k < classes; k++)
        all += exp(z[k]);
    for (size_t k = 0; k < classes; k++) {
        double p = exp(z[k]) / all;
        double t = (1 - smooth) * (k == label) + smooth / (double)classes;
        if (h->loss == LOSS_CROSS_ENTROPY)
            loss -= t * log(p);
        else if (h->loss == LOSS_FOCAL)
            loss -= t * pow(1 - p, h->focal_gamma) * log(p);
        else
            loss += (p - t) * (p - t);
    }
    return loss;
}

/* The gradient of `scale` x loss, on top of what dz held. */
static void check_gradient(const struct hyper *h, double *z, size_t classes,
                           size_t label, double scale)
{
    double dz[MOST], scratch[MOST];

    for (size_t k = 0; k < classes; k++)
        dz[k] = (double)k;
    loss_add_gradient(h, dz, z, classes, label, scale, scratch);
    for (size_t k = 0; k < classes; k++) {
        double kept = z[k], above, below;
        z[k] = kept + STEP;
        above = loss_value(h, z, classes, label);
        z[k] = kept - STEP;
        below = loss_value(h, z, classes, label);
        z[k] = kept;
        assert_close(dz[k] - (double)k, scale * (above - below) / (2 * STEP),
                     "gradient");
    }
}

/* Every loss with every smoothing and gamma. */
static void for_all(void (*check)(const struct hyper *h, size_t classes))
{
    static const size_t classes[] = {2, 3, 10};
    static const double smoothing[] = {0, .1, .99}, gamma[] = {0, .5, 1, 2, 10};

    for (size_t k = 0; k < 3; k++)
        for (size_t c = 0; c < 3; c++)
            for (size_t s = 0; s < 3; s++)
                for (size_t g = 0; g < (KINDS[k] == LOSS_FOCAL ? 5 : 1); g++) {
                    struct hyper h = {.loss = (int)KINDS[k],
                                      .label_smoothing = smoothing[s],
                                      .focal_gamma = gamma[g]};
                    check(&h, classes[c]);
                }
}

static void check_usual(const struct hyper *h, size_t classes)
{
    double z[MOST];
    struct rng rng;

    rng_init(&rng, 1, 1);
    for (int spread = 1; spread <= 4; spread++)
        for (size_t label = 0; label < classes; label++) {
            for (size_t k = 0; k < classes; k++)
                z[k] = spread * rng_normal(&rng);
            assert_close(loss_value(h, z, classes, label),
                         defined(h, z, classes, label), "value");
            check_gradient(h, z, classes, label, .25);
        }
}

static void loss__values_and_gradients(void **state)
{
    (void)state;
    for_all(check_usual);
}

/* One class has everything; the others are equal or not. */
static void check_extreme(const struct hyper *h, size_t classes)
{
    for (size_t top = 0; top < classes; top++)
        for (size_t label = 0; label < classes; label++)
            for (int spread = 0; spread < 2; spread++) {
                double z[MOST];
                for (size_t k = 0; k < classes; k++)
                    z[k] = k == top ? 1000 : -1000 - spread * (double)k;
                assert_true(isfinite(loss_value(h, z, classes, label)));
                check_gradient(h, z, classes, label, 1);
            }
}

static void loss__extreme_logits(void **state)
{
    (void)state;
    for_all(check_extreme);
}

/* What stands in the limit of a sure prediction, right and wrong. */
static void loss__sure_predictions(void **state)
{
    struct hyper h = {.loss = LOSS_CROSS_ENTROPY, .focal_gamma = 2};
    double z[2] = {1000, -1000}, dz[2] = {0, 0}, scratch[2];

    (void)state;
    assert_true(loss_value(&h, z, 2, 0) == 0);
    assert_true(loss_value(&h, z, 2, 1) == 2000);
    h.label_smoothing = .1;
    assert_close(loss_value(&h, z, 2, 0), .05 * 2000, "smoothed");
    h.label_smoothing = 0;
    h.loss = LOSS_FOCAL;
    assert_true(loss_value(&h, z, 2, 0) == 0);
    assert_true(loss_value(&h, z, 2, 1) == 2000);
    loss_add_gradient(&h, dz, z, 2, 1, 1, scratch);
    assert_true(dz[0] == 1 && dz[1] == -1);
    h.loss = LOSS_SQUARED;
    assert_true(loss_value(&h, z, 2, 0) == 0);
    assert_true(loss_value(&h, z, 2, 1) == 2);
}

/* Right but for 1e-14: the loss is that, and not rounded away. */
static void loss__nearly_sure_predictions(void **state)
{
    struct hyper h = {.loss = LOSS_FOCAL, .focal_gamma = .5};
    double z[2] = {0, -32}, q = exp(-32);

    (void)state;
    assert_true(fabs(loss_value(&h, z, 2, 0) / (sqrt(q) * q) - 1) < 1e-12);
}

/* focal without gamma, and nothing else, is cross-entropy. */
static void loss__focal_of_gamma_zero(void **state)
{
    struct hyper focal = {.loss = LOSS_FOCAL, .label_smoothing = .2},
                 plain = {.loss = LOSS_CROSS_ENTROPY, .label_smoothing = .2};
    double z[3] = {.5, -1, 2}, a[3] = {0}, b[3] = {0}, scratch[3];

    (void)state;
    for (size_t label = 0; label < 3; label++) {
        assert_close(loss_value(&focal, z, 3, label),
                     loss_value(&plain, z, 3, label), "focal");
        loss_add_gradient(&focal, a, z, 3, label, 1, scratch);
        loss_add_gradient(&plain, b, z, 3, label, 1, scratch);
    }
    for (size_t k = 0; k < 3; k++)
        assert_close(a[k], b[k], "gradient of focal");
    focal.focal_gamma = 2;
    assert_true(loss_value(&focal, z, 3, 1) < loss_value(&plain, z, 3, 1));
}

static void loss__not_a_number(void **state)
{
    double z[2] = {NAN, 0};

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        struct hyper h = {.loss = (int)KINDS[k], .focal_gamma = 2};
        assert_true(isnan(loss_value(&h, z, 2, 0)));
    }
}

static void softmax__large_logits(void **state)
{
    double z[3] = {1e4, -1e4, 0}, p[3];

    (void)state;
    softmax(p, z, 3);
    assert_true(p[0] == 1 && p[1] == 0 && p[2] == 0);
    softmax(z, z, 3);
    assert_true(z[0] == 1 && z[1] == 0);
}

static void cross_entropy__large_logits(void **state)
{
    double z[3] = {1e4, -1e4, 0};

    (void)state;
    assert_true(cross_entropy(z, 3, 0) == 0);
    assert_false(signbit(cross_entropy(z, 3, 0)));
    assert_true(cross_entropy(z, 3, 1) == 2e4);
    assert_true(fabs(cross_entropy((double[]){0, 0}, 2, 1) - log(2)) < 1e-15);
}

static void largest__first_among_equals(void **state)
{
    (void)state;
    assert_int_equal(largest((double[]){1, 3, 3}, 3), 1);
    assert_int_equal(largest((double[]){-1}, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loss__values_and_gradients),
        cmocka_unit_test(loss__extreme_logits),
        cmocka_unit_test(loss__sure_predictions),
        cmocka_unit_test(loss__nearly_sure_predictions),
        cmocka_unit_test(loss__focal_of_gamma_zero),
        cmocka_unit_test(loss__not_a_number),
        cmocka_unit_test(softmax__large_logits),
        cmocka_unit_test(cross_entropy__large_logits),
        cmocka_unit_test(largest__first_among_equals),
    };

    return cmocka_run_group_tests_name("nn_loss", tests, NULL, NULL);
}
