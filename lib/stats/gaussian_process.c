#include "stats/gaussian_process.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/gp_kernel.h"

/* What is left of a variance that rounding took away, relative to all. */
static const double LEAST = 1e-14;

struct gp {
    struct gp_columns points;
    struct gp_hyper hyper;
    size_t dimensions;
    double weight[GP_COLUMNS];
    double *y;      /* [capacity] */
    double *factor; /* [capacity][capacity], upper: U'U = covariance */
    double *solved; /* [capacity]: U' solved = y - mean */
    double *alpha;  /* [capacity]: U alpha = solved */
    size_t known;   /* points that alpha is of */
    double *room;   /* [4][capacity] */
};

struct gp *gp_new(const enum gp_kind *kind, size_t dimensions,
                  const struct gp_hyper *hyper, size_t capacity)
{
    struct gp *gp = mem_zalloc(1, sizeof(*gp));

    gp_columns_init(&gp->points, kind, dimensions, capacity);
    gp->hyper = *hyper;
    gp->dimensions = dimensions;
    gp_weights(&gp->points, hyper, gp->weight);
    gp->y = mem_alloc(capacity + 1, sizeof(*gp->y));
    gp->factor = mem_alloc(capacity * capacity + 1, sizeof(*gp->factor));
    gp->solved = mem_alloc(capacity + 1, sizeof(*gp->solved));
    gp->alpha = mem_alloc(capacity + 1, sizeof(*gp->alpha));
    gp->room = mem_alloc(4 * capacity + 1, sizeof(*gp->room));
    return gp;
}

void gp_free(struct gp *gp)
{
    if (!gp)
        return;
    gp_columns_release(&gp->points);
    free(gp->y);
    free(gp->factor);
    free(gp->solved);
    free(gp->alpha);
    free(gp->room);
    free(gp);
}

double gp_noise(const struct gp *gp)
{
    return gp->hyper.noise;
}

/* U' v = v, in place; four rows of U at a time. */
static void solve_transposed(const struct gp *gp, double *v)
{
    size_t n = gp->points.n, stride = gp->points.capacity;

    for (size_t i = 0; i < n; i += 4) {
        const double *row = gp->factor + i * stride;
        size_t end = i + 4 < n ? i + 4 : n;
        for (size_t k = i; k < end; k++) {
            const double *own = gp->factor + k * stride;
            v[k] /= own[k];
            for (size_t j = k + 1; j < end; j++)
                v[j] -= v[k] * own[j];
        }
        gp_subtract(v + end, row + end, stride, v + i, end - i, n - end);
    }
}

/* U v = v, in place. */
static void solve_upper(const struct gp *gp, double *v)
{
    size_t n = gp->points.n, stride = gp->points.capacity;

    for (size_t i = n; i-- > 0;) {
        const double *row = gp->factor + i * stride;
        double sum[4] = {0, 0, 0, 0};
        size_t j = i + 1;
        for (; j + 4 <= n; j += 4)
            for (size_t k = 0; k < 4; k++)
                sum[k] += row[j + k] * v[j + k];
        for (; j < n; j++)
            sum[0] += row[j] * v[j];
        v[i] = (v[i] - (sum[0] + sum[1] + (sum[2] + sum[3]))) / row[i];
    }
}

/* Distances and covariances of x to all points. */
static void compare(const struct gp *gp, const double *x, double *s, double *k)
{
    double cell[GP_COLUMNS];

    gp_columns_cells(&gp->points, x, cell);
    gp_distances(&gp->points, gp->weight, cell, 0, gp->points.n, s);
    for (size_t j = 0; j < gp->points.n; j++)
        k[j] = gp->hyper.signal * (1 + s[j] + s[j] * s[j] / 3) * exp(-s[j]);
}

static double square_sum(const double *v, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += v[i] * v[i];
    return sum;
}

static double product_sum(const double *a, const double *b, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

void gp_add(struct gp *gp, const double *x, double y)
{
    size_t n = gp->points.n, stride = gp->points.capacity;
    double *s = gp->room, *v = gp->room + stride, all, left, pivot;

    assert(n < stride);
    compare(gp, x, s, v);
    solve_transposed(gp, v);
    all = gp->hyper.signal + gp->hyper.noise;
    left = all - square_sum(v, n);
    pivot = sqrt(fmax(left, LEAST * all));
    for (size_t i = 0; i < n; i++)
        gp->factor[i * stride + n] = v[i];
    gp->factor[n * stride + n] = pivot;
    gp->y[n] = y;
    gp->solved[n] = (y - gp->hyper.mean - product_sum(v, gp->solved, n)) /
                    pivot;
    gp_columns_add(&gp->points, x);
}

static struct gp_guess guess(const struct gp *gp, const double *v)
{
    size_t n = gp->points.n;
    double signal = gp->hyper.signal;

    return (struct gp_guess){gp->hyper.mean + product_sum(v, gp->solved, n),
                             fmax(signal - square_sum(v, n), LEAST * signal)};
}

struct gp_guess gp_predict(const struct gp *gp, const double *x)
{
    double *s = gp->room, *v = gp->room + gp->points.capacity;

    compare(gp, x, s, v);
    solve_transposed(gp, v);
    return guess(gp, v);
}

static const double *alpha(struct gp *gp)
{
    if (gp->known != gp->points.n) {
        memcpy(gp->alpha, gp->solved, gp->points.n * sizeof(*gp->alpha));
        solve_upper(gp, gp->alpha);
        gp->known = gp->points.n;
    }
    return gp->alpha;
}

struct gp_guess gp_predict_slope(struct gp *gp, const double *x,
                                 double *mean_slope, double *variance_slope)
{
    size_t n = gp->points.n, stride = gp->points.capacity;
    double *s = gp->room, *v = s + stride, *by_mean = v + stride,
           *by_variance = by_mean + stride;
    const double *a = alpha(gp);
    struct gp_guess g;

    memset(mean_slope, 0, gp->dimensions * sizeof(*mean_slope));
    memset(variance_slope, 0, gp->dimensions * sizeof(*variance_slope));
    compare(gp, x, s, v);
    solve_transposed(gp, v);
    g = guess(gp, v);
    solve_upper(gp, v);
    for (size_t j = 0; j < n; j++) {
        double slope = -gp->hyper.signal * 5 / 3 * (1 + s[j]) * exp(-s[j]);
        by_mean[j] = slope * a[j];
        by_variance[j] = -2 * slope * v[j];
    }
    for (size_t k = 0; k < gp->points.numbers; k++) {
        size_t i = gp->points.of[k].dimension;
        const double *at = gp->points.at + k * stride;
        if (gp->points.of[k].absence || isnan(x[i]))
            continue;
        for (size_t j = 0; j < n; j++) {
            mean_slope[i] += by_mean[j] * (x[i] - at[j]);
            variance_slope[i] += by_variance[j] * (x[i] - at[j]);
        }
        mean_slope[i] *= gp->weight[k];
        variance_slope[i] *= gp->weight[k];
    }
    return g;
}

void gp_fitted(struct gp *gp, double *mean)
{
    const double *a = alpha(gp);

    for (size_t i = 0; i < gp->points.n; i++)
        mean[i] = gp->y[i] - gp->hyper.noise * a[i];
}
