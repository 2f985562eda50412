/*
 * steps: from a sequence to one vector, its last step or its mean.
 */
#include <string.h>

#include "base/simd.h"
#include "nn/layer.h"

enum { PARALLEL_WORK = 1 << 16 };

/* Where row r of a tensor like layer->in starts. */
static size_t start_of(const struct layer *layer, const struct batch *batch,
                       size_t r)
{
    return r * batch->steps * layer->in.channels;
}

static void last_forward(struct layer *layer, const struct layer_io *io)
{
    const struct batch *batch = io->batch;
    size_t n = layer->in.channels;

    for (size_t r = 0; r < batch->padded; r++)
        memcpy(io->y + r * n,
               io->x + start_of(layer, batch, r) + (batch->length[r] - 1) * n,
               n * sizeof(real));
}

static void last_backward(struct layer *layer, const struct layer_io *io)
{
    const struct batch *batch = io->batch;
    size_t n = layer->in.channels;

    if (!io->dx)
        return;
    memset(io->dx, 0, batch->padded * batch->steps * n * sizeof(real));
    for (size_t r = 0; r < batch->padded; r++)
        memcpy(io->dx + start_of(layer, batch, r) + (batch->length[r] - 1) * n,
               io->dy + r * n, n * sizeof(real));
}

static bool is_large(const struct layer *layer, const struct batch *batch)
{
    return batch->padded * batch->steps * layer->in.channels > PARALLEL_WORK;
}

SIMD_CLONES static void mean_row(const real *x, real *y, size_t length,
                                 size_t n)
{
    memset(y, 0, n * sizeof(*y));
    for (size_t t = 0; t < length; t++)
#pragma omp simd
        for (size_t j = 0; j < n; j++)
            y[j] += x[t * n + j];
#pragma omp simd
    for (size_t j = 0; j < n; j++)
        y[j] /= (real)length;
}

static void mean_forward(struct layer *layer, const struct layer_io *io)
{
    const struct batch *batch = io->batch;
    size_t n = layer->in.channels;

#pragma omp parallel for schedule(static) if (is_large(layer, batch))
    for (size_t r = 0; r < batch->padded; r++)
        mean_row(io->x + start_of(layer, batch, r), io->y + r * n,
                 batch->length[r], n);
}

/* Every step before the end has its part; zero behind it. */
SIMD_CLONES static void mean_row_back(const real *dy, real *dx, size_t length,
                                      size_t steps, size_t n)
{
    for (size_t t = 0; t < length; t++)
#pragma omp simd
        for (size_t j = 0; j < n; j++)
            dx[t * n + j] = dy[j] / (real)length;
    memset(dx + length * n, 0, (steps - length) * n * sizeof(*dx));
}

static void mean_backward(struct layer *layer, const struct layer_io *io)
{
    const struct batch *batch = io->batch;
    size_t n = layer->in.channels;

    if (!io->dx)
        return;
#pragma omp parallel for schedule(static) if (is_large(layer, batch))
    for (size_t r = 0; r < batch->padded; r++)
        mean_row_back(io->dy + r * n, io->dx + start_of(layer, batch, r),
                      batch->length[r], batch->steps, n);
}

static const struct layer_ops last_ops = {
    .name = "last step", .forward = last_forward, .backward = last_backward};

static const struct layer_ops mean_ops = {.name = "mean of steps",
                                          .forward = mean_forward,
                                          .backward = mean_backward};

static void init(struct layer *layer, const struct layer_ops *ops,
                 struct shape in)
{
    memset(layer, 0, sizeof(*layer));
    layer->ops = ops;
    layer->in = in;
    layer->out = SHAPE_VECTOR(in.channels);
}

void layer_last_step(struct layer *layer, struct shape in)
{
    init(layer, &last_ops, in);
}

void layer_mean_steps(struct layer *layer, struct shape in)
{
    init(layer, &mean_ops, in);
}
