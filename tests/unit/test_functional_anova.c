#include "stats/functional_anova.h"

#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define FIXTURE_VALUES TEST_DATA "/search/anova.txt"
#ifndef TEST_DATA
#define TEST_DATA "tests/data"
#endif
#include "fixture.h"

#include "stats/anova_parts.h"

enum { N = 120, D = 5, MOST = 4000 };

static const struct forest_feature numbers[10];
static const struct box_condition always[10] = {
    {BOX_NONE, 0}, {BOX_NONE, 0}, {BOX_NONE, 0}, {BOX_NONE, 0}, {BOX_NONE, 0},
    {BOX_NONE, 0}, {BOX_NONE, 0}, {BOX_NONE, 0}, {BOX_NONE, 0}, {BOX_NONE, 0}};

static double x[MOST], y[MOST / D];

/* ---- trees beside scikit-learn's ---- */

static void read_rows(double tree[N], double boost[N])
{
    FILE *file = fixture_open(TEST_DATA "/search/anova.csv");
    size_t n = 0;

    assert_int_equal(fscanf(file, "%*s"), 0);
    while (n < N && fscanf(file, "%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf", &x[n * D],
                           &x[n * D + 1], &x[n * D + 2], &x[n * D + 3],
                           &x[n * D + 4], &y[n], &tree[n], &boost[n]) == 8)
        n++;
    fclose(file);
    assert_int_equal(n, N);
}

static void tree_grow__as_sklearn(void **state)
{
    double want[N], boosted[N], weight[N];
    struct forest_data data = {x, y, N, D, numbers};
    struct tree_options options = {4, 3};
    struct forest_order *order;
    struct tree tree = {0};

    (void)state;
    read_rows(want, boosted);
    order = forest_order_new(&data);
    for (size_t i = 0; i < N; i++)
        weight[i] = 2;
    tree_grow(&tree, &data, order, weight, &options);
    for (size_t i = 0; i < N; i++)
        assert_near(tree_predict(&tree, numbers, x + i * D), want[i], 1e-8);
    tree_release(&tree);
    forest_order_free(order);
}

static void forest_boost__as_sklearn(void **state)
{
    double single[N], want[N], weight[N], mean = 0;
    struct forest_data data = {x, y, N, D, numbers};
    struct boost_options options = {30, .1, 1, {3, 2}};
    struct forest_order *order;
    struct forest forest = {0};
    struct rng rng;

    (void)state;
    read_rows(single, want);
    for (size_t i = 0; i < N; i++)
        mean += y[i] / N;
    for (size_t i = 0; i < N; i++)
        y[i] -= mean, weight[i] = 1;
    order = forest_order_new(&data);
    rng_init(&rng, 1, 1);
    forest_boost(&forest, &data, order, weight, &options, &rng);
    for (size_t i = 0; i < N; i++)
        assert_near(mean + forest_predict(&forest, numbers, x + i * D), want[i],
                    1e-8);
    forest_release(&forest);
    forest_order_free(order);
}

/* ---- trees where features are missing ---- */

static struct tree grow(const struct forest_data *data,
                        struct tree_options options)
{
    struct forest_order *order = forest_order_new(data);
    double weight[MOST / D];
    struct tree tree = {0};

    for (size_t i = 0; i < data->n; i++)
        weight[i] = 1;
    tree_grow(&tree, data, order, weight, &options);
    forest_order_free(order);
    return tree;
}

/* Missing alone, with the low, with the high: whatever suits. */
static void tree_grow__missing_has_a_side(void **state)
{
    static const double values[3][6] = {
        {5, 5, 1, 1, 1, 1}, {5, 5, 5, 5, 1, 1}, {5, 5, 1, 1, 5, 5}};
    double one[6] = {NAN, NAN, .1, .2, .8, .9};
    struct forest_data data = {one, NULL, 6, 1, numbers};

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        struct tree tree;
        data.y = values[k];
        tree = grow(&data, (struct tree_options){1, 1});
        assert_int_equal(tree.n, 3);
        for (size_t i = 0; i < 6; i++)
            assert_near(tree_predict(&tree, numbers, one + i), values[k][i],
                        1e-12);
        tree_release(&tree);
    }
}

static void tree_grow__steps_and_choices(void **state)
{
    static const double steps[] = {.25, .5, .75};
    struct forest_feature f[] = {{0, steps, 3}, {4, NULL, 0}};
    double two[] = {.05, 0, .15, 1, .9, 2, .95, 3, .1, 0, .92, 1};
    double high[] = {0, 0, 1, 1, 0, 1}, odd[] = {0, 1, 0, 1, 0, 1};
    struct forest_data data = {two, high, 6, 2, f};
    struct tree tree = grow(&data, (struct tree_options){9, 1});

    (void)state;
    assert_int_equal(tree.n, 3);
    assert_near(tree.nodes[0].cut, .5, 0);
    tree_release(&tree);
    data.y = odd;
    tree = grow(&data, (struct tree_options){9, 1});
    assert_int_equal(tree.n, 3);
    assert_int_equal(tree.nodes[0].feature, 1);
    assert_int_equal(tree.nodes[0].choices, 5);
    tree_release(&tree);
}

static void tree_grow__nothing_to_cut(void **state)
{
    double same[] = {.5, .5, .5}, one[] = {1, 2, 3}, flat[] = {4, 4, 4};
    double apart[] = {.1, .5, .9};
    struct forest_data data = {same, one, 3, 1, numbers};
    struct tree tree = grow(&data, (struct tree_options){3, 1});

    (void)state;
    assert_int_equal(tree.n, 1);
    assert_near(tree.nodes[0].value, 2, 1e-15);
    tree_release(&tree);
    data.x = apart, data.y = flat;
    tree = grow(&data, (struct tree_options){3, 1});
    assert_int_equal(tree.n, 1);
    tree_release(&tree);
    data.y = one;
    tree = grow(&data, (struct tree_options){3, 2});
    assert_int_equal(tree.n, 1);
    tree_release(&tree);
}

/* ---- parts by enumeration ---- */

/*
 * A number, a choice of three, a number that means something for two of them,
 * a choice that does for one of these, and a number that does for one of its.
 * Numbers are cut at eighths only, so that 8 places are all there are.
 */
enum { A, C, M, E, Q, ALL };
static const double eighths[] = {.125, .25, .375, .5, .625, .75, .875};
static const struct forest_feature mixed[ALL] = {{0, eighths, 7},
                                                 {3, NULL, 0},
                                                 {0, eighths, 7},
                                                 {2, NULL, 0},
                                                 {0, eighths, 7}};
static const struct box_condition some[ALL] = {
    {BOX_NONE, 0}, {BOX_NONE, 0}, {C, 6}, {C, 4}, {E, 2}};
static const struct box_space mixed_space = {mixed, some, ALL};
static const size_t sizes[ALL] = {8, 3, 8, 2, 8};
enum { CELLS = 8 * 3 * 8 * 2 * 8 };

static void unpack(size_t cell, size_t at[ALL])
{
    for (size_t f = ALL; f-- > 0; cell /= sizes[f])
        at[f] = cell % sizes[f];
}

/* What stands in the data for a place in the cube. */
static void present(const size_t at[ALL], double out[ALL])
{
    for (size_t f = 0; f < ALL; f++) {
        size_t p = some[f].parent;
        bool means = p == BOX_NONE ||
                     (!isnan(out[p]) && some[f].when >> at[p] & 1);
        out[f] = !means             ? NAN
                 : mixed[f].choices ? (double)at[f]
                                    : ((double)at[f] + .5) / 8;
    }
}

/* f of every place, and its boxes; of two trees, whose sum it is. */
static void make_function(double f[CELLS], struct boxes *boxes)
{
    struct rng rng;

    rng_init(&rng, 5, 1);
    boxes->d = ALL;
    memset(f, 0, CELLS * sizeof(*f));
    for (int t = 0; t < 2; t++) {
        struct tree tree;
        struct forest_data data = {x, y, 200, ALL, mixed};
        for (size_t i = 0; i < data.n; i++) {
            size_t at[ALL];
            unpack((size_t)rng_below(&rng, CELLS), at);
            present(at, x + i * ALL);
            y[i] = rng_normal(&rng) + (double)at[A] * (double)at[C] +
                   (isnan(x[i * ALL + M]) ? 0 : (double)(at[M] * at[M])) +
                   (isnan(x[i * ALL + Q]) ? 9 : (double)at[Q] * (double)at[A]);
        }
        tree = grow(&data, (struct tree_options){7, 1});
        boxes_add_tree(boxes, &tree, &mixed_space);
        for (size_t cell = 0; cell < CELLS; cell++) {
            double row[ALL];
            size_t at[ALL];
            unpack(cell, at);
            present(at, row);
            f[cell] += tree_predict(&tree, mixed, row);
        }
        tree_release(&tree);
    }
}

/* The mean over the cells of `only` where features i and j are where given. */
static double mean_at(const double f[CELLS], const uint64_t only[ALL], size_t i,
                      size_t at_i, size_t j, size_t at_j)
{
    double sum = 0, n = 0;

    for (size_t cell = 0; cell < CELLS; cell++) {
        size_t at[ALL];
        bool in = true;
        unpack(cell, at);
        for (size_t k = 0; k < ALL; k++)
            in &= !mixed[k].choices || (only[k] >> at[k] & 1);
        if (in && (i == BOX_NONE || at[i] == at_i) &&
            (j == BOX_NONE || at[j] == at_j))
            sum += f[cell], n++;
    }
    return n > 0 ? sum / n : NAN;
}

static double enumerated(const double f[CELLS], const uint64_t only[ALL],
                         size_t i, size_t j)
{
    double mean = mean_at(f, only, BOX_NONE, 0, BOX_NONE, 0), sum = 0, n = 0;

    for (size_t p = 0; p < sizes[i]; p++)
        for (size_t q = 0; q < (j == BOX_NONE ? 1 : sizes[j]); q++) {
            double part = mean_at(f, only, i, p, j, q) - mean;
            if (j != BOX_NONE)
                part -= mean_at(f, only, i, p, BOX_NONE, 0) +
                        mean_at(f, only, j, q, BOX_NONE, 0) - 2 * mean;
            if (!isnan(part))
                sum += part * part, n++;
        }
    return sum / n;
}

static void assert_parts(const double f[CELLS], const struct boxes *boxes,
                         const uint64_t only[ALL])
{
    struct boxes within = {0};
    double at[ALL * ALL];
    struct parts parts = {0, at};

    boxes_within(&within, boxes, &mixed_space, only);
    parts_variance(&parts, &within, &mixed_space);
    for (size_t i = 0; i < ALL; i++) {
        assert_near(at[i * ALL + i], enumerated(f, only, i, BOX_NONE), 1e-9);
        for (size_t j = i + 1; j < ALL; j++)
            assert_near(at[i * ALL + j], enumerated(f, only, i, j), 1e-9);
    }
    boxes_release(&within);
}

static void anova_parts__as_by_enumeration(void **state)
{
    static const uint64_t whole[ALL] = {0, 7, 0, 3, 0},
                          m[ALL] = {0, 6, 0, 3, 0}, q[ALL] = {0, 4, 0, 2, 0};
    static double f[CELLS];
    struct boxes boxes = {0};
    double at[ALL * ALL], variance = 0, mean;
    struct parts parts = {0, at};

    (void)state;
    make_function(f, &boxes);
    mean = mean_at(f, whole, BOX_NONE, 0, BOX_NONE, 0);
    for (size_t cell = 0; cell < CELLS; cell++)
        variance += (f[cell] - mean) * (f[cell] - mean) / CELLS;
    parts_variance(&parts, &boxes, &mixed_space);
    assert_near(parts.total, variance, 1e-9);
    assert_near(parts_mean(&boxes), mean, 1e-9);
    assert_parts(f, &boxes, whole);
    assert_parts(f, &boxes, m);
    assert_parts(f, &boxes, q);
    boxes_release(&boxes);
}

static void parts_at__as_by_enumeration(void **state)
{
    static const uint64_t whole[ALL] = {0, 7, 0, 3, 0};
    static double f[CELLS];
    struct boxes boxes = {0};
    double part[ALL * ALL], mean;
    struct parts parts = {0, part};

    (void)state;
    make_function(f, &boxes);
    mean = mean_at(f, whole, BOX_NONE, 0, BOX_NONE, 0);
    for (size_t cell = 7; cell < CELLS; cell += 197) {
        double row[ALL], of_a, of_c;
        size_t at[ALL];
        unpack(cell, at);
        present(at, row);
        parts_at(&parts, &boxes, &mixed_space, row);
        assert_near(mean + parts.total, f[cell], 1e-9);
        of_a = mean_at(f, whole, A, at[A], BOX_NONE, 0) - mean;
        of_c = mean_at(f, whole, C, at[C], BOX_NONE, 0) - mean;
        assert_near(part[A * ALL + A], of_a, 1e-9);
        assert_near(part[A * ALL + C],
                    mean_at(f, whole, A, at[A], C, at[C]) - mean - of_a - of_c,
                    1e-9);
    }
    boxes_release(&boxes);
}

/* ---- known shares ---- */

static const double pi = 3.14159265358979323846;

/* Sobol's indices: .313905, .442411, 0; of x0 and x2 together .243684. */
static double ishigami(const double *u)
{
    double c = pi * (2 * u[2] - 1), s = sin(pi * (2 * u[1] - 1));

    return (1 + .1 * c * c * c * c) * sin(pi * (2 * u[0] - 1)) + 7 * s * s;
}

/* Variances .6, .3, .1 of a whole of 1. */
static double additive(const double *u)
{
    return sqrt(12) *
           (sqrt(.6) * u[0] + sqrt(.3) * u[1] + sqrt(.1) * (1 - u[2]));
}

static double product(const double *u)
{
    return (2 * u[0] - 1) * (2 * u[1] - 1);
}

static double nothing(const double *u)
{
    (void)u;
    return 0;
}

static void sample(double (*f)(const double *), size_t n, size_t d,
                   double noise, uint64_t seed)
{
    struct rng rng;

    rng_init(&rng, seed, 3);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < d; k++)
            x[i * d + k] = rng_uniform(&rng);
        y[i] = f(x + i * d) + noise * rng_normal(&rng);
    }
}

static struct anova shares_of(size_t n, size_t d, uint64_t seed)
{
    struct anova_data data = {{x, y, n, d, numbers}, always};
    struct anova anova;

    functional_anova(&anova, &data, seed);
    return anova;
}

static const struct anova_share *share_of(const struct anova *anova, size_t a,
                                          size_t b)
{
    for (size_t i = 0; i < anova->n; i++)
        if (anova->shares[i].a == a && anova->shares[i].b == b)
            return &anova->shares[i];
    fail_msg("no share of %zu and %zu", a, b);
    return NULL;
}

static void assert_share(const struct anova *anova, size_t a, size_t b,
                         double want, double tolerance)
{
    const struct anova_share *s = share_of(anova, a, b);

    assert_near(s->share, want, tolerance);
    assert_true(s->ci.low <= s->share && s->share <= s->ci.high);
}

static void functional_anova__ishigami(void **state)
{
    struct anova anova;

    (void)state;
    sample(ishigami, 300, 4, 0, 1);
    anova = shares_of(300, 4, 1);
    assert_int_equal(anova.n, 10);
    assert_share(&anova, 0, BOX_NONE, .3139, .05);
    assert_share(&anova, 1, BOX_NONE, .4424, .05);
    assert_share(&anova, 2, BOX_NONE, 0, .01);
    assert_share(&anova, 3, BOX_NONE, 0, .01);
    assert_share(&anova, 0, 2, .2437, .05);
    assert_share(&anova, 0, 1, 0, .02);
    assert_between(anova.explained, .8, .99);
    anova_release(&anova);
}

static void functional_anova__pure_pair(void **state)
{
    struct anova anova;

    (void)state;
    sample(product, 150, 3, 0, 2);
    anova = shares_of(150, 3, 1);
    assert_share(&anova, 0, 1, 1, .06);
    assert_true(share_of(&anova, 0, 1)->ci.low > .5);
    for (size_t i = 0; i < 3; i++) {
        assert_share(&anova, i, BOX_NONE, 0, .04);
        assert_true(share_of(&anova, i, BOX_NONE)->ci.low < .01);
    }
    anova_release(&anova);
}

/* y is 0, 3, 6 by choice, and another number where the choice is the third. */
static void functional_anova__choices_and_conditions(void **state)
{
    struct forest_feature f[] = {{3, NULL, 0}, {0, NULL, 0}, {0, NULL, 0}};
    struct box_condition c[] = {{BOX_NONE, 0}, {0, 4}, {0, 1}};
    struct anova_data data = {{x, y, 200, 3, f}, c};
    struct anova anova;
    struct rng rng;

    (void)state;
    rng_init(&rng, 4, 4);
    for (size_t i = 0; i < 200; i++) {
        size_t choice = (size_t)rng_below(&rng, 3);
        double u = rng_uniform(&rng), v = rng_uniform(&rng);
        x[i * 3] = (double)choice;
        x[i * 3 + 1] = choice == 2 ? u : NAN;
        x[i * 3 + 2] = choice == 0 ? v : NAN;
        y[i] = 3 * (double)choice + (choice == 2 ? 12 * (u - .5) : 0);
    }
    functional_anova(&anova, &data, 1);
    /* 6 by choice, a third of 12 by the number where it means something; two
       that never do together have no pair. */
    assert_int_equal(anova.n, 5);
    assert_share(&anova, 0, BOX_NONE, .6, .05);
    assert_share(&anova, 1, BOX_NONE, .4, .05);
    assert_share(&anova, 2, BOX_NONE, 0, .01);
    assert_share(&anova, 0, 1, 0, .02);
    anova_release(&anova);
}

/* Closer to the truth than the random forest of Optuna 3.1, same order. */
static void functional_anova__beside_optuna(void **state)
{
    static const double truth[] = {.6, .3, .1, 0, 0};
    double ours = 0, theirs = 0, unused[N];
    struct anova anova;

    (void)state;
    read_rows(unused, unused);
    anova = shares_of(N, D, 1);
    for (size_t i = 0; i < D; i++) {
        char name[] = {'x', (char)('0' + i), '\0'};
        ours += fabs(share_of(&anova, i, BOX_NONE)->share - truth[i]);
        theirs += fabs(expected(name) - truth[i]);
        assert_near(share_of(&anova, i, BOX_NONE)->share, expected(name), .12);
    }
    print_message("sum of errors %.3f, of Optuna's %.3f\n", ours, theirs);
    assert_true(ours < theirs);
    anova_release(&anova);
}

/* ---- chance ---- */

static void functional_anova__noise_explains_nothing(void **state)
{
    size_t found = 0, all = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct anova anova;
        sample(nothing, 40, 3, 1, seed);
        anova = shares_of(40, 3, seed);
        for (size_t i = 0; i < anova.n; i++, all++)
            found += anova.shares[i].ci.low > 0;
        anova_release(&anova);
    }
    print_message("%zu of %zu beyond chance\n", found, all);
    assert_true(found <= all / 20);
}

static void functional_anova__intervals_hold_the_truth(void **state)
{
    static const double truth[] = {.6, .3, .1};
    size_t held = 0, seen = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct anova anova;
        sample(additive, 60, 3, .5, seed);
        anova = shares_of(60, 3, seed);
        for (size_t i = 0; i < 3; i++) {
            const struct anova_share *s = share_of(&anova, i, BOX_NONE);
            held += s->ci.low <= truth[i] && truth[i] <= s->ci.high;
            seen += s->ci.low > 0;
        }
        anova_release(&anova);
    }
    print_message("%zu of 18 held, %zu seen\n", held, seen);
    assert_true(held >= 15);
    assert_true(seen >= 12);
}

static void functional_anova__any_thread_count(void **state)
{
    int most = omp_get_max_threads();
    struct anova first, anova;

    (void)state;
    sample(additive, 30, 2, .2, 1);
    omp_set_num_threads(1);
    first = shares_of(30, 2, 7);
    for (int threads = 2; threads <= 8; threads += 6) {
        omp_set_num_threads(threads);
        anova = shares_of(30, 2, 7);
        for (size_t i = 0; i < anova.n; i++) {
            assert_true(anova.shares[i].share == first.shares[i].share);
            assert_true(anova.shares[i].ci.low == first.shares[i].ci.low);
        }
        anova_release(&anova);
    }
    omp_set_num_threads(most);
    anova = shares_of(30, 2, 8);
    assert_true(anova.shares[0].share != first.shares[0].share);
    anova_release(&anova);
    anova_release(&first);
}

static void functional_anova__few_rows(void **state)
{
    (void)state;
    for (size_t n = 2; n <= 4; n++) {
        struct anova anova;
        sample(nothing, n, 2, 0, 1);
        anova = shares_of(n, 2, 1);
        for (size_t i = 0; i < anova.n; i++) {
            assert_true(isnan(anova.shares[i].share));
            assert_near(anova.shares[i].ci.low, 0, 0);
            assert_near(anova.shares[i].ci.high, 1, 0);
        }
        anova_release(&anova);
    }
}

/* ---- curves ---- */

static void functional_marginal__of_a_line(void **state)
{
    static const double at[] = {.05, .25, .5, .75, .95};
    struct anova_data data = {{x, y, 150, 3, numbers}, always};
    struct interval band[5];
    double mean[5], rest = sqrt(12) * (sqrt(.3) + sqrt(.1)) / 2;

    (void)state;
    sample(additive, 150, 3, .1, 3);
    functional_marginal(&data, 0, at, 5, 1, mean, band);
    for (size_t i = 0; i < 5; i++) {
        double truth = sqrt(7.2) * at[i] + rest;
        assert_near(mean[i], truth, .12);
        assert_true(band[i].low < truth && truth < band[i].high);
        assert_between(band[i].high - band[i].low, .02, .6);
    }
}

static void functional_marginal__where_it_means_something(void **state)
{
    static const double at[] = {.1, .9}, choice[] = {0, 1};
    struct forest_feature f[] = {{2, NULL, 0}, {0, NULL, 0}};
    struct box_condition c[] = {{BOX_NONE, 0}, {0, 2}};
    struct anova_data data = {{x, y, 100, 2, f}, c};
    struct interval band[2];
    double mean[2];

    (void)state;
    for (size_t i = 0; i < 100; i++) {
        x[i * 2] = (double)(i % 2);
        x[i * 2 + 1] = i % 2 ? (double)i / 99 : NAN;
        y[i] = i % 2 ? 10 + (i > 50) : 100;
    }
    functional_marginal(&data, 1, at, 2, 1, mean, band);
    assert_near(mean[0], 10, .02);
    assert_near(mean[1], 11, .02);
    functional_marginal(&data, 0, choice, 2, 1, mean, band);
    assert_near(mean[0], 100, .02);
    assert_near(mean[1], 10.5, .02);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tree_grow__as_sklearn),
        cmocka_unit_test(forest_boost__as_sklearn),
        cmocka_unit_test(tree_grow__missing_has_a_side),
        cmocka_unit_test(tree_grow__steps_and_choices),
        cmocka_unit_test(tree_grow__nothing_to_cut),
        cmocka_unit_test(anova_parts__as_by_enumeration),
        cmocka_unit_test(parts_at__as_by_enumeration),
        cmocka_unit_test(functional_anova__ishigami),
        cmocka_unit_test(functional_anova__pure_pair),
        cmocka_unit_test(functional_anova__choices_and_conditions),
        cmocka_unit_test(functional_anova__beside_optuna),
        cmocka_unit_test(functional_anova__noise_explains_nothing),
        cmocka_unit_test(functional_anova__intervals_hold_the_truth),
        cmocka_unit_test(functional_anova__any_thread_count),
        cmocka_unit_test(functional_anova__few_rows),
        cmocka_unit_test(functional_marginal__of_a_line),
        cmocka_unit_test(functional_marginal__where_it_means_something),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
