#include "nn/adapt.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"

void adapt_init(struct adapt *a, const struct adaptation *to, size_t batch)
{
    size_t n;

    memset(a, 0, sizeof(*a));
    if (!to || !to->target)
        return;
    n = to->target->n;
    a->to = to;
    a->batch = batch;
    a->order = mem_alloc(n, sizeof(*a->order));
    a->rows = mem_alloc(batch < n ? batch : n, sizeof(*a->rows));
    a->weight = mem_alloc(batch, sizeof(*a->weight));
}

void adapt_release(struct adapt *a)
{
    free(a->order);
    free(a->rows);
    free(a->weight);
    coral_release(&a->coral);
    memset(a, 0, sizeof(*a));
}

bool adapt_any(const struct adapt *a)
{
    return a->to != NULL;
}

void adapt_order(struct adapt *a, uint64_t seed, size_t epoch)
{
    struct rng rng;

    if (!a->to)
        return;
    for (size_t i = 0; i < a->to->target->n; i++)
        a->order[i] = i;
    rng_init(&rng, seed, RNG_TARGET + ((uint64_t)epoch << 8));
    rng_shuffle(&rng, a->order, a->to->target->n);
    a->at = 0;
}

void adapt_take(struct adapt *a, const float *weight_of, const size_t *own,
                size_t n)
{
    size_t all;

    if (!a->to)
        return;
    all = a->to->target->n;
    for (size_t i = 0; i < n; i++)
        a->weight[i] = (double)weight_of[own[i]];
    a->n_rows = a->batch < all ? a->batch : all;
    for (size_t i = 0; i < a->n_rows; i++)
        a->rows[i] = a->order[(a->at + i) % all];
    a->at = (a->at + a->n_rows) % all;
}

void adapt_gradient(struct adapt *a, struct net *net, struct tape *tape,
                    const struct batch *batch)
{
    const struct shape *hidden = &net->layers[net_last_hidden(net)].out;
    struct coral_rows rows = {.n = batch->n - a->n_rows,
                              .m = a->n_rows,
                              .padded = batch->padded,
                              .d = shape_size(hidden, batch),
                              .weight = a->weight};
    const real *gradient;

    assert(!batch->shard);
    a->distance = coral_distance(&a->coral, &rows, net_hidden(net, tape),
                                 a->to->weight, &gradient);
    net_add_gradient(net, tape, gradient);
}

int adapt_lost(const struct adapt *a, struct err *err)
{
    return a->to ? table_lost(a->to->target, err) : 0;
}
