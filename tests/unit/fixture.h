/*
 * fixture: what make.py wrote, for the tests of lib/stats.
 *
 * To be included after <cmocka.h>.  A name that is not in expected.txt, or a
 * file that cannot be read, fails the test.
 */
#ifndef TESTS_STATS_FIXTURE_H
#define TESTS_STATS_FIXTURE_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "stats/interval.h"

#ifndef TEST_DATA
#define TEST_DATA "tests/data"
#endif

/* The file of values; another one is to be defined before this is included. */
#ifndef FIXTURE_VALUES
#define FIXTURE_VALUES TEST_DATA "/stats/expected.txt"
#endif

enum { FIXTURE_ROWS = 400, FIXTURE_CLASSES = 5 };

struct fixture_row {
    size_t label, pred;
    double prob, score, loss;
    int positive;
};

/* Two numbers agree to a relative or absolute tolerance; NaN equals NaN. */
static inline int fixture_near(double a, double b, double tolerance)
{
    if (isnan(a) || isnan(b))
        return isnan(a) && isnan(b);
    return a == b || fabs(a - b) <= tolerance * fmax(1, fabs(b));
}

#define assert_near(a, b, tolerance)                                     \
    do {                                                                 \
        double near_a = (a), near_b = (b);                               \
        if (!fixture_near(near_a, near_b, (tolerance)))                  \
            fail_msg("%s is %.10g, expected %.10g", #a, near_a, near_b); \
    } while (0)

#define assert_between(a, from, to)                                       \
    do {                                                                  \
        double between_a = (a);                                           \
        if (!(between_a >= (from) && between_a <= (to)))                  \
            fail_msg("%s is %.10g, expected %.4g to %.4g", #a, between_a, \
                     (double)(from), (double)(to));                       \
    } while (0)

static inline FILE *fixture_open(const char *path)
{
    FILE *file = fopen(path, "r");

    if (!file)
        fail_msg("cannot open %s", path);
    return file;
}

static inline double expected(const char *name)
{
    FILE *file = fixture_open(FIXTURE_VALUES);
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

/* NAME.low and NAME.high. */
static inline void assert_interval(struct interval got, const char *name,
                                   double tolerance)
{
    char key[100];

    snprintf(key, sizeof key, "%s.low", name);
    assert_near(got.low, expected(key), tolerance);
    snprintf(key, sizeof key, "%s.high", name);
    assert_near(got.high, expected(key), tolerance);
}

static inline void fixture_rows(struct fixture_row row[FIXTURE_ROWS])
{
    FILE *file = fixture_open(TEST_DATA "/stats/rows.csv");
    int n = 0;

    assert_int_equal(fscanf(file, "%*s"), 0);
    while (n < FIXTURE_ROWS &&
           fscanf(file, "%zu,%zu,%lf,%lf,%d,%lf", &row[n].label, &row[n].pred,
                  &row[n].prob, &row[n].score, &row[n].positive,
                  &row[n].loss) == 6)
        n++;
    fclose(file);
    assert_int_equal(n, FIXTURE_ROWS);
}

#endif
