#include "nn/net.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const char *const kind_names[] = {"majority", "linear", "mlp"};

const char *net_kind_name(enum net_kind kind)
{
    return kind_names[kind];
}

int net_kind_parse(const char *word, enum net_kind *kind)
{
    for (int i = 0; i < 3; i++)
        if (strcmp(word, kind_names[i]) == 0) {
            *kind = (enum net_kind)i;
            return 0;
        }
    return -1;
}

/* ---- the networks: compositions of layers ---- */

static struct layer *next_layer(struct net *net)
{
    net->layers =
        mem_resize(net->layers, net->n_layers + 1, sizeof(*net->layers));
    return &net->layers[net->n_layers++];
}

/* No input at all: the bias is the logarithm of the class frequencies. */
static void build_majority(struct net *net, struct rng *rng)
{
    layer_dense(next_layer(net), "output", 0, net->spec.n_classes, 0, rng);
}

static void build_linear(struct net *net, struct rng *rng)
{
    const struct net_spec *s = &net->spec;

    layer_dense(next_layer(net), "output", s->n_dense, s->n_classes, 0, rng);
    if (s->n_slots)
        layer_bag(next_layer(net), "bag", s->n_classes, s->n_slots,
                  s->n_bag_rows, s->n_classes, true, 0, rng);
}

static void build_mlp(struct net *net, struct rng *rng)
{
    const struct net_spec *s = &net->spec;
    size_t width = s->n_dense;

    if (s->n_slots) {
        layer_bag(next_layer(net), "bag", width, s->n_slots, s->n_bag_rows,
                  s->embedding, false, NET_EMBEDDING_DEVIATION, rng);
        width += s->n_slots * s->embedding;
    }
    for (size_t i = 0; i < s->n_hidden; i++) {
        char name[32];
        snprintf(name, sizeof(name), "hidden.%zu", i);
        layer_dense(next_layer(net), name, width, s->hidden[i],
                    sqrt(2.0 / (double)(width ? width : 1)), rng);
        width = s->hidden[i];
        layer_relu(next_layer(net), width);
        if (s->dropout > 0)
            layer_dropout(next_layer(net), width, s->dropout);
    }
    layer_dense(next_layer(net), "output", width, s->n_classes,
                sqrt(2.0 / (double)(width + s->n_classes)), rng);
}

struct net *net_new(const struct net_spec *spec, uint64_t seed)
{
    static void (*const build[])(struct net *, struct rng *) = {
        build_majority, build_linear, build_mlp};
    struct net *net = mem_zalloc(1, sizeof(*net));
    struct rng rng;

    net->spec = *spec;
    rng_init(&rng, seed, RNG_INIT);
    build[spec->kind](net, &rng);
    for (size_t i = 0; i < net->n_layers; i++)
        net->layers[i].index = i;
    return net;
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
        size += p->rows * p->cols;
    return size;
}

double net_spec_size(const struct net_spec *s)
{
    double classes = (double)s->n_classes, width = (double)s->n_dense, size = 0;

    if (s->kind == NET_MAJORITY)
        return classes;
    if (s->kind == NET_LINEAR)
        return (width + 1 + (double)s->n_bag_rows) * classes;
    if (s->n_slots) {
        size = (double)s->n_bag_rows * (double)s->embedding;
        width += (double)s->n_slots * (double)s->embedding;
    }
    for (size_t i = 0; i < s->n_hidden; i++) {
        size += (width + 1) * (double)s->hidden[i];
        width = (double)s->hidden[i];
    }
    return size + (width + 1) * classes;
}

/* ---- passes ---- */

void tape_release(struct tape *tape)
{
    for (size_t i = 0; i < tape->n_layers; i++) {
        free(tape->y[i]);
        free(tape->dy[i]);
    }
    free(tape->x);
    free(tape->y);
    free(tape->dy);
    memset(tape, 0, sizeof(*tape));
}

static void make_room(struct tape *tape, const struct net *net, size_t rows)
{
    if (rows <= tape->capacity)
        return;
    tape_release(tape);
    tape->capacity = rows;
    tape->n_layers = net->n_layers;
    tape->x = mem_aligned(rows * net->spec.n_dense, sizeof(real));
    tape->y = mem_zalloc(net->n_layers, sizeof(real *));
    tape->dy = mem_zalloc(net->n_layers, sizeof(real *));
    for (size_t i = 0; i < net->n_layers; i++) {
        tape->y[i] = mem_aligned(rows * net->layers[i].out, sizeof(real));
        tape->dy[i] = mem_aligned(rows * net->layers[i].out, sizeof(real));
    }
}

const real *net_forward(struct net *net, struct tape *tape,
                        const struct batch *batch, const struct pass *pass)
{
    const real *x;

    make_room(tape, net, batch->padded);
    for (size_t i = 0; i < batch->padded * net->spec.n_dense; i++)
        tape->x[i] = (real)batch->dense[i];
    x = tape->x;
    for (size_t i = 0; i < net->n_layers; i++) {
        struct layer *layer = &net->layers[i];
        layer->ops->forward(layer, batch, x, tape->y[i], pass);
        x = tape->y[i];
    }
    return x;
}

real *net_dlogits(const struct net *net, const struct tape *tape)
{
    return tape->dy[net->n_layers - 1];
}

void net_backward(struct net *net, struct tape *tape, const struct batch *batch,
                  const struct pass *pass)
{
    for (size_t i = net->n_layers; i-- > 0;) {
        struct layer *layer = &net->layers[i];
        const real *x = i ? tape->y[i - 1] : tape->x;
        layer->ops->backward(layer, batch, x, tape->y[i], tape->dy[i],
                             i ? tape->dy[i - 1] : NULL, pass);
    }
}

double net_dead_units(struct net *net)
{
    size_t units = 0, dead = 0;

    for (size_t i = 0; i < net->n_layers; i++) {
        struct layer *layer = &net->layers[i];
        for (size_t j = 0; layer->used && j < layer->out; j++) {
            units++;
            dead += !layer->used[j];
            layer->used[j] = 0;
        }
    }
    return units ? (double)dead / (double)units : NAN;
}
