/*
 * passes: sums over arrays, in vectors.  Long arrays are cut into chunks, which
 * threads share.
 */
#ifndef NN_PASSES_H
#define NN_PASSES_H

#include <stdbool.h>
#include <stddef.h>

#include "nn/real.h"

enum { PASS_CHUNK = 1 << 13 };

/* The length of the chunk that begins at `at` of n values. */
static inline size_t pass_chunk(size_t n, size_t at)
{
    return n - at < PASS_CHUNK ? n - at : PASS_CHUNK;
}

/* to[i] = a[i] + b[i]; `to` may be either of them. */
void pass_add(real *to, const real *a, const real *b, size_t n);

/* Adds n parts of `size` values, one behind the other, in order to the first;
 * in threads. */
void pass_add_parts(real *parts, size_t n, size_t size);

/* to[i] = max(a[i] + b[i], 0) */
void pass_add_rectified(real *to, const real *a, const real *b, size_t n);

/* to[i] = y[i] > 0 ? from[i] : 0, or added to `to`. */
void pass_where_above(real *to, const real *from, const real *y, size_t n,
                      bool add);

/* Adds row[cols] to `rows` rows of x, `step` values from one to the next. */
void pass_add_row(real *x, size_t step, const real *row, size_t rows,
                  size_t cols);

/* sum[cols] of x[rows][cols] over the rows, in their order; in threads. */
void pass_sum_rows(real *sum, const real *x, size_t rows, size_t cols);

#endif
