#include "nn/passes.h"

#include <string.h>

#include "base/simd.h"

enum { COLUMNS = 64, PART_CHUNK = 1 << 11, PARALLEL_WORK = 1 << 17 };

SIMD_CLONES void pass_add(real *to, const real *a, const real *b, size_t n)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        to[i] = a[i] + b[i];
}

SIMD_CLONES void pass_add_rectified(real *to, const real *a, const real *b,
                                    size_t n)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        real sum = a[i] + b[i];
        to[i] = sum < 0 ? 0 : sum;
    }
}

SIMD_CLONES void pass_where_above(real *to, const real *from, const real *y,
                                  size_t n, bool add)
{
    if (add) {
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            to[i] += y[i] > 0 ? from[i] : 0;
    } else {
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            to[i] = y[i] > 0 ? from[i] : 0;
    }
}

SIMD_CLONES void pass_add_row(real *x, size_t step, const real *row,
                              size_t rows, size_t cols)
{
    for (size_t r = 0; r < rows; r++)
#pragma omp simd
        for (size_t j = 0; j < cols; j++)
            x[r * step + j] += row[j];
}

/* Of n columns of the rows, which are `cols` long. */
SIMD_CLONES static void sum_columns(real *sum, const real *x, size_t rows,
                                    size_t cols, size_t n)
{
    real own[COLUMNS] = {0};

    for (size_t r = 0; r < rows; r++)
#pragma omp simd
        for (size_t j = 0; j < n; j++)
            own[j] += x[r * cols + j];
    memcpy(sum, own, n * sizeof(*sum));
}

void pass_sum_rows(real *sum, const real *x, size_t rows, size_t cols)
{
#pragma omp parallel for schedule(static) if (rows * cols > PARALLEL_WORK)
    for (size_t j = 0; j < cols; j += COLUMNS)
        sum_columns(sum + j, x + j, rows, cols,
                    cols - j < COLUMNS ? cols - j : COLUMNS);
}

void pass_add_parts(real *parts, size_t n, size_t size)
{
#pragma omp parallel for schedule(static) if (n * size > PARALLEL_WORK)
    for (size_t at = 0; at < size; at += PART_CHUNK) {
        size_t some = size - at < PART_CHUNK ? size - at : PART_CHUNK;
        for (size_t k = 1; k < n; k++)
            pass_add(parts + at, parts + at, parts + k * size + at, some);
    }
}
