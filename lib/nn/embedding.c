/*
 * embedding: y = the table's row for each token.  As in bag.c each thread
 * adds up the gradients of the rows that fall to it, in the tokens' order.
 */
#include <omp.h>
#include <string.h>

#include "nn/layer.h"

enum { PARALLEL_WORK = 1 << 18 };

static void embedding_forward(struct layer *layer, const struct layer_io *io)
{
    const struct batch *batch = io->batch;
    const real *table = layer->params[0].value;
    size_t width = layer->out.channels, n = batch->padded * batch->steps;

#pragma omp parallel for schedule(static) if (n * width > PARALLEL_WORK)
    for (size_t i = 0; i < n; i++) {
        uint32_t token = batch->token[i];
        real *y = io->y + i * width;
        if (token == TOKEN_NONE)
            memset(y, 0, width * sizeof(real));
        else
            memcpy(y, table + token * width, width * sizeof(real));
    }
}

/* Adds the tokens whose rows fall to thread t of `threads`. */
static void add_gradients(struct param *p, const struct batch *batch,
                          const real *dy, uint32_t t, uint32_t threads)
{
    size_t width = p->cols, n = batch->padded * batch->steps;

    for (size_t i = 0; i < n; i++) {
        uint32_t token = batch->token[i], place;
        const real *from = dy + i * width;
        real *to;
        if (token == TOKEN_NONE)
            continue;
        place = p->place[token] - 1;
        if (place % threads != t)
            continue;
        to = p->grad + place * width;
        for (size_t j = 0; j < width; j++)
            to[j] += from[j];
    }
}

static void embedding_backward(struct layer *layer, const struct layer_io *io)
{
    struct param *p = &layer->params[0];
    const struct batch *batch = io->batch;
    size_t n = batch->padded * batch->steps;

    if (p->fixed)
        return;
    param_untouch(p);
    for (size_t i = 0; i < n; i++)
        if (batch->token[i] != TOKEN_NONE)
            param_touch(p, batch->token[i]);
    param_clear_touched(p);
#pragma omp parallel if (n * p->cols > PARALLEL_WORK)
    add_gradients(p, batch, io->dy, (uint32_t)omp_get_thread_num(),
                  (uint32_t)omp_get_num_threads());
}

static const struct layer_ops embedding_ops = {.name = "embedding",
                                               .reads_batch = true,
                                               .forward = embedding_forward,
                                               .backward = embedding_backward};

void layer_embedding(struct layer *layer, const char *name, size_t rows,
                     size_t width, double deviation, struct rng *rng)
{
    char full[PARAM_NAME];

    memset(layer, 0, sizeof(*layer));
    layer->ops = &embedding_ops;
    layer->in = SHAPE_VECTOR(0);
    layer->out = SHAPE_STEPS(width);
    layer->n_params = 1;
    layer_name(full, name, "weight");
    param_init_sparse(&layer->params[0], full, rows, width);
    if (deviation > 0)
        param_fill_normal(&layer->params[0], deviation, rng);
}
