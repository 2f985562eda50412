#include "stats/slices.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fixture.h"

#include "base/mem.h"
#include "base/rng.h"

static const char tests_file[] = TEST_DATA "/slices/tests.txt";

static void expect_slice(FILE *file, const struct slices *s, size_t column)
{
    double low, high, share, excess, p, adjusted;
    size_t n, errors, at = 0;

    assert_int_equal(fscanf(file, "%zu %zu %lf %lf %lf %lf %lf %lf", &n,
                            &errors, &low, &high, &share, &excess, &p,
                            &adjusted),
                     8);
    while (s->all[at].column != column)
        at++;
    assert_int_equal(s->all[at].n, n);
    assert_int_equal(s->all[at].errors, errors);
    assert_near(s->all[at].error, (double)errors / (double)n, 1e-15);
    assert_near(s->all[at].ci.low, low, 1e-9);
    assert_near(s->all[at].ci.high, high, 1e-9);
    assert_near(s->all[at].share, share, 1e-12);
    assert_near(s->all[at].excess, excess, 1e-9);
    assert_near(s->all[at].p_value / p, 1, 1e-7);
    assert_near(s->all[at].p_adjusted / adjusted, 1, 1e-7);
}

/* The counts of a table's slices stand in the file twice: to add, to expect. */
static void check_table(FILE *file, size_t rows, size_t errors, size_t n)
{
    struct slices s;
    long start = ftell(file);

    slices_init(&s, rows, errors, 1);
    for (size_t i = 0; i < n; i++) {
        size_t of[2];
        assert_int_equal(
            fscanf(file, "%zu %zu %*f %*f %*f %*f %*f %*f", &of[0], &of[1]), 2);
        slices_add_counts(&s, i, &of[0], &of[1], 1);
    }
    slices_test(&s);
    assert_int_equal(s.n, n);
    for (size_t i = 1; i < n; i++)
        assert_true(s.all[i - 1].p_adjusted < s.all[i].p_adjusted ||
                    (s.all[i - 1].p_adjusted <= s.all[i].p_adjusted &&
                     s.all[i - 1].excess >= s.all[i].excess));
    fseek(file, start, SEEK_SET);
    for (size_t i = 0; i < n; i++)
        expect_slice(file, &s, i);
    slices_release(&s);
}

static void slices__as_scipy(void **state)
{
    FILE *file = fixture_open(tests_file);
    size_t rows, errors, n;
    int tables = 0;

    (void)state;
    for (; fscanf(file, "%zu %zu %zu", &rows, &errors, &n) == 3; tables++)
        check_table(file, rows, errors, n);
    fclose(file);
    assert_int_equal(tables, 5);
}

/* ---- counting ---- */

static const struct slice *find(const struct slices *s, size_t column,
                                size_t level, size_t other, size_t other_level)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->all[i].column == column && s->all[i].level == level &&
            s->all[i].other == other && s->all[i].other_level == other_level)
            return &s->all[i];
    return NULL;
}

static void slices__counts_of_codes_and_pairs(void **state)
{
    static const uint16_t a[] = {1, 1, 1, 1, 2, 2, 2, 0},
                          b[] = {1, 1, 2, 2, 2, 2, 2, 1};
    static const unsigned char wrong[] = {1, 0, 1, 1, 0, 0, 1, 1};
    struct slice_codes of_a = {a, 2}, of_b = {b, 2};
    const struct slice *slice;
    struct slices s;

    (void)state;
    slices_init(&s, 8, 5, 2);
    slices_add_codes(&s, 4, &of_a, wrong);
    slices_add_codes(&s, 7, &of_b, wrong);
    slices_add_pair(&s, 4, &of_a, 7, &of_b, wrong);
    slices_test(&s);
    /* (2, 2) is all of (2), (0, 1) has no level, (2, 1) no row */
    assert_int_equal(s.n, 6);
    assert_non_null(slice = find(&s, 4, 0, SLICE_NONE, 0));
    assert_int_equal(slice->n, 4);
    assert_int_equal(slice->errors, 3);
    assert_non_null(slice = find(&s, 4, 1, SLICE_NONE, 0));
    assert_int_equal(slice->errors, 1);
    assert_non_null(slice = find(&s, 7, 0, SLICE_NONE, 0));
    assert_int_equal(slice->n, 3);
    assert_non_null(slice = find(&s, 4, 0, 7, 0));
    assert_int_equal(slice->n, 2);
    assert_int_equal(slice->errors, 1);
    assert_non_null(slice = find(&s, 4, 0, 7, 1));
    assert_int_equal(slice->errors, 2);
    assert_null(find(&s, 4, 1, 7, 1));
    slices_release(&s);
}

enum { PAIR_ROWS = 300 };

/* As make.py codes them, 0 is a level that is none. */
static void slices_add_pair__as_scipy(void **state)
{
    FILE *file = fixture_open(TEST_DATA "/slices/pairs.txt");
    static uint16_t a[PAIR_ROWS], b[PAIR_ROWS];
    static unsigned char wrong[PAIR_ROWS];
    struct slice_codes of_a = {a, 3}, of_b = {b, 4};
    size_t errors = 0, pairs;
    struct slices s;

    (void)state;
    for (int i = 0; i < PAIR_ROWS; i++) {
        assert_int_equal(fscanf(file, "%hu %hu %hhu", &a[i], &b[i], &wrong[i]),
                         3);
        errors += wrong[i];
    }
    slices_init(&s, PAIR_ROWS, errors, 5);
    slices_add_pair(&s, 0, &of_a, 1, &of_b, wrong);
    slices_test(&s);
    assert_int_equal(fscanf(file, "%zu", &pairs), 1);
    assert_int_equal(s.n, pairs);
    for (size_t i = 0; i < pairs; i++) {
        const struct slice *slice;
        size_t x, y, n, k;
        double p;
        assert_int_equal(
            fscanf(file, "%zu %zu %zu %zu %lf", &x, &y, &n, &k, &p), 5);
        assert_non_null(slice = find(&s, 0, x - 1, 1, y - 1));
        assert_int_equal(slice->n, n);
        assert_int_equal(slice->errors, k);
        assert_near(slice->p_value / p, 1, 1e-9);
    }
    slices_release(&s);
    fclose(file);
}

static void slices__least_and_most(void **state)
{
    static const size_t n[] = {9, 10, 90, 99, 100}, errors[] = {9, 5, 5, 9, 10};
    struct slices s;

    (void)state;
    slices_init(&s, 100, 10, 10);
    slices_add_counts(&s, 0, n, errors, 5);
    assert_int_equal(s.n, 3); /* not 9: too few, not 100: no rest */
    assert_int_equal(s.all[0].level, 1);
    slices_release(&s);
    slices_init(&s, 0, 0, 1);
    slices_test(&s);
    assert_int_equal(s.n, 0);
    slices_release(&s);
}

/* ---- bins ---- */

static void slices_cut__equal_counts(void **state)
{
    double values[100], cuts[9];

    (void)state;
    for (int i = 0; i < 100; i++)
        values[i] = (i * 37 + 5) % 100;
    assert_int_equal(slices_cut(values, 100, 10, cuts), 9);
    for (int i = 0; i < 9; i++)
        assert_near(cuts[i], 10 * (i + 1), 0);
    assert_int_equal(slices_bin(cuts, 9, -5), 0);
    assert_int_equal(slices_bin(cuts, 9, 9.5), 0);
    assert_int_equal(slices_bin(cuts, 9, 10), 1);
    assert_int_equal(slices_bin(cuts, 9, 1e9), 9);
    assert_int_equal(slices_bin(cuts, 0, 1), 0);
}

static void slices_cut__ties(void **state)
{
    double mostly[] = {0, 0, 7, 0, 0, 9, 0, 0, 8, 0}, same[] = {3, 3, 3},
           cuts[9];

    (void)state;
    assert_int_equal(slices_cut(mostly, 10, 5, cuts), 1);
    assert_near(cuts[0], 8, 0);
    assert_int_equal(slices_cut(same, 3, 10, cuts), 0);
    assert_int_equal(slices_cut(same, 0, 10, cuts), 0);
}

/* ---- simulation ---- */

/* Rows in five columns, as slices.h describes them. */
enum { COLUMNS = 5, MOST_ROWS = 5000 };

static const size_t levels[COLUMNS] = {10, 5, 12, 40, 12};

struct world {
    size_t rows;
    uint16_t code[COLUMNS][MOST_ROWS];
    unsigned char wrong[MOST_ROWS];
};

/* Category k is as frequent as 1 / (k + 1). */
static uint16_t draw_level(struct rng *rng, size_t n)
{
    double sum = 0, u;
    size_t k = 0;

    for (size_t i = 0; i < n; i++)
        sum += 1. / (double)(i + 1);
    u = rng_uniform(rng) * sum;
    while (k + 1 < n && (u -= 1. / (double)(k + 1)) > 0)
        k++;
    return (uint16_t)(k + 1);
}

/* What is weak: nothing; a level 13 of the third column; it and a bin. */
enum plant { NOTHING, VALUE, PAIR };

/* 200 rows err by .3, the others by .1; of a pair, twice 200 have half of it.
 */
static void make_world(struct world *w, size_t rows, enum plant plant,
                       uint64_t seed)
{
    struct rng rng;

    rng_init(&rng, seed, 0);
    w->rows = rows;
    for (size_t i = 0; i < rows; i++) {
        w->code[0][i] = (uint16_t)(1 + rng_below(&rng, levels[0]));
        for (size_t c = 1; c < COLUMNS; c++)
            w->code[c][i] = draw_level(&rng, levels[c]);
        if (rng_uniform(&rng) < .9)
            w->code[4][i] = w->code[2][i];
        if (plant == VALUE ? i < 200 : plant == PAIR && i < 400)
            w->code[2][i] = 13;
        if (plant == PAIR && (i < 200 || (i >= 400 && i < 600)))
            w->code[0][i] = 11;
        w->wrong[i] = rng_uniform(&rng) <
                      (plant != NOTHING && i < 200 ? .3 : .1);
    }
}

static void search(const struct world *w, struct slices *s)
{
    struct slice_codes codes[COLUMNS];
    size_t errors = 0;

    for (size_t i = 0; i < w->rows; i++)
        errors += w->wrong[i];
    slices_init(s, w->rows, errors, 10);
    for (size_t c = 0; c < COLUMNS; c++) {
        codes[c] =
            (struct slice_codes){w->code[c], levels[c] + (c == 2 || c == 0)};
        slices_add_codes(s, c, &codes[c], w->wrong);
        for (size_t b = 0; b < c; b++)
            slices_add_pair(s, b, &codes[b], c, &codes[c], w->wrong);
    }
    slices_test(s);
}

#ifndef SLICE_RUNS
#define SLICE_RUNS 60 /* slices.h quotes 2000 */
#endif

/* No slice is weak: one is called so in 5 of 100 runs, not more. */
static void slices__false_alarms(void **state)
{
    struct world *w = mem_alloc(1, sizeof(*w));
    struct slices s;
    int alarms = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= SLICE_RUNS; seed++) {
        make_world(w, MOST_ROWS, NOTHING, seed);
        search(w, &s);
        alarms += s.all[0].p_adjusted < .05;
        slices_release(&s);
    }
    free(w);
    if (SLICE_RUNS > 100)
        print_message("false alarms: %d of %d\n", alarms, SLICE_RUNS);
    assert_between(alarms, 0, .1 * SLICE_RUNS);
}

/* Whether the first slice is the one that was planted, and called weak. */
static bool is_planted(const struct slice *first, enum plant plant)
{
    if (first->p_adjusted >= .05)
        return false;
    if (plant == PAIR)
        return first->column == 0 && first->level == 10 && first->other == 2 &&
               first->other_level == 12;
    return first->column == 2 && first->level == 12 &&
           first->other == SLICE_NONE;
}

/* In how many runs. */
static int count_found(enum plant plant)
{
    struct world *w = mem_alloc(1, sizeof(*w));
    struct slices s;
    int found = 0;

    for (uint64_t seed = 1; seed <= SLICE_RUNS; seed++) {
        make_world(w, MOST_ROWS, plant, seed);
        search(w, &s);
        found += is_planted(&s.all[0], plant);
        slices_release(&s);
    }
    free(w);
    if (SLICE_RUNS > 100)
        print_message("found first: %d of %d\n", found, SLICE_RUNS);
    return found;
}

/* 200 of 5,000 rows with 30 % wrong among 10 %. */
static void slices__planted_is_first(void **state)
{
    (void)state;
    assert_between(count_found(VALUE), .95 * SLICE_RUNS, SLICE_RUNS);
    assert_between(count_found(PAIR), .95 * SLICE_RUNS, SLICE_RUNS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices__as_scipy),
        cmocka_unit_test(slices__counts_of_codes_and_pairs),
        cmocka_unit_test(slices_add_pair__as_scipy),
        cmocka_unit_test(slices__least_and_most),
        cmocka_unit_test(slices_cut__equal_counts),
        cmocka_unit_test(slices_cut__ties),
        cmocka_unit_test(slices__false_alarms),
        cmocka_unit_test(slices__planted_is_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
