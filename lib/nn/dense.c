/*
 * dense: y = x W + b; dW = x^T dy, db = sum of dy over rows, dx = dy W^T.
 */
#include <stdio.h>
#include <string.h>

#include "nn/layer.h"
#include "nn/product.h"

static void dense_forward(struct layer *layer, const struct batch *batch,
                          const real *x, real *y, const struct pass *pass)
{
    const real *bias = layer->params[1].value;
    size_t out = layer->out;

    (void)pass;
    product_forward(y, x, layer->params[0].value, batch->padded, layer->in,
                    out);
    for (size_t r = 0; r < batch->padded; r++)
        for (size_t j = 0; j < out; j++)
            y[r * out + j] += bias[j];
}

static void dense_backward(struct layer *layer, const struct batch *batch,
                           const real *x, const real *y, const real *dy,
                           real *dx, const struct pass *pass)
{
    struct param *weight = &layer->params[0], *bias = &layer->params[1];
    size_t out = layer->out;

    (void)y;
    (void)pass;
    product_weight(weight->grad, x, dy, batch->padded, layer->in, out);
    memset(bias->grad, 0, out * sizeof(real));
    for (size_t r = 0; r < batch->n; r++)
        for (size_t j = 0; j < out; j++)
            bias->grad[j] += dy[r * out + j];
    if (dx)
        product_input(dx, dy, weight->value, batch->padded, layer->in, out);
}

static const struct layer_ops dense_ops = {dense_forward, dense_backward};

void layer_dense(struct layer *layer, const char *name, size_t in, size_t out,
                 double deviation, struct rng *rng)
{
    char full[64];

    memset(layer, 0, sizeof(*layer));
    layer->ops = &dense_ops;
    layer->in = in;
    layer->out = out;
    layer->n_params = 2;
    snprintf(full, sizeof(full), "%s.weight", name);
    param_init(&layer->params[0], full, in, out, false);
    layer->params[0].transposed = true;
    snprintf(full, sizeof(full), "%s.bias", name);
    param_init(&layer->params[1], full, 1, out, false);
    if (deviation > 0)
        param_fill_normal(&layer->params[0], deviation, rng);
}
