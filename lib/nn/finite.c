#include "nn/finite.h"

#include <math.h>
#include <stdio.h>

#include "nn/layer_name.h"

static bool is_finite(const real *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}

static bool weights_finite(const struct layer *layer)
{
    for (int k = 0; k < layer->n_params; k++)
        if (!is_finite(layer->params[k].value, param_size(&layer->params[k])))
            return false;
    return true;
}

/* Of the last backward pass; the gradient of the output among them. */
static bool gradients_finite(const struct net *net, const struct tape *tape,
                             const struct batch *batch, size_t i)
{
    const struct layer *layer = &net->layers[i];
    size_t n = batch->padded * shape_size(&layer->out, batch);

    for (int k = 0; k < layer->n_params; k++) {
        const struct param *p = &layer->params[k];
        if (!p->fixed && !is_finite(p->grad, param_grad_size(p)))
            return false;
    }
    return !tape->written[i] || n > tape->dy_capacity[i] ||
           is_finite(tape->dy[i], n);
}

static bool output_finite(const struct net *net, const struct tape *tape,
                          const struct batch *batch, size_t i)
{
    return is_finite(tape->y[i],
                     batch->padded * shape_size(&net->layers[i].out, batch));
}

static const char *place(const struct net *net, const char *what, size_t i)
{
    static _Thread_local char text[LAYER_NAME + 20];
    char name[LAYER_NAME];

    layer_full_name(name, net, i);
    snprintf(text, sizeof(text), "the %s of %s", what, name);
    return text;
}

/* The last layer whose weights are not finite; n_layers: none. */
static size_t spoilt_layer(const struct net *net)
{
    for (size_t i = net->n_layers; i-- > 0;)
        if (!weights_finite(&net->layers[i]))
            return i;
    return net->n_layers;
}

bool finite_weights(const struct net *net)
{
    return spoilt_layer(net) == net->n_layers;
}

const char *finite_lost_output(const struct net *net, const struct tape *tape,
                               const struct batch *batch)
{
    if (!finite_weights(net))
        return NULL;
    for (size_t i = tape->first; i < net->n_layers; i++)
        if (!output_finite(net, tape, batch, i))
            return place(net, "output", i);
    return NULL;
}

/*
 * Weights went wrong by a gradient of their layer or of a later one, which is
 * still there.
 */
const char *finite_lost(const struct net *net, const struct tape *tape,
                        const struct batch *batch)
{
    size_t n = net->n_layers, spoilt = spoilt_layer(net);
    const char *output = finite_lost_output(net, tape, batch);

    if (output)
        return output;
    for (size_t i = n; i-- > (spoilt < n ? spoilt : tape->first);)
        if (!gradients_finite(net, tape, batch, i))
            return place(net, "gradient", i);
    return spoilt < n ? place(net, "weights", spoilt) : NULL;
}
