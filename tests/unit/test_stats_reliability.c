/* Bins of equal mass, the parts of the Brier score, over- and underconfidence,
 * temperature: against scikit-learn, numpy and scipy, and by simulation. */
#include "stats/reliability.h"
#include "stats/temperature.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fixture.h"

#include "base/parallel.h"
#include "base/rng.h"

enum { ROWS = 600, CLASSES = 4, BINS = 15 };

/* What tests/data/calibration/make.py wrote. */
struct data {
    float p[ROWS * CLASSES];
    uint32_t label[ROWS];
    double prob[ROWS]; /* negative where wrong */
};

static void read_data(struct data *d)
{
    FILE *file = fixture_open(TEST_DATA "/calibration/probabilities.csv");
    size_t n = 0;
    int last;

    assert_int_equal(fscanf(file, "%*s"), 0);
    while (n < ROWS && fscanf(file, "%*d,c%u", &d->label[n]) == 1) {
        size_t top = 0;
        for (size_t k = 0; k < CLASSES; k++) {
            assert_int_equal(fscanf(file, ",%f", &d->p[n * CLASSES + k]), 1);
            if (d->p[n * CLASSES + k] > d->p[n * CLASSES + top])
                top = k;
        }
        d->prob[n] = (double)d->p[n * CLASSES + top];
        d->prob[n] *= top == d->label[n] ? 1 : -1;
        n++;
    }
    last = fgetc(file);
    fclose(file);
    assert_true(last == '\n' && n == ROWS);
}

static double calibration_expected(const char *name)
{
    FILE *file = fixture_open(TEST_DATA "/calibration/calibration.txt");
    char key[100];
    double value, found = NAN;

    while (isnan(found) && fscanf(file, "%99s %lf", key, &value) == 2)
        if (strcmp(key, name) == 0)
            found = value;
    fclose(file);
    if (isnan(found))
        fail_msg("no value '%s'", name);
    return found;
}

static double of_bin(const char *kind, size_t bin, const char *what)
{
    char name[100];

    snprintf(name, sizeof(name), "%s.%zu.%s", kind, bin + 1, what);
    return calibration_expected(name);
}

static double part_of(const char *kind, const char *what)
{
    char name[100];

    snprintf(name, sizeof(name), "%s.%s", kind, what);
    return calibration_expected(name);
}

static void assert_bins(const char *kind, const struct calibration_bin *bin,
                        size_t bins)
{
    struct brier_parts parts = reliability_brier(bin, bins);

    for (size_t b = 0; b < bins; b++) {
        if (!(bin[b].n > 0))
            continue;
        assert_near(bin[b].n, of_bin(kind, b, "n"), 0);
        assert_near(bin[b].prob / bin[b].n, of_bin(kind, b, "confidence"),
                    1e-12);
        assert_near(bin[b].correct / bin[b].n, of_bin(kind, b, "accuracy"),
                    1e-12);
    }
    assert_near(calibration_bins_ece(bin, bins), part_of(kind, "ece"), 1e-12);
    assert_near(parts.brier, part_of(kind, "brier"), 1e-12);
    assert_near(parts.reliability, part_of(kind, "reliability"), 1e-12);
    assert_near(parts.resolution, part_of(kind, "resolution"), 1e-12);
    assert_near(parts.uncertainty, part_of(kind, "uncertainty"), 1e-12);
    assert_near(parts.within_variance, part_of(kind, "within_variance"), 1e-12);
    assert_near(parts.within_covariance, part_of(kind, "within_covariance"),
                1e-12);
    assert_near(parts.reliability - parts.resolution + parts.uncertainty +
                    parts.within_variance - parts.within_covariance,
                parts.brier, 1e-14);
}

static void reliability_brier__equal_width(void **state)
{
    struct calibration_bin bin[BINS] = {{0}};
    static struct data d;

    (void)state;
    read_data(&d);
    for (size_t i = 0; i < ROWS; i++) {
        double p = fabs(d.prob[i]);
        calibration_bin_add(&bin[calibration_bin_of(p, BINS)], p,
                            d.prob[i] > 0);
    }
    assert_bins("width", bin, BINS);
}

static void calibration_equal_mass__as_numpy(void **state)
{
    struct calibration_bin bin[10];
    double low[10], high[10];
    static struct data d;

    (void)state;
    read_data(&d);
    assert_int_equal(calibration_equal_mass(d.prob, ROWS, 10, bin, low, high),
                     10);
    assert_bins("mass", bin, 10);
    for (size_t b = 0; b < 10; b++) {
        assert_true(low[b] < high[b]);
        assert_true(b == 0 || high[b - 1] < low[b]);
    }
}

/* Rows of one probability are in one bin, and all rows are in some. */
static void calibration_equal_mass__ties(void **state)
{
    double prob[] = {.9, -.5, .5, .9, -.9, .9, .5, 1, 1, -0.0};
    struct calibration_bin bin[10];
    double low[10], high[10];

    (void)state;
    assert_int_equal(calibration_equal_mass(prob, 10, 5, bin, low, high), 3);
    assert_near(bin[0].n, 4, 0); /* 0 and .5: the second of two is a .5 */
    assert_near(low[0], 0, 0);
    assert_near(high[0], .5, 0);
    assert_near(bin[0].correct, 2, 0);
    assert_near(bin[1].n, 4, 0);
    assert_near(low[1], .9, 0);
    assert_near(high[1], .9, 0);
    assert_near(bin[1].correct, 3, 0);
    assert_near(bin[2].n, 2, 0);
    assert_int_equal(calibration_equal_mass(prob, 1, 10, bin, low, high), 1);
    assert_int_equal(calibration_equal_mass(prob, 10, 1, bin, low, high), 1);
    assert_near(bin[0].n, 10, 0);
}

static void reliability__no_rows(void **state)
{
    struct calibration_bin bin[2] = {{0}};

    (void)state;
    assert_true(isnan(reliability_brier(bin, 2).brier));
    assert_true(isnan(reliability_overconfidence(bin, 2).ci.low));
    calibration_bin_add(&bin[1], .9, true);
    assert_between(reliability_overconfidence(bin, 2).ci.low, -.11, -.09);
    assert_between(reliability_overconfidence(bin, 2).ci.high, 0, 1);
}

/* Rows with probability p (1 - off) of being right. */
static double overconfidence_coverage(double off, int rows, double *called)
{
    const int runs = 500;
    struct rng rng;
    int covered = 0, sided = 0;

    rng_init(&rng, 21, 99);
    for (int run = 0; run < runs; run++) {
        struct calibration_bin bin[BINS] = {{0}};
        struct overconfidence over;

        for (int i = 0; i < rows; i++) {
            double p = .5 + .5 * sqrt(rng_uniform(&rng));
            calibration_bin_add(&bin[calibration_bin_of(p, BINS)], p,
                                rng_uniform(&rng) < p * (1 - off));
        }
        over = reliability_overconfidence(bin, BINS);
        covered += over.ci.low <= off * 5 / 6 && off * 5 / 6 <= over.ci.high;
        sided += over.ci.low > 0 || over.ci.high < 0;
    }
    *called = (double)sided / runs;
    return (double)covered / runs;
}

static void reliability_overconfidence__coverage(void **state)
{
    double called;

    (void)state;
    assert_between(overconfidence_coverage(0, 100, &called), .93, .99);
    assert_between(called, .01, .07);
    assert_between(overconfidence_coverage(.1, 400, &called), .93, .98);
    assert_between(called, .9, 1);
}

/* ---- temperature ---- */

static void temperature_fit__as_scipy(void **state)
{
    static struct data d;
    struct temperature t;

    (void)state;
    read_data(&d);
    t = temperature_fit(d.p, d.label, ROWS, CLASSES);
    assert_near(t.value, calibration_expected("temperature"), 1e-6);
    assert_near(t.ci.low, calibration_expected("temperature.low"), 1e-4);
    assert_near(t.ci.high, calibration_expected("temperature.high"), 1e-4);
    assert_near(t.log_loss, calibration_expected("log_loss"), 1e-6);
    assert_near(t.log_loss_after, calibration_expected("log_loss_after"), 1e-6);
    assert_int_equal(t.n, ROWS);
    assert_int_equal(t.impossible, 0);
}

/* Of so many rows that they are shared out. */
static struct temperature fit_copies(const struct data *d, int threads)
{
    enum { COPIES = 40 };
    float *p = malloc(COPIES * sizeof(d->p));
    uint32_t *label = malloc(COPIES * sizeof(d->label));
    struct temperature t;

    assert_true(p && label);
    for (size_t i = 0; i < COPIES; i++) {
        memcpy(p + i * ROWS * CLASSES, d->p, sizeof(d->p));
        memcpy(label + i * ROWS, d->label, sizeof(d->label));
    }
    parallel_set_threads(threads);
    t = temperature_fit(p, label, (size_t)COPIES * ROWS, CLASSES);
    parallel_set_threads(0);
    free(p);
    free(label);
    return t;
}

static void temperature_fit__any_threads(void **state)
{
    struct temperature one, three;
    static struct data d;

    (void)state;
    read_data(&d);
    one = fit_copies(&d, 1);
    three = fit_copies(&d, 3);
    assert_true(one.value == three.value && one.ci.low == three.ci.low &&
                one.ci.high == three.ci.high);
    assert_near(one.value, calibration_expected("temperature"), 1e-6);
}

/* All right: the surer the better.  Worse than chance: the less. */
static void temperature_fit__none_is_best(void **state)
{
    float sure[] = {.9f, .1f, .2f, .8f}, wrong[] = {.9f, .1f, .2f, .8f};
    float even[] = {.5f, .5f, .5f, .5f}, none[] = {.5f, .5f};
    uint32_t label[] = {0, 1}, other[] = {1, 0}, unknown[] = {7};
    struct temperature t;

    (void)state;
    t = temperature_fit(sure, label, 2, 2);
    assert_true(isnan(t.value) && isnan(t.ci.low) && t.beyond == -1);
    t = temperature_fit(wrong, other, 2, 2);
    assert_true(isnan(t.value) && t.beyond == 1);
    t = temperature_fit(even, label, 2, 2);
    assert_true(isnan(t.value) && t.beyond == 0 && t.n == 2);
    t = temperature_fit(none, unknown, 1, 2);
    assert_true(isnan(t.value) && t.n == 0);
}

/* A label that has p 0 is counted, and does not make the fit infinite. */
static void temperature_fit__impossible_label(void **state)
{
    float p[] = {1, 0, .7f, .3f, .4f, .6f, .8f, .2f};
    uint32_t label[] = {1, 0, 0, 0};
    struct temperature t = temperature_fit(p, label, 4, 2);

    (void)state;
    assert_int_equal(t.impossible, 1);
    assert_true(isfinite(t.log_loss) && t.log_loss > 20);
}

/* Labels drawn from softmax(z / truth) of probabilities softmax(z). */
static void draw_rows(struct rng *rng, double truth, float *p, uint32_t *label,
                      size_t rows)
{
    for (size_t i = 0; i < rows; i++) {
        double z[3], all = 0, rest = 0;
        uint32_t k = 0;

        for (int j = 0; j < 3; j++) {
            z[j] = 2 * rng_normal(rng);
            all += exp(z[j]);
            rest += exp(z[j] / truth);
        }
        for (int j = 0; j < 3; j++)
            p[3 * i + (size_t)j] = (float)(exp(z[j]) / all);
        rest *= rng_uniform(rng);
        while (k < 2 && (rest -= exp(z[k] / truth)) >= 0)
            k++;
        label[i] = k;
    }
}

static void temperature_fit__coverage(void **state)
{
    enum { MOST = 80, RUNS = 300 };
    static float p[3 * MOST];
    static uint32_t label[MOST];
    int covered = 0;
    struct rng rng;

    (void)state;
    rng_init(&rng, 31, 99);
    for (int run = 0; run < RUNS; run++) {
        struct temperature t;
        draw_rows(&rng, 1.5, p, label, MOST);
        t = temperature_fit(p, label, MOST, 3);
        covered += t.ci.low <= 1.5 && 1.5 <= t.ci.high;
    }
    assert_between((double)covered / RUNS, .92, .985);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reliability_brier__equal_width),
        cmocka_unit_test(calibration_equal_mass__as_numpy),
        cmocka_unit_test(calibration_equal_mass__ties),
        cmocka_unit_test(reliability__no_rows),
        cmocka_unit_test(reliability_overconfidence__coverage),
        cmocka_unit_test(temperature_fit__as_scipy),
        cmocka_unit_test(temperature_fit__any_threads),
        cmocka_unit_test(temperature_fit__none_is_best),
        cmocka_unit_test(temperature_fit__impossible_label),
        cmocka_unit_test(temperature_fit__coverage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
