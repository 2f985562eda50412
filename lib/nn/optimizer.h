/*
 * optimizer: Adam (Kingma & Ba 2015), as PyTorch's Adam has it for dense and
 * as its SparseAdam has it for sparse parameters: rows that a batch does not
 * touch keep value and moments.
 *
 *     m = b1 m + (1 - b1) g,  v = b2 v + (1 - b2) g^2
 *     w = w - lr (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)
 *
 * with b1 = .9, b2 = .999, eps = 1e-8 and g including weight_decay x w.
 */
#ifndef NN_OPTIMIZER_H
#define NN_OPTIMIZER_H

#include "nn/net.h"

struct optimizer {
    double learning_rate, weight_decay;
    uint64_t step; /* steps made so far */
};

/* The size of the last step, over all parameters (2-norms). */
struct step_norms {
    double gradient, update, value;
};

/* One step with the gradients of net_backward. norms may be NULL. */
void optimizer_step(struct optimizer *optimizer, struct net *net,
                    struct step_norms *norms);

#endif
