/*
 * loss: what training makes small, row by row, of logits z with probabilities
 * p = softmax(z), for the class y:
 *
 *   cross_entropy  -sum_k t_k ln p_k
 *   focal          -sum_k t_k (1 - p_k)^gamma ln p_k   (Lin et al. 2017)
 *   squared        sum_k (p_k - t_k)^2                 (Brier 1950)
 *
 * where t_k = (1 - label_smoothing) [k = y] + label_smoothing / K (Szegedy et
 * al. 2016).
 */
#ifndef NN_LOSS_H
#define NN_LOSS_H

#include <stddef.h>

#include "nn/hyper.h"
#include "nn/real.h"

/* prob[k] = exp(logit[k]) / sum, without overflow; prob may be logit. */
void softmax(real *prob, const real *logit, size_t classes);

/* -ln softmax(logit)[label], without overflow. */
double cross_entropy(const real *logit, size_t classes, size_t label);

/* The loss that hyper names. */
double loss_value(const struct hyper *hyper, const real *logit, size_t classes,
                  size_t label);

/*
 * Adds the gradient of scale x loss to dlogit (which may not be logit);
 * scratch[classes] is overwritten.
 */
void loss_add_gradient(const struct hyper *hyper, real *dlogit,
                       const real *logit, size_t classes, size_t label,
                       real scale, real *scratch);

/* The class with the largest logit, the first among equals. */
size_t largest(const real *logit, size_t classes);

#endif
