#include "nn/layer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t shape_positions(const struct shape *shape, const struct batch *batch)
{
    return shape->steps ? batch->steps : shape->height * shape->width;
}

size_t shape_size(const struct shape *shape, const struct batch *batch)
{
    return shape_positions(shape, batch) * shape->channels;
}

void layer_name(char full[PARAM_NAME], const char *name, const char *end)
{
    size_t len = strlen(name);
    bool joined = len && name[len - 1] == '_';

    snprintf(full, PARAM_NAME, "%s%s%s", name, joined ? "" : ".", end);
}

void layer_release(struct layer *layer)
{
    for (int i = 0; i < layer->n_params; i++)
        param_release(&layer->params[i]);
    if (layer->ops->release)
        layer->ops->release(layer);
    else
        free(layer->own);
}

void layer_clear_padded(const struct layer_io *io, real *tensor, size_t size)
{
    size_t n = io->batch->n;

    memset(tensor + n * size, 0, (io->batch->padded - n) * size * sizeof(real));
}
