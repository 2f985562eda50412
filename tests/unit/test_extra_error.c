#include "stats/extra_error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fixture.h"

#include "base/mem.h"
#include "base/rng.h"
#include "stats/draw.h"
#include "stats/multiplicity.h"
#include "stats/spread_draw.h"
#include "stats/wrong_chance.h"

static void expect_part(const char *line, int *at, const struct extra_part *got)
{
    double x[4];

    for (int i = 0; i < 4; i++) {
        int used;
        assert_int_equal(sscanf(line + *at, "%lf%n", &x[i], &used), 1);
        *at += used;
    }
    assert_near(got->value, x[0], 1e-11);
    assert_near(got->ci.low, x[1], 1e-8);
    assert_near(got->ci.high, x[2], 1e-8);
    assert_near(got->p, x[3], 1e-9);
}

static void extra_error__as_scipy(void **state)
{
    FILE *file = fixture_open(TEST_DATA "/shift/errors.txt");
    char line[1000];
    int lines = 0;

    while (fgets(line, sizeof(line), file)) {
        struct extra_counts s, all;
        struct extra_error e;
        int at;
        assert_int_equal(sscanf(line, "%zu %zu %zu %zu %zu %zu %zu %zu%n",
                                &s.n[0], &s.errors[0], &s.n[1], &s.errors[1],
                                &all.n[0], &all.errors[0], &all.n[1],
                                &all.errors[1], &at),
                         8);
        e = extra_error_of(&s, &all);
        expect_part(line, &at, &e.excess);
        expect_part(line, &at, &e.by_share);
        expect_part(line, &at, &e.by_rate);
        lines++;
    }
    fclose(file);
    assert_int_equal(lines, 16);
    (void)state;
}

/* Levels that every row is in just one of, two of them in one set only. */
static void extra_error__adds_up(void **state)
{
    static const struct extra_counts levels[] = {{{40, 60}, {3, 30}},
                                                 {{0, 10}, {0, 4}},
                                                 {{20, 0}, {2, 0}},
                                                 {{300, 130}, {21, 11}}};
    struct extra_counts all = {{360, 200}, {26, 45}};
    struct extra_error total = extra_error_of(&all, &all), e;
    double excess = 0, by_share = 0, by_rate = 0;

    for (size_t i = 0; i < 4; i++) {
        e = extra_error_of(&levels[i], &all);
        excess += e.excess.value;
        by_share += e.by_share.value;
        by_rate += e.by_rate.value;
    }
    assert_near(excess, 45 / 200. - 26 / 360., 1e-14);
    assert_near(excess, total.excess.value, 1e-14);
    assert_near(by_share + by_rate, excess, 1e-14);
    e = extra_error_of(&levels[1], &all);
    assert_true(isnan(e.error[0]) && isnan(e.by_rate.p));
    assert_near(e.by_rate.value, 0, 0);
    e = extra_error_of(&levels[2], &all);
    assert_true(isnan(e.error[1]) && isnan(e.error_ci.low));
    (void)state;
}

static void extra_error__total_is_newcombe(void **state)
{
    struct extra_counts all = {{100, 50}, {0, 50}};
    struct extra_error e = extra_error_of(&all, &all);
    struct interval ci = newcombe(50, 50, 0, 100);

    assert_near(e.excess.value, 1, 0);
    assert_near(e.excess.ci.low, ci.low, 0);
    assert_near(e.excess.ci.high, ci.high, 0);
    assert_near(e.by_share.value, 0, 0);
    assert_true(isnan(e.by_share.p) && e.excess.p < 1e-30);
    (void)state;
}

/* A set of rows over `levels` levels: shares and rates of a level. */
struct world {
    double share[8], rate[8];
    size_t rows;
};

enum { LEVELS = 8, RUNS = 400 };

static void draw_world(struct rng *rng, const struct world *w, size_t set,
                       struct extra_counts level[LEVELS],
                       struct extra_counts *all)
{
    double n[LEVELS], total = 0;

    for (size_t i = 0; i < LEVELS; i++)
        total += w->share[i];
    draw_multinomial(rng, w->share, LEVELS, total, (double)w->rows, n);
    all->n[set] = w->rows;
    all->errors[set] = 0;
    for (size_t i = 0; i < LEVELS; i++) {
        level[i].n[set] = (size_t)n[i];
        level[i].errors[set] = (size_t)draw_binomial(rng, w->rate[i], n[i]);
        all->errors[set] += level[i].errors[set];
    }
}

/* In how many of RUNS some level has an adjusted p-value below .05; of these,
 * level `which` has. */
static int discoveries(const struct world *reference,
                       const struct world *current, size_t which, int *right)
{
    struct rng rng;
    int any = 0;

    *right = 0;
    rng_init(&rng, 3, 1);
    for (int run = 0; run < RUNS; run++) {
        struct extra_counts level[LEVELS], all;
        double p[LEVELS], least = 1;
        draw_world(&rng, reference, 0, level, &all);
        draw_world(&rng, current, 1, level, &all);
        for (size_t i = 0; i < LEVELS; i++)
            p[i] = extra_error_of(&level[i], &all).excess.p;
        benjamini_hochberg(p, LEVELS, p);
        for (size_t i = 0; i < LEVELS; i++)
            least = fmin(least, p[i]);
        any += least < .05;
        *right += p[which] < .05;
    }
    return any;
}

static struct world plain(size_t rows)
{
    struct world w = {{.3, .2, .15, .1, .1, .05, .05, .05},
                      {.1, .05, .2, .1, .3, .1, .02, .15},
                      rows};

    return w;
}

static void extra_error__finds_what_changed(void **state)
{
    struct world reference = plain(1000), current = plain(500);
    int right;

    /* Nothing; then all errors are the same and shares change. */
    assert_true(discoveries(&reference, &current, 0, &right) <= .05 * RUNS);
    for (size_t i = 0; i < LEVELS; i++)
        reference.rate[i] = current.rate[i] = .1;
    current.share[3] = .4;
    assert_true(discoveries(&reference, &current, 0, &right) <= .05 * RUNS);
    /* The error of one level grew. */
    reference = plain(1000);
    current = plain(500);
    current.rate[3] = .5;
    discoveries(&reference, &current, 3, &right);
    assert_true(right >= .9 * RUNS);
    /* A bad one has a larger share. */
    current = plain(500);
    current.share[4] = .3;
    discoveries(&reference, &current, 4, &right);
    assert_true(right >= .9 * RUNS);
    (void)state;
}

/* ---- wrong_chance, spread_draw ---- */

static void wrong_chance__by_unsureness_and_group(void **state)
{
    enum { N = 1000 };
    struct wrong_row *row = mem_alloc(N, sizeof(*row));
    unsigned char wrong[N];
    struct wrong_chance c;

    /* Unsure rows are wrong half the time; group 1 all the time. */
    for (size_t i = 0; i < N; i++) {
        row[i] = (struct wrong_row){(double)(i % 100) / 100, i >= 900};
        wrong[i] = i >= 900 || (i % 100 >= 50 && i % 2);
    }
    wrong_chance_fit(&c, row, wrong, N, 2);
    assert_int_equal(c.n_cuts, 9);
    /* 90 of 100 rows in the bin are not of the group; 2 * 326 / 1002 more */
    assert_near(c.rate[0], (10 + 2 * 326. / 1002) / 102, 1e-12);
    assert_near(c.rate[9], (45 + 10 + 2 * 326. / 1002) / 102, 1e-12);
    assert_true(wrong_chance_of(&c, &(struct wrong_row){.05, 0}) <
                wrong_chance_of(&c, &(struct wrong_row){.95, 0}));
    assert_true(wrong_chance_of(&c, &(struct wrong_row){.05, 0}) <
                wrong_chance_of(&c, &(struct wrong_row){.05, 1}));
    assert_near(wrong_chance_of(&c, &(struct wrong_row){.95, 1}), 1, 0);
    wrong_chance_release(&c);
    free(row);
    (void)state;
}

static void wrong_chance__odd_input(void **state)
{
    struct wrong_row row[3] = {{NAN, 0}, {NAN, 0}, {NAN, 0}};
    unsigned char wrong[3] = {1, 0, 0};
    struct wrong_chance c;

    wrong_chance_fit(&c, row, wrong, 0, 1);
    assert_near(wrong_chance_of(&c, &row[0]), .5, 1e-12);
    assert_near(wrong_chance_of(&c, &(struct wrong_row){.3, 0}), .5, 1e-12);
    wrong_chance_release(&c);
    wrong_chance_fit(&c, row, wrong, 3, 1);
    assert_near(c.rate[WRONG_BINS], (1 + 2 * .4) / 5, 1e-12);
    wrong_chance_release(&c);
    (void)state;
}

static void unsureness__of_probabilities(void **state)
{
    assert_near(unsureness((float[]){.5f, .25f, .25f}, 3), .75, 1e-12);
    assert_near(unsureness((float[]){.25f, .5f, .25f}, 3), .75, 1e-12);
    assert_near(unsureness((float[]){0, 1}, 2), 0, 0);
    assert_near(unsureness((float[]){1}, 1), 0, 0);
    (void)state;
}

static void spread_draw__probabilities(void **state)
{
    static const double weight[] = {1, 2, 3, 4, 100, 2, 2, 2};
    enum { N = 8, TAKE = 5, DRAWS = 4000 };
    size_t chosen[TAKE], times[N] = {0};

    for (uint64_t seed = 0; seed < DRAWS; seed++) {
        spread_draw(weight, N, TAKE, seed, chosen);
        for (size_t i = 0; i < TAKE; i++) {
            assert_true(i == 0 || chosen[i] > chosen[i - 1]);
            times[chosen[i]]++;
        }
    }
    /* 100 is certain, then 4 weights are drawn of 16, and 4 is certain. */
    assert_int_equal(times[4], DRAWS);
    assert_int_equal(times[3], DRAWS);
    assert_between((double)times[0] / DRAWS, .25 - .03, .25 + .03);
    assert_between((double)times[2] / DRAWS, .75 - .03, .75 + .03);
    assert_between((double)times[7] / DRAWS, .5 - .03, .5 + .03);
    (void)state;
}

static void spread_draw__all_and_none(void **state)
{
    static const double weight[] = {1, 1e-9, 5};
    size_t chosen[3] = {9, 9, 9};

    spread_draw(weight, 3, 0, 1, chosen);
    assert_int_equal(chosen[0], 9);
    for (uint64_t seed = 0; seed < 50; seed++) {
        spread_draw(weight, 3, 3, seed, chosen);
        for (size_t i = 0; i < 3; i++)
            assert_int_equal(chosen[i], i);
    }
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extra_error__as_scipy),
        cmocka_unit_test(extra_error__adds_up),
        cmocka_unit_test(extra_error__total_is_newcombe),
        cmocka_unit_test(extra_error__finds_what_changed),
        cmocka_unit_test(wrong_chance__by_unsureness_and_group),
        cmocka_unit_test(wrong_chance__odd_input),
        cmocka_unit_test(unsureness__of_probabilities),
        cmocka_unit_test(spread_draw__probabilities),
        cmocka_unit_test(spread_draw__all_and_none)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
