/*
 * net: a network as a list of layers.
 *
 *   majority  the class frequencies, whatever the input
 *   linear    logits = dense inputs x W + sum of embedded rows + b
 *   mlp       [dense inputs, one embedding a slot] -> hidden layers of dense
 *             and ReLU (and dropout) -> logits
 *
 * Initialisation: He normal in front of ReLU, Glorot normal before the logits,
 * biases zero, embeddings normal with deviation NET_EMBEDDING_DEVIATION;
 * everything zero in `linear`.
 */
#ifndef NN_NET_H
#define NN_NET_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "nn/layer.h"

enum net_kind { NET_MAJORITY, NET_LINEAR, NET_MLP };
enum { NET_HIDDEN = 8 }; /* most hidden layers */

#define NET_EMBEDDING_DEVIATION 0.003

enum { NET_EMBEDDING = 16 }; /* default width of an embedded column */

/* Everything that determines the shape of a network. */
struct net_spec {
    enum net_kind kind;
    size_t n_dense, n_slots, n_bag_rows, n_classes;
    size_t embedding;          /* width of an embedded column */
    size_t hidden[NET_HIDDEN]; /* widths, [n_hidden] */
    size_t n_hidden;
    double dropout;
};

/* Invariant: layer i + 1 reads what layer i writes; the last are the logits. */
struct net {
    struct net_spec spec;
    struct layer *layers;
    size_t n_layers;
};

/* The activations of one batch: y[i] is layer i's output, dy[i] its gradient.
 */
struct tape {
    size_t capacity; /* rows */
    real *x;         /* the dense inputs */
    real **y, **dy;
    size_t n_layers;
};

/* "majority", "linear", "mlp", and back (-1 for another word). */
const char *net_kind_name(enum net_kind kind);
int net_kind_parse(const char *word, enum net_kind *kind);

/* A new network, initialised from the seed. */
struct net *net_new(const struct net_spec *spec, uint64_t seed);
void net_free(struct net *net); /* NULL is fine */

/* Parameters, in the order of the layers; NULL from the last one on. */
struct param *net_param(struct net *net, size_t i);

/* Number of learned values, of a network or of what a spec would make. */
size_t net_size(struct net *net);
double net_spec_size(const struct net_spec *spec);

void tape_release(struct tape *tape);

/* Logits [batch->padded][n_classes] of a batch; they belong to the tape. */
const real *net_forward(struct net *net, struct tape *tape,
                        const struct batch *batch, const struct pass *pass);

/*
 * Gradients of all parameters, after net_forward of the same batch.  The
 * caller has filled net_dlogits, zero in the padded rows.
 */
void net_backward(struct net *net, struct tape *tape, const struct batch *batch,
                  const struct pass *pass);
real *net_dlogits(const struct net *net, const struct tape *tape);

/* Share of ReLU units never active since the last call, NaN without any. */
double net_dead_units(struct net *net);

#endif
