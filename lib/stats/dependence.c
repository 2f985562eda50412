#include "stats/dependence.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "stats/neighbours.h"

enum { ORDERS = 1000, NEAREST = 15, LEAST_ROWS = 20 };

enum statistic { LINEAR, BENT, NEAR_1, NEAR_5, NEAR_15, PRODUCTS, STATISTICS };

static const char *const names[STATISTICS] = {
    "scatter", "scatter", "neighbours", "neighbours", "neighbours", "products"};

/* The rows that are looked at. */
struct view_of_rows {
    size_t n, classes, linear, width, products;
    size_t columns;  /* width + products */
    float *x;        /* [n][columns], means taken off; products of variance 1 */
    uint32_t *label; /* [n] */
    double *count;   /* [classes] */
    uint32_t *near;  /* [n][NEAREST] */
};

/* ---- the rows ---- */

/* Labelled rows at random, in their order (Knuth, TAOCP 2, algorithm S). */
static size_t choose(const uint32_t *label, size_t n, uint64_t seed,
                     size_t *row)
{
    size_t left = 0, kept = 0, wanted;
    struct rng rng;

    rng_init(&rng, seed, RNG_DEPENDENCE);
    for (size_t i = 0; i < n; i++)
        left += label[i] != UINT32_MAX;
    wanted = left < DEPENDENCE_ROWS ? left : DEPENDENCE_ROWS;
    for (size_t i = 0; i < n && kept < wanted; i++) {
        if (label[i] == UINT32_MAX)
            continue;
        if (rng_below(&rng, left--) < wanted - kept)
            row[kept++] = i;
    }
    return kept;
}

/* Takes off the column's mean: its standard deviation. */
static double centre(struct view_of_rows *v, size_t column)
{
    double sum = 0, squares = 0;

    for (size_t i = 0; i < v->n; i++)
        sum += (double)v->x[i * v->columns + column];
    for (size_t i = 0; i < v->n; i++) {
        float *x = &v->x[i * v->columns + column];
        *x = (float)((double)*x - sum / (double)v->n);
        squares += (double)*x * (double)*x;
    }
    return sqrt(squares / (double)v->n);
}

/* The linear columns that are not constant, if they are few enough. */
static size_t list_columns(const float *x, size_t width, size_t linear,
                           const size_t *row, size_t n,
                           size_t list[DEPENDENCE_COLUMNS])
{
    size_t m = 0;

    for (size_t c = 0; c < linear; c++) {
        size_t i = 1;
        while (i < n && x[row[i] * width + c] == x[row[0] * width + c])
            i++;
        if (i == n)
            continue;
        if (m == DEPENDENCE_COLUMNS)
            return 0;
        list[m++] = c;
    }
    return m;
}

static void add_products(struct view_of_rows *v, const size_t *list, size_t m)
{
    size_t at = v->width;

    for (size_t a = 0; a < m; a++)
        for (size_t b = a + 1; b < m; b++, at++) {
            double sd;
            for (size_t i = 0; i < v->n; i++) {
                float *x = v->x + i * v->columns;
                x[at] = x[list[a]] * x[list[b]];
            }
            sd = centre(v, at);
            for (size_t i = 0; i < v->n && sd > 0; i++)
                v->x[i * v->columns + at] /= (float)sd;
        }
}

static void take_rows(struct view_of_rows *v, const float *x,
                      const uint32_t *label, const size_t *row)
{
    size_t list[DEPENDENCE_COLUMNS];
    size_t m = list_columns(x, v->width, v->linear, row, v->n, list);

    v->products = m ? m * (m - 1) / 2 : 0;
    v->columns = v->width + v->products;
    v->x = mem_alloc(v->n * v->columns, sizeof(*v->x));
    v->label = mem_alloc(v->n, sizeof(*v->label));
    v->count = mem_zalloc(v->classes, sizeof(*v->count));
    v->near = mem_alloc(v->n * NEAREST, sizeof(*v->near));
    for (size_t i = 0; i < v->n; i++) {
        memcpy(v->x + i * v->columns, x + row[i] * v->width,
               v->width * sizeof(*x));
        v->label[i] = label[row[i]];
        v->count[v->label[i]]++;
    }
    for (size_t c = 0; c < v->width; c++)
        centre(v, c);
    add_products(v, list, m);
    neighbours_find(v->x, v->n, v->columns, v->linear, NEAREST, v->near, NULL);
}

/* ---- what is looked at ---- */

/* sum[classes][columns] of the rows. */
static void class_sums(const struct view_of_rows *v, const uint32_t *label,
                       float *sum)
{
    memset(sum, 0, v->classes * v->columns * sizeof(*sum));
    for (size_t i = 0; i < v->n; i++) {
        const float *x = v->x + i * v->columns;
        float *to = sum + label[i] * v->columns;
#pragma omp simd
        for (size_t c = 0; c < v->columns; c++)
            to[c] += x[c];
    }
}

static double scatter(const struct view_of_rows *v, const float *sum,
                      size_t begin, size_t end)
{
    double all = 0;

    for (size_t k = 0; k < v->classes; k++) {
        double squares = 0;
        for (size_t c = begin; c < end; c++) {
            double s = (double)sum[k * v->columns + c];
            squares += s * s;
        }
        all += v->count[k] > 0 ? squares / v->count[k] : 0;
    }
    return all;
}

/* The largest z² of a class in a product. */
static double largest(const struct view_of_rows *v, const float *sum)
{
    double most = 0, n = (double)v->n;

    for (size_t k = 0; k < v->classes; k++) {
        double variance = v->count[k] * (1 - v->count[k] / n);
        for (size_t c = v->width; c < v->columns && variance > 0; c++) {
            double s = (double)sum[k * v->columns + c];
            most = fmax(most, s * s / variance);
        }
    }
    return most;
}

static double agreeing(const struct view_of_rows *v, const uint32_t *label,
                       size_t nearest)
{
    size_t n = 0;

    for (size_t i = 0; i < v->n; i++)
        for (size_t k = 0; k < nearest; k++) {
            uint32_t other = v->near[i * NEAREST + k];
            n += other != NEIGHBOUR_NONE && label[other] == label[i];
        }
    return (double)n;
}

static void measure(const struct view_of_rows *v, const uint32_t *label,
                    float *sum, double out[STATISTICS])
{
    class_sums(v, label, sum);
    out[LINEAR] = scatter(v, sum, 0, v->linear);
    out[BENT] = scatter(v, sum, v->linear, v->width);
    out[NEAR_1] = agreeing(v, label, 1);
    out[NEAR_5] = agreeing(v, label, 5);
    out[NEAR_15] = agreeing(v, label, NEAREST);
    out[PRODUCTS] = largest(v, sum);
}

/* Row 0 of out[ORDERS][STATISTICS] is the order given.  Threads own orders. */
static void measure_orders(const struct view_of_rows *v, uint64_t seed,
                           double *out)
{
#pragma omp parallel
    {
        float *sum = mem_alloc(v->classes * v->columns, sizeof(*sum));
        uint32_t *label = mem_alloc(v->n, sizeof(*label));
        size_t *from = mem_alloc(v->n, sizeof(*from));
#pragma omp for schedule(static)
        for (size_t order = 0; order < ORDERS; order++) {
            struct rng rng;
            rng_init(&rng, seed + order, RNG_DEPENDENCE);
            for (size_t i = 0; i < v->n; i++)
                from[i] = i;
            if (order)
                rng_shuffle(&rng, from, v->n);
            for (size_t i = 0; i < v->n; i++)
                label[i] = v->label[from[i]];
            measure(v, label, sum, out + order * STATISTICS);
        }
        free(sum);
        free(label);
        free(from);
    }
}

/* ---- together ---- */

/* In deviations from the mean of all orders; neighbours either way. */
static void standardise(double *out)
{
    for (size_t s = 0; s < STATISTICS; s++) {
        bool either = s == NEAR_1 || s == NEAR_5 || s == NEAR_15;
        double sum = 0, squares = 0, sd;
        for (size_t i = 0; i < ORDERS; i++)
            sum += out[i * STATISTICS + s];
        for (size_t i = 0; i < ORDERS; i++) {
            double d = out[i * STATISTICS + s] -= sum / ORDERS;
            squares += d * d;
        }
        sd = sqrt(squares / ORDERS);
        for (size_t i = 0; i < ORDERS; i++) {
            double *d = &out[i * STATISTICS + s];
            *d = !(sd > 0) ? 0 : either ? fabs(*d) / sd : *d / sd;
        }
    }
}

static double most_of(const double *z, size_t *which)
{
    *which = 0;
    for (size_t s = 1; s < STATISTICS; s++)
        if (z[s] > z[*which])
            *which = s;
    return z[*which];
}

static struct dependence compare(double *out)
{
    struct dependence d = {0};
    size_t which, other, least = 0;

    standardise(out);
    d.z = most_of(out, &which);
    d.by = names[which];
    for (size_t i = 0; i < ORDERS; i++)
        least += most_of(out + i * STATISTICS, &other) >= d.z;
    d.p = (double)least / ORDERS;
    return d;
}

struct dependence dependence_test(const float *x, size_t n, size_t width,
                                  size_t linear, const uint32_t *label,
                                  size_t classes, uint64_t seed)
{
    size_t *row = mem_alloc(DEPENDENCE_ROWS, sizeof(*row));
    double *out = mem_alloc(ORDERS * STATISTICS, sizeof(*out));
    struct view_of_rows v = {
        .classes = classes, .linear = linear, .width = width};
    struct dependence d = {.p = 1, .by = names[0]};

    v.n = choose(label, n, seed, row);
    if (v.n >= LEAST_ROWS && classes > 1) {
        take_rows(&v, x, label, row);
        measure_orders(&v, seed, out);
        d = compare(out);
    }
    free(v.x);
    free(v.label);
    free(v.count);
    free(v.near);
    free(row);
    free(out);
    return d;
}
