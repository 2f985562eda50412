/*
 * loss: softmax and cross-entropy, row by row.
 */
#ifndef NN_LOSS_H
#define NN_LOSS_H

#include <stddef.h>

#include "nn/real.h"

/* prob[k] = exp(logit[k]) / sum, without overflow; prob may be logit. */
void softmax(real *prob, const real *logit, size_t classes);

/* -ln softmax(logit)[label], without overflow. */
double cross_entropy(const real *logit, size_t classes, size_t label);

/*
 * The gradient of scale x cross-entropy: scale (softmax(logit) - onehot) into
 * dlogit (which may not be logit).
 */
void cross_entropy_gradient(real *dlogit, const real *logit, size_t classes,
                            size_t label, real scale);

/* The class with the largest logit, the first among equals. */
size_t largest(const real *logit, size_t classes);

#endif
