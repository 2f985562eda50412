/*
 * finite: where the numbers of a network stopped being finite.
 */
#ifndef NN_FINITE_H
#define NN_FINITE_H

#include "nn/net.h"

/*
 * Whether all parameters are finite.  The loss can be while they are not: a
 * ReLU makes zeros of what is no number.
 */
bool finite_weights(const struct net *net);

/*
 * After net_forward or net_backward: "the output of hidden.0", "the gradient
 * of output", "the weights of conv.0".  Of outputs the first one, of gradients
 * and weights those nearest to the end of the network, since that is where
 * they come from.  NULL when all of it is finite.  The text is valid
 * until the next call in the same thread.
 */
const char *finite_lost(const struct net *net, const struct tape *tape,
                        const struct batch *batch);

/* The same of outputs alone, where all weights are finite. */
const char *finite_lost_output(const struct net *net, const struct tape *tape,
                               const struct batch *batch);

#endif
