#include "stats/annotators.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define FIXTURE_VALUES "tests/data/gaps/gap_values.txt"
#include "fixture.h"

#include "base/rng.h"
#include "stats/optimism.h"

enum { ROWS = 150, PERSONS = 4, CLASSES = 3, BLOCKS = 10 };

static void read_rows(size_t said[ROWS][PERSONS])
{
    FILE *file = fixture_open(TEST_DATA "/gaps/judgements.csv");
    int n = 0, a, b, c, d;

    assert_int_equal(fscanf(file, "%*s"), 0);
    while (n < ROWS && fscanf(file, "%d,%d,%d,%d", &a, &b, &c, &d) == 4) {
        const int row[] = {a, b, c, d};
        for (int k = 0; k < PERSONS; k++)
            said[n][k] = row[k] < 0 ? JUDGED_NONE : (size_t)row[k];
        n++;
    }
    fclose(file);
    assert_int_equal(n, ROWS);
}

static struct judgements *load(size_t said[ROWS][PERSONS], bool weighted)
{
    struct judgements *j = judgements_new(PERSONS, BLOCKS);

    read_rows(said);
    for (size_t i = 0; i < ROWS; i++)
        judgements_add(j, said[i], weighted ? 1. + (double)(i % 3) : 1,
                       i % BLOCKS);
    return j;
}

static struct annotators_options exact(void)
{
    struct annotators_options o = annotators_defaults();

    o.tolerance = 1e-12;
    o.most_rounds = 20000;
    return o;
}

static double value(const char *what, const char *part, size_t i)
{
    char key[80];

    snprintf(key, sizeof(key), "ds.%s.%s%zu", what, part, i);
    return expected(key);
}

static void assert_fit(bool weighted, const char *name)
{
    struct annotators_options options = exact();
    size_t said[ROWS][PERSONS];
    struct judgements *j = load(said, weighted);
    struct annotators *fit = annotators_fit(j, CLASSES, &options);
    double p[ROWS][CLASSES];
    char key[80];

    for (size_t a = 0; a < PERSONS; a++)
        assert_near(fit->error[a], value(name, "error.", a), 1e-8);
    snprintf(key, sizeof(key), "ds.%s.mean", name);
    assert_near(fit->mean_error, expected(key), 1e-8);
    annotators_posteriors(fit, said[0], ROWS, p[0]);
    for (size_t k = 0; k < CLASSES; k++) {
        assert_near(fit->prior[k], value(name, "prior.", k), 1e-8);
        assert_near(p[0][k], value(name, "post.0.", k), 1e-7);
        assert_near(p[77][k], value(name, "post.77.", k), 1e-7);
    }
    annotators_of_pattern(fit, j, judgements_add(j, said[77], 0, 0), p[0]);
    for (size_t k = 0; k < CLASSES; k++)
        assert_near(p[0][k], p[77][k], 1e-15);
    annotators_free(fit);
    judgements_free(j);
}

static void annotators_fit__as_numpy(void **state)
{
    (void)state;
    assert_fit(false, "plain");
    assert_fit(true, "weighted");
}

static void annotators_interval__jackknife(void **state)
{
    struct annotators_options options = exact();
    size_t said[ROWS][PERSONS];
    struct judgements *j = load(said, false);
    struct annotators *fit = annotators_fit(j, CLASSES, &options);
    struct interval ci = annotators_interval(j, fit, &options, 1), wide;

    (void)state;
    /* blocks are fitted to 1e-6 */
    assert_interval(ci, "ds.interval", 1e-3);
    wide = annotators_interval(j, fit, &options, 5);
    assert_true(wide.low < ci.low && wide.high > ci.high);
    annotators_free(fit);
    judgements_free(j);
}

static void judgements__counts(void **state)
{
    struct judgements *j = judgements_new(3, 4);
    size_t none[] = {JUDGED_NONE, JUDGED_NONE, JUDGED_NONE};
    size_t two[] = {1, JUDGED_NONE, 0}, one[] = {1, JUDGED_NONE, JUDGED_NONE};
    struct judgement_counts n;

    (void)state;
    judgements_add(j, none, 1, 0);
    judgements_add(j, two, 1, 0);
    judgements_add(j, two, 2, 1);
    judgements_add(j, two, .5, 1);
    judgements_add(j, one, 1, 3);
    assert_int_equal(j->n, 2);
    assert_int_equal(j->n_rows, 4);
    n = judgements_count(j);
    assert_near(n.rows, 4.5, 0);
    assert_near(n.judgements, 8, 0);
    assert_near(n.disputed, 3.5, 0);
    assert_near(n.squares, 1 + 4 + .25 + 1, 0);
    assert_int_equal(n.persons, 2);
    judgements_free(j);
}

/* Nobody ever disagrees: no error, and an interval like that of no error. */
static void annotators__agree(void **state)
{
    struct annotators_options options = annotators_defaults();
    struct judgements *j = judgements_new(3, 64);
    struct annotators *fit;
    struct interval ci;
    double p[2];

    (void)state;
    for (size_t i = 0; i < 50; i++) {
        size_t said[] = {i % 2, i % 2, i % 2};
        judgements_add(j, said, 1, i % 64);
    }
    fit = annotators_fit(j, 2, &options);
    assert_between(fit->mean_error, 0, 1e-4);
    ci = annotators_interval(j, fit, &options, 1);
    assert_between(ci.low, 0, 1e-4);
    assert_near(ci.high, wilson(0, 150).high, 1e-3);
    annotators_posterior(fit, (size_t[]){1, JUDGED_NONE, 1}, p);
    assert_true(p[1] > .99);
    annotators_posterior(fit, (size_t[]){JUDGED_NONE, JUDGED_NONE, JUDGED_NONE},
                         p);
    assert_near(p[0], .5, 1e-6);
    annotators_free(fit);
    judgements_free(j);
}

/* A thousand columns, each with a few cells; a hundred classes. */
static void annotators__many(void **state)
{
    enum { MANY = 1000, KINDS = 100 };
    struct annotators_options options = annotators_defaults();
    struct judgements *j = judgements_new(MANY, 16);
    size_t *said = calloc(MANY, sizeof(*said));
    struct annotators *fit;
    struct interval ci;
    struct rng rng;

    (void)state;
    options.most_rounds = 10;
    rng_init(&rng, 3, 1);
    for (size_t i = 0; i < 600; i++) {
        size_t truth = rng_below(&rng, KINDS);
        for (size_t a = 0; a < MANY; a++)
            said[a] = JUDGED_NONE;
        for (int k = 0; k < 5; k++)
            said[rng_below(&rng, MANY)] =
                rng_uniform(&rng) < .1 ? rng_below(&rng, KINDS) : truth;
        judgements_add(j, said, 1, i % 16);
    }
    fit = annotators_fit(j, KINDS, &options);
    ci = annotators_interval(j, fit, &options, 1);
    assert_between(fit->mean_error, .06, .13);
    assert_true(ci.low < fit->mean_error && fit->mean_error < ci.high);
    assert_between(ci.high - ci.low, .01, .06);
    annotators_free(fit);
    judgements_free(j);
    free(said);
}

static void error_of_disagreement__solved(void **state)
{
    (void)state;
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < 3; i++) {
            const size_t classes[] = {2, 3, 10};
            const double d[] = {.01, .095, .3};
            char key[40];
            snprintf(key, sizeof(key), "disagreement.%g.%zu", d[i], classes[k]);
            assert_near(error_of_disagreement(d[i], classes[k]), expected(key),
                        1e-9);
        }
    assert_near(error_of_disagreement(.095, 2), .05, 1e-12);
    assert_near(error_of_disagreement(.7, 2), .5, 0);
    assert_near(error_of_disagreement(1, 5), .8, 0);
    assert_near(error_of_disagreement(0, 5), 0, 0);
}

/* Three persons, wrong 5 % of the time, 200 rows, in short. */
static void annotators_interval__covers(void **state)
{
    struct annotators_options options = annotators_defaults();
    struct rng rng;
    int held = 0;

    (void)state;
    rng_init(&rng, 2, 1);
    for (int run = 0; run < 100; run++) {
        struct judgements *j = judgements_new(3, 16);
        struct annotators *fit;
        struct interval ci;

        for (size_t i = 0; i < 200; i++) {
            size_t said[3], truth = rng_below(&rng, 2);
            for (int a = 0; a < 3; a++)
                said[a] = rng_uniform(&rng) < .05 ? 1 - truth : truth;
            judgements_add(j, said, 1, i % 16);
        }
        fit = annotators_fit(j, 2, &options);
        ci = annotators_interval(j, fit, &options, 1);
        held += ci.low <= .05 && .05 <= ci.high;
        annotators_free(fit);
        judgements_free(j);
    }
    print_message("three persons: %d of 100\n", held);
    assert_between(held, 89, 99);
}

static void normal_maximum__integrated(void **state)
{
    (void)state;
    assert_near(normal_maximum(1), 0, 1e-9);
    assert_near(normal_maximum(2), expected("maximum.2"), 1e-9);
    assert_near(normal_maximum(20), expected("maximum.20"), 1e-9);
    assert_near(normal_maximum(1000), expected("maximum.1000"), 1e-8);
    /* scipy: quad of -expm1(n log_ndtr(x)) */
    assert_near(normal_maximum(1e6), 4.862897486196464, 1e-9);
    assert_near(normal_maximum(1e9), 6.087684584445959, 1e-9);
}

/* The best of 20 on 500 rows: how much it is worth, and what is said. */
static void optimism__simulated(void **state)
{
    const double spread[] = {0, .04};
    double ratio[2];
    struct rng rng;

    (void)state;
    rng_init(&rng, 4, 1);
    for (int k = 0; k < 2; k++) {
        double real = 0, said = 0, most = 0;
        for (int run = 0; run < 60; run++) {
            double error[20], truth[20];
            struct optimism o;
            int best = 0;
            for (int i = 0; i < 20; i++) {
                int wrong = 0;
                truth[i] = .15 + spread[k] * rng_normal(&rng);
                for (int row = 0; row < 500; row++)
                    wrong += rng_uniform(&rng) < truth[i];
                error[i] = wrong / 500.;
                best = error[i] < error[best] ? i : best;
            }
            o = optimism_of_trials(error, 20, 500, NAN);
            real += truth[best] - error[best];
            said += o.value;
            most += optimism_of_best(error[best], 500, 20).value;
            assert_true(o.ci.low == 0 && o.value <= o.ci.high);
        }
        print_message("optimism: %.4f, said %.4f, at most %.4f\n", real / 60,
                      said / 60, most / 60);
        ratio[k] = said / real;
        assert_true(most > .9 * real);
    }
    assert_between(ratio[0], .65, 1.1);
    assert_between(ratio[1], .65, 1.6);
}

static void optimism__one_trial(void **state)
{
    const double error = .2;
    struct optimism o = optimism_of_best(.2, 100, 1);

    (void)state;
    assert_near(o.value, 0, 1e-9);
    o = optimism_of_trials(&error, 1, 100, NAN);
    assert_near(o.value, 0, 1e-9);
    o = optimism_of_mean(.5, 2);
    assert_near(o.value, .5 * expected("maximum.2"), 1e-9);
    o = optimism_of_best(0, 100, 10); /* 0 of 100: not without noise */
    assert_between(o.value, .01, .05);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(annotators_fit__as_numpy),
        cmocka_unit_test(annotators_interval__jackknife),
        cmocka_unit_test(judgements__counts),
        cmocka_unit_test(annotators__agree),
        cmocka_unit_test(annotators__many),
        cmocka_unit_test(error_of_disagreement__solved),
        cmocka_unit_test(annotators_interval__covers),
        cmocka_unit_test(normal_maximum__integrated),
        cmocka_unit_test(optimism__simulated),
        cmocka_unit_test(optimism__one_trial),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
