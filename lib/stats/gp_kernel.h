/*
 * gp_kernel: distances and covariances, for gaussian_process.c and gp_fit.c.
 */
#ifndef STATS_GP_KERNEL_H
#define STATS_GP_KERNEL_H

#include <stdbool.h>

#include "stats/gaussian_process.h"

enum { GP_COLUMNS = 2 * GP_DIMENSIONS };

/* A column: a coordinate, or whether an optional one is there. */
struct gp_column {
    size_t dimension;
    bool absence;
};

/* Points by columns: those with a distance, then those that are alike or not.
 */
struct gp_columns {
    struct gp_column of[GP_COLUMNS];
    size_t numbers, all;
    size_t n, capacity;
    double *at; /* [all][capacity] */
};

void gp_columns_init(struct gp_columns *columns, const enum gp_kind *kind,
                     size_t dimensions, size_t capacity);
void gp_columns_release(struct gp_columns *columns);
void gp_columns_add(struct gp_columns *columns, const double *x);

/* cell[all] of one point. */
void gp_columns_cells(const struct gp_columns *columns, const double *x,
                      double *cell);

/* 1 / length^2 [all]. */
void gp_weights(const struct gp_columns *columns, const struct gp_hyper *hyper,
                double *weight);

/* out[n] = t of one column between a point and points from[n]. */
void gp_apart(const struct gp_columns *columns, size_t column, double weight,
              double cell, size_t first, size_t n, double *out);

/* s[n] between cell[all] and the n points from `first` on. */
void gp_distances(const struct gp_columns *columns, const double *weight,
                  const double *cell, size_t first, size_t n, double *s);

/* y[n] -= x[4][n, each `stride` on] by c[4]. */
void gp_subtract(double *y, const double *x, size_t stride, const double *c,
                 size_t terms, size_t n);

/*
 * covariance[n][n], its upper triangle, row by row, becomes the factor U with
 * U'U = covariance.  false: it is not positive.
 */
bool gp_factor(double *covariance, size_t n);

#endif
