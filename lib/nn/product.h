/*
 * product: matrix products whose result does not depend on threads or on the
 * rows beside it.  The only place that knows oneDNN.
 *
 * All matrices are row-major.  `rows` is a multiple of PRODUCT_TILE (batches
 * are padded with zero rows); the work is cut into tiles whose shape depends
 * on the layer only, each computed by one thread, the library itself kept to a
 * single thread.  So a row's bits are the same alone, in any batch and with
 * any number of threads (on one kind of CPU).
 */
#ifndef NN_PRODUCT_H
#define NN_PRODUCT_H

#include <stddef.h>

#include "nn/real.h"

enum { PRODUCT_TILE = 16 };

/* y[rows][out] = x[rows][in] w[in][out] */
void product_forward(real *y, const real *x, const real *w, size_t rows,
                     size_t in, size_t out);

/* dx[rows][in] = dy[rows][out] w[in][out]^T */
void product_input(real *dx, const real *dy, const real *w, size_t rows,
                   size_t in, size_t out);

/* dw[in][out] = x[rows][in]^T dy[rows][out] */
void product_weight(real *dw, const real *x, const real *dy, size_t rows,
                    size_t in, size_t out);

/* The library and its version, for --version. */
const char *product_library(void);

#endif
