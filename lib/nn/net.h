/*
 * net: a network as a list of layers, each of which reads the output of an
 * earlier one.  nn/networks.h describes the networks themselves.
 */
#ifndef NN_NET_H
#define NN_NET_H

#include <stddef.h>
#include <stdint.h>

#include "nn/hyper.h"
#include "nn/layer.h"

/*
 * What a network reads.  One of
 *   a row of n_dense numbers, with n_slots embedded columns of n_bag_rows rows
 *   an image: n_dense = height x width x channels, in this order
 *   steps of n_step values                                     (batch->step)
 *   tokens: step by step one of n_tokens numbers               (batch->token)
 */
struct net_input {
    size_t n_dense, n_slots, n_bag_rows;
    size_t height, width, channels; /* 0: no image */
    size_t n_step;                  /* 0: no steps */
    size_t n_tokens;                /* 0: no tokens */
};

/* Everything that determines the shape of a network. */
struct net_spec {
    struct net_input input;
    size_t n_classes;
    struct hyper hyper;
};

/* Invariant: the last layer's outputs are the logits, [n_classes]. */
struct net {
    struct net_spec spec;
    struct layer *layers;
    size_t n_layers;
};

/*
 * The activations of one batch: y[i] is layer i's output, dy[i] its gradient.
 * Gradients are there for training only.  A layer that can work in place, and
 * is the only one that reads a layer before it, has its y in that one's place,
 * and gives its dy on as the other's: dy[i] is then no longer its gradient, and
 * written[i] is false.
 */
struct tape {
    real **own;       /* [n_layers] where y[i] is, unless in place */
    bool *in_place;   /* [n_layers] */
    size_t *capacity; /* [n_layers] values of own[i] */
    size_t n_layers;
    size_t first;      /* the layer that read `input` in the last pass */
    const real *input; /* its x */
    real *x;           /* the batch's numbers */
    size_t x_capacity;
    real **y, **dy, **keep; /* [n_layers] */
    size_t *keep_capacity, *dy_capacity;
    real *sum; /* a second gradient of one output, on its way */
    size_t sum_capacity;
    bool *written;     /* [n_layers] dy[i] holds something */
    const real *more;  /* net_add_gradient; NULL: none */
    size_t more_layer; /* of which layer */
};

/*
 * A new network, initialised from the seed.  The spec must be possible
 * (networks.h: network_check).
 */
struct net *net_new(const struct net_spec *spec, uint64_t seed);
void net_free(struct net *net); /* NULL is fine */

/*
 * The same network over the same values, which it borrows, with gradients of
 * its own and nothing for an optimizer.
 */
struct net *net_replica(const struct net *net);

/* Parameters, in the order of the layers; NULL from the last one on. */
struct param *net_param(struct net *net, size_t i);

/* Number of learned values, of a network or of what a spec would make. */
size_t net_size(struct net *net);

/* Multiply-adds of the products of one row of `steps` steps, forward. */
size_t net_row_work(const struct net *net, size_t steps);

/* Bytes that one row of `steps` steps takes in a tape that predicts. */
size_t net_row_bytes(const struct net *net, size_t steps);

/*
 * Fixes the parameters whose names start with the prefix; returns how many.
 */
size_t net_freeze(struct net *net, const char *prefix);

/*
 * Layers [0, first) have no parameter that is learned and do the same in
 * training as in prediction, and all later ones read only layer first - 1 or
 * later: their output for a row never changes.  0: there are none such.
 */
size_t net_frozen_layers(const struct net *net);

/* Whether a parameter of a layer, or of one before it, is learned. */
bool net_learns(const struct net *net, size_t layer);

/* Whether in training a row's output depends on those beside it. */
bool net_mixes_rows(const struct net *net);

void tape_release(struct tape *tape);

/* Logits [batch->padded][n_classes] of a batch; they belong to the tape. */
const real *net_forward(struct net *net, struct tape *tape,
                        const struct batch *batch, const struct pass *pass);

/*
 * The same in two parts: net_forward_to gives the output of layer first - 1,
 * net_forward_from goes on from x, such an output for the rows of the batch,
 * [padded][shape_size(layers[first - 1].out)].  After it net_backward stops at
 * layer `first`.
 */
const real *net_forward_to(struct net *net, struct tape *tape,
                           const struct batch *batch, const struct pass *pass,
                           size_t first);
const real *net_forward_from(struct net *net, struct tape *tape,
                             const struct batch *batch, const struct pass *pass,
                             size_t first, const real *x);

/*
 * Gradients of all parameters, after net_forward of the same batch.  The
 * caller has filled net_dlogits, zero in the padded rows.
 */
void net_backward(struct net *net, struct tape *tape, const struct batch *batch,
                  const struct pass *pass);
real *net_dlogits(const struct net *net, struct tape *tape,
                  const struct batch *batch);

/* The layer that the last one reads, or LAYER_INPUT. */
size_t net_last_hidden(const struct net *net);

/* Its output in the last pass, [batch->padded][channels]. */
const real *net_hidden(const struct net *net, const struct tape *tape);

/*
 * The next net_backward adds dy, as large and zero in the padded rows, to the
 * gradient of net_hidden.  There must be such a layer; dy is not owned.
 */
void net_add_gradient(const struct net *net, struct tape *tape, const real *dy);

#endif
