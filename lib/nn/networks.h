/*
 * networks: the networks of the lecture, as compositions of layers.
 *
 *   majority   the class frequencies, whatever the input
 *   linear     logits = inputs x W + sum of embedded rows + b
 *   mlp        [inputs, one embedding a slot] -> hidden layers (dense,
 *              norm, activation, dropout) -> logits
 *   lenet      for each filter width: convolution, norm, activation, 2x2
 *              maximum; then hidden layers as in mlp (LeCun et al. 1998,
 *              with ReLU and maximum)
 *   resnet     depth 20, 32, 44, 56, 110 (6n + 2): for small images, widths
 *              16, 32, 64 (He et al. 2016, 4.2, projections where the shape
 *              changes); depth 18, 34, 50: for large ones, with the names and
 *              shapes of torchvision
 *   lstm       [embedded tokens or steps] -> LSTM layers -> last step -> logits
 *   attention  [embedded tokens or projected steps] + positions -> encoder
 *              layers (norm after the sum, as in Vaswani et al. 2017 and
 *              PyTorch's default) -> mean over the steps -> logits
 */
#ifndef NN_NETWORKS_H
#define NN_NETWORKS_H

#include "nn/net.h"

/* Appends the spec's layers to a network that has none. */
void network_build(struct net *net, struct rng *rng);

/*
 * Whether the network exists: an ERR_USAGE error for an input that it cannot
 * read, a kernel larger than the image, heads that do not divide the width, a
 * depth that is none.
 */
int network_check(const struct net_spec *spec, struct err *err);

/* Whether torchvision has this network: resnet 18, 34 or 50. */
bool network_is_torchvisions(const struct hyper *hyper);

/*
 * Values that a network has, without making it: at least these many in resnet,
 * exactly elsewhere but for normalisation and LSTM biases.
 */
double network_size(const struct net_spec *spec);

#endif
