/*
 * bag: sums of embedding rows, y_slot = sum over entries of value x row.
 *
 * Gradients touch only the rows that occur in the batch.  Each thread takes
 * the rows that fall to it and adds their entries in order, so that a sum
 * does not depend on how many threads there are.
 */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/layer.h"

enum { PARALLEL_WORK = 1 << 18 };

static real *slot_of(const struct layer *layer, real *row, size_t slot)
{
    return layer->add ? row : row + layer->in + slot * layer->width;
}

static void sum_row(const struct layer *layer, const struct batch *batch,
                    size_t r, const real *x, real *y)
{
    const real *table = layer->params[0].value;
    const size_t *start = batch->start + r * batch->n_slots;
    size_t width = layer->width;

    memset(y, 0, layer->out * sizeof(real));
    memcpy(y, x, layer->in * sizeof(real));
    for (size_t s = 0; s < batch->n_slots; s++) {
        real *to = slot_of(layer, y, s);
        for (size_t k = start[s]; k < start[s + 1]; k++) {
            const real *from = table + batch->index[k] * width;
            real value = (real)batch->value[k];
            for (size_t j = 0; j < width; j++)
                to[j] += value * from[j];
        }
    }
}

static void bag_forward(struct layer *layer, const struct batch *batch,
                        const real *x, real *y, const struct pass *pass)
{
    (void)pass;
#pragma omp parallel for schedule(static) if (batch->entries * layer->width > \
                                              PARALLEL_WORK)
    for (size_t r = 0; r < batch->padded; r++)
        sum_row(layer, batch, r, x + r * layer->in, y + r * layer->out);
}

/* Adds the entries of the rows that fall to thread t of `threads`. */
static void add_gradients(struct layer *layer, const struct batch *batch,
                          const real *dy, uint32_t t, uint32_t threads)
{
    struct param *p = &layer->params[0];
    size_t width = layer->width;

    for (size_t rs = 0; rs < batch->n * batch->n_slots; rs++) {
        size_t r = rs / batch->n_slots, s = rs % batch->n_slots;
        const real *from = slot_of(layer, (real *)dy + r * layer->out, s);
        for (size_t k = batch->start[rs]; k < batch->start[rs + 1]; k++) {
            uint32_t place = p->place[batch->index[k]] - 1;
            real *to = p->grad + (size_t)place * width;
            real value = (real)batch->value[k];
            if (place % threads != t)
                continue;
            for (size_t j = 0; j < width; j++)
                to[j] += value * from[j];
        }
    }
}

static void bag_backward(struct layer *layer, const struct batch *batch,
                         const real *x, const real *y, const real *dy, real *dx,
                         const struct pass *pass)
{
    struct param *p = &layer->params[0];

    (void)x;
    (void)y;
    (void)pass;
    param_untouch(p);
    for (size_t k = 0; k < batch->entries; k++)
        param_touch(p, batch->index[k]);
    param_clear_touched(p);
#pragma omp parallel if (batch->entries * layer->width > PARALLEL_WORK)
    add_gradients(layer, batch, dy, (uint32_t)omp_get_thread_num(),
                  (uint32_t)omp_get_num_threads());
    for (size_t r = 0; dx && r < batch->padded; r++)
        memcpy(dx + r * layer->in, dy + r * layer->out,
               layer->in * sizeof(real));
}

static const struct layer_ops bag_ops = {bag_forward, bag_backward};

void layer_bag(struct layer *layer, const char *name, size_t in, size_t slots,
               size_t rows, size_t width, bool add, double deviation,
               struct rng *rng)
{
    char full[64];

    memset(layer, 0, sizeof(*layer));
    layer->ops = &bag_ops;
    layer->in = in;
    layer->width = width;
    layer->add = add;
    layer->out = add ? in : in + slots * width;
    layer->n_params = 1;
    snprintf(full, sizeof(full), "%s.weight", name);
    param_init(&layer->params[0], full, rows, width, true);
    if (deviation > 0)
        param_fill_normal(&layer->params[0], deviation, rng);
}
