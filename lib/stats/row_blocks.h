/*
 * row_blocks: sums over random blocks of rows, for the bootstrap of what
 * depends on sums.
 *
 * Of few rows each is a block of its own, and drawing blocks is the ordinary
 * bootstrap.  Of many, the spread of sums over blocks tells as well what that
 * over rows is, in time that does not grow with them.
 */
#ifndef STATS_ROW_BLOCKS_H
#define STATS_ROW_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"

/* Blocks at most, at least (of so many rows), and numbers in all of them. */
enum {
    ROW_BLOCKS_MOST = 2000,
    ROW_BLOCKS_LEAST = 100,
    ROW_BLOCKS_NUMBERS = 1 << 22
};

/* sum[n][each], owned. */
struct row_blocks {
    double *sum;
    size_t n, each;
};

/* Rows 0 .. rows - 1, in an order that the seed gives (rows that came side by
 * side are often alike): add adds row's numbers to sum[each]. */
void row_blocks_init(struct row_blocks *blocks, size_t rows, size_t each,
                     uint64_t seed,
                     void (*add)(void *context, size_t row, double *sum),
                     void *context);
void row_blocks_release(struct row_blocks *blocks);

/* out[each]: the sum of as many blocks as there are, drawn with replacement. */
void row_blocks_draw(const struct row_blocks *blocks, struct rng *rng,
                     double *out);

/* The sum of all. */
void row_blocks_total(const struct row_blocks *blocks, double *out);

#endif
