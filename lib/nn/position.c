/*
 * position: y = x + P, P[t][2i] = sin(t / 10000^(2i / channels)), and
 * P[t][2i + 1] the cosine of the same (Vaswani et al. 2017, 3.5).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nn/layer.h"

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
    for (size_t r = 0; r < io->batch->padded; r++)
        for (size_t i = 0; i < n; i++)
            io->y[r * n + i] = io->x[r * n + i] + s->table[i];
}

static void position_backward(struct layer *layer, const struct layer_io *io)
{
    size_t n = io->batch->padded * shape_size(&layer->out, io->batch);

    if (io->dx)
        memcpy(io->dx, io->dy, n * sizeof(real));
}

static void position_release(struct layer *layer)
{
    struct position_state *s = layer->own;

    free(s->table);
    free(s);
}

static const struct layer_ops position_ops = {.name = "position",
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
