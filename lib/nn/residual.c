/*
 * residual: y = x + other, or max(x + other, 0) in the same pass.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nn/layer.h"
#include "nn/passes.h"
#include "nn/units.h"

enum { PARALLEL_WORK = 1 << 17 };

struct residual {
    bool rectify;
    struct units units;
};

static size_t values_of(const struct layer *layer, const struct layer_io *io)
{
    return io->batch->padded * shape_size(&layer->out, io->batch);
}

static void residual_forward(struct layer *layer, const struct layer_io *io)
{
    const struct residual *s = layer->own;
    size_t n = values_of(layer, io);

#pragma omp parallel for schedule(static) if (n > PARALLEL_WORK)
    for (size_t i = 0; i < n; i += PASS_CHUNK)
        (s->rectify ? pass_add_rectified : pass_add)(
            io->y + i, io->x + i, io->other + i, pass_chunk(n, i));
}

/* What comes back to one of the inputs. */
static void give_back(const struct residual *s, const struct layer_io *io,
                      real *to, bool add, size_t at, size_t n)
{
    if (!to)
        return;
    if (s->rectify)
        pass_where_above(to + at, io->dy + at, io->y + at, n, add);
    else if (add)
        pass_add(to + at, to + at, io->dy + at, n);
    else if (to != io->dy)
        memcpy(to + at, io->dy + at, n * sizeof(real));
}

static void residual_backward(struct layer *layer, const struct layer_io *io)
{
    struct residual *s = layer->own;
    size_t n = values_of(layer, io);

#pragma omp parallel for schedule(static) if (n > PARALLEL_WORK)
    for (size_t i = 0; i < n; i += PASS_CHUNK) {
        give_back(s, io, io->dx, io->add_dx, i, pass_chunk(n, i));
        give_back(s, io, io->d_other, io->add_other, i, pass_chunk(n, i));
    }
    if (s->rectify && io->pass->training)
        units_observe(&s->units, layer, io);
}

static void residual_rectify(struct layer *layer)
{
    struct residual *s = layer->own;

    s->rectify = true;
    units_init(&s->units, layer->out.channels);
}

static void residual_activity(struct layer *layer, struct activity *a)
{
    struct residual *s = layer->own;

    memset(a, 0, sizeof(*a));
    units_report(&s->units, a);
}

static void residual_gather(struct layer *layer, struct layer *replica)
{
    struct residual *s = layer->own, *from = replica->own;

    units_gather(&s->units, &from->units);
}

static void residual_release(struct layer *layer)
{
    struct residual *s = layer->own;

    units_release(&s->units);
    free(s);
}

static const struct layer_ops residual_ops = {.name = "residual",
                                              .adds = true,
                                              .y_is_x = true,
                                              .dx_is_dy = true,
                                              .needs_y = true,
                                              .forward = residual_forward,
                                              .backward = residual_backward,
                                              .rectify = residual_rectify,
                                              .activity = residual_activity,
                                              .gather = residual_gather,
                                              .release = residual_release};

void layer_residual(struct layer *layer, struct shape in)
{
    memset(layer, 0, sizeof(*layer));
    layer->ops = &residual_ops;
    layer->in = layer->out = in;
    layer->own = mem_zalloc(1, sizeof(struct residual));
}
