/*
 * activation: layers without parameters, element by element.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nn/layer.h"

enum { PARALLEL_WORK = 1 << 16 };

#define LEAK 0.01

/* Beyond these values the slope is below 1 % of the steepest. */
#define FLAT_TANH 0.995
#define FLAT_SIGMOID 0.9975

/* used[channel]: seen above zero; the counts are of values. */
struct activation_state {
    enum activation kind;
    unsigned char *used;
    double flat, seen;
};

static bool is_curved(const struct activation_state *s)
{
    return s->kind == ACTIVATION_TANH || s->kind == ACTIVATION_SIGMOID;
}

static real normal_cdf(real x)
{
    return (real)(.5 * erfc(-(double)x * M_SQRT1_2));
}

static real normal_density(real x)
{
    return (real)(exp(-.5 * (double)x * (double)x) * M_2_SQRTPI * M_SQRT1_2 /
                  2);
}

/* y = f(x), n values. */
static void values(enum activation kind, const real *x, real *y, size_t n)
{
    switch (kind) {
    case ACTIVATION_RELU:
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            y[i] = x[i] > 0 ? x[i] : 0;
        break;
    case ACTIVATION_LEAKY_RELU:
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            y[i] = x[i] > 0 ? x[i] : (real)LEAK * x[i];
        break;
    case ACTIVATION_TANH:
        for (size_t i = 0; i < n; i++)
            y[i] = (real)tanh((double)x[i]);
        break;
    case ACTIVATION_SIGMOID:
        for (size_t i = 0; i < n; i++)
            y[i] = (real)(1 / (1 + exp(-(double)x[i])));
        break;
    case ACTIVATION_GELU:
        for (size_t i = 0; i < n; i++)
            y[i] = x[i] * normal_cdf(x[i]);
        break;
    }
}

/* dx = dy f'(x), where f(x) is y. */
static void slopes(enum activation kind, const real *x, const real *y,
                   const real *dy, real *dx, size_t n)
{
    switch (kind) {
    case ACTIVATION_RELU:
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            dx[i] = y[i] > 0 ? dy[i] : 0;
        break;
    case ACTIVATION_LEAKY_RELU:
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            dx[i] = x[i] > 0 ? dy[i] : (real)LEAK * dy[i];
        break;
    case ACTIVATION_TANH:
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            dx[i] = dy[i] * (1 - y[i] * y[i]);
        break;
    case ACTIVATION_SIGMOID:
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            dx[i] = dy[i] * y[i] * (1 - y[i]);
        break;
    case ACTIVATION_GELU:
        for (size_t i = 0; i < n; i++)
            dx[i] = dy[i] * (normal_cdf(x[i]) + x[i] * normal_density(x[i]));
        break;
    }
}

/* ---- passes: a row of the batch is a piece of work ---- */

static bool is_large(size_t rows, size_t size)
{
    return rows * size > PARALLEL_WORK;
}

static void activation_forward(struct layer *layer, const struct layer_io *io)
{
    const struct activation_state *s = layer->own;
    size_t rows = io->batch->padded, size = shape_size(&layer->out, io->batch);

#pragma omp parallel for schedule(static) if (is_large(rows, size))
    for (size_t r = 0; r < rows; r++)
        values(s->kind, io->x + r * size, io->y + r * size, size);
}

/* Which channels were above zero; values in the flat parts of the curve. */
static void observe_row(struct activation_state *s, const real *y,
                        size_t positions, size_t channels)
{
    real low = s->kind == ACTIVATION_TANH ? (real)-FLAT_TANH
                                          : (real)(1 - FLAT_SIGMOID),
         high = s->kind == ACTIVATION_TANH ? (real)FLAT_TANH
                                           : (real)FLAT_SIGMOID;
    size_t flat = 0;

    for (size_t p = 0; p < positions && s->kind == ACTIVATION_RELU; p++)
        for (size_t j = 0; j < channels; j++)
            s->used[j] |= y[p * channels + j] > 0;
    for (size_t i = 0; i < positions * channels && is_curved(s); i++)
        flat += y[i] < low || y[i] > high;
    s->flat += (double)flat;
    s->seen += (double)(positions * channels);
}

/* Padded rows, and steps behind the end of a row, are not looked at. */
static void observe(struct layer *layer, const struct layer_io *io)
{
    size_t positions = shape_positions(&layer->out, io->batch),
           channels = layer->out.channels;

    for (size_t r = 0; r < io->batch->n; r++)
        observe_row(layer->own, io->y + r * positions * channels,
                    layer->out.steps ? io->batch->length[r] : positions,
                    channels);
}

static void activation_backward(struct layer *layer, const struct layer_io *io)
{
    const struct activation_state *s = layer->own;
    size_t rows = io->batch->padded, size = shape_size(&layer->out, io->batch);

#pragma omp parallel for schedule(static) if (is_large(rows, size))
    for (size_t r = 0; r < rows; r++)
        if (io->dx)
            slopes(s->kind, io->x + r * size, io->y + r * size,
                   io->dy + r * size, io->dx + r * size, size);
    if (io->pass->training)
        observe(layer, io);
}

static void activation_activity(struct layer *layer, struct activity *a)
{
    struct activation_state *s = layer->own;
    bool rectifier = s->kind == ACTIVATION_RELU && s->seen > 0;

    memset(a, 0, sizeof(*a));
    for (size_t j = 0; j < layer->out.channels; j++) {
        a->units += rectifier;
        a->dead += rectifier && !s->used[j];
        s->used[j] = 0;
    }
    a->saturated = is_curved(s) && s->seen > 0 ? s->flat / s->seen : 0;
    s->flat = s->seen = 0;
}

static void activation_release(struct layer *layer)
{
    struct activation_state *s = layer->own;

    free(s->used);
    free(s);
}

static const struct layer_ops activation_ops = {.name = "activation",
                                                .forward = activation_forward,
                                                .backward = activation_backward,
                                                .activity = activation_activity,
                                                .release = activation_release};

void layer_activation(struct layer *layer, enum activation kind,
                      struct shape in)
{
    struct activation_state *s = mem_zalloc(1, sizeof(*s));

    memset(layer, 0, sizeof(*layer));
    layer->ops = &activation_ops;
    layer->in = layer->out = in;
    layer->own = s;
    s->kind = kind;
    s->used = mem_zalloc(in.channels, 1);
}
