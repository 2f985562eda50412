/*
 * layer norm: y = h weight + bias, h = (x - mean) / sqrt(variance + epsilon),
 * over the values of a group: the channels of a position, or all of a row.
 * With g = dy weight:
 *     dx = (g - mean of g - h x mean of g h) / sqrt(variance + epsilon)
 * dweight = sum of dy h, dbias = sum of dy (Ba et al. 2016).
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/simd.h"
#include "nn/channels.h"

#define EPSILON 1e-5

/* So many values are added in single precision. */
enum { FLUSH = 64 * LANES };
enum { WEIGHT, BIAS };

/* whole: a group is all positions of a row; sums is room. */
struct layer_norm {
    bool whole;
    double *sums;
};

/* The values that share a mean: this many, beginning at a row's start. */
static size_t group_size(const struct layer *layer, const struct batch *batch)
{
    return ((const struct layer_norm *)layer->own)->whole
               ? shape_size(&layer->in, batch)
               : layer->in.channels;
}

/* Mean and inverse of each group. */
static size_t layer_norm_keep(const struct layer *layer,
                              const struct batch *batch)
{
    return 2 * shape_size(&layer->in, batch) / group_size(layer, batch);
}

static double sum_of(const real lane[LANES])
{
    double sum = 0;

    for (size_t l = 0; l < LANES; l++)
        sum += (double)lane[l];
    return sum;
}

/* ---- forward ---- */

/* Adds d = x - from and its square to sums[2]; at most FLUSH values. */
SIMD_CLONES static void add_moments(const real *x, size_t n, real from,
                                    double sums[2])
{
    real first[LANES] = {0}, second[LANES] = {0};
    size_t i = 0;

    for (; i + LANES <= n; i += LANES)
#pragma omp simd
        for (size_t l = 0; l < LANES; l++) {
            real d = x[i + l] - from;
            first[l] += d;
            second[l] += d * d;
        }
    for (size_t l = 0; i + l < n; l++) {
        real d = x[i + l] - from;
        first[l] += d;
        second[l] += d * d;
    }
    sums[0] += sum_of(first);
    sums[1] += sum_of(second);
}

/*
 * Fills keep[2].  x[0] is taken off, so that squares do not cancel where the
 * mean is far from zero.
 */
static void measure_group(const real *x, size_t n, real *keep)
{
    double sums[2] = {0}, shift;

    for (size_t i = 0; i < n; i += FLUSH)
        add_moments(x + i, n - i < FLUSH ? n - i : FLUSH, x[0], sums);
    shift = sums[0] / (double)n;
    keep[0] = (real)((double)x[0] + shift);
    keep[1] = (real)(1 / sqrt(fmax(sums[1] / (double)n - shift * shift, 0) +
                              EPSILON));
}

SIMD_CLONES static void position_forward(const real *x, real *y,
                                         const real *keep, const real *weight,
                                         const real *bias, size_t n)
{
    real mean = keep[0], inverse = keep[1];

#pragma omp simd
    for (size_t j = 0; j < n; j++)
        y[j] = (x[j] - mean) * inverse * weight[j] + bias[j];
}

static void row_forward(const struct layer *layer, const real *x, real *y,
                        real *keep, size_t size, size_t group)
{
    const real *weight = layer->params[WEIGHT].value,
               *bias = layer->params[BIAS].value;
    size_t c = layer->in.channels;

    for (size_t g = 0; g < size; g += group, keep += 2) {
        measure_group(x + g, group, keep);
        for (size_t i = g; i < g + group; i += c)
            position_forward(x + i, y + i, keep, weight, bias, c);
    }
}

static void layer_norm_forward(struct layer *layer, const struct layer_io *io)
{
    size_t n = io->batch->n, size = shape_size(&layer->in, io->batch),
           group = group_size(layer, io->batch),
           keep = layer_norm_keep(layer, io->batch);

#pragma omp parallel for schedule(static) if (channels_much(layer, io))
    for (size_t r = 0; r < n; r++)
        row_forward(layer, io->x + r * size, io->y + r * size,
                    io->keep + r * keep, size, group);
    layer_clear_padded(io, io->y, size);
}

/* ---- backward ---- */

/* Adds g = dy weight and g h to sums[2]. */
SIMD_CLONES static void add_slopes(const real *x, const real *dy,
                                   const real *weight, const real *keep,
                                   size_t n, double sums[2])
{
    real first[LANES] = {0}, second[LANES] = {0};
    real mean = keep[0], inverse = keep[1];
    size_t i = 0;

    for (; i + LANES <= n; i += LANES)
#pragma omp simd
        for (size_t l = 0; l < LANES; l++) {
            real g = dy[i + l] * weight[i + l];
            first[l] += g;
            second[l] += g * ((x[i + l] - mean) * inverse);
        }
    for (size_t l = 0; i + l < n; l++) {
        real g = dy[i + l] * weight[i + l];
        first[l] += g;
        second[l] += g * ((x[i + l] - mean) * inverse);
    }
    sums[0] += sum_of(first);
    sums[1] += sum_of(second);
}

SIMD_CLONES static void position_backward(const real *x, const real *dy,
                                          real *dx, const real *weight,
                                          const real *keep, const real means[2],
                                          size_t n)
{
    real mean = keep[0], inverse = keep[1], g = means[0], gh = means[1];

#pragma omp simd
    for (size_t j = 0; j < n; j++) {
        real h = (x[j] - mean) * inverse;
        dx[j] = inverse * (dy[j] * weight[j] - g - h * gh);
    }
}

static void row_backward(const struct layer *layer, const real *x,
                         const real *dy, real *dx, const real *keep,
                         size_t size, size_t group)
{
    const real *weight = layer->params[WEIGHT].value;
    size_t c = layer->in.channels;

    for (size_t g = 0; g < size; g += group, keep += 2) {
        double sums[2] = {0};
        real means[2];
        for (size_t i = g; i < g + group; i += c)
            add_slopes(x + i, dy + i, weight, keep, c, sums);
        means[0] = (real)(sums[0] / (double)group);
        means[1] = (real)(sums[1] / (double)group);
        for (size_t i = g; i < g + group; i += c)
            position_backward(x + i, dy + i, dx + i, weight, keep, means, c);
    }
}

/* What one position adds to the gradients of bias and weight. */
SIMD_CLONES static void add_position(const real *x, const real *dy,
                                     const real *keep, size_t n, double *first,
                                     double *second)
{
    real mean = keep[0], inverse = keep[1];

#pragma omp simd
    for (size_t j = 0; j < n; j++) {
        first[j] += (double)dy[j];
        second[j] += (double)(dy[j] * ((x[j] - mean) * inverse));
    }
}

static void add_rows(const struct layer *layer, const struct layer_io *io,
                     size_t begin, size_t end, double *first, double *second)
{
    size_t c = layer->in.channels, size = shape_size(&layer->in, io->batch),
           group = group_size(layer, io->batch);

    for (size_t i = begin * size; i < end * size; i += c)
        add_position(io->x + i, io->dy + i, io->keep + i / group * 2, c, first,
                     second);
}

static void layer_norm_backward(struct layer *layer, const struct layer_io *io)
{
    struct param *weight = &layer->params[WEIGHT], *bias = weight + 1;
    size_t n = io->batch->n, c = layer->in.channels,
           size = shape_size(&layer->in, io->batch),
           group = group_size(layer, io->batch),
           keep = layer_norm_keep(layer, io->batch);

    if (!weight->fixed || !bias->fixed) {
        const double *sums = channel_sums(
            layer, io, add_rows, ((const struct layer_norm *)layer->own)->sums);
        for (size_t j = 0; j < c && !bias->fixed; j++)
            bias->grad[j] = (real)sums[j];
        for (size_t j = 0; j < c && !weight->fixed; j++)
            weight->grad[j] = (real)sums[c + j];
    }
    if (!io->dx)
        return;
#pragma omp parallel for schedule(static) if (channels_much(layer, io))
    for (size_t r = 0; r < n; r++)
        row_backward(layer, io->x + r * size, io->dy + r * size,
                     io->dx + r * size, io->keep + r * keep, size, group);
    layer_clear_padded(io, io->dx, size);
}

/* ---- the layer ---- */

static void layer_norm_release(struct layer *layer)
{
    struct layer_norm *s = layer->own;

    free(s->sums);
    free(s);
}

static const struct layer_ops layer_norm_ops = {.name = "layer norm",
                                                .dx_is_dy = true,
                                                .forward = layer_norm_forward,
                                                .backward = layer_norm_backward,
                                                .keep = layer_norm_keep,
                                                .release = layer_norm_release};

void layer_layer_norm(struct layer *layer, const char *name, struct shape in,
                      bool whole)
{
    struct layer_norm *s = mem_zalloc(1, sizeof(*s));
    size_t c = in.channels;
    char full[PARAM_NAME];

    assert(!(whole && in.steps));
    memset(layer, 0, sizeof(*layer));
    layer->ops = &layer_norm_ops;
    layer->in = layer->out = in;
    layer->own = s;
    layer->n_params = 2;
    layer_name(full, name, "weight");
    param_init(&layer->params[WEIGHT], full, PARAM_VECTOR, 1, c);
    layer_name(full, name, "bias");
    param_init(&layer->params[BIAS], full, PARAM_VECTOR, 1, c);
    for (size_t j = 0; j < c; j++)
        layer->params[WEIGHT].value[j] = 1;
    s->whole = whole;
    s->sums = mem_aligned(CHANNEL_CHUNKS * 2 * c, sizeof(double));
}
