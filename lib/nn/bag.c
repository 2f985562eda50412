/*
 * bag: sums of embedding rows, y_slot = sum over entries of value x row.
 *
 * Gradients touch only the rows that occur in the batch.  Each thread takes
 * the rows that fall to it and adds their entries in order, so that a sum
 * does not depend on how many threads there are.
 */
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/simd.h"
#include "nn/layer.h"

/* Rows of the table are far apart: one is asked for ahead of its turn. */
enum { PARALLEL_WORK = 1 << 18, AHEAD = 8 };

/* add: the slots are added to x, else appended to it. */
struct bag_state {
    size_t width;
    bool add;
};

/* The batch's entries end here; they begin at start[0]. */
static size_t entries_end(const struct batch *batch)
{
    return batch->start[batch->padded * batch->n_slots];
}

static size_t count_entries(const struct batch *batch)
{
    return entries_end(batch) - batch->start[0];
}

static real *slot_of(const struct layer *layer, real *row, size_t slot)
{
    const struct bag_state *s = layer->own;

    return s->add ? row : row + layer->in.channels + slot * s->width;
}

SIMD_CLONES static void sum_row(const struct layer *layer,
                                const struct batch *batch, size_t r,
                                const real *x, real *y)
{
    const real *table = layer->params[0].value;
    const size_t *start = batch->start + r * batch->n_slots;
    size_t width = ((const struct bag_state *)layer->own)->width,
           end = entries_end(batch);

    memset(y, 0, layer->out.channels * sizeof(real));
    memcpy(y, x, layer->in.channels * sizeof(real));
    for (size_t s = 0; s < batch->n_slots; s++) {
        real *to = slot_of(layer, y, s);
        for (size_t k = start[s]; k < start[s + 1]; k++) {
            const real *from = table + batch->index[k] * width;
            real value = (real)batch->value[k];
            if (k + AHEAD < end)
                __builtin_prefetch(table + batch->index[k + AHEAD] * width);
#pragma omp simd
            for (size_t j = 0; j < width; j++)
                to[j] += value * from[j];
        }
    }
}

static void bag_forward(struct layer *layer, const struct layer_io *io)
{
    const struct batch *batch = io->batch;
    size_t width = ((const struct bag_state *)layer->own)->width;

#pragma omp parallel for schedule(static) if (count_entries(batch) * width > \
                                              PARALLEL_WORK)
    for (size_t r = 0; r < batch->padded; r++)
        sum_row(layer, batch, r, io->x + r * layer->in.channels,
                io->y + r * layer->out.channels);
}

/* Adds the entries of the rows that fall to thread t of `threads`. */
SIMD_CLONES static void add_gradients(struct layer *layer,
                                      const struct batch *batch, const real *dy,
                                      uint32_t t, uint32_t threads)
{
    struct param *p = &layer->params[0];
    size_t width = p->cols;

    for (size_t rs = 0; rs < batch->n * batch->n_slots; rs++) {
        size_t r = rs / batch->n_slots, s = rs % batch->n_slots;
        const real *from =
            slot_of(layer, (real *)dy + r * layer->out.channels, s);
        for (size_t k = batch->start[rs]; k < batch->start[rs + 1]; k++) {
            uint32_t place = p->place[batch->index[k]] - 1;
            real *to = p->grad + (size_t)place * width;
            real value = (real)batch->value[k];
            if (place % threads != t)
                continue;
#pragma omp simd
            for (size_t j = 0; j < width; j++)
                to[j] += value * from[j];
        }
    }
}

static void table_gradient(struct layer *layer, const struct layer_io *io)
{
    struct param *p = &layer->params[0];
    const struct batch *batch = io->batch;

    param_untouch(p);
    for (size_t k = batch->start[0]; k < entries_end(batch); k++)
        param_touch(p, batch->index[k]);
    param_clear_touched(p);
#pragma omp parallel if (count_entries(batch) * p->cols > PARALLEL_WORK)
    add_gradients(layer, batch, io->dy, (uint32_t)omp_get_thread_num(),
                  (uint32_t)omp_get_num_threads());
}

static void bag_backward(struct layer *layer, const struct layer_io *io)
{
    size_t in = layer->in.channels, out = layer->out.channels;

    if (!layer->params[0].fixed)
        table_gradient(layer, io);
    for (size_t r = 0; io->dx && r < io->batch->padded; r++)
        memcpy(io->dx + r * in, io->dy + r * out, in * sizeof(real));
}

static const struct layer_ops bag_ops = {.name = "bag",
                                         .reads_batch = true,
                                         .forward = bag_forward,
                                         .backward = bag_backward};

void layer_bag(struct layer *layer, const char *name, size_t in, size_t slots,
               size_t rows, size_t width, bool add, double deviation,
               struct rng *rng)
{
    struct bag_state *s = mem_alloc(1, sizeof(*s));
    char full[PARAM_NAME];

    memset(layer, 0, sizeof(*layer));
    layer->ops = &bag_ops;
    layer->in = SHAPE_VECTOR(in);
    layer->out = SHAPE_VECTOR(add ? in : in + slots * width);
    layer->own = s;
    layer->n_params = 1;
    s->width = width;
    s->add = add;
    layer_name(full, name, "weight");
    param_init_sparse(&layer->params[0], full, rows, width);
    if (deviation > 0)
        param_fill_normal(&layer->params[0], deviation, rng);
}
