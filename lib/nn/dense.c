/*
 * dense: y = x W + b; dW = x^T dy, db = sum of dy over rows, dx = dy W^T, a
 * row being any position of any row of the batch.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nn/layer.h"
#include "nn/passes.h"
#include "nn/product.h"

static size_t rows_of(const struct layer *layer, const struct layer_io *io)
{
    return io->batch->padded * shape_positions(&layer->out, io->batch);
}

static void dense_forward(struct layer *layer, const struct layer_io *io)
{
    size_t rows = rows_of(layer, io), out = layer->out.channels;

    product_forward(io->y, io->x, layer->params[0].value,
                    layer->n_params == 2 ? layer->params[1].value : NULL, rows,
                    layer->params[0].rows, out);
}

static void dense_backward(struct layer *layer, const struct layer_io *io)
{
    struct param *weight = &layer->params[0], *bias = &layer->params[1];
    size_t rows = rows_of(layer, io), out = layer->out.channels;

    real *db = layer->n_params == 2 && !bias->fixed ? bias->grad : NULL;

    if (!weight->fixed)
        product_weight(weight->grad, db, io->x, io->dy, rows, weight->rows, out,
                       layer->own);
    else if (db)
        pass_sum_rows(db, io->dy, rows, out);
    if (io->dx)
        product_input(io->dx, io->dy, weight->value, rows, weight->rows, out);
}

static void dense_release(struct layer *layer)
{
    room_release(layer->own);
    free(layer->own);
}

static const struct layer_ops dense_ops = {.name = "dense",
                                           .forward = dense_forward,
                                           .backward = dense_backward,
                                           .release = dense_release};

void layer_dense(struct layer *layer, const char *name, struct shape in,
                 size_t out, size_t pixels, bool bias,
                 const struct weight_init *init, struct rng *rng)
{
    struct param *weight = &layer->params[0];
    size_t n_in = in.channels;
    char full[PARAM_NAME];

    memset(layer, 0, sizeof(*layer));
    layer->ops = &dense_ops;
    layer->own = mem_zalloc(1, sizeof(struct room));
    layer->in = layer->out = in;
    layer->out.channels = out;
    layer->n_params = bias ? 2 : 1;
    layer_name(full, name, "weight");
    param_init(weight, full, PARAM_LINEAR, n_in, out);
    weight->pixels = pixels;
    initialise(weight->value, n_in, out, out, n_in, out, init, rng);
    layer_name(full, name, "bias");
    if (bias)
        param_init(&layer->params[1], full, PARAM_VECTOR, 1, out);
}
