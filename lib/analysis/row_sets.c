#include "analysis/row_sets.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/row_values.h"
#include "analysis/table_sketch.h"
#include "base/mem.h"
#include "stats/auroc.h"
#include "stats/contingency.h"
#include "stats/interval.h"
#include "stats/ks.h"
#include "stats/probe.h"

enum {
    DRAWS = 20000,
    MOST_LEVELS = 200,
    PROBE_ROWS = 2000,
    PROBE_LEAST = 30,
    IMAGES = 1000
};

/* What is compared: the table, the sets, and where results go. */
struct work {
    const struct table *t;
    const struct row_set *set[2];
    uint64_t seed;
    struct row_sets_results *results;
};

static void add(struct work *w, struct row_sets_result result)
{
    struct row_sets_results *r = w->results;

    r->at = mem_grow(r->at, &r->capacity, r->n + 1, sizeof(*r->at));
    r->at[r->n++] = result;
}

/* ---- numbers ---- */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Sorted values that are there, of each (n / most)-th row; the caller frees. */
static double *values_of(const struct work *w, int set, row_value *of,
                         size_t which, size_t most, size_t *n)
{
    const struct row_set *s = w->set[set];
    double *x = mem_alloc(s->n, sizeof(*x));

    *n = 0;
    for (size_t i = 0; i < s->n; i += s->n / (most + 1) + 1) {
        double value = of(w->t, s->row[i], which);
        if (!isnan(value))
            x[(*n)++] = value;
    }
    qsort(x, *n, sizeof(*x), by_value);
    return x;
}

static double largest_gap(const double *a, size_t n, const double *b, size_t m)
{
    double gap = 0;
    size_t i = 0, j = 0;

    while (i < n && j < m) {
        double x = fmin(a[i], b[j]);
        while (i < n && a[i] <= x)
            i++;
        while (j < m && b[j] <= x)
            j++;
        gap = fmax(gap, fabs((double)i / (double)n - (double)j / (double)m));
    }
    return gap;
}

static double deviation(const double *x, size_t n)
{
    double mean = 0, squares = 0;

    for (size_t i = 0; i < n; i++) {
        double off = x[i] - mean;
        mean += off / (double)(i + 1);
        squares += off * (x[i] - mean);
    }
    return n > 1 ? sqrt(squares / (double)(n - 1)) : 0;
}

static void compare_values(struct work *w, enum row_sets_kind kind,
                           row_value *of, size_t which, const char *column,
                           size_t most)
{
    struct row_sets_result r = {.kind = kind, .column = column, .p = 1};
    size_t n, m;
    double *a = values_of(w, 0, of, which, most, &n);
    double *b = values_of(w, 1, of, which, most, &m);

    if (n && m) {
        double sd = deviation(a, n);
        r.effect = largest_gap(a, n, b, m);
        r.value = sd > 0 ? wasserstein(a, n, b, m) / sd : NAN;
        r.p = r.effect < SETS_FLOOR
                  ? kolmogorov_tail(r.effect * sqrt((double)n * (double)m /
                                                    (double)(n + m)))
                  : ks_test(a, n, b, m).p;
        r.n = (double)n;
        r.m = (double)m;
        add(w, r);
    }
    free(a);
    free(b);
}

/* ---- shares ---- */

static void compare_missing(struct work *w, row_value *of, size_t which,
                            const char *column)
{
    struct row_sets_result r = {.kind = SETS_MISSING, .column = column};
    double count[4] = {0};

    for (size_t set = 0; set < 2; set++)
        for (size_t i = 0; i < w->set[set]->n; i++)
            count[2 * set +
                  (isnan(of(w->t, w->set[set]->row[i], which)) ? 1 : 0)]++;
    if (!(count[1] + count[3] > 0))
        return;
    r.n = count[0] + count[1];
    r.m = count[2] + count[3];
    r.value = count[3] / r.m;
    r.effect = fabs(count[3] / r.m - count[1] / r.n);
    r.p = homogeneity_test(count, 2, 2, DRAWS, w->seed).p;
    add(w, r);
}

static int by_count(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (x[0] < y[0]) - (x[0] > y[0]);
}

/* [levels][3]: of both sets, of a, of b, the commonest first. */
static double *count_levels(const struct work *w, size_t c, size_t levels)
{
    double *count = mem_zalloc(3 * levels, sizeof(*count));

    for (size_t set = 0; set < 2; set++)
        for (size_t i = 0; i < w->set[set]->n; i++) {
            double *of =
                count +
                (size_t)3 *
                    w->t->levels[w->set[set]->row[i] * w->t->n_categories + c];
            of[0]++;
            of[1 + set]++;
        }
    qsort(count, levels, 3 * sizeof(*count), by_count);
    return count;
}

/* Total variation, less what two samples of one distribution have of it: the
 * mean of |x| for a normal x is sqrt(2 / pi) of its deviation. */
static double variation(const double *count, size_t levels, double n, double m)
{
    double tv = 0, by_chance = 0;

    for (size_t l = 0; l < levels; l++) {
        double all = (count[l] + count[levels + l]) / (n + m);
        tv += fabs(count[l] / n - count[levels + l] / m) / 2;
        by_chance += sqrt(2 / M_PI * all * (1 - all) * (1 / n + 1 / m)) / 2;
    }
    return fmax(tv - by_chance, 0);
}

static void compare_levels(struct work *w, size_t c, const char *column)
{
    struct row_sets_result r = {.kind = SETS_CATEGORY, .column = column};
    size_t all = w->t->dicts[c].count;
    size_t levels = all < MOST_LEVELS ? all : MOST_LEVELS + 1;
    double *sorted = count_levels(w, c, all);
    double *count = mem_zalloc(2 * levels, sizeof(*count));
    struct homogeneity h;

    for (size_t l = 0; l < all; l++) {
        size_t at = l < levels ? l : levels - 1;
        count[at] += sorted[3 * l + 1];
        count[levels + at] += sorted[3 * l + 2];
    }
    r.n = (double)w->set[0]->n;
    r.m = (double)w->set[1]->n;
    h = homogeneity_test(count, 2, levels, DRAWS, w->seed);
    r.p = h.p;
    r.value = h.cramers_v;
    r.effect = variation(count, levels, r.n, r.m);
    add(w, r);
    free(sorted);
    free(count);
}

/* ---- all columns together ---- */

static size_t take_rows(const struct row_set *s, size_t *row)
{
    size_t n = 0;

    for (size_t i = 0; i < s->n; i += s->n / (PROBE_ROWS + 1) + 1)
        row[n++] = s->row[i];
    return n;
}

/* By how much the rows from n on score higher, as AUROC - .5. */
static double separation(const float *score, size_t n, size_t all)
{
    float *of = mem_alloc(all, sizeof(*of));
    struct auroc area;
    double above = 0;

    for (size_t i = 0; i < all; i++)
        of[i] = score[2 * i + 1] - score[2 * i];
    if (auroc_delong(of + n, all - n, of, n, &area) == 0)
        above = area.area - .5;
    free(of);
    return above;
}

static void compare_sketches(struct work *w)
{
    struct row_sets_result r = {.kind = SETS_ALL};
    size_t most = w->set[0]->n + w->set[1]->n;
    size_t *row = mem_alloc(most, sizeof(*row));
    size_t n = take_rows(w->set[0], row), all;
    uint32_t *set;
    float *x, *score;
    struct probe *probe;

    all = n + take_rows(w->set[1], row + n);
    set = mem_zalloc(all, sizeof(*set));
    x = mem_alloc(all * SKETCH_WIDTH, sizeof(*x));
    score = mem_alloc(2 * all, sizeof(*score));
    for (size_t i = n; i < all; i++)
        set[i] = 1;
    table_sketch(w->t, row, all, w->seed, x);
    probe = probe_new(x, all, SKETCH_WIDTH);
    probe_fit(probe, set, 2, score);
    probe_free(probe);
    r.value = probe_association(score, set, 2, 0, all).z;
    r.p = isnan(r.value) ? 1 : normal_upper_tail(r.value);
    r.n = (double)n;
    r.m = (double)(all - n);
    r.effect = separation(score, n, all);
    add(w, r);
    free(row);
    free(set);
    free(x);
    free(score);
}

/* ---- columns ---- */

static void compare_column(struct work *w, const struct column *column,
                           size_t place)
{
    switch (column->type) {
    case TYPE_NUMBER:
        compare_values(w, SETS_NUMBER, row_number, place, column->name,
                       SIZE_MAX - 1);
        compare_missing(w, row_number, place, column->name);
        break;
    case TYPE_CATEGORY:
        compare_levels(w, place, column->name);
        break;
    case TYPE_TEXT:
        if (place < w->t->n_texts) {
            compare_values(w, SETS_TEXT, row_words, place, column->name,
                           SIZE_MAX - 1);
            compare_missing(w, row_words, place, column->name);
        }
        break;
    case TYPE_SEQUENCE:
        compare_values(w, SETS_STEPS, row_steps, 0, column->name, SIZE_MAX - 1);
        for (size_t k = 0; k < w->t->sequences.width; k++)
            compare_values(w, SETS_NUMBER, row_step_mean, k, column->name,
                           SIZE_MAX - 1);
        break;
    case TYPE_IMAGE:
        compare_values(w, SETS_PIXELS, row_pixel, 0, column->name, IMAGES);
        break;
    }
}

void row_sets_compare(const struct table *t, const struct row_set *a,
                      const struct row_set *b, uint64_t seed,
                      struct row_sets_results *results)
{
    struct work w = {t, {a, b}, seed, results};
    size_t place[TYPE_IMAGE + 1] = {0};

    if (!a->n || !b->n)
        return;
    for (size_t i = 0; i < t->schema->n; i++) {
        const struct column *column = &t->schema->columns[i];
        if (column->role == ROLE_FEATURE)
            compare_column(&w, column, place[column->type]++);
    }
    if (!t->sequences.n && a->n >= PROBE_LEAST && b->n >= PROBE_LEAST)
        compare_sketches(&w);
}
