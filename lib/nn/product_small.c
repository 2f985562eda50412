#include "nn/product_small.h"

#include "base/simd.h"

/* A vector anywhere in memory. */
typedef real lanes __attribute__((vector_size(64), aligned(sizeof(real))));

/*
 * Rows at a time of one and of two vectors of c, all held in registers: of
 * AVX-512, and of processors that have fewer and shorter ones.
 */
enum { ROWS_ONE = 14, ROWS_TWO = 12, FEW_ONE = 6, FEW_TWO = 3, SUMS = 24 };

struct factors {
    struct folds folds;
    size_t k;
    struct strided a;
    size_t ldb, ldc;
    bool add;
};

/*
 * `rows` rows and `wide` vectors of c.  Inlined with constants, so that the
 * sums become registers.
 */
static inline __attribute__((always_inline)) void
block(const size_t rows, const size_t wide, const struct factors *f,
      const real *a, const real *b, real *c)
{
    const size_t row = f->a.row, step = f->a.step, ldb = f->ldb, ldc = f->ldc;
    const real *from[(ROWS_ONE + 3) / 4]; /* every fourth row of a */
    lanes sum[SUMS];

#pragma GCC unroll 14
    for (size_t i = 0; i < rows; i++)
#pragma GCC unroll 2
        for (size_t v = 0; v < wide; v++)
            sum[i * wide + v] = f->add ? *(lanes *)(c + i * ldc + v * LANES)
                                       : (lanes){0};
    for (size_t n = 0; n < f->folds.n; n++) {
        const real *to = b + n * f->folds.b, *end = to + f->k * ldb;
#pragma GCC unroll 4
        for (size_t i = 0; i < (rows + 3) / 4; i++)
            from[i] = a + n * f->folds.a + i * 4 * row;
        for (; to != end; to += ldb) {
#pragma GCC unroll 14
            for (size_t i = 0; i < rows; i++)
#pragma GCC unroll 2
                for (size_t v = 0; v < wide; v++)
                    sum[i * wide + v] += from[i / 4][i % 4 * row] *
                                         *(const lanes *)(to + v * LANES);
#pragma GCC unroll 4
            for (size_t i = 0; i < (rows + 3) / 4; i++)
                from[i] += step;
        }
    }
#pragma GCC unroll 14
    for (size_t i = 0; i < rows; i++)
#pragma GCC unroll 2
        for (size_t v = 0; v < wide; v++)
            *(lanes *)(c + i * ldc + v * LANES) = sum[i * wide + v];
}

#define BLOCK(rows, wide)                                               \
    SIMD_CLONES static void block_##rows##_##wide(                      \
        const struct factors *f, const real *a, const real *b, real *c) \
    {                                                                   \
        block(rows, wide, f, a, b, c);                                  \
    }

typedef void block_fn(const struct factors *f, const real *a, const real *b,
                      real *c);

BLOCK(1, 1)
BLOCK(2, 1)
BLOCK(3, 1)
BLOCK(4, 1)
BLOCK(5, 1)
BLOCK(6, 1)
BLOCK(7, 1)
BLOCK(8, 1)
BLOCK(9, 1)
BLOCK(10, 1)
BLOCK(11, 1)
BLOCK(12, 1)
BLOCK(13, 1)
BLOCK(14, 1)
BLOCK(1, 2)
BLOCK(2, 2)
BLOCK(3, 2)
BLOCK(4, 2)
BLOCK(5, 2)
BLOCK(6, 2)
BLOCK(7, 2)
BLOCK(8, 2)
BLOCK(9, 2)
BLOCK(10, 2)
BLOCK(11, 2)
BLOCK(12, 2)

/* By their rows, from 1. */
static block_fn *const one[ROWS_ONE] = {
    block_1_1,  block_2_1,  block_3_1,  block_4_1, block_5_1,
    block_6_1,  block_7_1,  block_8_1,  block_9_1, block_10_1,
    block_11_1, block_12_1, block_13_1, block_14_1};
static block_fn *const two[ROWS_TWO] = {
    block_1_2, block_2_2, block_3_2, block_4_2,  block_5_2,  block_6_2,
    block_7_2, block_8_2, block_9_2, block_10_2, block_11_2, block_12_2};

/* All rows of one or two vectors of c, in even pieces. */
static void column(size_t m, size_t most, block_fn *const *blocks,
                   const struct factors *f, const real *b, real *c)
{
    size_t pieces = (m + most - 1) / most;

    for (size_t i = 0, rows; i < m; i += rows, pieces--) {
        rows = (m - i + pieces - 1) / pieces;
        blocks[rows - 1](f, f->a.data + i * f->a.row, b, c + i * f->ldc);
    }
}

void product_folded(struct repeats repeats, struct folds folds, size_t m,
                    size_t n, size_t k, struct strided a, const real *b,
                    size_t ldb, real *c, size_t ldc, bool add)
{
    struct factors f = {folds, k, a, ldb, ldc, add};
    size_t most_one = simd_is_wide() ? ROWS_ONE : FEW_ONE,
           most_two = simd_is_wide() ? ROWS_TWO : FEW_TWO;

    for (size_t i = 0; i < repeats.n; i++) {
        size_t j = 0;
        for (; j + 2 * LANES <= n; j += 2 * LANES)
            column(m, most_two, two, &f, b + j, c + j);
        if (j < n)
            column(m, most_one, one, &f, b + j, c + j);
        f.a.data += repeats.a;
        c += repeats.c;
    }
}

void product_small(size_t m, size_t n, size_t k, struct strided a,
                   const real *b, size_t ldb, real *c, size_t ldc, bool add)
{
    product_folded((struct repeats){1, 0, 0}, (struct folds){1, 0, 0}, m, n, k,
                   a, b, ldb, c, ldc, add);
}
