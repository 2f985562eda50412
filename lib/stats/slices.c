#include "stats/slices.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "base/mem.h"
#include "stats/multiplicity.h"

void slices_init(struct slices *s, size_t rows, size_t errors, size_t least)
{
    *s = (struct slices){.rows = rows, .errors = errors, .least = least};
}

void slices_release(struct slices *s)
{
    free(s->all);
    memset(s, 0, sizeof(*s));
}

/* ---- counting ---- */

struct count {
    size_t n, errors;
};

static void add(struct slices *s, struct slice slice)
{
    if (slice.n < s->least || slice.n >= s->rows)
        return;
    s->all = mem_grow(s->all, &s->capacity, s->n + 1, sizeof(*s->all));
    s->all[s->n++] = slice;
}

void slices_add_counts(struct slices *s, size_t column, const size_t *n,
                       const size_t *errors, size_t n_levels)
{
    for (size_t level = 0; level < n_levels; level++)
        add(s, (struct slice){.column = column,
                              .level = level,
                              .other = SLICE_NONE,
                              .n = n[level],
                              .errors = errors[level]});
}

void slices_add_codes(struct slices *s, size_t column,
                      const struct slice_codes *codes,
                      const unsigned char *wrong)
{
    size_t *n = mem_zalloc(codes->n_levels + 1, sizeof(*n)),
           *errors = mem_zalloc(codes->n_levels + 1, sizeof(*errors));

    for (size_t i = 0; i < s->rows; i++) {
        n[codes->code[i]]++;
        errors[codes->code[i]] += wrong[i];
    }
    slices_add_counts(s, column, n + 1, errors + 1, codes->n_levels);
    free(n);
    free(errors);
}

/* [levels of a + 1][levels of b + 1], with the rows that have none. */
static struct count *count_pairs(size_t rows, const struct slice_codes *a,
                                 const struct slice_codes *b,
                                 const unsigned char *wrong)
{
    size_t width = b->n_levels + 1;
    struct count *counts =
        mem_zalloc((a->n_levels + 1) * width, sizeof(*counts));

    for (size_t i = 0; i < rows; i++) {
        struct count *at = &counts[a->code[i] * width + b->code[i]];
        at->n++;
        at->errors += wrong[i];
    }
    return counts;
}

void slices_add_pair(struct slices *s, size_t a, const struct slice_codes *of_a,
                     size_t b, const struct slice_codes *of_b,
                     const unsigned char *wrong)
{
    size_t height = of_a->n_levels + 1, width = of_b->n_levels + 1;
    struct count *pairs = count_pairs(s->rows, of_a, of_b, wrong);
    size_t *n_a = mem_zalloc(height, sizeof(*n_a)),
           *n_b = mem_zalloc(width, sizeof(*n_b));

    for (size_t i = 0; i < height * width; i++) {
        n_a[i / width] += pairs[i].n;
        n_b[i % width] += pairs[i].n;
    }
    for (size_t x = 1; x < height; x++)
        for (size_t y = 1; y < width; y++) {
            struct count pair = pairs[x * width + y];
            if (pair.n < n_a[x] && pair.n < n_b[y])
                add(s, (struct slice){.column = a,
                                      .level = x - 1,
                                      .other = b,
                                      .other_level = y - 1,
                                      .n = pair.n,
                                      .errors = pair.errors});
        }
    free(n_a);
    free(n_b);
    free(pairs);
}

/* ---- testing ---- */

/* P(X >= errors) in a slice of n rows drawn from all. */
static double fisher(const struct slices *s, size_t n, size_t errors)
{
    if (errors == 0)
        return 1;
    return gsl_cdf_hypergeometric_Q((unsigned)errors - 1, (unsigned)s->errors,
                                    (unsigned)(s->rows - s->errors),
                                    (unsigned)n);
}

static void test(const struct slices *s, struct slice *slice)
{
    double n = (double)slice->n, errors = (double)slice->errors,
           all = (double)s->errors;

    slice->error = errors / n;
    slice->ci = wilson(errors, n);
    slice->share = all > 0 ? errors / all : NAN;
    slice->excess = errors - n * (all - errors) / ((double)s->rows - n);
    slice->p_value = fisher(s, slice->n, slice->errors);
}

/* A slice with the place it had: qsort keeps no order of equals. */
struct ranked {
    struct slice slice;
    size_t place;
};

static int weakest_first(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    if (x->slice.p_adjusted != y->slice.p_adjusted)
        return x->slice.p_adjusted < y->slice.p_adjusted ? -1 : 1;
    if (x->slice.excess != y->slice.excess)
        return x->slice.excess > y->slice.excess ? -1 : 1;
    return x->place < y->place ? -1 : 1;
}

static void sort(struct slices *s)
{
    struct ranked *ranked = mem_alloc(s->n, sizeof(*ranked));

    for (size_t i = 0; i < s->n; i++)
        ranked[i] = (struct ranked){s->all[i], i};
    qsort(ranked, s->n, sizeof(*ranked), weakest_first);
    for (size_t i = 0; i < s->n; i++)
        s->all[i] = ranked[i].slice;
    free(ranked);
}

void slices_test(struct slices *s)
{
    double *p = mem_alloc(s->n, sizeof(*p));

    for (size_t i = 0; i < s->n; i++) {
        test(s, &s->all[i]);
        p[i] = s->all[i].p_value;
    }
    benjamini_hochberg(p, s->n, p);
    for (size_t i = 0; i < s->n; i++)
        s->all[i].p_adjusted = p[i];
    free(p);
    sort(s);
}

/* ---- bins ---- */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

size_t slices_cut(double *values, size_t n, size_t bins, double *cuts)
{
    size_t n_cuts = 0;

    if (n)
        qsort(values, n, sizeof(*values), by_value);
    for (size_t i = 1; n && i < bins; i++) {
        double cut = values[i * n / bins],
               last = n_cuts ? cuts[n_cuts - 1] : values[0];
        if (cut > last)
            cuts[n_cuts++] = cut;
    }
    return n_cuts;
}

size_t slices_bin(const double *cuts, size_t n_cuts, double value)
{
    size_t low = 0, high = n_cuts;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (cuts[middle] <= value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
