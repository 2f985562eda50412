#include "stats/score.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define FIXTURE_VALUES "tests/data/gaps/gap_values.txt"
#include "fixture.h"

#include "base/hash.h"
#include "base/rng.h"
#include "stats/proportions.h"

enum { ROWS = 240 };

struct scored {
    size_t label, pred;
    double loss, weight;
    unsigned long group;
};

static void read_rows(struct scored *row)
{
    FILE *file = fixture_open(TEST_DATA "/gaps/scores.csv");
    int n = 0;

    assert_int_equal(fscanf(file, "%*s"), 0);
    while (n < ROWS &&
           fscanf(file, "%zu,%zu,%lf,%lf,%lu", &row[n].label, &row[n].pred,
                  &row[n].loss, &row[n].weight, &row[n].group) == 5)
        n++;
    fclose(file);
    assert_int_equal(n, ROWS);
}

/* The estimate from the fixture's rows. */
static struct estimate estimate_of(enum score_kind kind, bool weighted,
                                   bool grouped)
{
    struct scored row[ROWS];
    struct clusters clusters = {0};
    struct cluster_sums sums;
    struct score s;
    struct estimate e;

    read_rows(row);
    score_init(&s, kind, weighted);
    for (int i = 0; i < ROWS; i++)
        score_add(&s, row[i].label, row[i].pred, row[i].loss,
                  weighted ? row[i].weight : 1);
    score_close(&s);
    for (int i = 0; i < ROWS; i++) {
        const struct scored *r = &row[i];
        double w = weighted ? r->weight : 1;
        clusters_add(&clusters, hash_bytes(&r->group, sizeof(r->group)), 2,
                     score_share(&s, r->label, r->pred, r->loss, w), w,
                     r->label != r->pred);
    }
    sums = clusters_sum(&clusters, 2, score_centre(&s));
    e = score_estimate(&s, grouped ? &sums : NULL);
    score_release(&s);
    clusters_release(&clusters);
    return e;
}

static void assert_kind(enum score_kind kind, const char *name)
{
    static const char *const ways[] = {"plain", "weights", "groups", "both"};
    char key[80];

    for (int i = 0; i < 4; i++) {
        struct estimate e = estimate_of(kind, i & 1, i & 2);
        snprintf(key, sizeof(key), "score.%s.%s", name, ways[i]);
        assert_near(e.value, expected(key), 1e-12);
        /* scipy's search for the ends is good to about 1e-7 */
        assert_interval(e.ci, key, kind == SCORE_MEAN ? 1e-6 : 2e-6);
        assert_near(e.n, ROWS, 0);
        if (kind == SCORE_MEAN)
            continue;
        snprintf(key, sizeof(key), "score.%s.%s.variance", name, ways[i]);
        assert_near(e.variance, expected(key), 1e-8);
    }
}

static void score_estimate__rate(void **state)
{
    (void)state;
    assert_kind(SCORE_RATE, "rate");
}

static void score_estimate__mean(void **state)
{
    (void)state;
    assert_kind(SCORE_MEAN, "mean");
}

static void score_estimate__macro_f1(void **state)
{
    (void)state;
    assert_kind(SCORE_MACRO_F1, "f1");
}

static void score_estimate__balanced(void **state)
{
    (void)state;
    assert_kind(SCORE_BALANCED, "balanced");
}

static struct estimate of_counts(enum score_kind kind, int wrong, int n,
                                 double weight)
{
    struct score s;
    struct estimate e;

    score_init(&s, kind, weight != 1);
    for (int i = 0; i < n; i++)
        score_add(&s, 0, i < wrong, 0, weight);
    score_close(&s);
    e = score_estimate(&s, NULL);
    score_release(&s);
    return e;
}

/* Equal weights change nothing; one class is one proportion. */
static void score_estimate__is_wilson(void **state)
{
    struct interval w = wilson(7, 120);

    (void)state;
    assert_near(of_counts(SCORE_RATE, 7, 120, 1).ci.low, w.low, 1e-15);
    assert_near(of_counts(SCORE_RATE, 7, 120, .3).ci.low, w.low, 1e-12);
    assert_near(of_counts(SCORE_RATE, 7, 120, .3).ci.high, w.high, 1e-12);
    assert_near(of_counts(SCORE_BALANCED, 7, 120, 1).ci.high, w.high, 1e-12);
    assert_near(of_counts(SCORE_RATE, 0, 20, 1).ci.high, .161125, 1e-6);
    assert_true(of_counts(SCORE_RATE, 0, 20, 1).ci.low == 0);
    assert_true(of_counts(SCORE_MACRO_F1, 0, 20, 1).value == 0);
    assert_true(of_counts(SCORE_MACRO_F1, 0, 20, 1).ci.high < .2);
    assert_true(isnan(of_counts(SCORE_RATE, 0, 0, 1).value));
    assert_true(isnan(of_counts(SCORE_RATE, 0, 5, 0).value));
}

/* 0 errors in 40 groups of 25 rows tell no more than in 40 rows. */
static void score_estimate__no_error_in_groups(void **state)
{
    struct cluster_sums groups = {.groups = 40, .weights2 = 40 * 25 * 25};
    struct estimate e;
    struct score s;

    (void)state;
    score_init(&s, SCORE_RATE, false);
    for (int i = 0; i < 1000; i++)
        score_add(&s, 0, 0, 0, 1);
    e = score_estimate(&s, &groups);
    assert_true(e.value == 0 && e.ci.low == 0);
    assert_true(e.ci.high > wilson(0, 40).high);
    assert_true(e.ci.high < wilson(0, 36).high);
}

static void score_estimate__infinite_loss(void **state)
{
    struct estimate e, f;
    struct interval d;
    struct score s;

    (void)state;
    score_init(&s, SCORE_MEAN, false);
    for (int i = 0; i < 20; i++)
        score_add(&s, 0, 0, i % 5, 1);
    f = score_estimate(&s, NULL);
    score_add(&s, 0, 0, INFINITY, 1);
    e = score_estimate(&s, NULL);
    assert_true(e.value == INFINITY && e.ci.high == INFINITY);
    assert_near(e.ci.low, f.ci.low, 1e-12);
    d = estimate_difference(&e, &f, 0);
    assert_true(d.high == INFINITY && isfinite(d.low));
    d = estimate_difference(&f, &e, 0);
    assert_true(d.low == -INFINITY && isfinite(d.high));
    d = estimate_difference(&e, &e, 0);
    assert_true(isnan(d.low) && isnan(d.high));
    score_release(&s);
}

static void proportions_interval__as_searched(void **state)
{
    struct proportion three[] = {{.1, 100}, {.25, 40}, {.05, 20}};
    struct proportion two[] = {{.03, 180}, {0, 20}};
    struct proportion none[] = {{0, 50}, {0, 10}}, all[] = {{1, 5}, {1, 9}};

    (void)state;
    assert_interval(proportions_interval(three, 3), "proportions.3", 1e-6);
    assert_interval(proportions_interval(two, 2), "proportions.2", 1e-6);
    assert_near(proportions_interval(three, 1).low, wilson(10, 100).low, 1e-15);
    assert_true(proportions_interval(none, 2).low == 0);
    assert_true(proportions_interval(none, 2).high > .1);
    assert_true(proportions_interval(all, 2).high == 1);
    assert_true(proportions_interval(all, 2).low < .9);
    assert_true(proportions_interval(none, 0).high == 1);
}

/* One class always wrong and one never: Wilson's intervals, by hand. */
static void proportions_interval__never_and_always(void **state)
{
    (void)state;
    for (int a = 1; a < 60; a++)
        for (int b = 1; b < 60; b++) {
            double n = .97 * a, m = .97 * b;
            struct proportion one[] = {{1, n}, {0, m}};
            struct proportion all[] = {{1, n}, {1, m}},
                              none[] = {{0, n}, {0, m}};
            struct interval ci = proportions_interval(one, 2);
            assert_near(ci.low, wilson(n, n).low / 2, 1e-9);
            assert_near(ci.high, (1 + wilson(0, m).high) / 2, 1e-9);
            assert_near(proportions_interval(all, 2).low,
                        1 - proportions_interval(none, 2).high, 1e-9);
        }
}

static void estimate_difference__means(void **state)
{
    struct estimate a = {.value = 1.3,
                         .variance = .04,
                         .ci = estimate_mean_interval(1.3, .04, .006, 24)};
    struct estimate b = {.value = .9,
                         .variance = .01,
                         .ci = estimate_mean_interval(.9, .01, .001, 60)};

    (void)state;
    assert_interval(estimate_difference(&a, &b, 0), "difference", 1e-9);
}

static void estimate_mean_interval__hall(void **state)
{
    struct interval ci = estimate_mean_interval(1.3, .04, .006, 24), plain;

    (void)state;
    assert_interval(ci, "hall", 1e-9);
    plain = estimate_mean_interval(1.3, .04, 0, 24);
    assert_true(ci.low > plain.low && ci.high > plain.high);
    assert_near(plain.low, interval_mean(1.3, 1, 25).low, 1e-12);
    ci = estimate_mean_interval(1.3, .04, 1e-12, 24); /* no jump at 0 */
    assert_near(ci.low, plain.low, 1e-9);
    assert_true(isnan(estimate_mean_interval(1.3, .04, 0, 0).low));
}

static void estimate_difference__newcombe(void **state)
{
    struct estimate a = estimate_rate(56, 70), b = estimate_rate(48, 80);
    struct interval plain = newcombe(56, 70, 48, 80), d;

    (void)state;
    d = estimate_difference(&a, &b, 0);
    assert_near(d.low, plain.low, 1e-15);
    assert_near(d.high, plain.high, 1e-15);
    /* what is common to both makes it narrower; the same set differs by 0 */
    d = estimate_difference(&a, &b, .5 * sqrt(a.variance * b.variance));
    assert_true(d.low > plain.low && d.high < plain.high);
    d = estimate_difference(&a, &a, a.variance);
    assert_between(d.high - d.low, 0, .07); /* Wilson is not symmetric */
    b = estimate_rate(.2, 0);
    assert_true(isnan(estimate_difference(&a, &b, 0).low));
}

/* Groups in two sets: the covariance of the two is that of their sums. */
static void clusters_product__by_hand(void **state)
{
    struct clusters c = {0};
    struct cluster_sums s;

    (void)state;
    for (uint64_t g = 0; g < 1000; g++) {
        uint64_t name = hash_bytes(&g, sizeof(g));
        clusters_add(&c, name, 0, g % 2 ? 3 : 0, 4, g % 2);
        if (g < 500)
            clusters_add(&c, name, 6, g % 2 ? 1 : 0, 2, g % 2);
        clusters_add(&c, name, 0, 0, 1, false);
    }
    s = clusters_sum(&c, 0, .2);
    assert_near(s.groups, 1000, 0);
    assert_near(s.wrong, 500, 0);
    assert_near(s.weights2, 25000, 0);
    assert_near(s.residuals2, 500 * (2 * 2 + 1 * 1), 1e-9);
    assert_near(clusters_product(&c, 0, .2, 6, .25),
                250 * 2 * .5 + 250 * 1 * .5, 1e-9);
    assert_near(clusters_product(&c, 6, .25, 0, .2), 375, 1e-9);
    assert_near(clusters_product(&c, 6, .25, 1, .2), 0, 0);
    assert_near(clusters_sum(&c, 3, 0).groups, 0, 0);
    clusters_release(&c);
}

/* Of rows in groups of 5 that are alike, in short. */
static void score_estimate__covers_groups(void **state)
{
    int held = 0, plain = 0;
    struct rng rng;

    (void)state;
    rng_init(&rng, 5, 1);
    for (int run = 0; run < 400; run++) {
        struct cluster_sums sums;
        struct clusters c = {0};
        struct estimate e;
        struct score s;

        score_init(&s, SCORE_RATE, false);
        for (uint64_t i = 0; i < 300; i++) {
            uint64_t g = i / 5, name = hash_bytes(&g, sizeof(g));
            static double bad;
            bool wrong;
            if (i % 5 == 0)
                bad = rng_uniform(&rng) < .2 ? .8 : .05;
            wrong = rng_uniform(&rng) < bad;
            score_add(&s, 0, wrong, 0, 1);
            clusters_add(&c, name, 1, wrong, 1, wrong);
        }
        sums = clusters_sum(&c, 1, score_centre(&s));
        e = score_estimate(&s, &sums);
        held += e.ci.low <= .2 && .2 <= e.ci.high;
        e = score_estimate(&s, NULL);
        plain += e.ci.low <= .2 && .2 <= e.ci.high;
        clusters_release(&c);
    }
    print_message("groups: %.3f, without them %.3f\n", held / 400.,
                  plain / 400.);
    assert_between(held / 400., .92, .985);
    assert_true(plain / 400. < .85);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(score_estimate__rate),
        cmocka_unit_test(score_estimate__mean),
        cmocka_unit_test(score_estimate__macro_f1),
        cmocka_unit_test(score_estimate__balanced),
        cmocka_unit_test(score_estimate__is_wilson),
        cmocka_unit_test(score_estimate__no_error_in_groups),
        cmocka_unit_test(score_estimate__infinite_loss),
        cmocka_unit_test(proportions_interval__as_searched),
        cmocka_unit_test(proportions_interval__never_and_always),
        cmocka_unit_test(estimate_difference__means),
        cmocka_unit_test(estimate_mean_interval__hall),
        cmocka_unit_test(estimate_difference__newcombe),
        cmocka_unit_test(clusters_product__by_hand),
        cmocka_unit_test(score_estimate__covers_groups),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
