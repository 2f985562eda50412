/*
 * activation: layers without parameters, element by element.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/simd.h"
#include "nn/elementary.h"
#include "nn/layer.h"
#include "nn/units.h"

enum { PARALLEL_WORK = 1 << 16 };

#define LEAK 0.01

/* Beyond these values the slope is below 1 % of the steepest. */
#define FLAT_TANH 0.995
#define FLAT_SIGMOID 0.9975

/* units of a relu; the counts are of values of a curve. */
struct activation_state {
    enum activation kind;
    struct units units;
    double flat, seen;
};

static bool is_curved(const struct activation_state *s)
{
    return s->kind == ACTIVATION_TANH || s->kind == ACTIVATION_SIGMOID;
}

static inline real normal_density(real x)
{
    const real factor = (real)(M_2_SQRTPI * M_SQRT1_2 / 2);

    return factor * exp_of(-(real).5 * x * x);
}

/* y = f(x), n values. */
SIMD_CLONES static void values(enum activation kind, const real *x, real *y,
                               size_t n)
{
    switch (kind) {
    case ACTIVATION_RELU:
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            y[i] = x[i] < 0 ? 0 : x[i]; /* what is no number stays */
        break;
    case ACTIVATION_LEAKY_RELU:
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            y[i] = x[i] > 0 ? x[i] : (real)LEAK * x[i];
        break;
    case ACTIVATION_TANH:
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            y[i] = tanh_of(x[i]);
        break;
    case ACTIVATION_SIGMOID:
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            y[i] = sigmoid_of(x[i]);
        break;
    case ACTIVATION_GELU:
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            y[i] = x[i] * normal_cdf_of(x[i]);
        break;
    }
}

/* dx = dy f'(x), where f(x) is y. */
SIMD_CLONES static void slopes(enum activation kind, const real *x,
                               const real *y, const real *dy, real *dx,
                               size_t n)
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
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            dx[i] = dy[i] * (normal_cdf_of(x[i]) + x[i] * normal_density(x[i]));
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

SIMD_CLONES static double count_flat(enum activation kind, const real *y,
                                     size_t n)
{
    real low = kind == ACTIVATION_TANH ? (real)-FLAT_TANH
                                       : (real)(1 - FLAT_SIGMOID),
         high = kind == ACTIVATION_TANH ? (real)FLAT_TANH : (real)FLAT_SIGMOID;
    unsigned flat = 0;

    for (size_t i = 0; i < n; i++)
        flat += y[i] < low || y[i] > high;
    return flat;
}

/* Padded rows, and steps behind the end of a row, are not looked at. */
static void observe(struct layer *layer, const struct layer_io *io)
{
    struct activation_state *s = layer->own;
    size_t all = shape_positions(&layer->out, io->batch),
           channels = layer->out.channels;

    if (s->kind == ACTIVATION_RELU)
        units_observe(&s->units, layer, io);
    for (size_t r = 0; r < io->batch->n && is_curved(s); r++) {
        size_t n = channels * (layer->out.steps ? io->batch->length[r] : all);
        s->flat += count_flat(s->kind, io->y + r * all * channels, n);
        s->seen += (double)n;
    }
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

    memset(a, 0, sizeof(*a));
    units_report(&s->units, a);
    a->saturated = s->seen > 0 ? s->flat / s->seen : 0;
    s->flat = s->seen = 0;
}

static void activation_gather(struct layer *layer, struct layer *replica)
{
    struct activation_state *s = layer->own, *from = replica->own;

    units_gather(&s->units, &from->units);
    s->flat += from->flat;
    s->seen += from->seen;
    from->flat = from->seen = 0;
}

static void activation_release(struct layer *layer)
{
    struct activation_state *s = layer->own;

    units_release(&s->units);
    free(s);
}

/* f'(x) is known from y; of the others it is not. */
static const struct layer_ops in_place_ops = {.name = "activation",
                                              .y_is_x = true,
                                              .dx_is_dy = true,
                                              .needs_y = true,
                                              .forward = activation_forward,
                                              .backward = activation_backward,
                                              .activity = activation_activity,
                                              .gather = activation_gather,
                                              .release = activation_release};

static const struct layer_ops activation_ops = {.name = "activation",
                                                .dx_is_dy = true,
                                                .forward = activation_forward,
                                                .backward = activation_backward,
                                                .activity = activation_activity,
                                                .gather = activation_gather,
                                                .release = activation_release};

void layer_activation(struct layer *layer, enum activation kind,
                      struct shape in)
{
    struct activation_state *s = mem_zalloc(1, sizeof(*s));

    memset(layer, 0, sizeof(*layer));
    layer->ops = kind == ACTIVATION_LEAKY_RELU || kind == ACTIVATION_GELU
                     ? &activation_ops
                     : &in_place_ops;
    layer->in = layer->out = in;
    layer->own = s;
    s->kind = kind;
    if (kind == ACTIVATION_RELU)
        units_init(&s->units, in.channels);
}
