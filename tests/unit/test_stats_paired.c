#include "stats/paired.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fixture.h"

#include "base/parallel.h"
#include "base/rng.h"
#include "stats/moments.h"

static const struct paired_groups alone = {NULL, 0};
static sums_metric *const f1_and_balanced[] = {sums_macro_f1,
                                               sums_balanced_error};

/* ---- what make.py wrote ---- */

static double wanted(const char *name)
{
    FILE *file = fixture_open(TEST_DATA "/paired/paired_expected.csv");
    char key[100];
    double value, found = NAN;

    assert_int_equal(fscanf(file, "%*s"), 0);
    while (isnan(found) && fscanf(file, " %99[^,],%lf", key, &value) == 2)
        if (strcmp(key, name) == 0)
            found = value;
    fclose(file);
    if (isnan(found))
        fail_msg("no value '%s'", name);
    return found;
}

static double wanted_of(const char *name, const char *part)
{
    char key[100];

    snprintf(key, sizeof key, "%s.%s", name, part);
    return wanted(key);
}

enum { N = 300 };

struct sample {
    uint32_t label[N], a[N], b[N], group[N];
    double loss_a[N], loss_b[N];
};

static struct sample read_sample(void)
{
    FILE *file = fixture_open(TEST_DATA "/paired/paired_rows.csv");
    struct sample s;
    int n = 0;

    assert_int_equal(fscanf(file, "%*s"), 0);
    while (n < N &&
           fscanf(file, "%u,%u,%u,%lf,%lf,%u", &s.label[n], &s.a[n], &s.b[n],
                  &s.loss_a[n], &s.loss_b[n], &s.group[n]) == 6)
        n++;
    fclose(file);
    assert_int_equal(n, N);
    return s;
}

/* Against many more draws: about three standard errors of ours. */
static void assert_score(const struct paired_score *got, const char *name,
                         double width)
{
    assert_near(got->ci.low, wanted_of(name, "low"), width);
    assert_near(got->ci.high, wanted_of(name, "high"), width);
    assert_near(got->p_value, wanted_of(name, "p"), .035);
}

/* ---- formulas ---- */

static void mcnemar__as_scipy(void **state)
{
    static const int pair[][2] = {{0, 0},  {1, 0},   {5, 5},
                                  {2, 12}, {31, 12}, {400, 470}};
    char name[20];

    (void)state;
    for (size_t i = 0; i < sizeof pair / sizeof *pair; i++) {
        int b = pair[i][0], c = pair[i][1];
        snprintf(name, sizeof name, "%d.%d", b, c);
        assert_near(mcnemar_exact(b, c), wanted_of("exact", name), 1e-12);
        assert_near(mcnemar_mid_p(b, c), wanted_of("mid_p", name), 1e-12);
        assert_near(mcnemar_exact(c, b), mcnemar_exact(b, c), 0);
        assert_near(mcnemar_mid_p(c, b), mcnemar_mid_p(b, c), 0);
    }
    assert_between(mcnemar_exact(7850, 114), 0, 1e-300);
    assert_between(mcnemar_exact(500500, 499500), .3, .33);
}

static void mcnemar__false_alarms(void **state)
{
    static const int n_pairs[] = {10, 25, 50, 100, 300};
    static const double mid[] = {.0215, .0433, .0649, .0569, .0566},
                        exact[] = {.0215, .0433, .0328, .0352, .0431};

    (void)state;
    for (size_t i = 0; i < sizeof n_pairs / sizeof *n_pairs; i++) {
        int n = n_pairs[i];
        double chance = pow(.5, n), by_exact = 0, by_mid = 0;
        for (int k = 0; k <= n; k++) {
            by_exact += mcnemar_exact(k, n - k) <= .05 ? chance : 0;
            by_mid += mcnemar_mid_p(k, n - k) <= .05 ? chance : 0;
            chance *= (double)(n - k) / (k + 1);
        }
        assert_near(by_exact, exact[i], 1e-4);
        assert_near(by_mid, mid[i], 1e-4);
    }
}

static void paired_newcombe__as_the_paper(void **state)
{
    static const int table[][4] = {{36, 12, 2, 0}, {2, 12, 31, 304},
                                   {0, 0, 0, 20},  {0, 29, 0, 1},
                                   {20, 5, 7, 18}, {0, 3, 4, 10}};
    char name[40];

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const int *t = table[i];
        struct paired_counts c = {.n = t[0] + t[1] + t[2] + t[3],
                                  .better = t[2],
                                  .worse = t[1],
                                  .both_wrong = t[0]};
        struct interval ci = paired_newcombe(&c);
        snprintf(name, sizeof name, "newcombe.%d.%d.%d.%d", t[0], t[1], t[2],
                 t[3]);
        assert_near(ci.low, wanted_of(name, "low"), 1e-12);
        assert_near(ci.high, wanted_of(name, "high"), 1e-12);
    }
    /* Newcombe 1998, the example 36, 12, 2, 0. */
    assert_near(wanted("newcombe.36.12.2.0.low"), .0569, 5e-5);
    assert_near(wanted("newcombe.36.12.2.0.high"), .3404, 5e-5);
}

static void paired_newcombe__no_rows(void **state)
{
    struct paired_counts none = {0, 0, 0, 0};
    struct interval ci = paired_newcombe(&none);

    (void)state;
    assert_true(ci.low == -1 && ci.high == 1);
    assert_true(isnan(paired_equivalence(&none, .1)));
}

static void paired_equivalence__by_search(void **state)
{
    static const double of[][4] = {{12, 10, 349, .05},
                                   {31, 12, 349, .05},
                                   {0, 3, 100, .02},
                                   {40, 38, 500, .04}};
    char name[100];

    (void)state;
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        struct paired_counts c = {of[i][2], of[i][0], of[i][1], 0};
        snprintf(name, sizeof name, "equivalence.%g.%g.%g.%g", of[i][0],
                 of[i][1], of[i][2], of[i][3]);
        assert_near(paired_equivalence(&c, of[i][3]), wanted(name), 1e-6);
    }
}

static void interval_tail__as_wide_as_student(void **state)
{
    (void)state;
    assert_near(interval_tail(10), wanted("tail.10"), 1e-9);
    assert_near(interval_tail(100), wanted("tail.100"), 1e-9);
    assert_near(interval_tail(1e6), wanted("tail.1000000"), 1e-9);
    assert_true(interval_tail(1) == 0);
}

/* ---- resampling ---- */

static void paired_classes__as_numpy(void **state)
{
    struct sample s = read_sample();
    struct paired_score got[2];

    (void)state;
    paired_classes(s.label, s.a, s.b, N, 4, alone, f1_and_balanced, 2, 1, got);
    assert_near(got[0].a, wanted("macro_f1.a"), 1e-12);
    assert_near(got[0].b, wanted("macro_f1.b"), 1e-12);
    assert_score(&got[0], "macro_f1", .006);
    assert_near(got[1].a, wanted("balanced_error.a"), 1e-12);
    assert_near(got[1].b, wanted("balanced_error.b"), 1e-12);
    assert_score(&got[1], "balanced_error", .006);
}

/* The same rows ten times: alike ones are drawn together. */
static void paired_classes__many_alike(void **state)
{
    enum { TIMES = 40 };
    struct sample s = read_sample();
    uint32_t *label = calloc(N * TIMES, sizeof *label),
             *a = calloc(N * TIMES, sizeof *a),
             *b = calloc(N * TIMES, sizeof *b);
    struct paired_score got[2];
    double middle = wanted("macro_f1.b") - wanted("macro_f1.a"),
           width = wanted("macro_f1.high") - wanted("macro_f1.low");

    (void)state;
    for (size_t i = 0; i < N * TIMES; i++) {
        label[i] = s.label[i % N];
        a[i] = s.a[i % N];
        b[i] = s.b[i % N];
    }
    paired_classes(label, a, b, N * TIMES, 4, alone, f1_and_balanced, 2, 1,
                   got);
    assert_near(got[0].b - got[0].a, middle, 1e-12);
    assert_near((got[0].ci.high - got[0].ci.low) * sqrt(TIMES), width,
                .1 * width);
    assert_near(got[0].p_value, 1 / 2000., 0);
    free(label);
    free(a);
    free(b);
}

static void paired_means__as_numpy(void **state)
{
    struct sample s = read_sample();
    struct paired_groups pages = {s.group, N / 6};
    struct paired_score got;

    (void)state;
    paired_means(s.loss_a, s.loss_b, N, alone, 1, &got);
    assert_near(got.a, wanted("loss.a"), 1e-12);
    assert_near(got.b, wanted("loss.b"), 1e-12);
    assert_score(&got, "loss", .006);
    paired_means(s.loss_a, s.loss_b, N, pages, 1, &got);
    assert_score(&got, "loss_groups", .006);
}

static void paired_mean_equivalence__as_scipy(void **state)
{
    struct sample s = read_sample();
    struct paired_groups pages = {s.group, N / 6};

    (void)state;
    assert_near(paired_mean_equivalence(s.loss_a, s.loss_b, N, alone, .05),
                wanted("loss_equivalence.0.05"), 1e-9);
    assert_near(paired_mean_equivalence(s.loss_a, s.loss_b, N, alone, .1),
                wanted("loss_equivalence.0.1"), 1e-9);
    assert_near(paired_mean_equivalence(s.loss_a, s.loss_b, N, pages, .1),
                wanted("loss_equivalence_groups.0.1"), 1e-9);
}

/* Groups of one row are rows; all in one group say nothing. */
static void paired_classes__groups(void **state)
{
    struct sample s = read_sample();
    struct paired_score got, rows;

    (void)state;
    for (uint32_t i = 0; i < N; i++)
        s.group[i] = i;
    paired_classes(s.label, s.a, s.b, N, 4, alone, f1_and_balanced, 1, 1,
                   &rows);
    paired_classes(s.label, s.a, s.b, N, 4, (struct paired_groups){s.group, N},
                   f1_and_balanced, 1, 1, &got);
    assert_near(got.a, rows.a, 1e-12);
    assert_score(&got, "macro_f1", .006);
    memset(s.group, 0, sizeof s.group);
    paired_classes(s.label, s.a, s.b, N, 4, (struct paired_groups){s.group, 1},
                   f1_and_balanced, 1, 1, &got);
    assert_true(isnan(got.ci.low) && got.p_value == 1);
}

static void paired_classes__the_same_twice(void **state)
{
    struct sample s = read_sample();
    struct paired_score got;

    (void)state;
    paired_classes(s.label, s.a, s.a, N, 4, alone, f1_and_balanced, 1, 1, &got);
    assert_true(got.ci.low == 0 && got.ci.high == 0 && got.p_value == 1);
    paired_means(s.loss_a, s.loss_a, N, alone, 1, &got);
    assert_true(got.ci.low == 0 && got.ci.high == 0 && got.p_value == 1);
    assert_true(paired_mean_equivalence(s.loss_a, s.loss_a, N, alone, .01) ==
                0);
}

static void paired__threads_change_nothing(void **state)
{
    struct sample s = read_sample();
    struct paired_groups pages = {s.group, N / 6};
    struct paired_score first[3], again[3];

    (void)state;
    for (int threads = 1; threads <= 3; threads++) {
        struct paired_score *to = threads == 1 ? first : again;
        parallel_set_threads(threads);
        memset(to, 0, sizeof first);
        paired_classes(s.label, s.a, s.b, N, 4, alone, f1_and_balanced, 1, 5,
                       to);
        paired_classes(s.label, s.a, s.b, N, 4, pages, f1_and_balanced + 1, 1,
                       5, to + 1);
        paired_means(s.loss_a, s.loss_b, N, alone, 5, to + 2);
        if (threads > 1)
            assert_memory_equal(first, again, sizeof first);
    }
}

static void paired_means__infinite_and_few(void **state)
{
    double a[] = {1, INFINITY, 2}, b[] = {1, 2, 3};
    struct paired_score got;

    (void)state;
    paired_means(a, b, 3, alone, 1, &got);
    assert_true(got.a == INFINITY && got.b == 2);
    assert_true(isnan(got.ci.low) && isnan(got.p_value));
    assert_true(isnan(paired_mean_equivalence(a, b, 3, alone, .1)));
    paired_means(b, b + 1, 1, alone, 1, &got);
    assert_true(isnan(got.ci.low) && got.p_value == 1);
    assert_true(isnan(paired_mean_equivalence(b, b + 1, 1, alone, .1)));
}

/* More rows than are drawn one by one: as wide as Student's interval. */
static void paired_means__many_rows(void **state)
{
    enum { MANY = 30000 };
    double *a = calloc(MANY, sizeof *a), *b = calloc(MANY, sizeof *b);
    struct moments m = {0};
    struct paired_score got;
    struct rng rng;

    (void)state;
    rng_init(&rng, 3, 0);
    for (size_t i = 0; i < MANY; i++) {
        /* sorted: hands dealt in turn would all be alike */
        b[i] = (double)i / MANY + .1 * rng_normal(&rng);
        moments_add(&m, b[i]);
    }
    paired_means(a, b, MANY, alone, 1, &got);
    assert_near(got.b, moments_mean(&m), 1e-12);
    assert_near(got.ci.low, moments_interval(&m).low, 4e-4);
    assert_near(got.ci.high, moments_interval(&m).high, 4e-4);
    assert_near(got.p_value, 1 / 2000., 0);
    free(a);
    free(b);
}

/* A short form of what the header quotes: two classifiers that err alike. */
static void paired__simulated(void **state)
{
    enum { RUNS = 60, ROWS = 120 };
    uint32_t label[ROWS], a[ROWS], b[ROWS];
    int covered = 0, alarms = 0;
    struct paired_score got;
    struct rng rng;

    (void)state;
    rng_init(&rng, 8, 0);
    for (int run = 0; run < RUNS; run++) {
        for (size_t i = 0; i < ROWS; i++) {
            double hard = rng_uniform(&rng);
            label[i] = (uint32_t)rng_below(&rng, 3);
            a[i] = hard + rng_uniform(&rng) < 1.6 ? label[i]
                                                  : (label[i] + 1) % 3;
            b[i] = hard + rng_uniform(&rng) < 1.6 ? label[i]
                                                  : (label[i] + 1) % 3;
        }
        paired_classes(label, a, b, ROWS, 3, alone, f1_and_balanced, 1, 1,
                       &got);
        covered += got.ci.low <= 0 && 0 <= got.ci.high;
        alarms += got.p_value <= .05;
    }
    assert_between(covered, 53, 60);
    assert_between(alarms, 0, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mcnemar__as_scipy),
        cmocka_unit_test(mcnemar__false_alarms),
        cmocka_unit_test(paired_newcombe__as_the_paper),
        cmocka_unit_test(paired_newcombe__no_rows),
        cmocka_unit_test(paired_equivalence__by_search),
        cmocka_unit_test(interval_tail__as_wide_as_student),
        cmocka_unit_test(paired_classes__as_numpy),
        cmocka_unit_test(paired_classes__many_alike),
        cmocka_unit_test(paired_means__as_numpy),
        cmocka_unit_test(paired_mean_equivalence__as_scipy),
        cmocka_unit_test(paired_classes__groups),
        cmocka_unit_test(paired_classes__the_same_twice),
        cmocka_unit_test(paired__threads_change_nothing),
        cmocka_unit_test(paired_means__infinite_and_few),
        cmocka_unit_test(paired_means__many_rows),
        cmocka_unit_test(paired__simulated),
    };

    return cmocka_run_group_tests_name("stats/paired", tests, NULL, NULL);
}
