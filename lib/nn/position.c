/*
 * position: y = x + P, P[t][2i] = sin(t / 10000^(2i / channels)), and
 * P[t][2i + 1] the cosine of the same (Vaswani et al. 2017, 3.5).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nn/layer.h"
#include "nn/passes.h"

enum { PARALLEL_WORK = 1 << 16 };

/* P for the first `steps` steps: as many as a batch ever had. */
struct position_state {
    real *table;
    size_t steps, capacity;
};

static void grow(struct position_state *s, size_t steps, size_t channels)
{
    s->table = mem_grow(s->table, &s->capacity, steps * channels, sizeof(real));
    for (; s->steps < steps; s->steps++)
        for (size_t j = 0; j < channels; j++) {
            double power = (double)(j - j % 2) / (double)channels,
                   angle = (double)s->steps / pow(10000, power);
            s->table[s->steps * channels + j] =
                (real)(j % 2 ? cos(angle) : sin(angle));
        }
}

static void position_forward(struct layer *layer, const struct layer_io *io)
{
    struct position_state *s = layer->own;
    size_t n = shape_size(&layer->out, io->batch);

    grow(s, shape_positions(&layer->out, io->batch), layer->out.channels);
#pragma omp parallel for schedule(static) if (io->batch->padded * n > \
                                              PARALLEL_WORK)
    for (size_t r = 0; r < io->batch->padded; r++)
        pass_add(io->y + r * n, io->x + r * n, s->table, n);
}

static void position_backward(struct layer *layer, const struct layer_io *io)
{
    size_t n = io->batch->padded * shape_size(&layer->out, io->batch);

    if (io->dx && io->dx != io->dy)
        memcpy(io->dx, io->dy, n * sizeof(real));
}

static void position_release(struct layer *layer)
{
    struct position_state *s = layer->own;

    free(s->table);
    free(s);
}

static const struct layer_ops position_ops = {.name = "position",
                                              .y_is_x = true,
                                              .dx_is_dy = true,
                                              .forward = position_forward,
                                              .backward = position_backward,
                                              .release = position_release};

void layer_position(struct layer *layer, struct shape in)
{
    memset(layer, 0, sizeof(*layer));
    layer->ops = &position_ops;
    layer->in = layer->out = in;
    layer->own = mem_zalloc(1, sizeof(struct position_state));
}
