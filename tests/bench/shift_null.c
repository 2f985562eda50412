/*
 * shift_null RUNS: how often two sets of rows that do not differ are said to,
 * by p < .05 and by the thresholds in wide use.
 *
 * 2,000 reference rows, and 20 to 2,000 current ones of the same table, whose
 * ten columns are normal (two), log-normal (two), normal printed to three
 * digits, integers with ties (two), a binary of 2 %, 5 and 200 levels.  For
 * each kind of column, the rates of
 *
 *     p      p < .05 of number_shift_test or level_shift_test
 *     w1     W1 / deviation of the reference >= .1
 *     psi    PSI >= .1 over ten bins of the reference's quantiles, or over
 *            levels; a share of 0 is taken as .0001
 *     js     Jensen-Shannon distance (base e) >= .1, over the same
 *
 * The line `any` has in `p` the rate of tables of which some column has a p
 * adjusted for all ten (Benjamini-Hochberg) below .05, and for the others that
 * of tables of which some column passes the threshold.
 *
 * Then, 100,000 rows a side and a shift of .08 deviations: the share in which
 * it is found (200 runs).  The same bytes at any number of threads.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/float_sort.h"
#include "base/mem.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "stats/contingency.h"
#include "stats/level_shift.h"
#include "stats/multiplicity.h"
#include "stats/number_shift.h"

enum { REFERENCE = 2000, BINS = 10, MOST_LEVELS = 200, LARGE = 100000 };
enum kind { NORMAL, SKEWED, PRINTED, INTEGERS, BINARY, FIVE, MANY, KINDS };
enum judge { BY_P, BY_W1, BY_PSI, BY_JS, JUDGES };

static const char *const kind_names[] = {
    "normal",     "log-normal", "normal to 3 digits", "integers",
    "binary 2 %", "5 levels",   "200 levels"};

/* The columns of a table; the first of a kind is what its rates are of. */
static const enum kind columns[] = {NORMAL, SKEWED,  PRINTED, INTEGERS,
                                    BINARY, FIVE,    MANY,    NORMAL,
                                    SKEWED, INTEGERS};
enum { COLUMNS = sizeof(columns) / sizeof(*columns) };

struct verdict {
    double p;
    bool found[JUDGES];
};

/* ---- columns ---- */

static double draw(struct rng *rng, enum kind kind, double shift)
{
    double z = shift;
    char text[30];

    if (kind == BINARY)
        return rng_uniform(rng) < .02;
    if (kind == FIVE || kind == MANY)
        return (double)rng_below(rng, kind == FIVE ? 5 : MOST_LEVELS);
    z += rng_normal(rng);
    if (kind == SKEWED)
        return exp(z);
    if (kind == INTEGERS)
        return round(2 * z);
    if (kind == NORMAL)
        return z;
    snprintf(text, sizeof(text), "%.3g", z);
    return strtod(text, NULL);
}

static float *draw_rows(struct rng *rng, enum kind kind, size_t n, double shift)
{
    float *x = mem_alloc(n, sizeof(*x));

    for (size_t i = 0; i < n; i++)
        x[i] = (float)draw(rng, kind, shift);
    return x;
}

/* ---- judges ---- */

static void sort(float *x, size_t n)
{
    uint32_t *scratch = mem_alloc(n, sizeof(*scratch));

    float_sort(x, scratch, n);
    free(scratch);
}

/* The area between two distribution functions, x and y ascending. */
static double wasserstein(const float *x, size_t n, const float *y, size_t m)
{
    double sum = 0;
    size_t i = 0, j = 0;
    float from = fminf(x[0], y[0]);

    while (i < n || j < m) {
        float to = j == m || (i < n && x[i] <= y[j]) ? x[i] : y[j];
        sum += fabs((double)i / (double)n - (double)j / (double)m) *
               (double)(to - from);
        from = to;
        while (i < n && x[i] <= to)
            i++;
        while (j < m && y[j] <= to)
            j++;
    }
    return sum;
}

static double deviation(const float *x, size_t n)
{
    struct moments m = {0};

    for (size_t i = 0; i < n; i++)
        moments_add(&m, (double)x[i]);
    return sqrt(moments_variance(&m));
}

/* Counts in bins that end at the reference's quantiles (x ascending). */
static void count_bins(const float *x, size_t n, const float *of, size_t m,
                       double *count)
{
    memset(count, 0, BINS * sizeof(*count));
    for (size_t i = 0; i < m; i++) {
        size_t bin = 0;
        while (bin + 1 < BINS && of[i] > x[(bin + 1) * n / BINS])
            bin++;
        count[bin]++;
    }
}

static void compare_shares(struct verdict *v, const double *a, const double *b,
                           size_t levels)
{
    double p[MOST_LEVELS], q[MOST_LEVELS], n = 0, m = 0;

    for (size_t j = 0; j < levels; j++) {
        n += a[j];
        m += b[j];
    }
    for (size_t j = 0; j < levels; j++) {
        p[j] = a[j] / n;
        q[j] = b[j] / m;
    }
    v->found[BY_JS] = sqrt(jensen_shannon(p, q, levels)) >= .1;
    for (size_t j = 0; j < levels; j++) {
        p[j] = fmax(p[j], 1e-4);
        q[j] = fmax(q[j], 1e-4);
    }
    v->found[BY_PSI] = stability_index(p, q, levels) >= .1;
}

static struct verdict judge_numbers(float *x, size_t n, float *y, size_t m)
{
    struct quantiles *a = quantiles_new(0, 1), *b = quantiles_new(0, 1);
    double in_x[BINS], in_y[BINS];
    struct distribution reference, current;
    struct verdict v = {0};

    quantiles_add(a, x, n);
    quantiles_add(b, y, m);
    reference = quantiles_view(a);
    current = quantiles_view(b);
    v.p = number_shift_test(&reference, &current).p;
    v.found[BY_P] = v.p < .05;
    quantiles_free(a);
    quantiles_free(b);

    sort(x, n);
    sort(y, m);
    v.found[BY_W1] = wasserstein(x, n, y, m) / deviation(x, n) >= .1;
    count_bins(x, n, x, n, in_x);
    count_bins(x, n, y, m, in_y);
    compare_shares(&v, in_x, in_y, BINS);
    return v;
}

static struct verdict judge_levels(const float *x, size_t n, const float *y,
                                   size_t m, uint64_t seed)
{
    double a[MOST_LEVELS] = {0}, b[MOST_LEVELS] = {0};
    struct verdict v = {0};

    for (size_t i = 0; i < n; i++)
        a[(size_t)x[i]]++;
    for (size_t i = 0; i < m; i++)
        b[(size_t)y[i]]++;
    v.p = level_shift_test(a, b, MOST_LEVELS, seed).p;
    v.found[BY_P] = v.p < .05;
    compare_shares(&v, a, b, MOST_LEVELS);
    return v;
}

static struct verdict judge(struct rng *rng, enum kind kind, size_t n, size_t m,
                            double shift, uint64_t seed)
{
    float *x = draw_rows(rng, kind, n, 0), *y = draw_rows(rng, kind, m, shift);
    struct verdict v = kind < BINARY ? judge_numbers(x, n, y, m)
                                     : judge_levels(x, n, y, m, seed);

    free(x);
    free(y);
    return v;
}

/* ---- tables ---- */

struct table_verdict {
    struct verdict column[COLUMNS];
    bool any[JUDGES];
};

static void judge_table(struct table_verdict *t, size_t rows, uint64_t run)
{
    double p[COLUMNS];
    struct rng rng;

    *t = (struct table_verdict){0};
    rng_init(&rng, run, rows);
    for (size_t c = 0; c < COLUMNS; c++) {
        t->column[c] = judge(&rng, columns[c], REFERENCE, rows, 0, run);
        p[c] = t->column[c].p;
        for (int j = BY_W1; j < JUDGES; j++)
            t->any[j] = t->any[j] || t->column[c].found[j];
    }
    benjamini_hochberg(p, COLUMNS, p);
    for (size_t c = 0; c < COLUMNS; c++)
        t->any[BY_P] = t->any[BY_P] || p[c] < .05;
}

static void show_rates(const double *found, size_t runs, bool has_w1)
{
    for (int j = 0; j < JUDGES; j++)
        if (j == BY_W1 && !has_w1)
            printf(",");
        else
            printf(",%.4f", found[j] / (double)runs);
    putchar('\n');
}

static void show_null(size_t rows, size_t runs)
{
    struct table_verdict *t = mem_alloc(runs, sizeof(*t));
    double any[JUDGES] = {0};

#pragma omp parallel for schedule(dynamic)
    for (size_t i = 0; i < runs; i++)
        judge_table(&t[i], rows, i + 1);
    for (int k = 0; k < KINDS; k++) {
        double found[JUDGES] = {0};
        for (size_t i = 0; i < runs; i++)
            for (int j = 0; j < JUDGES; j++)
                found[j] += t[i].column[k].found[j];
        printf("%zu,%s", rows, kind_names[k]);
        show_rates(found, runs, k < BINARY);
    }
    for (size_t i = 0; i < runs; i++)
        for (int j = 0; j < JUDGES; j++)
            any[j] += t[i].any[j];
    printf("%zu,any", rows);
    show_rates(any, runs, true);
    fflush(stdout);
    free(t);
}

static void show_large(enum kind kind, size_t runs)
{
    struct verdict *v = mem_alloc(runs, sizeof(*v));
    double found[JUDGES] = {0};

#pragma omp parallel for schedule(dynamic)
    for (size_t i = 0; i < runs; i++) {
        struct rng rng;
        rng_init(&rng, i + 1, LARGE);
        v[i] = judge(&rng, kind, LARGE, LARGE, .08, i);
    }
    for (size_t i = 0; i < runs; i++)
        for (int j = 0; j < JUDGES; j++)
            found[j] += v[i].found[j];
    printf("%d,%s + .08", (int)LARGE, kind_names[kind]);
    show_rates(found, runs, true);
    free(v);
}

int main(int argc, char **argv)
{
    static const size_t rows[] = {20, 50, 100, 200, 500, 1000, 2000};
    size_t runs = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000;

    parallel_set_threads(0);
    puts("rows,column,p,w1,psi,js");
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        show_null(rows[i], runs);
    show_large(NORMAL, 200);
    show_large(INTEGERS, 200);
    return 0;
}
