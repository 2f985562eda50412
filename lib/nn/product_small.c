#include "nn/product_small.h"

#include "base/simd.h"

typedef real lanes __attribute__((vector_size(64)));

/* Rows at a time of one and of two vectors of c, all held in registers. */
enum { ROWS_ONE = 12, ROWS_TWO = 6 };

/*
 * `rows` rows and `wide` vectors of c.  Inlined with constants, so that the
 * sums become registers.
 */
static inline __attribute__((always_inline)) void
block(const size_t rows, const size_t wide, size_t k, struct strided a,
      const real *b, size_t ldb, real *c, size_t ldc, bool add)
{
    lanes sum[ROWS_ONE];

#pragma GCC unroll 12
    for (size_t i = 0; i < rows; i++)
#pragma GCC unroll 2
        for (size_t v = 0; v < wide; v++)
            sum[i * wide + v] = add ? *(lanes *)(c + i * ldc + v * LANES)
                                    : (lanes){0};
    for (size_t l = 0; l < k; l++)
#pragma GCC unroll 12
        for (size_t i = 0; i < rows; i++)
#pragma GCC unroll 2
            for (size_t v = 0; v < wide; v++)
                sum[i * wide + v] += a.data[i * a.row + l * a.step] *
                                     *(const lanes *)(b + l * ldb + v * LANES);
#pragma GCC unroll 12
    for (size_t i = 0; i < rows; i++)
#pragma GCC unroll 2
        for (size_t v = 0; v < wide; v++)
            *(lanes *)(c + i * ldc + v * LANES) = sum[i * wide + v];
}

/* All rows of `wide` vectors of c: `most` at a time, then the rest. */
static inline __attribute__((always_inline)) void
column(size_t m, const size_t most, const size_t wide, size_t k,
       struct strided a, const real *b, size_t ldb, real *c, size_t ldc,
       bool add)
{
    size_t i = 0;

    for (; i + most <= m; i += most, a.data += most * a.row)
        block(most, wide, k, a, b, ldb, c + i * ldc, ldc, add);
    for (; i + 4 <= m; i += 4, a.data += 4 * a.row)
        block(4, wide, k, a, b, ldb, c + i * ldc, ldc, add);
    for (; i < m; i++, a.data += a.row)
        block(1, wide, k, a, b, ldb, c + i * ldc, ldc, add);
}

SIMD_CLONES void product_small(size_t m, size_t n, size_t k, struct strided a,
                               const real *b, size_t ldb, real *c, size_t ldc,
                               bool add)
{
    size_t j = 0;

    for (; j + 2 * LANES <= n; j += 2 * LANES)
        column(m, ROWS_TWO, 2, k, a, b + j, ldb, c + j, ldc, add);
    if (j < n)
        column(m, ROWS_ONE, 1, k, a, b + j, ldb, c + j, ldc, add);
}
