/*
 * activation: layers without parameters, element by element.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nn/layer.h"

#define LEAK 0.01
#define FLAT 0.01 /* a slope of less than this share of the steepest */

/* used[channel]: seen above zero; the counts are of values. */
struct activation_state {
    enum activation kind;
    unsigned char *used;
    double flat, seen;
};

static real normal_cdf(real x)
{
    return (real)(.5 * erfc(-(double)x * M_SQRT1_2));
}

static real normal_density(real x)
{
    return (real)(exp(-.5 * (double)x * (double)x) * M_2_SQRTPI * M_SQRT1_2 /
                  2);
}

static real value(enum activation kind, real x)
{
    switch (kind) {
    case ACTIVATION_RELU:
        return x > 0 ? x : 0;
    case ACTIVATION_LEAKY_RELU:
        return x > 0 ? x : (real)LEAK * x;
    case ACTIVATION_TANH:
        return (real)tanh((double)x);
    case ACTIVATION_SIGMOID:
        return (real)(1 / (1 + exp(-(double)x)));
    case ACTIVATION_GELU:
        return x * normal_cdf(x);
    }
    return x;
}

/* The derivative at x, where the value is y. */
static real slope(enum activation kind, real x, real y)
{
    switch (kind) {
    case ACTIVATION_RELU:
        return x > 0 ? 1 : 0;
    case ACTIVATION_LEAKY_RELU:
        return x > 0 ? 1 : (real)LEAK;
    case ACTIVATION_TANH:
        return 1 - y * y;
    case ACTIVATION_SIGMOID:
        return y * (1 - y);
    case ACTIVATION_GELU:
        return normal_cdf(x) + x * normal_density(x);
    }
    return 1;
}

static void activation_forward(struct layer *layer, const struct layer_io *io)
{
    const struct activation_state *s = layer->own;
    size_t n = io->batch->padded * shape_size(&layer->out, io->batch);

    for (size_t i = 0; i < n; i++)
        io->y[i] = value(s->kind, io->x[i]);
}

/* Steps behind the end of a row are not looked at. */
static void observe(struct layer *layer, const struct layer_io *io)
{
    struct activation_state *s = layer->own;
    size_t positions = shape_positions(&layer->out, io->batch),
           channels = layer->out.channels;
    real steepest = s->kind == ACTIVATION_SIGMOID ? (real).25 : 1;

    for (size_t r = 0; r < io->batch->n; r++) {
        const real *y = io->y + r * positions * channels;
        size_t own = layer->out.steps ? io->batch->length[r] : positions;
        for (size_t i = 0; i < own * channels; i++) {
            s->used[i % channels] |= y[i] > 0;
            s->flat += slope(s->kind, 0, y[i]) < (real)FLAT * steepest;
        }
        s->seen += (double)(own * channels);
    }
}

static void activation_backward(struct layer *layer, const struct layer_io *io)
{
    const struct activation_state *s = layer->own;
    size_t n = io->batch->padded * shape_size(&layer->out, io->batch);

    for (size_t i = 0; io->dx && i < n; i++)
        io->dx[i] = io->dy[i] * slope(s->kind, io->x[i], io->y[i]);
    if (io->pass->training)
        observe(layer, io);
}

static void activation_activity(struct layer *layer, struct activity *a)
{
    struct activation_state *s = layer->own;
    bool rectifier = s->kind == ACTIVATION_RELU;
    bool curved = s->kind == ACTIVATION_TANH || s->kind == ACTIVATION_SIGMOID;

    memset(a, 0, sizeof(*a));
    for (size_t j = 0; j < layer->out.channels; j++) {
        a->units += rectifier;
        a->dead += rectifier && !s->used[j];
        s->used[j] = 0;
    }
    a->saturated = curved && s->seen > 0 ? s->flat / s->seen : 0;
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
