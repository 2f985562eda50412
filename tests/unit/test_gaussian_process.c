#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "stats/descent.h"
#include "stats/expected_improvement.h"
#include "stats/gaussian_process.h"
#include "stats/yeo_johnson.h"

#define FIXTURE_VALUES "tests/data/search/gp_expected.txt"
#include "fixture.h"

enum { POINTS = 40, NEW = 6, D = 4 };

static const enum gp_kind kind[D] = {GP_NUMBER, GP_NUMBER, GP_OPTIONAL,
                                     GP_CHOICE};
static const struct gp_hyper fixed = {.mean = .4,
                                      .signal = 1.7,
                                      .noise = .03,
                                      .length = {.3, .8, .5, 1.3},
                                      .absence = {1, 1, .9, 1}};

struct points {
    double x[(POINTS + NEW) * D], y[POINTS + NEW];
};

static void read_points(struct points *p)
{
    FILE *file = fixture_open("tests/data/search/gp_points.csv");

    for (int i = 0; i < POINTS + NEW; i++) {
        double *x = p->x + i * D;
        assert_int_equal(fscanf(file, "%lf,%lf,%lf,%lf,%lf", x, x + 1, x + 2,
                                x + 3, &p->y[i]),
                         5);
    }
    fclose(file);
}

static struct gp_data data_of(const struct points *p)
{
    return (struct gp_data){kind, D, POINTS, p->x, p->y};
}

static struct gp *filled(const struct points *p)
{
    struct gp *gp = gp_new(kind, D, &fixed, POINTS);

    for (int i = 0; i < POINTS; i++)
        gp_add(gp, p->x + i * D, p->y[i]);
    return gp;
}

static double expected_at(const char *name, int i)
{
    char key[40];

    snprintf(key, sizeof key, "%s.%d", name, i);
    return expected(key);
}

/* scikit-learn's, of numbers, an optional one and a choice. */
static void gaussian_process__posterior(void **state)
{
    struct points p;
    struct gp *gp;
    double mean[POINTS];

    (void)state;
    read_points(&p);
    gp = filled(&p);
    for (int i = 0; i < NEW; i++) {
        struct gp_guess g = gp_predict(gp, p.x + (POINTS + i) * D);
        assert_near(g.mean, expected_at("mean", i), 1e-10);
        assert_near(g.variance, expected_at("variance", i), 1e-10);
    }
    gp_fitted(gp, mean);
    for (int i = 0; i < NEW; i++)
        assert_near(mean[i], expected_at("fitted", i), 1e-10);
    gp_free(gp);
}

static void gaussian_process__evidence(void **state)
{
    struct points p;
    struct gp_data data;

    (void)state;
    read_points(&p);
    data = data_of(&p);
    assert_near(gp_log_evidence(&data, &fixed, NULL), expected("log_evidence"),
                1e-10);
}

/* d ln evidence / d ln *value, by small steps. */
static double step_slope(const struct gp_data *data, struct gp_hyper *hyper,
                         double *value)
{
    const double kept = *value, step = 1e-5;
    double above, below;

    *value = kept * exp(step);
    above = gp_log_evidence(data, hyper, NULL);
    *value = kept * exp(-step);
    below = gp_log_evidence(data, hyper, NULL);
    *value = kept;
    return (above - below) / (2 * step);
}

static void gaussian_process__evidence_slope(void **state)
{
    struct points p;
    struct gp_data data;
    struct gp_hyper hyper = fixed, slope;

    (void)state;
    read_points(&p);
    data = data_of(&p);
    gp_log_evidence(&data, &hyper, &slope);
    assert_near(slope.mean * hyper.mean, step_slope(&data, &hyper, &hyper.mean),
                1e-6);
    assert_near(slope.signal, step_slope(&data, &hyper, &hyper.signal), 1e-6);
    assert_near(slope.noise, step_slope(&data, &hyper, &hyper.noise), 1e-6);
    for (int i = 0; i < D; i++) {
        assert_near(slope.length[i],
                    step_slope(&data, &hyper, &hyper.length[i]), 1e-6);
        assert_near(slope.absence[i],
                    step_slope(&data, &hyper, &hyper.absence[i]), 1e-6);
        assert_int_equal(slope.absence[i] != 0, kind[i] == GP_OPTIONAL);
    }
}

static void gaussian_process__posterior_slope(void **state)
{
    const double step = 1e-5;
    struct points p;
    struct gp *gp;
    double mean_slope[D], variance_slope[D];

    (void)state;
    read_points(&p);
    gp = filled(&p);
    for (int i = 0; i < NEW; i++) {
        double *x = p.x + (POINTS + i) * D;
        struct gp_guess g = gp_predict_slope(gp, x, mean_slope, variance_slope);
        assert_near(g.mean, expected_at("mean", i), 1e-10);
        for (int k = 0; k < D; k++) {
            struct gp_guess above = g, below = g;
            if (kind[k] != GP_CHOICE && !isnan(x[k])) {
                x[k] += step;
                above = gp_predict(gp, x);
                x[k] -= 2 * step;
                below = gp_predict(gp, x);
                x[k] += step;
            }
            assert_near(mean_slope[k], (above.mean - below.mean) / (2 * step),
                        1e-6);
            assert_near(variance_slope[k],
                        (above.variance - below.variance) / (2 * step), 1e-6);
        }
    }
    gp_free(gp);
}

/* The same as by scipy, from its starting points. */
static void gaussian_process__most_probable(void **state)
{
    struct points p;
    struct gp_data data;
    struct gp_hyper hyper;

    (void)state;
    read_points(&p);
    data = data_of(&p);
    gp_fit(&data, &hyper);
    assert_near(hyper.mean, expected("fit.mean"), .01);
    assert_near(log(hyper.signal), expected("fit.signal"), .01);
    assert_near(log(hyper.noise), expected("fit.noise"), .01);
    for (int i = 0; i < D; i++)
        assert_near(log(hyper.length[i]), expected_at("fit.length", i), .01);
    assert_near(log(hyper.absence[2]), expected("fit.absence.2"), .01);
}

/* Noise of this size is found in values drawn with it. */
static void gaussian_process__noise(void **state)
{
    enum { N = 120 };
    const double sd = .3;
    const enum gp_kind number = GP_NUMBER;
    double x[N], y[N];
    struct gp_hyper hyper;
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 1);
    for (int i = 0; i < N; i++) {
        x[i] = rng_uniform(&rng);
        y[i] = 1.4 * sin(6 * x[i]) + sd * rng_normal(&rng);
    }
    gp_fit(&(struct gp_data){&number, 1, N, x, y}, &hyper);
    assert_between(sqrt(hyper.noise), .8 * sd, 1.25 * sd);
}

/* No points, one, all alike, all at one place. */
static void gaussian_process__little(void **state)
{
    static const struct {
        size_t n;
        double x[4], y[4];
    } cases[] = {{0, {0}, {0}},
                 {1, {.5}, {0}},
                 {4, {.1, .2, .3, .4}, {0, 0, 0, 0}},
                 {4, {.3, .3, .3, .3}, {-1, 1, 0, .5}}};
    const enum gp_kind number = GP_NUMBER;
    const double at = .3;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gp_hyper hyper;
        struct gp *gp;
        struct gp_guess g;
        gp_fit(
            &(struct gp_data){&number, 1, cases[i].n, cases[i].x, cases[i].y},
            &hyper);
        gp = gp_new(&number, 1, &hyper, cases[i].n);
        for (size_t k = 0; k < cases[i].n; k++)
            gp_add(gp, &cases[i].x[k], cases[i].y[k]);
        g = gp_predict(gp, &at);
        assert_true(isfinite(g.mean) && fabs(g.mean) < 1);
        assert_true(g.variance > 0 && g.variance <= hyper.signal);
        assert_true(isfinite(hyper.length[0]) && hyper.noise > 0);
        gp_free(gp);
    }
}

/* Without points the fit is what the priors say. */
static void gaussian_process__prior(void **state)
{
    struct gp_data none = {kind, D, 0, NULL, NULL};
    struct gp_hyper hyper;

    (void)state;
    gp_fit(&none, &hyper);
    assert_near(hyper.mean, 0, 1e-9);
    assert_near(hyper.signal, 1, 1e-4);
    assert_near(log(hyper.length[0]), -.5, 1e-4);
    assert_near(log(hyper.length[3]), 0, 1e-4);
}

static double improvement(double mean, double deviation, double best,
                          double noise, double *by_mean, double *by_deviation)
{
    return log_expected_improvement(
        &(struct improvement_at){mean, deviation, best, noise}, by_mean,
        by_deviation);
}

/* Where the mean is that of the best so far. */
static double at_best(double deviation, double noise)
{
    double unused;

    return improvement(0, deviation, 0, noise, &unused, &unused);
}

static void expected_improvement__tails(void **state)
{
    static const double z[] = {3,     .5,    -.99, -1.01, -5,
                               -24.9, -25.1, -40,  -1000};
    char name[40];

    (void)state;
    for (size_t i = 0; i < sizeof z / sizeof *z; i++) {
        double by_mean, by_deviation;
        snprintf(name, sizeof name, "log_improvement.%g", z[i]);
        assert_near(
            improvement(1, 2, 1 + 2 * z[i], 0, &by_mean, &by_deviation) -
                log(2),
            expected(name), 1e-12);
    }
    assert_near(at_best(.3, 2), expected("log_news.0.3"), 1e-12);
    assert_near(at_best(1e-6, .5), expected("log_news.1e-06"), 1e-12);
    assert_near(at_best(2, 1e-4), expected("log_news.2"), 1e-12);
}

static void expected_improvement__slope(void **state)
{
    static const double mean[] = {-2, -.1, .9, 1.1, 8, 30, 200};
    const double step = 1e-6, sd = 1.1;

    (void)state;
    for (size_t i = 0; i < sizeof mean / sizeof *mean; i++)
        for (double noise = 0; noise < 2; noise += .7) {
            double m = mean[i], by_mean, by_deviation, unused, rise;
            improvement(m, sd, 0, noise, &by_mean, &by_deviation);
            rise = improvement(m + step, sd, 0, noise, &unused, &unused) -
                   improvement(m - step, sd, 0, noise, &unused, &unused);
            assert_near(rise / (2 * step) / by_mean, 1, 1e-6);
            rise = improvement(m, sd + step, 0, noise, &unused, &unused) -
                   improvement(m, sd - step, 0, noise, &unused, &unused);
            assert_near(rise / (2 * step) / by_deviation, 1, 1e-6);
        }
}

static void yeo_johnson__scipy(void **state)
{
    static const double value[] = {.1, .4, .3,  .2,  .9, 1.4,
                                   5,  30, .25, .35, .6, 2};
    struct yeo_johnson t = yeo_johnson_fit(value, sizeof value / sizeof *value);

    (void)state;
    assert_near(t.power, expected("bend.power"), 1e-12);
    assert_near(yeo_johnson_at(&t, .1), expected("bend.0"), 1e-10);
    assert_near(yeo_johnson_at(&t, .3), expected("bend.2"), 1e-10);
    assert_near(yeo_johnson_at(&t, 30), expected("bend.7"), 1e-10);
}

static void yeo_johnson__odd(void **state)
{
    static const double same[] = {3, 3, 3}, huge[] = {1, 2, 3, 1e300},
                        most[] = {1, 1, 1, 1, 9};
    struct yeo_johnson t;

    (void)state;
    t = yeo_johnson_fit(NULL, 0);
    assert_near(yeo_johnson_at(&t, 2.5), 2.5, 1e-12);
    t = yeo_johnson_fit(same, 1);
    assert_near(yeo_johnson_at(&t, 3), 0, 1e-12);
    t = yeo_johnson_fit(same, 3);
    assert_near(yeo_johnson_at(&t, 3), 0, 1e-12);
    t = yeo_johnson_fit(huge, 4);
    assert_true(isfinite(yeo_johnson_at(&t, 1e300)));
    assert_true(yeo_johnson_at(&t, 1) < yeo_johnson_at(&t, 3));
    t = yeo_johnson_fit(most, 5);
    assert_true(yeo_johnson_at(&t, 9) > yeo_johnson_at(&t, 1));
}

/* Rosenbrock's valley. */
static double valley(const double *x, double *gradient, void *context)
{
    double bend = x[1] - x[0] * x[0];

    ++*(int *)context;
    gradient[0] = -400 * x[0] * bend - 2 * (1 - x[0]);
    gradient[1] = 200 * bend;
    return 100 * bend * bend + (1 - x[0]) * (1 - x[0]);
}

static void descent__valley(void **state)
{
    double x[2] = {-1.2, 1};
    int looks = 0;
    double value = descend(&(struct descent){valley, &looks, 2, .1, 100}, x);

    (void)state;
    assert_near(x[0], 1, 1e-5);
    assert_near(x[1], 1, 1e-5);
    assert_between(value, 0, 1e-10);
    assert_between(looks, 10, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gaussian_process__posterior),
        cmocka_unit_test(gaussian_process__evidence),
        cmocka_unit_test(gaussian_process__evidence_slope),
        cmocka_unit_test(gaussian_process__posterior_slope),
        cmocka_unit_test(gaussian_process__most_probable),
        cmocka_unit_test(gaussian_process__noise),
        cmocka_unit_test(gaussian_process__little),
        cmocka_unit_test(gaussian_process__prior),
        cmocka_unit_test(expected_improvement__tails),
        cmocka_unit_test(expected_improvement__slope),
        cmocka_unit_test(yeo_johnson__scipy),
        cmocka_unit_test(yeo_johnson__odd),
        cmocka_unit_test(descent__valley),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
