#include "stats/auroc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

#include "base/rng.h"

/* Of rows as they come: score[n], positive[n] is 0 or not. */
static int delong(const float *score, const unsigned char *positive, size_t n,
                  struct auroc *out)
{
    float side[2][FIXTURE_ROWS];
    size_t count[2] = {0, 0};

    for (size_t i = 0; i < n; i++)
        side[positive[i]][count[positive[i]]++] = score[i];
    return auroc_delong(side[1], count[1], side[0], count[0], out);
}

static void auroc_delong__all_pairs(void **state)
{
    struct fixture_row row[FIXTURE_ROWS];
    unsigned char positive[FIXTURE_ROWS];
    float score[FIXTURE_ROWS];
    struct auroc a;

    (void)state;
    fixture_rows(row);
    for (size_t i = 0; i < FIXTURE_ROWS; i++) {
        score[i] = (float)row[i].score;
        positive[i] = (unsigned char)row[i].positive;
    }
    assert_int_equal(delong(score, positive, FIXTURE_ROWS, &a), 0);
    assert_near(a.area, expected("auroc"), 1e-12);
    assert_near(a.variance / expected("auroc.variance"), 1, 1e-10);
    assert_interval(a.ci, "auroc", 1e-10);
    assert_near(a.n_positive + a.n_negative, FIXTURE_ROWS, 0);
}

/* By hand: of 6 pairs 3 won, 2 tied. */
static void auroc_delong__ties(void **state)
{
    static const float score[] = {2, 1, 1, 1, 0};
    static const unsigned char positive[] = {1, 0, 1, 0, 0};
    struct auroc a;

    (void)state;
    assert_int_equal(delong(score, positive, 5, &a), 0);
    assert_near(a.area, 5.0 / 6, 1e-15);
    assert_near(a.n_positive, 2, 0);
    assert_near(a.n_negative, 3, 0);
    /* placements 1, 2/3 and .75, .75, 1 */
    assert_near(a.variance, 1.0 / 18 / 2 + (.125 / 3) / 2 / 3, 1e-15);
}

static void auroc_delong__one_side(void **state)
{
    static const float score[] = {1, 2, NAN};
    static const unsigned char all[] = {1, 1, 1}, none[] = {0, 0, 0};
    static const unsigned char mixed[] = {1, 0, 1};
    struct auroc a = {.area = 7};

    (void)state;
    assert_int_equal(delong(score, all, 2, &a), -1);
    assert_int_equal(delong(score, none, 2, &a), -1);
    assert_int_equal(delong(score, none, 0, &a), -1);
    assert_int_equal(delong(score, mixed, 3, &a), -1);
    assert_true(a.area == 7);
}

/* Full separation leaves DeLong's variance 0; the interval must not be. */
static void auroc_delong__separated(void **state)
{
    float score[40];
    unsigned char positive[40];
    struct auroc a, small;

    (void)state;
    for (int i = 0; i < 40; i++) {
        score[i] = (float)i;
        positive[i] = i >= 20;
    }
    assert_int_equal(delong(score, positive, 40, &a), 0);
    assert_true(a.area == 1 && a.variance == 0 && a.ci.high == 1);
    assert_between(a.ci.low, .85, .95);
    assert_int_equal(delong(score + 15, positive + 15, 10, &small), 0);
    assert_true(small.ci.low < a.ci.low);
    assert_int_equal(delong(score + 19, positive + 19, 2, &small), 0);
    assert_true(isnan(small.variance) && small.ci.low < .3);
}

static void auroc_delong__infinite_scores(void **state)
{
    static const float score[] = {INFINITY, -INFINITY, 0, INFINITY};
    static const unsigned char positive[] = {1, 0, 1, 0};
    struct auroc a;

    (void)state;
    assert_int_equal(delong(score, positive, 4, &a), 0);
    assert_near(a.area, 2.5 / 4, 1e-15);
}

/* Normal scores d apart: area = Phi(d / sqrt 2). */
static double delong_coverage(double d, int m, int n, int runs)
{
    double area = .5 * erfc(-d / 2);
    unsigned char positive[200];
    float score[200];
    struct rng rng;
    int covered = 0;

    rng_init(&rng, 3, 99);
    for (int run = 0; run < runs; run++) {
        struct auroc a;

        for (int i = 0; i < m + n; i++) {
            positive[i] = i < m;
            score[i] = (float)(rng_normal(&rng) + (i < m ? d : 0));
        }
        if (delong(score, positive, (size_t)(m + n), &a) == 0)
            covered += a.ci.low <= area && area <= a.ci.high;
    }
    return (double)covered / runs;
}

static void auroc_delong__coverage(void **state)
{
    double a = delong_coverage(1, 60, 60, 3000);
    double b = delong_coverage(2.5, 20, 100, 3000);
    double c = delong_coverage(3, 20, 20, 3000);

    (void)state;
    print_message("delong: coverage %.3f (area .76), %.3f (.96), %.3f (.98)\n",
                  a, b, c);
    assert_between(a, .935, .965);
    assert_between(b, .92, .975);
    assert_between(c, .90, .995);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(auroc_delong__all_pairs),
        cmocka_unit_test(auroc_delong__ties),
        cmocka_unit_test(auroc_delong__one_side),
        cmocka_unit_test(auroc_delong__separated),
        cmocka_unit_test(auroc_delong__infinite_scores),
        cmocka_unit_test(auroc_delong__coverage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
