/*
 * product: matrix products whose result does not depend on threads or on the
 * rows beside it.  The only place that knows oneDNN.
 *
 * All matrices are row-major.  `rows` is a multiple of PRODUCT_TILE (batches
 * are padded with zero rows); the work is cut into tiles whose width depends
 * on the layer only and whose height is one of two in which the library gives
 * a row the same bits (tested), each computed by one thread, the library
 * itself kept to a single thread.  So a row's bits are the same alone, in any
 * batch and with any number of threads (on one kind of CPU).
 */
#ifndef NN_PRODUCT_H
#define NN_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>

#include "nn/real.h"
#include "nn/room.h"

enum { PRODUCT_TILE = 16 };

/* y[rows][out] = x[rows][in] w[in][out] + bias[out] (NULL: none) */
void product_forward(real *y, const real *x, const real *w, const real *bias,
                     size_t rows, size_t in, size_t out);

/* dx[rows][in] = dy[rows][out] w[in][out]^T; a row's bits may depend on rows */
void product_input(real *dx, const real *dy, const real *w, size_t rows,
                   size_t in, size_t out);

/*
 * dw[in][out] = x[rows][in]^T dy[rows][out], and db[out] = sum of dy over rows
 * (NULL: not wanted).
 */
void product_weight(real *dw, real *db, const real *x, const real *dy,
                    size_t rows, size_t in, size_t out, struct room *room);

/*
 * c[m][n] = op(a) op(b) + beta c on the calling thread alone, inside a parallel
 * region too.  op(a) is [m][k], op(b) is [k][n]; ta and tb say that a and b lie
 * transposed, [k][m] and [n][k].  lda, ldb and ldc are the values from one row
 * to the next, as they lie.  With beta 0 c is only written.  The same shape
 * gives the same bits, but a row of c may change its bits with m, n or k.
 */
void product_one(bool ta, bool tb, size_t m, size_t n, size_t k, const real *a,
                 size_t lda, const real *b, size_t ldb, real beta, real *c,
                 size_t ldc);

/* to[cols][rows] = from[rows][cols]^T */
void product_transpose(real *to, const real *from, size_t rows, size_t cols);

/* The library and its version, for --version. */
const char *product_library(void);

#endif
