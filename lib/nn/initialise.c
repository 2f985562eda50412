#include "nn/initialise.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/*
 * Orthogonal vectors are made a panel at a time, a piece of it by one thread;
 * PARALLEL_WORK: multiplications of a vector that are worth a second one.
 */
enum { PANEL = 32, PIECE = 8, COLUMNS = 512, PARALLEL_WORK = 1 << 16 };

/* ---- independent values ---- */

static bool is_glorot(enum init rule)
{
    return rule == INIT_GLOROT_NORMAL || rule == INIT_GLOROT_UNIFORM;
}

static double deviation_of(enum init rule, double gain, size_t fan_in,
                           size_t fan_out)
{
    double in = (double)(fan_in ? fan_in : 1);

    return is_glorot(rule) ? sqrt(2 / (in + (double)fan_out)) : gain / sqrt(in);
}

/* Of variance 1; a uniform one is on +- sqrt(3). */
static double draw(enum init rule, struct rng *rng)
{
    if (rule == INIT_HE_NORMAL || rule == INIT_GLOROT_NORMAL)
        return rng_normal(rng);
    return sqrt(3) * (2 * rng_uniform(rng) - 1);
}

/* ---- orthogonal ---- */

/* Eight sums side by side: a fixed order that the processor can overlap. */
static double dot(const double *x, const double *y, size_t n)
{
    double sum[8] = {0};
    size_t i = 0;

    for (; i + 8 <= n; i += 8)
        for (size_t l = 0; l < 8; l++)
            sum[l] += x[i + l] * y[i + l];
    for (; i < n; i++)
        sum[0] += x[i] * y[i];
    for (size_t l = 1; l < 8; l++)
        sum[0] += sum[l];
    return sum[0];
}

static void subtract(double *x, double factor, const double *y, size_t n)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        x[i] -= factor * y[i];
}

/*
 * Takes out of v[k][n] what lies along the orthonormal q[m][n]; overwrites
 * dots[k][m].  In blocks of columns that stay in the cache, and twice, since
 * once leaves rounding errors where much is taken out.
 */
static void take_out(double *v, size_t k, const double *q, size_t m, size_t n,
                     double *dots)
{
    for (int pass = 0; pass < 2; pass++) {
        memset(dots, 0, k * m * sizeof(*dots));
        for (size_t c = 0; c < n; c += COLUMNS)
            for (size_t j = 0; j < m; j++)
                for (size_t i = 0; i < k; i++)
                    dots[i * m + j] += dot(v + i * n + c, q + j * n + c,
                                           n - c < COLUMNS ? n - c : COLUMNS);
        for (size_t c = 0; c < n; c += COLUMNS)
            for (size_t j = 0; j < m; j++)
                for (size_t i = 0; i < k; i++)
                    subtract(v + i * n + c, dots[i * m + j], q + j * n + c,
                             n - c < COLUMNS ? n - c : COLUMNS);
    }
}

static void normalise(double *v, size_t n)
{
    double length = sqrt(dot(v, v, n));

    for (size_t i = 0; i < n; i++)
        v[i] /= length;
}

/* Makes vectors [at, end) orthonormal, with the `at` before them too. */
static void finish_panel(double *a, size_t at, size_t end, size_t n,
                         double *dots)
{
#pragma omp parallel for schedule(static) if (at * n > PARALLEL_WORK)
    for (size_t i = at; i < end; i += PIECE)
        take_out(a + i * n, end - i < PIECE ? end - i : PIECE, a, at, n,
                 dots + (i - at) * at);
    for (size_t i = at; i < end; i++) {
        take_out(a + i * n, 1, a + at * n, i - at, n, dots);
        normalise(a + i * n, n);
    }
}

/*
 * Gram-Schmidt of the rows or columns of a normal matrix, whichever are fewer:
 * few^2 x many steps, never many^2.
 */
static void orthogonal(real *w, size_t rows, size_t cols, size_t stride,
                       double gain, struct rng *rng)
{
    bool wide = rows <= cols;
    size_t few = wide ? rows : cols, many = wide ? cols : rows;
    double *a = mem_alloc(few * many, sizeof(*a)),
           *dots = mem_alloc(few * PANEL, sizeof(*dots));

    for (size_t i = 0; i < few * many; i++)
        a[i] = rng_normal(rng);
    for (size_t i = 0; i < few; i += PANEL)
        finish_panel(a, i, few - i < PANEL ? few : i + PANEL, many, dots);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++)
            w[i * stride + j] =
                (real)(gain * (wide ? a[i * many + j] : a[j * many + i]));
    free(a);
    free(dots);
}

/* ---- */

void initialise(real *w, size_t rows, size_t cols, size_t stride, size_t fan_in,
                size_t fan_out, const struct weight_init *init, struct rng *rng)
{
    enum init rule = init->init;
    double deviation;

    if (!rng)
        return;
    if (rule == INIT_AUTO)
        rule = init->gain > 1 ? INIT_HE_NORMAL : INIT_GLOROT_NORMAL;
    if (rule == INIT_ORTHOGONAL) {
        orthogonal(w, rows, cols, stride, init->gain, rng);
        return;
    }
    deviation = deviation_of(rule, init->gain, fan_in, fan_out);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++)
            w[i * stride + j] =
                rule == INIT_ZERO ? 0 : (real)(deviation * draw(rule, rng));
}
