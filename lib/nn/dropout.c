#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "nn/layer.h"

/*
 * Kept or not: a hash of (seed, step, layer, element), the same both ways.
 */
static bool is_kept(const struct layer *layer, const struct pass *pass,
                    size_t element)
{
    const double *rate = layer->own;
    uint64_t name[4] = {pass->seed, pass->step, layer->index, element};
    uint64_t hash = hash_bytes(name, sizeof(name));

    return (double)(hash >> 11) * 0x1p-53 >= *rate;
}

static void drop(const struct layer *layer, const struct layer_io *io,
                 const real *from, real *to)
{
    const double *rate = layer->own;
    size_t size = shape_size(&layer->out, io->batch),
           n = io->batch->padded * size, first = io->batch->first * size;
    real scale = (real)(1 / (1 - *rate));

    if (!io->pass->training) {
        if (to != from)
            memcpy(to, from, n * sizeof(real));
        return;
    }
    for (size_t i = 0; i < n; i++)
        to[i] = is_kept(layer, io->pass, first + i) ? from[i] * scale : 0;
}

static void dropout_forward(struct layer *layer, const struct layer_io *io)
{
    drop(layer, io, io->x, io->y);
}

static void dropout_backward(struct layer *layer, const struct layer_io *io)
{
    if (io->dx)
        drop(layer, io, io->dy, io->dx);
}

static const struct layer_ops dropout_ops = {.name = "dropout",
                                             .y_is_x = true,
                                             .dx_is_dy = true,
                                             .forward = dropout_forward,
                                             .backward = dropout_backward};

void layer_dropout(struct layer *layer, struct shape in, double rate)
{
    double *own = mem_alloc(1, sizeof(*own));

    memset(layer, 0, sizeof(*layer));
    layer->ops = &dropout_ops;
    layer->in = layer->out = in;
    layer->own = own;
    *own = rate;
}
