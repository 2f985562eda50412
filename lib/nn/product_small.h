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
 * c[m][n] = a[m][k] b[k][n], or added to c.  n, and the distances ldb and ldc
 * from row to row, are multiples of LANES; b and c start on a 64-byte line.
 */
void product_small(size_t m, size_t n, size_t k, struct strided a,
                   const real *b, size_t ldb, real *c, size_t ldc, bool add);

#endif
