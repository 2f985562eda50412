/*
 * optimizer: how a step is made of gradients.  g is the gradient, with
 * weight_decay x w (but in adamw) and l1 x sign(w) added to it, after it was
 * clipped; t counts steps from 1.  All as PyTorch 1.13 has them:
 *
 *   sgd       w -= lr g
 *   momentum  m = mu m + g (m = g in the first step),  w -= lr m
 *   nesterov  the same m,  w -= lr (g + mu m)          (Sutskever et al. 2013)
 *   rmsprop   v = alpha v + (1 - alpha) g^2,  w -= lr g / (sqrt(v) + eps)
 *   adam      m = b1 m + (1 - b1) g,  v = b2 v + (1 - b2) g^2,
 *             w -= lr (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)
 *                                                      (Kingma & Ba 2015)
 *   adamw     adam, and w -= lr weight_decay w before it
 *                                                (Loshchilov & Hutter 2019)
 *
 * Rows of a sparse parameter that a batch does not touch keep value and
 * moments (as in SparseAdam).
 */
#ifndef NN_OPTIMIZER_H
#define NN_OPTIMIZER_H

#include "nn/net.h"

struct optimizer {
    const struct hyper *hyper; /* optimizer, its parameters; not owned */
    double learning_rate;      /* of the next step */
    uint64_t step;             /* steps made so far */
};

/*
 * The size of the last step, over all parameters (2-norms): of the gradient as
 * it was before clipping, of what the step added, and of the values before it.
 * Of sparse parameters the rows count that the step touched.
 */
struct step_norms {
    double gradient, update, value;
};

/*
 * Scales all gradients so that their common norm is at most `most` (Pascanu et
 * al. 2013); returns the norm as it was.  Fixed parameters do not count.
 */
double optimizer_clip(struct net *net, double most);

/*
 * One step with the gradients of net_backward, of all parameters that are not
 * fixed, clipped first where hyper->clip > 0.  norms may be NULL.
 */
void optimizer_step(struct optimizer *optimizer, struct net *net,
                    struct step_norms *norms);

#endif
