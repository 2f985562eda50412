/*
 * activation: layers without parameters, element by element.
 */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "nn/layer.h"

static void relu_forward(struct layer *layer, const struct batch *batch,
                         const real *x, real *y, const struct pass *pass)
{
    (void)pass;
    for (size_t i = 0; i < batch->padded * layer->out; i++)
        y[i] = x[i] > 0 ? x[i] : 0;
}

static void relu_backward(struct layer *layer, const struct batch *batch,
                          const real *x, const real *y, const real *dy,
                          real *dx, const struct pass *pass)
{
    size_t out = layer->out;

    (void)x;
    (void)pass;
    for (size_t r = 0; r < batch->padded; r++)
        for (size_t j = 0; j < out; j++) {
            bool on = y[r * out + j] > 0;
            dx[r * out + j] = on ? dy[r * out + j] : 0;
            layer->used[j] |= on && r < batch->n;
        }
}

static const struct layer_ops relu_ops = {relu_forward, relu_backward};

void layer_relu(struct layer *layer, size_t width)
{
    memset(layer, 0, sizeof(*layer));
    layer->ops = &relu_ops;
    layer->in = layer->out = width;
    layer->used = mem_zalloc(width, 1);
}

/* Kept or not: a hash of (seed, step, layer, element), the same both ways. */
static bool is_kept(const struct layer *layer, const struct pass *pass,
                    size_t element)
{
    uint64_t name[4] = {pass->seed, pass->step, layer->index, element};
    uint64_t hash = hash_bytes(name, sizeof(name));

    return (double)(hash >> 11) * 0x1p-53 >= layer->rate;
}

static void drop(const struct layer *layer, const struct batch *batch,
                 const real *from, real *to, const struct pass *pass)
{
    size_t n = batch->padded * layer->out;
    real scale = (real)(1 / (1 - layer->rate));

    if (!pass->training) {
        memcpy(to, from, n * sizeof(real));
        return;
    }
    for (size_t i = 0; i < n; i++)
        to[i] = is_kept(layer, pass, i) ? from[i] * scale : 0;
}

static void dropout_forward(struct layer *layer, const struct batch *batch,
                            const real *x, real *y, const struct pass *pass)
{
    drop(layer, batch, x, y, pass);
}

static void dropout_backward(struct layer *layer, const struct batch *batch,
                             const real *x, const real *y, const real *dy,
                             real *dx, const struct pass *pass)
{
    (void)x;
    (void)y;
    drop(layer, batch, dy, dx, pass);
}

static const struct layer_ops dropout_ops = {dropout_forward, dropout_backward};

void layer_dropout(struct layer *layer, size_t width, double rate)
{
    memset(layer, 0, sizeof(*layer));
    layer->ops = &dropout_ops;
    layer->in = layer->out = width;
    layer->rate = rate;
}

void layer_release(struct layer *layer)
{
    for (int i = 0; i < layer->n_params; i++)
        param_release(&layer->params[i]);
    free(layer->used);
}
