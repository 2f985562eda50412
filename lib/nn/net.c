#include "nn/net.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nn/networks.h"
#include "nn/passes.h"

enum { PARALLEL_WORK = 1 << 17 };

struct net *net_new(const struct net_spec *spec, uint64_t seed)
{
    struct net *net = mem_zalloc(1, sizeof(*net));
    struct rng rng;

    net->spec = *spec;
    rng_init(&rng, seed, RNG_INIT);
    network_build(net, &rng);
    return net;
}

struct net *net_replica(const struct net *net)
{
    struct net *replica = mem_zalloc(1, sizeof(*replica));

    replica->spec = net->spec;
    network_build(replica, NULL);
    for (size_t l = 0; l < net->n_layers; l++)
        for (int i = 0; i < net->layers[l].n_params; i++)
            param_borrow(&replica->layers[l].params[i],
                         &net->layers[l].params[i]);
    return replica;
}

void net_free(struct net *net)
{
    if (!net)
        return;
    for (size_t i = 0; i < net->n_layers; i++)
        layer_release(&net->layers[i]);
    free(net->layers);
    free(net);
}

/* ---- parameters ---- */

struct param *net_param(struct net *net, size_t i)
{
    for (size_t l = 0; l < net->n_layers; l++) {
        struct layer *layer = &net->layers[l];
        if (i < (size_t)layer->n_params)
            return &layer->params[i];
        i -= (size_t)layer->n_params;
    }
    return NULL;
}

size_t net_size(struct net *net)
{
    const struct param *p;
    size_t size = 0;

    for (size_t i = 0; (p = net_param(net, i)); i++)
        size += p->fixed ? 0 : param_size(p);
    return size;
}

size_t net_freeze(struct net *net, const char *prefix)
{
    struct param *p;
    size_t n = 0;

    for (size_t i = 0; (p = net_param(net, i)); i++)
        if (strncmp(p->name, prefix, strlen(prefix)) == 0) {
            p->fixed = true;
            n++;
        }
    return n;
}

static bool is_learning(const struct layer *layer)
{
    for (int i = 0; i < layer->n_params; i++)
        if (!layer->params[i].fixed)
            return true;
    return false;
}

size_t net_frozen_layers(const struct net *net)
{
    size_t first = 0;

    while (first < net->n_layers && !is_learning(&net->layers[first]) &&
           strcmp(net->layers[first].ops->name, "dropout") != 0)
        first++;
    for (; first > 0; first--) {
        bool alone = !net->layers[first - 1].out.steps;
        for (size_t i = first; i < net->n_layers && alone; i++)
            alone = !net->layers[i].ops->reads_batch &&
                    net->layers[i].from >= first - 1 &&
                    net->layers[i].other >= first - 1;
        if (alone && first < net->n_layers)
            return first;
    }
    return 0;
}

/* ---- the tape ---- */

bool net_mixes_rows(const struct net *net)
{
    for (size_t i = 0; i < net->n_layers; i++)
        if (net->layers[i].ops->mixes_rows)
            return true;
    return false;
}

void tape_release(struct tape *tape)
{
    for (size_t i = 0; i < tape->n_layers; i++) {
        free(tape->own[i]);
        free(tape->dy[i]);
        free(tape->keep[i]);
    }
    free(tape->own);
    free(tape->in_place);
    free(tape->capacity);
    free(tape->keep_capacity);
    free(tape->dy_capacity);
    free(tape->written);
    free(tape->x);
    free(tape->y);
    free(tape->dy);
    free(tape->keep);
    free(tape->sum);
    memset(tape, 0, sizeof(*tape));
}

/* Whether layer i's output may stand where its input does. */
static bool works_in_place(const struct net *net, size_t i)
{
    const struct layer *layer = &net->layers[i];
    size_t from = layer->from, readers = 0;

    if (from == LAYER_INPUT || !layer->ops->y_is_x ||
        net->layers[from].ops->needs_y)
        return false;
    for (size_t k = from + 1; k < net->n_layers; k++)
        readers += (size_t)(net->layers[k].from == from) +
                   (size_t)(net->layers[k].other == from);
    return readers == 1;
}

static void prepare(struct tape *tape, const struct net *net)
{
    size_t n = net->n_layers;

    if (tape->n_layers)
        return;
    tape->n_layers = n;
    tape->capacity = mem_zalloc(n, sizeof(*tape->capacity));
    tape->keep_capacity = mem_zalloc(n, sizeof(*tape->keep_capacity));
    tape->dy_capacity = mem_zalloc(n, sizeof(*tape->dy_capacity));
    tape->written = mem_zalloc(n, sizeof(*tape->written));
    tape->own = mem_zalloc(n, sizeof(real *));
    tape->in_place = mem_zalloc(n, sizeof(*tape->in_place));
    for (size_t i = 0; i < n; i++)
        tape->in_place[i] = works_in_place(net, i);
    tape->y = mem_zalloc(n, sizeof(real *));
    tape->dy = mem_zalloc(n, sizeof(real *));
    tape->keep = mem_zalloc(n, sizeof(real *));
}

static real *make_room(real *block, size_t *capacity, size_t need)
{
    if (need <= *capacity && block)
        return block;
    free(block);
    *capacity = need;
    return mem_aligned(need, sizeof(real));
}

/* The batch's numbers as the network's input. */
static const real *input_of(struct tape *tape, const struct batch *batch)
{
    const float *from = batch->n_step ? batch->step : batch->dense;
#ifdef NN_DOUBLE
    size_t n = batch->padded *
               (batch->n_step ? batch->steps * batch->n_step : batch->n_dense);

    tape->x = make_room(tape->x, &tape->x_capacity, n);
    for (size_t i = 0; i < n; i++)
        tape->x[i] = (real)from[i];
    return tape->x;
#else
    (void)tape;
    return from;
#endif
}

/* ---- forward ---- */

/* The output of a layer; what stands before the pass began is its input. */
static const real *output_of(const struct tape *tape, size_t layer)
{
    return layer == LAYER_INPUT || layer + 1 == tape->first ? tape->input
                                                            : tape->y[layer];
}

/* Where layer i puts its n values; what came before the pass is not ours. */
static real *place_of(struct tape *tape, const struct layer *layer, size_t i,
                      size_t n)
{
    if (tape->in_place[i] && layer->from >= tape->first)
        return tape->y[layer->from];
    tape->own[i] = make_room(tape->own[i], &tape->capacity[i], n);
    return tape->own[i];
}

static void run_layer(struct net *net, struct tape *tape,
                      const struct batch *batch, const struct pass *pass,
                      size_t i)
{
    struct layer *layer = &net->layers[i];
    size_t keep = layer->ops->keep ? layer->ops->keep(layer, batch) : 0;
    struct layer_io io = {.batch = batch, .pass = pass};

    tape->y[i] = place_of(tape, layer, i,
                          batch->padded * shape_size(&layer->out, batch));
    tape->keep[i] =
        make_room(tape->keep[i], &tape->keep_capacity[i], batch->padded * keep);
    io.y = tape->y[i];
    io.keep = tape->keep[i];
    io.x = output_of(tape, layer->from);
    if (layer->other != LAYER_INPUT)
        io.other = output_of(tape, layer->other);
    layer->ops->forward(layer, &io);
}

const real *net_forward_to(struct net *net, struct tape *tape,
                           const struct batch *batch, const struct pass *pass,
                           size_t first)
{
    prepare(tape, net);
    tape->first = 0;
    tape->input = input_of(tape, batch);
    for (size_t i = 0; i < first; i++)
        run_layer(net, tape, batch, pass, i);
    return first ? tape->y[first - 1] : tape->input;
}

const real *net_forward_from(struct net *net, struct tape *tape,
                             const struct batch *batch, const struct pass *pass,
                             size_t first, const real *x)
{
    prepare(tape, net);
    tape->first = first;
    tape->input = x;
    for (size_t i = first; i < net->n_layers; i++)
        run_layer(net, tape, batch, pass, i);
    return tape->y[net->n_layers - 1];
}

const real *net_forward(struct net *net, struct tape *tape,
                        const struct batch *batch, const struct pass *pass)
{
    return net_forward_to(net, tape, batch, pass, net->n_layers);
}

/* ---- backward ---- */

static void room_for_gradient(const struct net *net, struct tape *tape,
                              const struct batch *batch, size_t i)
{
    tape->dy[i] =
        make_room(tape->dy[i], &tape->dy_capacity[i],
                  batch->padded * shape_size(&net->layers[i].out, batch));
}

real *net_dlogits(const struct net *net, struct tape *tape,
                  const struct batch *batch)
{
    room_for_gradient(net, tape, batch, net->n_layers - 1);
    return tape->dy[net->n_layers - 1];
}

/* Whether anything at or before a layer learns. */
static void find_needed(const struct net *net, size_t first, bool *needed)
{
    for (size_t i = first; i < net->n_layers; i++) {
        const struct layer *l = &net->layers[i];
        needed[i] =
            is_learning(l) ||
            (l->from != LAYER_INPUT && l->from >= first && needed[l->from]) ||
            (l->other != LAYER_INPUT && l->other >= first && needed[l->other]);
    }
}

bool net_learns(const struct net *net, size_t layer)
{
    bool *needed = mem_zalloc(net->n_layers, sizeof(*needed)), learns;

    find_needed(net, 0, needed);
    learns = layer != LAYER_INPUT && needed[layer];
    free(needed);
    return learns;
}

/* Where a layer's share of the gradient of layer `of`'s output goes. */
struct share {
    real *to; /* NULL: nobody needs it */
    bool add; /* by the layer itself, to what others gave */
};

static struct share share_of(const struct net *net, struct tape *tape,
                             const struct batch *batch, const bool *needed,
                             size_t of, bool adds)
{
    size_t n;

    if (of == LAYER_INPUT || of < tape->first || !needed[of])
        return (struct share){NULL, false};
    if (!tape->written[of])
        room_for_gradient(net, tape, batch, of);
    if (!tape->written[of] || adds)
        return (struct share){tape->dy[of], tape->written[of]};
    n = batch->padded * shape_size(&net->layers[of].out, batch);
    tape->sum = make_room(tape->sum, &tape->sum_capacity, n);
    return (struct share){tape->sum, false};
}

static void add(real *to, const real *from, size_t n)
{
#pragma omp parallel for schedule(static) if (n > PARALLEL_WORK)
    for (size_t i = 0; i < n; i += PASS_CHUNK)
        pass_add(to + i, to + i, from + i, pass_chunk(n, i));
}

/* Adds a second gradient to the first, if the layer did not. */
static void settle(const struct net *net, struct tape *tape,
                   const struct batch *batch, size_t of, const real *gradient)
{
    if (!gradient)
        return;
    if (gradient == tape->sum)
        add(tape->dy[of], gradient,
            batch->padded * shape_size(&net->layers[of].out, batch));
    tape->written[of] = true;
}

/* The place of dy[i] becomes that of dy[from]. */
static void give_place(struct tape *tape, size_t from, size_t i,
                       struct share *share)
{
    size_t capacity = tape->dy_capacity[i];
    real *dy = tape->dy[i];

    tape->dy[i] = tape->dy[from];
    tape->dy_capacity[i] = tape->dy_capacity[from];
    tape->dy[from] = dy;
    tape->dy_capacity[from] = capacity;
    tape->written[i] = false;
    share->to = dy;
}

static void back_layer(struct net *net, struct tape *tape,
                       const struct batch *batch, const struct pass *pass,
                       const bool *needed, size_t i)
{
    struct layer *layer = &net->layers[i];
    bool has_other = layer->other != LAYER_INPUT, adds = layer->ops->adds;
    struct share x = share_of(net, tape, batch, needed, layer->from, adds),
                 other = {NULL, false};
    struct layer_io io = {.batch = batch,
                          .pass = pass,
                          .y = tape->y[i],
                          .dy = tape->dy[i],
                          .keep = tape->keep[i]};

    if (has_other)
        other = share_of(net, tape, batch, needed, layer->other, adds);
    if (x.to && !x.add && x.to != tape->sum && layer->ops->dx_is_dy)
        give_place(tape, layer->from, i, &x);
    io.x = output_of(tape, layer->from);
    io.other = has_other ? output_of(tape, layer->other) : NULL;
    io.dx = x.to;
    io.add_dx = x.add;
    io.d_other = other.to;
    io.add_other = other.add;
    assert(!io.d_other || io.d_other != io.dx);
    layer->ops->backward(layer, &io);
    settle(net, tape, batch, layer->from, io.dx);
    settle(net, tape, batch, layer->other, io.d_other);
}

size_t net_last_hidden(const struct net *net)
{
    return net->layers[net->n_layers - 1].from;
}

const real *net_hidden(const struct net *net, const struct tape *tape)
{
    return output_of(tape, net_last_hidden(net));
}

void net_add_gradient(const struct net *net, struct tape *tape, const real *dy)
{
    tape->more = dy;
    tape->more_layer = net_last_hidden(net);
}

/* What net_add_gradient asked for. */
static void add_more(const struct net *net, struct tape *tape,
                     const struct batch *batch)
{
    size_t i = tape->more_layer;

    assert(tape->written[i]);
    add(tape->dy[i], tape->more,
        batch->padded * shape_size(&net->layers[i].out, batch));
}

void net_backward(struct net *net, struct tape *tape, const struct batch *batch,
                  const struct pass *pass)
{
    bool *needed = mem_zalloc(net->n_layers, sizeof(*needed));

    find_needed(net, tape->first, needed);
    memset(tape->written, 0, net->n_layers * sizeof(*tape->written));
    for (size_t i = net->n_layers; i-- > tape->first;) {
        if (needed[i] && tape->more && i == tape->more_layer)
            add_more(net, tape, batch);
        if (needed[i])
            back_layer(net, tape, batch, pass, needed, i);
    }
    tape->more = NULL;
    free(needed);
}

/* ---- looking ---- */

size_t net_row_bytes(const struct net *net, size_t steps)
{
    struct batch one = {.n = 1, .padded = 1, .steps = steps};
    size_t values = 0;

    for (size_t i = 0; i < net->n_layers; i++) {
        const struct layer *layer = &net->layers[i];
        values += works_in_place(net, i) ? 0 : shape_size(&layer->out, &one);
        values += layer->ops->keep ? layer->ops->keep(layer, &one) : 0;
    }
    return values * sizeof(real);
}

size_t net_row_work(const struct net *net, size_t steps)
{
    struct batch one = {.n = 1, .padded = 1, .steps = steps};
    size_t work = 0;

    for (size_t i = 0; i < net->n_layers; i++) {
        const struct layer *layer = &net->layers[i];
        for (int k = 0; k < layer->n_params; k++)
            if (layer->params[k].layout == PARAM_LINEAR ||
                layer->params[k].layout == PARAM_CONV)
                work += shape_positions(&layer->out, &one) *
                        param_size(&layer->params[k]);
    }
    return work;
}
