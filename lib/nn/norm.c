/*
 * norm: y = h weight + bias, h = (x - mean) / sqrt(variance + epsilon).
 *
 * Over a group of n values with their own mean and variance, and with
 * g = dy weight:
 *     dx = (g - mean of g - h x mean of g h) / sqrt(variance + epsilon)
 * (Ioffe & Szegedy 2015, section 3); dweight = sum of dy h, dbias = sum of dy.
 *
 * Sums over rows are made of a fixed number of chunks, in double.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "nn/layer.h"

#define EPSILON 1e-5
#define MOMENTUM .1

enum { PARALLEL_WORK = 1 << 18, CHUNKS = 16, LANES = 8 };
enum { WEIGHT, BIAS, RUNNING_MEAN, RUNNING_VAR };

/*
 * sums is [CHUNKS][2][channels].  Of the last forward of a batch norm: mean
 * and inverse, 1 / sqrt(variance + epsilon), by channel; factor is room for
 * [3][channels].
 */
struct norm {
    bool whole; /* layer norm: of all positions */
    double *sums;
    real *mean, *inverse, *factor;
};

static bool is_much(const struct layer *layer, const struct layer_io *io)
{
    return io->batch->n * shape_size(&layer->in, io->batch) > PARALLEL_WORK;
}

/* ---- sums by channel ---- */

/* Adds two values of each channel, over the positions of a row. */
typedef void add_row_fn(const struct layer *layer, const struct layer_io *io,
                        size_t row, double *first, double *second);

/* Those sums over all rows, [2][channels]; they belong to the layer. */
static const double *sum_rows(const struct layer *layer,
                              const struct layer_io *io, add_row_fn *add_row)
{
    double *sums = ((const struct norm *)layer->own)->sums;
    size_t c = layer->in.channels;

    memset(sums, 0, CHUNKS * 2 * c * sizeof(*sums));
#pragma omp parallel for schedule(static) if (is_much(layer, io))
    for (int k = 0; k < CHUNKS; k++) {
        double *own = sums + (size_t)k * 2 * c;
        size_t begin, end;
        parallel_piece(io->batch->n, CHUNKS, k, &begin, &end);
        for (size_t r = begin; r < end; r++)
            add_row(layer, io, r, own, own + c);
    }
    for (size_t k = 1; k < CHUNKS; k++)
        for (size_t j = 0; j < 2 * c; j++)
            sums[j] += sums[k * 2 * c + j];
    return sums;
}

static void store(struct param *weight, struct param *bias, const double *sums)
{
    size_t c = weight->cols;

    for (size_t j = 0; j < c && !bias->fixed; j++)
        bias->grad[j] = (real)sums[j];
    for (size_t j = 0; j < c && !weight->fixed; j++)
        weight->grad[j] = (real)sums[c + j];
}

/* ---- batch norm: statistics ---- */

/* Whether the batch's own statistics are used. */
static bool is_live(const struct layer *layer, const struct pass *pass)
{
    return pass->training &&
           !(layer->params[WEIGHT].fixed && layer->params[BIAS].fixed);
}

/*
 * The first position of the batch is taken off, so that squares do not cancel
 * where the mean is far from zero.
 */
static void add_moments(const struct layer *layer, const struct layer_io *io,
                        size_t row, double *first, double *second)
{
    size_t c = layer->in.channels, size = shape_size(&layer->in, io->batch);
    const real *from = io->x, *x = io->x + row * size;

    for (size_t i = 0; i < size; i += c)
#pragma omp simd
        for (size_t j = 0; j < c; j++) {
            double d = (double)x[i + j] - (double)from[j];
            first[j] += d;
            second[j] += d * d;
        }
}

static real inverse_of(double variance)
{
    return (real)(1 / sqrt(variance + EPSILON));
}

static real moved(real average, double value)
{
    return (real)((1 - MOMENTUM) * (double)average + MOMENTUM * value);
}

static void measure(struct layer *layer, const struct layer_io *io)
{
    const struct norm *s = layer->own;
    real *running_mean = layer->params[RUNNING_MEAN].value,
         *running_var = layer->params[RUNNING_VAR].value;
    const double *sums = sum_rows(layer, io, add_moments);
    size_t c = layer->in.channels;
    double n = (double)(io->batch->n * shape_positions(&layer->in, io->batch));

    for (size_t j = 0; j < c; j++) {
        double shift = sums[j] / n,
               variance = fmax(sums[c + j] / n - shift * shift, 0),
               mean = (double)io->x[j] + shift;
        s->mean[j] = (real)mean;
        s->inverse[j] = inverse_of(variance);
        running_mean[j] = moved(running_mean[j], mean);
        running_var[j] =
            moved(running_var[j], n > 1 ? variance * n / (n - 1) : variance);
    }
}

static void recall(struct layer *layer)
{
    const struct norm *s = layer->own;

    for (size_t j = 0; j < layer->in.channels; j++) {
        s->mean[j] = layer->params[RUNNING_MEAN].value[j];
        s->inverse[j] = inverse_of((double)layer->params[RUNNING_VAR].value[j]);
    }
}

/* ---- batch norm: forward and backward ---- */

static void batch_norm_row(const struct layer *layer, const real *x, real *y,
                           size_t size)
{
    const struct norm *s = layer->own;
    const real *bias = layer->params[BIAS].value, *scale = s->factor;
    size_t c = layer->in.channels;

    for (size_t i = 0; i < size; i += c)
#pragma omp simd
        for (size_t j = 0; j < c; j++)
            y[i + j] = (x[i + j] - s->mean[j]) * scale[j] + bias[j];
}

static void batch_norm_forward(struct layer *layer, const struct layer_io *io)
{
    const struct norm *s = layer->own;
    size_t n = io->batch->n, size = shape_size(&layer->in, io->batch);

    if (is_live(layer, io->pass))
        measure(layer, io);
    else
        recall(layer);
    for (size_t j = 0; j < layer->in.channels; j++)
        s->factor[j] = s->inverse[j] * layer->params[WEIGHT].value[j];
#pragma omp parallel for schedule(static) if (is_much(layer, io))
    for (size_t r = 0; r < n; r++)
        batch_norm_row(layer, io->x + r * size, io->y + r * size, size);
    memset(io->y + n * size, 0, (io->batch->padded - n) * size * sizeof(real));
}

static void add_products(const struct layer *layer, const struct layer_io *io,
                         size_t row, double *first, double *second)
{
    const struct norm *s = layer->own;
    size_t c = layer->in.channels, size = shape_size(&layer->in, io->batch);
    const real *x = io->x + row * size, *dy = io->dy + row * size;

    for (size_t i = 0; i < size; i += c)
#pragma omp simd
        for (size_t j = 0; j < c; j++) {
            double h = (double)((x[i + j] - s->mean[j]) * s->inverse[j]);
            first[j] += (double)dy[i + j];
            second[j] += (double)dy[i + j] * h;
        }
}

/* dx = factor 0 x dy + factor 1 x (x - mean) + factor 2; sums NULL: 0, 0. */
static void make_factors(const struct layer *layer, const double *sums,
                         double n)
{
    const struct norm *s = layer->own;
    size_t c = layer->in.channels;

    for (size_t j = 0; j < c; j++) {
        double inverse = (double)s->inverse[j],
               slope = inverse * (double)layer->params[WEIGHT].value[j];
        s->factor[j] = (real)slope;
        s->factor[c + j] = sums ? (real)(-slope * inverse * sums[c + j] / n)
                                : 0;
        s->factor[2 * c + j] = sums ? (real)(-slope * sums[j] / n) : 0;
    }
}

static void batch_norm_row_back(const struct layer *layer, const real *x,
                                const real *dy, real *dx, size_t size)
{
    const struct norm *s = layer->own;
    size_t c = layer->in.channels;
    const real *f = s->factor;

    for (size_t i = 0; i < size; i += c)
#pragma omp simd
        for (size_t j = 0; j < c; j++)
            dx[i + j] = f[j] * dy[i + j] + f[c + j] * (x[i + j] - s->mean[j]) +
                        f[2 * c + j];
}

static void batch_norm_backward(struct layer *layer, const struct layer_io *io)
{
    struct param *weight = &layer->params[WEIGHT], *bias = weight + 1;
    bool live = is_live(layer, io->pass);
    size_t n = io->batch->n, size = shape_size(&layer->in, io->batch);
    const double *sums = NULL;

    if (live || !weight->fixed || !bias->fixed) {
        sums = sum_rows(layer, io, add_products);
        store(weight, bias, sums);
    }
    if (!io->dx)
        return;
    make_factors(layer, live ? sums : NULL,
                 (double)(n * size / layer->in.channels));
#pragma omp parallel for schedule(static) if (is_much(layer, io))
    for (size_t r = 0; r < n; r++)
        batch_norm_row_back(layer, io->x + r * size, io->dy + r * size,
                            io->dx + r * size, size);
    memset(io->dx + n * size, 0, (io->batch->padded - n) * size * sizeof(real));
}

/* ---- layer norm ---- */

/* The values that share a mean: this many, beginning at a row's start. */
static size_t group_size(const struct layer *layer, const struct batch *batch)
{
    return ((const struct norm *)layer->own)->whole
               ? shape_size(&layer->in, batch)
               : layer->in.channels;
}

/* Mean and inverse of each group. */
static size_t layer_norm_keep(const struct layer *layer,
                              const struct batch *batch)
{
    return 2 * shape_size(&layer->in, batch) / group_size(layer, batch);
}

static double mean_of(const double lane[LANES], size_t n)
{
    double sum = 0;

    for (size_t l = 0; l < LANES; l++)
        sum += lane[l];
    return sum / (double)n;
}

/* first += x - from, second += its square. */
static inline void add_squares(const real *x, size_t n, double from,
                               double *first, double *second)
{
#pragma omp simd
    for (size_t l = 0; l < n; l++) {
        double d = (double)x[l] - from;
        first[l] += d;
        second[l] += d * d;
    }
}

/* Fills keep[2]; as in add_moments, x[0] is taken off. */
static void measure_group(const real *x, size_t n, real *keep)
{
    double first[LANES] = {0}, second[LANES] = {0}, from = (double)x[0], shift;
    size_t i = 0;

    for (; i + LANES <= n; i += LANES)
        add_squares(x + i, LANES, from, first, second);
    add_squares(x + i, n - i, from, first, second);
    shift = mean_of(first, n);
    keep[0] = (real)(from + shift);
    keep[1] = inverse_of(fmax(mean_of(second, n) - shift * shift, 0));
}

static void layer_norm_row(const struct layer *layer, const real *x, real *y,
                           real *keep, size_t size, size_t group)
{
    const real *weight = layer->params[WEIGHT].value,
               *bias = layer->params[BIAS].value;
    size_t c = layer->in.channels;

    for (size_t g = 0; g < size; g += group, keep += 2) {
        measure_group(x + g, group, keep);
        for (size_t i = g; i < g + group; i += c)
#pragma omp simd
            for (size_t j = 0; j < c; j++)
                y[i + j] = (x[i + j] - keep[0]) * keep[1] * weight[j] + bias[j];
    }
}

static void layer_norm_forward(struct layer *layer, const struct layer_io *io)
{
    size_t n = io->batch->n, size = shape_size(&layer->in, io->batch),
           group = group_size(layer, io->batch),
           keep = layer_norm_keep(layer, io->batch);

#pragma omp parallel for schedule(static) if (is_much(layer, io))
    for (size_t r = 0; r < n; r++)
        layer_norm_row(layer, io->x + r * size, io->y + r * size,
                       io->keep + r * keep, size, group);
    memset(io->y + n * size, 0, (io->batch->padded - n) * size * sizeof(real));
}

static void add_group_products(const struct layer *layer,
                               const struct layer_io *io, size_t row,
                               double *first, double *second)
{
    size_t c = layer->in.channels, size = shape_size(&layer->in, io->batch),
           group = group_size(layer, io->batch);
    const real *x = io->x + row * size, *dy = io->dy + row * size,
               *keep = io->keep + row * layer_norm_keep(layer, io->batch);

    for (size_t i = 0; i < size; i += c) {
        const real *own = keep + i / group * 2;
#pragma omp simd
        for (size_t j = 0; j < c; j++) {
            double h = (double)((x[i + j] - own[0]) * own[1]);
            first[j] += (double)dy[i + j];
            second[j] += (double)dy[i + j] * h;
        }
    }
}

/* first += g, second += g h, where g = dy weight. */
static inline void add_slopes(const real *x, const real *dy, const real *weight,
                              const real *keep, size_t n, double *first,
                              double *second)
{
#pragma omp simd
    for (size_t l = 0; l < n; l++) {
        double g = (double)(dy[l] * weight[l]);
        first[l] += g;
        second[l] += g * (double)((x[l] - keep[0]) * keep[1]);
    }
}

/* The means over a group of g and of g h. */
static void mean_slopes(const struct layer *layer, const real *x,
                        const real *dy, const real *keep, size_t group,
                        real means[2])
{
    const real *weight = layer->params[WEIGHT].value;
    double first[LANES] = {0}, second[LANES] = {0};
    size_t c = layer->in.channels;

    for (size_t i = 0; i < group; i += c) {
        size_t j = 0;
        for (; j + LANES <= c; j += LANES)
            add_slopes(x + i + j, dy + i + j, weight + j, keep, LANES, first,
                       second);
        add_slopes(x + i + j, dy + i + j, weight + j, keep, c - j, first,
                   second);
    }
    means[0] = (real)mean_of(first, group);
    means[1] = (real)mean_of(second, group);
}

static void layer_norm_row_back(const struct layer *layer, const real *x,
                                const real *dy, real *dx, const real *keep,
                                size_t size, size_t group)
{
    const real *weight = layer->params[WEIGHT].value;
    size_t c = layer->in.channels;

    for (size_t g = 0; g < size; g += group, keep += 2) {
        real means[2];
        mean_slopes(layer, x + g, dy + g, keep, group, means);
        for (size_t i = g; i < g + group; i += c)
#pragma omp simd
            for (size_t j = 0; j < c; j++) {
                real h = (x[i + j] - keep[0]) * keep[1];
                dx[i + j] = keep[1] *
                            (dy[i + j] * weight[j] - means[0] - h * means[1]);
            }
    }
}

static void layer_norm_backward(struct layer *layer, const struct layer_io *io)
{
    struct param *weight = &layer->params[WEIGHT], *bias = weight + 1;
    size_t n = io->batch->n, size = shape_size(&layer->in, io->batch),
           group = group_size(layer, io->batch),
           keep = layer_norm_keep(layer, io->batch);

    if (!weight->fixed || !bias->fixed)
        store(weight, bias, sum_rows(layer, io, add_group_products));
    if (!io->dx)
        return;
#pragma omp parallel for schedule(static) if (is_much(layer, io))
    for (size_t r = 0; r < n; r++)
        layer_norm_row_back(layer, io->x + r * size, io->dy + r * size,
                            io->dx + r * size, io->keep + r * keep, size,
                            group);
    memset(io->dx + n * size, 0, (io->batch->padded - n) * size * sizeof(real));
}

/* ---- the layers ---- */

static void norm_release(struct layer *layer)
{
    struct norm *s = layer->own;

    free(s->sums);
    free(s->mean);
    free(s->inverse);
    free(s->factor);
    free(s);
}

static const struct layer_ops batch_norm_ops = {.name = "batch norm",
                                                .forward = batch_norm_forward,
                                                .backward = batch_norm_backward,
                                                .release = norm_release};

static const struct layer_ops layer_norm_ops = {.name = "layer norm",
                                                .forward = layer_norm_forward,
                                                .backward = layer_norm_backward,
                                                .keep = layer_norm_keep,
                                                .release = norm_release};

/* The params [0, n_params), of which weight and running_var are 1. */
static void init(struct layer *layer, const char *name, struct shape in,
                 int n_params)
{
    static const char *const ends[] = {"weight", "bias", "running_mean",
                                       "running_var"};
    struct norm *s = mem_zalloc(1, sizeof(*s));
    size_t c = in.channels;
    char full[PARAM_NAME];

    memset(layer, 0, sizeof(*layer));
    layer->in = layer->out = in;
    layer->own = s;
    layer->n_params = n_params;
    s->sums = mem_aligned(CHUNKS * 2 * c, sizeof(double));
    for (int i = 0; i < n_params; i++) {
        struct param *p = &layer->params[i];
        layer_name(full, name, ends[i]);
        param_init(p, full, PARAM_VECTOR, 1, c);
        p->fixed = i >= RUNNING_MEAN;
        for (size_t j = 0; j < c; j++)
            p->value[j] = i == WEIGHT || i == RUNNING_VAR;
    }
}

void layer_batch_norm(struct layer *layer, const char *name, struct shape in)
{
    struct norm *s;

    assert(!in.steps);
    init(layer, name, in, 4);
    layer->ops = &batch_norm_ops;
    s = layer->own;
    s->mean = mem_aligned(in.channels, sizeof(real));
    s->inverse = mem_aligned(in.channels, sizeof(real));
    s->factor = mem_aligned(3 * in.channels, sizeof(real));
}

void layer_layer_norm(struct layer *layer, const char *name, struct shape in,
                      bool whole)
{
    assert(!(whole && in.steps));
    init(layer, name, in, 2);
    layer->ops = &layer_norm_ops;
    ((struct norm *)layer->own)->whole = whole;
}
