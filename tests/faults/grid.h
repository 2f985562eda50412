/*
 * grid: a table of cells in memory, to be spoiled: read, copied, changed cell
 * by cell, written.
 */
#ifndef FAULTS_GRID_H
#define FAULTS_GRID_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/rng.h"

/* Invariant: names and cells are owned strings.  {0} is empty. */
struct grid {
    size_t n, width;
    char **name; /* [width] */
    char **cell; /* [n][width] */
};

int grid_read(struct grid *grid, const char *path, struct err *err);
int grid_write(const struct grid *grid, const char *path, struct err *err);
void grid_copy(struct grid *to, const struct grid *from);
void grid_release(struct grid *grid);

/* The column of that name, or CSV_NONE. */
size_t grid_find(const struct grid *grid, const char *name);

const char *grid_at(const struct grid *grid, size_t row, size_t column);
void grid_set(struct grid *grid, size_t row, size_t column, const char *text);
void grid_set_number(struct grid *grid, size_t row, size_t column,
                     double value);

/* The cell as a number; NaN where it is none. */
double grid_number(const struct grid *grid, size_t row, size_t column);

/* A new last column of empty cells; returns its index. */
size_t grid_add_column(struct grid *grid, const char *name);

/* The rows that stay, in a new order; a row may stay more than once. */
void grid_take(struct grid *grid, const size_t *rows, size_t n);

/* Leaves out rows whose cells, but for those of `label`, an earlier row has. */
void grid_drop_doubles(struct grid *grid, size_t label);

/* 0, 1, …, n - 1, in random order; the caller frees it. */
size_t *grid_shuffled(const struct grid *grid, struct rng *rng);

/* Cells of the column that are no number, and mean and deviation of the rest.
 */
struct grid_column {
    size_t numbers, others, empty;
    double mean, deviation, low, high;
};
struct grid_column grid_describe(const struct grid *grid, size_t column);

#endif
