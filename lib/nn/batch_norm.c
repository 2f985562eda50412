/*
 * batch norm: y = h weight + bias, h = (x - mean) / sqrt(variance + epsilon),
 * over the rows and positions of a batch, n values of each channel. With
 * g = dy weight:
 *     dx = (g - mean of g - h x mean of g h) / sqrt(variance + epsilon)
 * (Ioffe & Szegedy 2015, section 3); dweight = sum of dy h, dbias = sum of dy.
 *
 * Where negative values are cut off in the same pass, y = max(y, 0), dy counts
 * where y was above zero.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/simd.h"
#include "nn/channels.h"
#include "nn/units.h"

#define EPSILON 1e-5
#define MOMENTUM .1

/* So many values of a channel are added in single precision. */
enum { FLUSH = 256 };
enum { WEIGHT, BIAS, RUNNING_MEAN, RUNNING_VAR };

/*
 * Of the last forward: mean, and inverse, 1 / sqrt(variance + epsilon), by
 * channel; y = (x - mean) scale + bias.  factor is room for [3][channels].
 */
struct batch_norm {
    bool rectify;
    struct units units;
    double *sums;
    real *mean, *inverse, *scale, *factor;
};

/* ---- statistics ---- */

/* Whether the batch's own statistics are used. */
static bool is_live(const struct layer *layer, const struct pass *pass)
{
    return pass->training &&
           !(layer->params[WEIGHT].fixed && layer->params[BIAS].fixed);
}

/* Sums over FLUSH places of a strip: of d = x - from, and of its square. */
SIMD_CLONES static void strip_moments(const struct strip *s, const real *x,
                                      size_t size, const real *from,
                                      real *first, real *second)
{
    memset(first, 0, STRIP * sizeof(real));
    memset(second, 0, STRIP * sizeof(real));
    for (size_t at = 0; at < size; at += s->stride) {
        size_t n = strip_values(s, size, at);
#pragma omp simd
        for (size_t j = 0; j < n; j++) {
            real d = x[at + j] - from[j];
            first[j] += d;
            second[j] += d * d;
        }
    }
}

/*
 * The first position of the batch is taken off, so that squares do not cancel
 * where the mean is far from zero.
 */
static void add_moments(const struct layer *layer, const struct layer_io *io,
                        size_t begin, size_t end, double *first, double *second)
{
    size_t c = layer->in.channels, one = shape_size(&layer->in, io->batch),
           size = (end - begin) * one;
    const real *x = io->x + begin * one;
    real from[STRIP], d[STRIP], d2[STRIP];

    for (struct strip s = strip_first(c); s.wide > 0; s = strip_next(&s)) {
        size_t step = FLUSH * s.stride;
        strip_spread(&s, io->x, from);
        for (size_t at = s.offset; at < size; at += step) {
            strip_moments(&s, x + at, size - at < step ? size - at : step, from,
                          d, d2);
            strip_gather(&s, d, first);
            strip_gather(&s, d2, second);
        }
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
    const struct batch_norm *s = layer->own;
    real *running_mean = layer->params[RUNNING_MEAN].value,
         *running_var = layer->params[RUNNING_VAR].value;
    const double *sums = channel_sums(layer, io, add_moments, s->sums);
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
    const struct batch_norm *s = layer->own;

    for (size_t j = 0; j < layer->in.channels; j++) {
        s->mean[j] = layer->params[RUNNING_MEAN].value[j];
        s->inverse[j] = inverse_of((double)layer->params[RUNNING_VAR].value[j]);
    }
}

/* ---- forward ---- */

/* Constants of the channels of a strip: y = (x - mean) scale + bias. */
struct line {
    real mean[STRIP], scale[STRIP], bias[STRIP];
};

static void line_of(const struct layer *layer, const struct strip *s,
                    struct line *line)
{
    const struct batch_norm *own = layer->own;

    strip_spread(s, own->mean, line->mean);
    strip_spread(s, own->scale, line->scale);
    strip_spread(s, layer->params[BIAS].value, line->bias);
}

SIMD_CLONES static void strip_forward(const struct strip *s,
                                      const struct line *line, const real *x,
                                      real *y, size_t size, bool rectify)
{
    for (size_t at = s->offset; at < size; at += s->stride) {
        size_t n = strip_values(s, size, at);
#pragma omp simd
        for (size_t j = 0; j < n; j++) {
            real value = (x[at + j] - line->mean[j]) * line->scale[j] +
                         line->bias[j];
            y[at + j] = rectify && value < 0 ? 0 : value;
        }
    }
}

static void row_forward(const struct layer *layer, const real *x, real *y,
                        size_t size)
{
    struct line line;

    for (struct strip s = strip_first(layer->in.channels); s.wide > 0;
         s = strip_next(&s)) {
        line_of(layer, &s, &line);
        strip_forward(&s, &line, x, y, size,
                      ((const struct batch_norm *)layer->own)->rectify);
    }
}

static void batch_norm_forward(struct layer *layer, const struct layer_io *io)
{
    const struct batch_norm *s = layer->own;
    size_t n = io->batch->n, size = shape_size(&layer->in, io->batch);

    if (is_live(layer, io->pass))
        measure(layer, io);
    else
        recall(layer);
    for (size_t j = 0; j < layer->in.channels; j++)
        s->scale[j] = s->inverse[j] * layer->params[WEIGHT].value[j];
#pragma omp parallel for schedule(static) if (channels_much(layer, io))
    for (size_t r = 0; r < n; r++)
        row_forward(layer, io->x + r * size, io->y + r * size, size);
    layer_clear_padded(io, io->y, size);
}

/* ---- backward ---- */

/*
 * dy, and of rectified values only where y was above zero: found from x, which
 * is read anyway, as forward computed it.
 */
static inline __attribute__((always_inline)) real
passed(const bool rectify, const struct line *line, size_t j, real x, real dy)
{
    return rectify &&
                   !((x - line->mean[j]) * line->scale[j] + line->bias[j] > 0)
               ? 0
               : dy;
}

static inline __attribute__((always_inline)) void
add_products_of(const bool rectify, const struct strip *s,
                const struct line *line, const real *x, const real *dy,
                size_t size, real *first, real *second)
{
    for (size_t at = 0; at < size; at += s->stride) {
        size_t n = strip_values(s, size, at);
#pragma omp simd
        for (size_t j = 0; j < n; j++) {
            real g = passed(rectify, line, j, x[at + j], dy[at + j]);
            first[j] += g;
            second[j] += g * (x[at + j] - line->mean[j]);
        }
    }
}

/* Sums over FLUSH places of a strip: of dy, and of dy (x - mean). */
SIMD_CLONES static void strip_products(const bool rectify,
                                       const struct strip *s,
                                       const struct line *line, const real *x,
                                       const real *dy, size_t size, real *first,
                                       real *second)
{
    memset(first, 0, STRIP * sizeof(real));
    memset(second, 0, STRIP * sizeof(real));
    if (rectify)
        add_products_of(true, s, line, x, dy, size, first, second);
    else
        add_products_of(false, s, line, x, dy, size, first, second);
}

static void add_products(const struct layer *layer, const struct layer_io *io,
                         size_t begin, size_t end, double *first,
                         double *second)
{
    const struct batch_norm *own = layer->own;
    size_t one = shape_size(&layer->in, io->batch), from = begin * one,
           size = (end - begin) * one;
    struct line line;
    real g[STRIP], gx[STRIP];

    for (struct strip s = strip_first(layer->in.channels); s.wide > 0;
         s = strip_next(&s)) {
        size_t step = FLUSH * s.stride;
        line_of(layer, &s, &line);
        for (size_t at = s.offset; at < size; at += step) {
            strip_products(own->rectify, &s, &line, io->x + from + at,
                           io->dy + from + at,
                           size - at < step ? size - at : step, g, gx);
            strip_gather(&s, g, first);
            strip_gather(&s, gx, second);
        }
    }
}

static void store(struct layer *layer, const double *sums)
{
    struct param *weight = &layer->params[WEIGHT], *bias = weight + 1;
    const struct batch_norm *s = layer->own;
    size_t c = layer->in.channels;

    for (size_t j = 0; j < c && !bias->fixed; j++)
        bias->grad[j] = (real)sums[j];
    for (size_t j = 0; j < c && !weight->fixed; j++)
        weight->grad[j] = (real)(sums[c + j] * (double)s->inverse[j]);
}

/* dx = factor 0 x dy + factor 1 x (x - mean) + factor 2; sums NULL: 0, 0. */
static void make_factors(const struct layer *layer, const double *sums,
                         double n)
{
    const struct batch_norm *s = layer->own;
    size_t c = layer->in.channels;

    for (size_t j = 0; j < c; j++) {
        double inverse = (double)s->inverse[j],
               slope = inverse * (double)layer->params[WEIGHT].value[j];
        s->factor[j] = (real)slope;
        s->factor[c + j] =
            sums ? (real)(-slope * inverse * inverse * sums[c + j] / n) : 0;
        s->factor[2 * c + j] = sums ? (real)(-slope * sums[j] / n) : 0;
    }
}

/* Those factors, for the channels of a strip. */
struct slopes {
    real of_dy[STRIP], of_x[STRIP], constant[STRIP];
};

static inline __attribute__((always_inline)) void
apply(const bool rectify, const struct strip *s, const struct line *line,
      const struct slopes *f, const real *x, const real *dy, real *dx,
      size_t size)
{
    for (size_t at = s->offset; at < size; at += s->stride) {
        size_t n = strip_values(s, size, at);
#pragma omp simd
        for (size_t j = 0; j < n; j++)
            dx[at + j] =
                f->of_dy[j] * passed(rectify, line, j, x[at + j], dy[at + j]) +
                f->of_x[j] * (x[at + j] - line->mean[j]) + f->constant[j];
    }
}

SIMD_CLONES static void strip_backward(const bool rectify,
                                       const struct strip *s,
                                       const struct line *line,
                                       const struct slopes *f, const real *x,
                                       const real *dy, real *dx, size_t size)
{
    if (rectify)
        apply(true, s, line, f, x, dy, dx, size);
    else
        apply(false, s, line, f, x, dy, dx, size);
}

static void row_backward(const struct layer *layer, const struct layer_io *io,
                         size_t row)
{
    const struct batch_norm *own = layer->own;
    size_t c = layer->in.channels, size = shape_size(&layer->in, io->batch),
           from = row * size;
    struct line line;
    struct slopes f;

    for (struct strip s = strip_first(c); s.wide > 0; s = strip_next(&s)) {
        line_of(layer, &s, &line);
        strip_spread(&s, own->factor, f.of_dy);
        strip_spread(&s, own->factor + c, f.of_x);
        strip_spread(&s, own->factor + 2 * c, f.constant);
        strip_backward(own->rectify, &s, &line, &f, io->x + from, io->dy + from,
                       io->dx + from, size);
    }
}

static void batch_norm_backward(struct layer *layer, const struct layer_io *io)
{
    struct batch_norm *s = layer->own;
    bool live = is_live(layer, io->pass);
    size_t n = io->batch->n, size = shape_size(&layer->in, io->batch);
    const double *sums = NULL;

    if (s->rectify && io->pass->training)
        units_observe(&s->units, layer, io);
    if (live || !layer->params[WEIGHT].fixed || !layer->params[BIAS].fixed) {
        sums = channel_sums(layer, io, add_products, s->sums);
        store(layer, sums);
    }
    if (!io->dx)
        return;
    make_factors(layer, live ? sums : NULL,
                 (double)(n * size / layer->in.channels));
#pragma omp parallel for schedule(static) if (channels_much(layer, io))
    for (size_t r = 0; r < n; r++)
        row_backward(layer, io, r);
    layer_clear_padded(io, io->dx, size);
}

/* ---- the layer ---- */

static void batch_norm_activity(struct layer *layer, struct activity *a)
{
    struct batch_norm *s = layer->own;

    memset(a, 0, sizeof(*a));
    units_report(&s->units, a);
}

static void batch_norm_release(struct layer *layer)
{
    struct batch_norm *s = layer->own;

    units_release(&s->units);
    free(s->sums);
    free(s->mean);
    free(s->inverse);
    free(s->scale);
    free(s->factor);
    free(s);
}

/* What has been rectified is looked at in backward. */
static const struct layer_ops rectified_ops = {.name = "batch norm",
                                               .mixes_rows = true,
                                               .dx_is_dy = true,
                                               .needs_y = true,
                                               .forward = batch_norm_forward,
                                               .backward = batch_norm_backward,
                                               .activity = batch_norm_activity,
                                               .release = batch_norm_release};

static void batch_norm_rectify(struct layer *layer)
{
    struct batch_norm *s = layer->own;

    s->rectify = true;
    units_init(&s->units, layer->out.channels);
    layer->ops = &rectified_ops;
}

static const struct layer_ops batch_norm_ops = {.name = "batch norm",
                                                .mixes_rows = true,
                                                .dx_is_dy = true,
                                                .forward = batch_norm_forward,
                                                .backward = batch_norm_backward,
                                                .rectify = batch_norm_rectify,
                                                .release = batch_norm_release};

void layer_batch_norm(struct layer *layer, const char *name, struct shape in)
{
    static const char *const ends[] = {"weight", "bias", "running_mean",
                                       "running_var"};
    struct batch_norm *s = mem_zalloc(1, sizeof(*s));
    size_t c = in.channels;
    char full[PARAM_NAME];

    assert(!in.steps);
    memset(layer, 0, sizeof(*layer));
    layer->ops = &batch_norm_ops;
    layer->in = layer->out = in;
    layer->own = s;
    layer->n_params = 4;
    for (int i = 0; i < layer->n_params; i++) {
        struct param *p = &layer->params[i];
        layer_name(full, name, ends[i]);
        param_init(p, full, PARAM_VECTOR, 1, c);
        p->fixed = i >= RUNNING_MEAN;
        for (size_t j = 0; j < c; j++)
            p->value[j] = i == WEIGHT || i == RUNNING_VAR;
    }
    s->sums = mem_aligned(CHANNEL_CHUNKS * 2 * c, sizeof(double));
    s->mean = mem_aligned(c, sizeof(real));
    s->inverse = mem_aligned(c, sizeof(real));
    s->scale = mem_aligned(c, sizeof(real));
    s->factor = mem_aligned(3 * c, sizeof(real));
}
