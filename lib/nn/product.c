#include "nn/product.h"

#include <omp.h>
#include <oneapi/dnnl/dnnl.h>
#include <stdio.h>
#include <string.h>

/* Rows of a weight gradient that one thread computes at a time. */
enum { WEIGHT_TILE = 64, PARALLEL_WORK = 1 << 19 };

void product_one(bool ta, bool tb, size_t m, size_t n, size_t k, const real *a,
                 size_t lda, const real *b, size_t ldb, real beta, real *c,
                 size_t ldc)
{
#ifdef NN_DOUBLE
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            real sum = 0;
            for (size_t l = 0; l < k; l++)
                sum += (ta ? a[l * lda + i] : a[i * lda + l]) *
                       (tb ? b[j * ldb + l] : b[l * ldb + j]);
            c[i * ldc + j] = sum + (beta == 0 ? 0 : beta * c[i * ldc + j]);
        }
#else
    int threads = omp_get_max_threads();

    omp_set_num_threads(1);
    dnnl_sgemm(ta ? 'T' : 'N', tb ? 'T' : 'N', (dnnl_dim_t)m, (dnnl_dim_t)n,
               (dnnl_dim_t)k, 1.0f, a, (dnnl_dim_t)lda, b, (dnnl_dim_t)ldb,
               beta, c, (dnnl_dim_t)ldc);
    omp_set_num_threads(threads);
#endif
}

/* c[m][n] = op(a) op(b), c without gaps. */
static void multiply(bool ta, bool tb, size_t m, size_t n, size_t k,
                     const real *a, size_t lda, const real *b, size_t ldb,
                     real *c)
{
    product_one(ta, tb, m, n, k, a, lda, b, ldb, 0, c, n);
}

void product_forward(real *y, const real *x, const real *w, size_t rows,
                     size_t in, size_t out)
{
    if (in == 0) {
        memset(y, 0, rows * out * sizeof(*y));
        return;
    }
#pragma omp parallel for schedule(static) if (rows * in * out > PARALLEL_WORK)
    for (size_t r = 0; r < rows; r += PRODUCT_TILE)
        multiply(false, false, PRODUCT_TILE, out, in, x + r * in, in, w, out,
                 y + r * out);
}

void product_input(real *dx, const real *dy, const real *w, size_t rows,
                   size_t in, size_t out)
{
    if (in == 0)
        return;
#pragma omp parallel for schedule(static) if (rows * in * out > PARALLEL_WORK)
    for (size_t r = 0; r < rows; r += PRODUCT_TILE)
        multiply(false, true, PRODUCT_TILE, in, out, dy + r * out, out, w, out,
                 dx + r * in);
}

void product_weight(real *dw, const real *x, const real *dy, size_t rows,
                    size_t in, size_t out)
{
#pragma omp parallel for schedule(static) if (rows * in * out > PARALLEL_WORK)
    for (size_t i = 0; i < in; i += WEIGHT_TILE) {
        size_t n = in - i < WEIGHT_TILE ? in - i : WEIGHT_TILE;
        multiply(true, false, n, out, rows, x + i, in, dy, out, dw + i * out);
    }
}

const char *product_library(void)
{
    static char text[64];
    const dnnl_version_t *v = dnnl_version();

    snprintf(text, sizeof(text), "oneDNN %d.%d.%d", v->major, v->minor,
             v->patch);
    return text;
}
