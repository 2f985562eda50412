/*
 * product_small: products of small matrices that stand in padded rows, such
 * as those of one attention head, where a call of a library costs more than
 * the arithmetic (28 x 28 x 16: 24 to 45 GFLOP/s by oneDNN, 90 to 120 here).
 */
#ifndef NN_PRODUCT_SMALL_H
#define NN_PRODUCT_SMALL_H

#include <stdbool.h>
#include <stddef.h>

#include "nn/real.h"

/* An operand a: its value [i][l] stands at data[i * row + l * step]. */
struct strided {
    const real *data;
    size_t row, step;
};

/*
 * c[m][n] = a[m][k] b[k][n], or added to c.  n is a multiple of LANES; ldb and
 * ldc are the distances from row to row of b and c, fastest where these lie on
 * 64-byte lines.  Rows of c are written one after the other, so that a row may
 * lie on the end of the one before.
 */
void product_small(size_t m, size_t n, size_t k, struct strided a,
                   const real *b, size_t ldb, real *c, size_t ldc, bool add);

/* Several pairs of factors, that far from one to the next in a and in b. */
struct folds {
    size_t n, a, b;
};

/* Several products, that far from one to the next in a and in c. */
struct repeats {
    size_t n, a, c;
};

/* The same, of sums of the products of all pairs, several times. */
void product_folded(struct repeats repeats, struct folds folds, size_t m,
                    size_t n, size_t k, struct strided a, const real *b,
                    size_t ldb, real *c, size_t ldc, bool add);

#endif
