#include "stats/label_shift.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define FIXTURE_VALUES TEST_DATA "/shift/labels.txt"
#include "fixture.h"
#include "labelled_side.h"

#include "base/parallel.h"
#include "base/rng.h"
#include "csv/reader.h"

#define MNIST TEST_DATA "/issues/mnist_test_probs.csv.gz"

enum { CLASSES = 4, MOST = 10000, DIGITS = 10, DRAWS = 50 };

/* ---- against numpy and scipy ---- */

static double wanted(int number, const char *name, size_t k)
{
    char key[60];

    snprintf(key, sizeof(key), "%d.%s.%zu", number, name, k);
    return expected(key);
}

static struct label_shift fit_sides(const struct side sides[2], size_t classes,
                                    enum label_shift_method method)
{
    struct class_probs source = probs_of(&sides[0]);
    struct class_probs target = {sides[1].p, NULL, sides[1].n};
    struct label_shift_options options = {true, method, DRAWS, 1};
    struct label_shift fit;

    label_shift_fit(&fit, &source, &target, classes, &options);
    return fit;
}

static void check_calibration(int number, const struct label_shift *fit)
{
    double mean = 0;
    char key[40];

    snprintf(key, sizeof(key), "%d.temperature", number);
    assert_near(fit->temperature, expected(key), 1e-4);
    assert_true(!fit->bias == (number == 0));
    for (size_t k = 0; fit->bias && k < CLASSES; k++)
        mean += fit->bias[k] / CLASSES;
    for (size_t k = 0; fit->bias && k < CLASSES; k++)
        assert_near(fit->bias[k] - mean, wanted(number, "bias", k), 1e-4);
}

static void check_corrected(int number, const struct label_shift *fit,
                            const float *first)
{
    float p[CLASSES];

    memcpy(p, first, sizeof(p));
    label_shift_correct(fit, p);
    for (size_t k = 0; k < CLASSES; k++)
        assert_near((double)p[k], wanted(number, "corrected", k), 1e-5);
}

static void label_shift_fit__as_numpy(void **state)
{
    static const char *const names[] = {"hard", "soft", "rlls", "em"};
    struct side sides[2];
    char key[40];

    (void)state;
    for (int number = 0; number < 2; number++) {
        read_case(number, sides);
        for (int m = 0; m < LABEL_SHIFT_METHODS; m++) {
            struct label_shift fit =
                fit_sides(sides, CLASSES, (enum label_shift_method)m);
            for (size_t k = 0; k < CLASSES; k++)
                assert_near(fit.weight[k], wanted(number, names[m], k),
                            m == LABEL_SHIFT_EM ? 2e-5 : 1e-6);
            if (m < LABEL_SHIFT_RLLS) {
                snprintf(key, sizeof(key), "%d.%s.condition", number, names[m]);
                assert_near(fit.condition, expected(key), 1e-6);
            }
            check_calibration(number, &fit);
            if (m == LABEL_SHIFT_EM)
                check_corrected(number, &fit, sides[1].p);
            label_shift_release(&fit);
        }
        side_release(&sides[0]);
        side_release(&sides[1]);
    }
}

/* ---- MNIST: even rows, and odd rows with another mix ---- */

static size_t read_digits(float (*p)[DIGITS], uint32_t *label)
{
    const struct csv_options options = {0};
    char *path = (char *)MNIST;
    struct err err = {0};
    struct csv_reader *reader = csv_reader_open(&path, 1, &options, &err);
    size_t n = 0;

    assert_non_null(reader);
    while (csv_reader_next(reader, &err) == 1) {
        const struct csv_field *cell = csv_reader_fields(reader);
        label[n] = (uint32_t)strtoul(cell[1].text, NULL, 10);
        for (size_t k = 0; k < DIGITS; k++)
            p[n][k] = strtof(cell[2 + k].text, NULL);
        n++;
    }
    csv_reader_close(reader);
    return n;
}

static void add_row(struct side *side, const float *p, uint32_t label)
{
    memcpy(side->p + side->n * DIGITS, p, DIGITS * sizeof(*p));
    side->label[side->n++] = label;
}

/* Of class c of the odd rows, the first (c + 1) / 10. */
static void divide(float (*p)[DIGITS], const uint32_t *label, size_t n,
                   struct side sides[2])
{
    size_t all[DIGITS] = {0}, seen[DIGITS] = {0};

    sides[0] = side_new(n, DIGITS);
    sides[1] = side_new(n, DIGITS);
    for (size_t i = 1; i < n; i += 2)
        all[label[i]]++;
    for (size_t i = 0; i < n; i++) {
        if (i % 2 == 0)
            add_row(&sides[0], p[i], label[i]);
        else if (seen[label[i]]++ < all[label[i]] * (label[i] + 1) / 10)
            add_row(&sides[1], p[i], label[i]);
    }
}

static void digits(struct side sides[2])
{
    float(*p)[DIGITS] = calloc(MOST, sizeof(*p));
    uint32_t *label = calloc(MOST, sizeof(*label));

    divide(p, label, read_digits(p, label), sides);
    free(p);
    free(label);
    assert_int_equal(sides[0].n, 5000);
    assert_int_equal(sides[1].n, 2699);
}

static double squared_error(const double *weight, const struct side sides[2])
{
    double share[2][DIGITS] = {{0}}, sum = 0;

    for (int s = 0; s < 2; s++)
        for (size_t i = 0; i < sides[s].n; i++)
            share[s][sides[s].label[i]] += 1 / (double)sides[s].n;
    for (size_t k = 0; k < DIGITS; k++) {
        double off = weight[k] - share[1][k] / share[0][k];
        sum += off * off / DIGITS;
    }
    return sum;
}

static double corrected_accuracy(const struct label_shift *fit,
                                 const struct side *side)
{
    size_t right = 0;

    for (size_t i = 0; i < side->n; i++) {
        float p[DIGITS];
        size_t best = 0;
        memcpy(p, side->p + i * DIGITS, sizeof(p));
        label_shift_correct(fit, p);
        for (size_t k = 1; k < DIGITS; k++)
            best = p[k] > p[best] ? k : best;
        right += best == side->label[i];
    }
    return (double)right / (double)side->n;
}

/* METHODS: mean squared error of the weights, and accuracy. */
static void label_shift_fit__digits(void **state)
{
    static const double error[] = {.000029, .000031, NAN, .000035};
    static const double accuracy[] = {.9874, .9874, .9874, .9870};
    const double none[DIGITS] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    struct side sides[2];

    (void)state;
    digits(sides);
    assert_near(squared_error(none, sides), .272659, 1e-6);
    for (int m = 0; m < LABEL_SHIFT_METHODS; m++) {
        struct label_shift fit =
            fit_sides(sides, DIGITS, (enum label_shift_method)m);
        if (!isnan(error[m]))
            assert_near(squared_error(fit.weight, sides), error[m], 1e-6);
        assert_near(corrected_accuracy(&fit, &sides[1]), accuracy[m], 1e-4);
        assert_near(fit.temperature, 1.1046, 1e-4);
        assert_true(fit.p < 1e-50 && !fit.singular && fit.condition < 1.1);
        for (size_t k = 0; k < DIGITS; k++)
            assert_true(fit.target_ci[k].low <= fit.target[k] &&
                        fit.target[k] <= fit.target_ci[k].high);
        label_shift_release(&fit);
    }
    side_release(&sides[0]);
    side_release(&sides[1]);
}

/* ---- which method ---- */

/* n rows of `share`, p those of a normal x one of `classes` steps apart of
 * `gap`, sharpened by `sure`; all x have `moved`. */
static struct side normal_rows(struct rng *rng, size_t n, size_t classes,
                               const double *share, double gap, double sure,
                               double moved)
{
    struct side side = side_new(n + 1, classes);

    for (; side.n < n; side.n++) {
        double u = rng_uniform(rng), x, sum = 0;
        float *p = side.p + side.n * classes;
        size_t k = 0;
        while (k + 1 < classes && u >= share[k])
            u -= share[k++];
        x = gap * (double)k + rng_normal(rng) + moved;
        for (size_t c = 0; c < classes; c++) {
            double off = x - gap * (double)c;
            p[c] = (float)exp(-sure * off * off / 2);
            sum += (double)p[c];
        }
        for (size_t c = 0; c < classes; c++)
            p[c] = sum > 0 ? (float)((double)p[c] / sum) : 1 / (float)classes;
        side.label[side.n] = (uint32_t)k;
    }
    return side;
}

static struct label_shift choose(const struct side sides[2], size_t classes)
{
    struct class_probs source = probs_of(&sides[0]);
    struct class_probs target = {sides[1].p, NULL, sides[1].n};
    struct label_shift_options options = {.draws = DRAWS, .seed = 1};
    struct label_shift fit;

    label_shift_fit(&fit, &source, &target, classes, &options);
    return fit;
}

static const double even[] = {1. / 3, 1. / 3, 1. / 3}, uneven[] = {.6, .3, .1};

static struct label_shift choose_normal(size_t n, double gap, double sure,
                                        double moved)
{
    struct rng rng;
    struct side sides[2];
    struct label_shift fit;

    rng_init(&rng, 3, RNG_SYNTH);
    sides[0] = normal_rows(&rng, n, 3, even, gap, sure, 0);
    sides[1] = normal_rows(&rng, n, 3, uneven, gap, sure, moved);
    fit = choose(sides, 3);
    side_release(&sides[0]);
    side_release(&sides[1]);
    return fit;
}

static void label_shift_fit__choice(void **state)
{
    struct label_shift fit = choose_normal(400, 4, 1, 0);

    (void)state;
    assert_int_equal(fit.method, LABEL_SHIFT_BBSE_HARD);
    assert_true(strstr(fit.reason, "apart well") != NULL);
    label_shift_release(&fit);
    fit = choose_normal(1000, 1, 2, 0); /* confused, too sure */
    assert_int_equal(fit.method, LABEL_SHIFT_EM);
    assert_between(fit.temperature, 1.5, 2.7);
    assert_false(fit.singular);
    assert_true(fit.misfit_p > .001 && fit.misfit < .03);
    label_shift_release(&fit);
    fit = choose_normal(1000, 1, 1, -1.5); /* not as they did */
    assert_int_equal(fit.method, LABEL_SHIFT_RLLS);
    assert_true(fit.misfit_p < 1e-6 && fit.misfit > .03);
    label_shift_release(&fit);
    fit = choose_normal(1000, .02, 1, 0); /* all the same */
    assert_true(fit.singular);
    for (size_t k = 0; k < 3; k++)
        assert_true(fit.target[k] >= 0 && fit.target[k] <= 1);
    label_shift_release(&fit);
}

/* ---- what may be missing ---- */

static void set_row(struct side *side, uint32_t label, float a, float b,
                    float c)
{
    float *p = side->p + side->n * 3;

    p[0] = a;
    p[1] = b;
    p[2] = c;
    side->label[side->n++] = label;
}

/* No source row of class 2, and no target row predicted as class 1. */
static void label_shift_fit__missing_classes(void **state)
{
    struct side sides[2] = {side_new(100, 3), side_new(100, 3)};

    (void)state;
    for (int i = 0; i < 20; i++) {
        set_row(&sides[0], 0, i ? .8f : .3f, i ? .1f : .6f, .1f);
        set_row(&sides[0], 1, i ? .1f : .6f, i ? .8f : .3f, .1f);
        set_row(&sides[0], UINT32_MAX, .1f, .1f, .8f);
        set_row(&sides[1], 0, .8f, .1f, .1f);
    }
    for (int m = 0; m < LABEL_SHIFT_METHODS; m++) {
        struct label_shift fit =
            fit_sides(sides, 3, (enum label_shift_method)m);
        assert_int_equal(fit.absent, 1);
        assert_int_equal(fit.unpredicted, 1);
        assert_near(fit.n_source, 40, 0);
        assert_near(fit.weight[2], 1, 0);
        assert_near(fit.target[2], 0, 0);
        assert_true(isnan(fit.target_ci[2].low));
        assert_true(fit.target[0] > .9);
        /* none of 20 seen: as many as Wilson has it may be there */
        assert_true(fit.target_ci[1].high >= wilson(0, 20).high);
        label_shift_release(&fit);
    }
    side_release(&sides[0]);
    side_release(&sides[1]);
}

static void label_shift_fit__few_rows(void **state)
{
    struct side sides[2] = {side_new(10, 3), side_new(10, 3)};

    (void)state;
    for (size_t n = 0; n < 3; n++) { /* source and target rows */
        for (int m = 0; m < LABEL_SHIFT_METHODS; m++) {
            struct label_shift fit =
                fit_sides(sides, 3, (enum label_shift_method)m);
            double sum = 0;
            for (size_t k = 0; k < 3; k++)
                sum += fit.target[k];
            assert_near(sum, n ? 1 : 0, 1e-12);
            assert_int_equal(fit.absent, 3 - n);
            label_shift_release(&fit);
        }
        set_row(&sides[0], (uint32_t)n, n ? .2f : .6f, n ? .7f : .3f, .1f);
        set_row(&sides[1], 0, .5f, .25f, .25f);
    }
    side_release(&sides[0]);
    side_release(&sides[1]);
}

/* A single class; every row the same. */
static void label_shift_fit__nothing_to_tell(void **state)
{
    struct side sides[2] = {side_new(10, 3), side_new(10, 3)};
    struct label_shift fit;

    (void)state;
    for (uint32_t i = 0; i < 9; i++) {
        set_row(&sides[0], i % 3, 1 / 3.f, 1 / 3.f, 1 / 3.f);
        set_row(&sides[1], 0, 1 / 3.f, 1 / 3.f, 1 / 3.f);
    }
    fit = choose(sides, 3);
    assert_true(fit.singular && isinf(fit.condition));
    assert_int_equal(fit.method, LABEL_SHIFT_RLLS);
    for (size_t k = 0; k < 3; k++)
        assert_near(fit.weight[k], 1, 1e-6);
    label_shift_release(&fit);
    side_release(&sides[0]);
    side_release(&sides[1]);
    sides[0] = side_new(3, 1);
    sides[1] = side_new(3, 1);
    sides[0].p[0] = sides[1].p[0] = 1;
    sides[0].n = sides[1].n = 1;
    fit = choose(sides, 1);
    assert_near(fit.target[0], 1, 0);
    label_shift_release(&fit);
    side_release(&sides[0]);
    side_release(&sides[1]);
}

static void label_shift_correct__impossible(void **state)
{
    double weight[] = {0, 1, 1};
    struct label_shift fit = {.method = LABEL_SHIFT_BBSE_HARD,
                              .classes = 3,
                              .weight = weight,
                              .temperature = 1};
    float p[] = {1, 0, 0}, q[] = {.5f, .25f, .25f};

    (void)state;
    label_shift_correct(&fit, p); /* the only class has weight 0: as it was */
    assert_near((double)p[0], 1, 0);
    label_shift_correct(&fit, q);
    assert_near((double)q[0], 0, 0);
    assert_near((double)q[1], .5, 0);
}

/* ---- intervals ---- */

/* Of 60 pairs of samples: shares of three classes held by their intervals. */
static void label_shift_fit__coverage(void **state)
{
    enum { PAIRS = 60 };
    struct rng rng;
    size_t held[LABEL_SHIFT_METHODS] = {0};

    (void)state;
    rng_init(&rng, 17, RNG_SYNTH);
    for (int r = 0; r < PAIRS; r++) {
        struct side sides[2] = {normal_rows(&rng, 200, 3, even, 2, 1.5, 0),
                                normal_rows(&rng, 100, 3, uneven, 2, 1.5, 0)};
        for (int m = 0; m < LABEL_SHIFT_METHODS; m++) {
            struct label_shift fit =
                fit_sides(sides, 3, (enum label_shift_method)m);
            for (size_t k = 0; k < 3; k++)
                held[m] += fit.target_ci[k].low <= uneven[k] &&
                           uneven[k] <= fit.target_ci[k].high;
            label_shift_release(&fit);
        }
        side_release(&sides[0]);
        side_release(&sides[1]);
    }
    for (int m = 0; m < LABEL_SHIFT_METHODS; m++)
        assert_between((double)held[m] / (3. * PAIRS), .87, .99);
}

static void label_shift_fit__same_bits(void **state)
{
    struct rng rng;
    struct side sides[2];

    (void)state;
    rng_init(&rng, 5, RNG_SYNTH);
    sides[0] = normal_rows(&rng, 2500, 3, even, 1, 1.5, 0);
    sides[1] = normal_rows(&rng, 2500, 3, uneven, 1, 1.5, 0);
    for (int m = 0; m < LABEL_SHIFT_METHODS; m++) {
        struct label_shift one, three;
        parallel_set_threads(1);
        one = fit_sides(sides, 3, (enum label_shift_method)m);
        parallel_set_threads(3);
        three = fit_sides(sides, 3, (enum label_shift_method)m);
        assert_memory_equal(one.target_ci, three.target_ci,
                            3 * sizeof(*one.target_ci));
        assert_memory_equal(one.weight, three.weight, 3 * sizeof(*one.weight));
        label_shift_release(&one);
        label_shift_release(&three);
    }
    parallel_set_threads(0);
    side_release(&sides[0]);
    side_release(&sides[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(label_shift_fit__as_numpy),
        cmocka_unit_test(label_shift_fit__digits),
        cmocka_unit_test(label_shift_fit__choice),
        cmocka_unit_test(label_shift_fit__missing_classes),
        cmocka_unit_test(label_shift_fit__few_rows),
        cmocka_unit_test(label_shift_fit__nothing_to_tell),
        cmocka_unit_test(label_shift_correct__impossible),
        cmocka_unit_test(label_shift_fit__coverage),
        cmocka_unit_test(label_shift_fit__same_bits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
