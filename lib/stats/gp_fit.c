#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/descent.h"
#include "stats/gaussian_process.h"
#include "stats/gp_kernel.h"

/* Mean and standard deviation of a logarithm. */
struct prior {
    double at, sd;
};
static const struct prior LENGTH = {-.5, 1}, ALIKE = {0, 1}, SIGNAL = {0, 1},
                          NOISE = {-12, 3};

enum { ITERATIONS = 40, FEW = 60, FEW_ITERATIONS = 20, BLOCK = 4 };

/* Where logarithms end; and noise that keeps the covariance positive. */
static const double MOST_LOG = 15, LEAST_NOISE = 1e-8;

/* Room for the evidence of one set of points; matrices are [n][n]. */
struct evidence {
    struct gp_columns points;
    const double *y;
    double *factor;             /* upper: covariance, then U */
    double *steep;              /* upper: (1 + s) exp(-s) */
    double *inverse;            /* upper: of the covariance */
    double *root;               /* lower: of U' the inverse */
    double *alpha, *sum, *pull; /* [n] */
};

static void evidence_init(struct evidence *e, const struct gp_data *data)
{
    size_t n = data->n;

    gp_columns_init(&e->points, data->kind, data->dimensions, n);
    for (size_t i = 0; i < n; i++)
        gp_columns_add(&e->points, data->x + i * data->dimensions);
    e->y = data->y;
    e->factor = mem_zalloc(n * n + 1, sizeof(*e->factor));
    e->steep = mem_zalloc(n * n + 1, sizeof(*e->steep));
    e->inverse = mem_zalloc(n * n + 1, sizeof(*e->inverse));
    e->root = mem_zalloc(n * n + 1, sizeof(*e->root));
    e->alpha = mem_zalloc(3 * n + 1, sizeof(*e->alpha));
    e->sum = e->alpha + n;
    e->pull = e->sum + n;
}

static void evidence_release(struct evidence *e)
{
    gp_columns_release(&e->points);
    free(e->factor);
    free(e->steep);
    free(e->inverse);
    free(e->root);
    free(e->alpha);
}

static void cells_of(const struct evidence *e, size_t i, double *cell)
{
    for (size_t k = 0; k < e->points.all; k++)
        cell[k] = e->points.at[k * e->points.capacity + i];
}

static void covariance(struct evidence *e, const struct gp_hyper *hyper)
{
    size_t n = e->points.n;
    double weight[GP_COLUMNS], cell[GP_COLUMNS];

    gp_weights(&e->points, hyper, weight);
    for (size_t i = 0; i < n; i++) {
        double *row = e->factor + i * n, *steep = e->steep + i * n;
        cells_of(e, i, cell);
        gp_distances(&e->points, weight, cell, i, n - i, row + i);
        for (size_t j = i; j < n; j++) {
            double s = row[j], far = exp(-s);
            steep[j] = (1 + s) * far;
            row[j] = hyper->signal * (steep[j] + s * s / 3 * far);
        }
        row[i] += hyper->noise;
    }
}

/* U' root = 1, row by row; root is zero above its diagonal. */
static void invert_factor(struct evidence *e)
{
    size_t n = e->points.n;
    double above[BLOCK];

    for (size_t k = 0; k < n; k++) {
        double *row = e->root + k * n, pivot = e->factor[k * n + k];
        memset(row, 0, n * sizeof(*row));
        for (size_t i = 0; i < k; i += BLOCK) {
            size_t terms = k - i < BLOCK ? k - i : BLOCK;
            for (size_t j = 0; j < terms; j++)
                above[j] = e->factor[(i + j) * n + k];
            gp_subtract(row, e->root + i * n, n, above, terms, i + terms);
        }
        row[k] = 1;
        for (size_t j = 0; j <= k; j++)
            row[j] /= pivot;
    }
}

/* inverse = root' root. */
static void multiply_roots(struct evidence *e)
{
    size_t n = e->points.n;
    double own[BLOCK];

    for (size_t i = 0; i < n; i++) {
        double *row = e->inverse + i * n;
        memset(row, 0, n * sizeof(*row));
        for (size_t k = i; k < n; k += BLOCK) {
            size_t terms = n - k < BLOCK ? n - k : BLOCK;
            for (size_t j = 0; j < terms; j++)
                own[j] = -e->root[(k + j) * n + i];
            gp_subtract(row + i, e->root + k * n + i, n, own, terms,
                        k + terms - i);
        }
    }
}

/* alpha = inverse (y - mean), by root; returns (y - mean)' alpha. */
static double solve(struct evidence *e, double mean)
{
    size_t n = e->points.n;
    double square = 0;

    memset(e->alpha, 0, n * sizeof(*e->alpha));
    for (size_t k = 0; k < n; k++) {
        const double *row = e->root + k * n;
        double sum = 0;
        for (size_t j = 0; j <= k; j++)
            sum += row[j] * (e->y[j] - mean);
        square += sum * sum;
        for (size_t j = 0; j <= k; j++)
            e->alpha[j] += sum * row[j];
    }
    return square;
}

/* The derivative by the logarithm of a column's length. */
static double column_slope(struct evidence *e, const struct gp_hyper *hyper,
                           size_t column)
{
    size_t n = e->points.n;
    double weight[GP_COLUMNS], sum = 0;
    const double *at = e->points.at + column * e->points.capacity;

    gp_weights(&e->points, hyper, weight);
    memset(e->sum, 0, n * sizeof(*e->sum));
    for (size_t i = 0; i < n; i++) {
        const double *steep = e->steep + i * n, *inverse = e->inverse + i * n;
        double own = e->alpha[i];
        gp_apart(&e->points, column, weight[column], at[i], i, n - i,
                 e->pull + i);
#pragma omp simd
        for (size_t j = i; j < n; j++)
            e->sum[j] += (own * e->alpha[j] - inverse[j]) * steep[j] *
                         e->pull[j];
    }
    for (size_t j = 0; j < n; j++)
        sum += e->sum[j];
    return sum * hyper->signal * 5 / 3;
}

static void slopes(struct evidence *e, const struct gp_hyper *hyper,
                   double square, struct gp_hyper *slope)
{
    size_t n = e->points.n;
    double trace = 0, alpha_square = 0;

    *slope = (struct gp_hyper){.mean = 0};
    multiply_roots(e);
    for (size_t i = 0; i < n; i++) {
        trace += e->inverse[i * n + i];
        alpha_square += e->alpha[i] * e->alpha[i];
        slope->mean += e->alpha[i];
    }
    slope->noise = hyper->noise * (alpha_square - trace) / 2;
    slope->signal = (square - (double)n) / 2 - slope->noise;
    for (size_t k = 0; k < e->points.all; k++) {
        struct gp_column c = e->points.of[k];
        double *out = c.absence ? slope->absence : slope->length;
        out[c.dimension] = column_slope(e, hyper, k);
    }
}

static double log_evidence(struct evidence *e, const struct gp_hyper *hyper,
                           struct gp_hyper *slope)
{
    size_t n = e->points.n;
    double square, half_log = 0;

    covariance(e, hyper);
    if (!gp_factor(e->factor, n))
        return -INFINITY;
    invert_factor(e);
    square = solve(e, hyper->mean);
    for (size_t i = 0; i < n; i++)
        half_log += log(e->factor[i * n + i]);
    if (slope)
        slopes(e, hyper, square, slope);
    return -square / 2 - half_log - (double)n / 2 * log(2 * M_PI);
}

double gp_log_evidence(const struct gp_data *data, const struct gp_hyper *hyper,
                       struct gp_hyper *slope)
{
    struct evidence e;
    double value;

    evidence_init(&e, data);
    value = log_evidence(&e, hyper, slope);
    evidence_release(&e);
    return value;
}

/* ---- the most probable ---- */

enum {
    MEAN,
    SIGNAL_LOG,
    NOISE_LOG,
    LENGTH_LOG,
    FREE = LENGTH_LOG + GP_COLUMNS
};

static double *place_of(const struct gp_columns *c, size_t column,
                        struct gp_hyper *hyper)
{
    double *in = c->of[column].absence ? hyper->absence : hyper->length;

    return in + c->of[column].dimension;
}

static const struct prior *prior_of(const struct gp_columns *c, size_t column)
{
    return column >= c->numbers || c->of[column].absence ? &ALIKE : &LENGTH;
}

static double up(double log_value)
{
    return exp(fmin(fmax(log_value, -MOST_LOG), MOST_LOG));
}

static void unpack(const struct gp_columns *c, const double *free_of,
                   struct gp_hyper *hyper)
{
    hyper->mean = free_of[MEAN];
    hyper->signal = up(free_of[SIGNAL_LOG]);
    hyper->noise = LEAST_NOISE + up(free_of[NOISE_LOG]);
    for (size_t k = 0; k < c->all; k++)
        *place_of(c, k, hyper) = up(free_of[LENGTH_LOG + k]);
}

/* Adds the prior's part of -ln density. */
static double surprise(double value, const struct prior *prior, double *slope)
{
    double z = (value - prior->at) / prior->sd;

    *slope += z / prior->sd;
    return z * z / 2;
}

static double improbability(const double *free_of, double *slope, void *context)
{
    static const double IMPOSSIBLE = 1e10;
    static const struct prior standard = {0, 1};
    struct evidence *e = context;
    const struct gp_columns *c = &e->points;
    struct gp_hyper hyper, by;
    double value;

    unpack(c, free_of, &hyper);
    value = -log_evidence(e, &hyper, &by);
    memset(slope, 0, (LENGTH_LOG + c->all) * sizeof(*slope));
    if (!isfinite(value))
        return IMPOSSIBLE;
    slope[MEAN] = -by.mean;
    slope[SIGNAL_LOG] = -by.signal;
    slope[NOISE_LOG] = -by.noise * (hyper.noise - LEAST_NOISE) / hyper.noise;
    value += surprise(free_of[MEAN], &standard, &slope[MEAN]) +
             surprise(free_of[SIGNAL_LOG], &SIGNAL, &slope[SIGNAL_LOG]) +
             surprise(free_of[NOISE_LOG], &NOISE, &slope[NOISE_LOG]);
    for (size_t k = 0; k < c->all; k++) {
        double *own = &slope[LENGTH_LOG + k];
        *own = -*place_of(c, k, &by);
        value += surprise(free_of[LENGTH_LOG + k], prior_of(c, k), own);
    }
    return value;
}

static double climb(const struct gp_data *data, size_t n, size_t iterations,
                    double *free_of)
{
    struct gp_data first = *data;
    struct evidence e;
    double value;

    first.n = n;
    evidence_init(&e, &first);
    value =
        descend(&(struct descent){improbability, &e, LENGTH_LOG + e.points.all,
                                  .3, iterations},
                free_of);
    evidence_release(&e);
    return value;
}

static void start_at(const struct gp_columns *c, double shorter, double noise,
                     double *free_of)
{
    free_of[MEAN] = 0;
    free_of[SIGNAL_LOG] = SIGNAL.at;
    free_of[NOISE_LOG] = noise;
    for (size_t k = 0; k < c->all; k++)
        free_of[LENGTH_LOG + k] = prior_of(c, k)->at - shorter;
}

/* Several starts see a few of the points; the best of them sees all. */
void gp_fit(const struct gp_data *data, struct gp_hyper *hyper)
{
    static const double start[][2] = {{0, -9}, {1, -4}, {-1, -2}};
    size_t few = data->n < FEW ? data->n : FEW;
    double best[FREE], at[FREE], lowest = INFINITY, value;
    struct gp_columns c;

    gp_columns_init(&c, data->kind, data->dimensions, 0);
    for (size_t i = 0; i < sizeof start / sizeof *start; i++) {
        start_at(&c, start[i][0], start[i][1], at);
        value = climb(data, few, FEW_ITERATIONS, at);
        if (value < lowest) {
            lowest = value;
            memcpy(best, at, sizeof best);
        }
    }
    climb(data, data->n, ITERATIONS, best);
    unpack(&c, best, hyper);
    gp_columns_release(&c);
}
