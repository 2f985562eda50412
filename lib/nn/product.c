#include "nn/product.h"

#include <omp.h>
#include <oneapi/dnnl/dnnl.h>
#include <stdio.h>
#include <string.h>

#include "nn/passes.h"

/* What one thread computes at a time: high x wide values. */
enum {
    WEIGHT_HIGH = 32,
    WEIGHT_WIDE = 128,
    INPUT_TILE = 128,
    SQUARE = 16,
    PARALLEL_WORK = 1 << 19
};

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

static void tile_forward(real *y, const real *x, const real *w,
                         const real *bias, size_t in, size_t out)
{
    if (in == 0)
        memset(y, 0, PRODUCT_TILE * out * sizeof(*y));
    else
        product_one(false, false, PRODUCT_TILE, out, in, x, in, w, out, 0, y,
                    out);
    if (bias)
        pass_add_row(y, bias, PRODUCT_TILE, out);
}

void product_forward(real *y, const real *x, const real *w, const real *bias,
                     size_t rows, size_t in, size_t out)
{
#pragma omp parallel for schedule(static) if (rows * in * out > PARALLEL_WORK)
    for (size_t r = 0; r < rows; r += PRODUCT_TILE)
        tile_forward(y + r * out, x + r * in, w, bias, in, out);
}

/*
 * A transposed factor is packed for each product anew, so that rows are taken
 * many at a time, or else all of them for some columns of dx.
 */
void product_input(real *dx, const real *dy, const real *w, size_t rows,
                   size_t in, size_t out)
{
    size_t high = rows < 2 * INPUT_TILE ? rows : INPUT_TILE,
           wide = rows < 2 * INPUT_TILE ? INPUT_TILE : in,
           across = (in + wide - 1) / wide, down = (rows + high - 1) / high;

#pragma omp parallel for schedule(static) if (rows * in * out > PARALLEL_WORK)
    for (size_t i = 0; i < across * down; i++) {
        size_t r = i / across * high, c = i % across * wide;
        product_one(false, true, rows - r < high ? rows - r : high,
                    in - c < wide ? in - c : wide, out, dy + r * out, out,
                    w + c * out, out, 0, dx + r * in + c, in);
    }
}

void product_weight(real *dw, const real *x, const real *dy, size_t rows,
                    size_t in, size_t out)
{
    size_t across = (out + WEIGHT_WIDE - 1) / WEIGHT_WIDE,
           down = (in + WEIGHT_HIGH - 1) / WEIGHT_HIGH;

#pragma omp parallel for schedule(static) if (rows * in * out > PARALLEL_WORK)
    for (size_t i = 0; i < across * down; i++) {
        size_t r = i / across * WEIGHT_HIGH, c = i % across * WEIGHT_WIDE;
        product_one(true, false, in - r < WEIGHT_HIGH ? in - r : WEIGHT_HIGH,
                    out - c < WEIGHT_WIDE ? out - c : WEIGHT_WIDE, rows, x + r,
                    in, dy + c, out, 0, dw + r * out + c, out);
    }
}

void product_transpose(real *to, const real *from, size_t rows, size_t cols)
{
    for (size_t r = 0; r < rows; r += SQUARE)
        for (size_t c = 0; c < cols; c += SQUARE)
            for (size_t j = c; j < cols && j < c + SQUARE; j++)
                for (size_t i = r; i < rows && i < r + SQUARE; i++)
                    to[j * rows + i] = from[i * cols + j];
}

const char *product_library(void)
{
    static char text[64];
    const dnnl_version_t *v = dnnl_version();

    snprintf(text, sizeof(text), "oneDNN %d.%d.%d", v->major, v->minor,
             v->patch);
    return text;
}
