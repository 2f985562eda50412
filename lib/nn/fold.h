/*
 * fold: a convolution of few channels as one of pairs of pixels.
 *
 * Kernels compute 16 output channels at a time, so that those of 6 waste most
 * of it.  Two pixels beside each other lie in memory like one of twice as many
 * channels: in x, in y, and without being moved.  A window over pairs is then
 * [kernel][kernel / 2 + 1][2 channels][2 out channels], of whose places those
 * are zero that no window over pixels has.
 *
 * With p and q the places in the pairs of x and y, and t the pair:
 *     kx = 2 t + p - q
 */
#ifndef NN_FOLD_H
#define NN_FOLD_H

#include <stdbool.h>
#include <stddef.h>

#include "nn/convolve.h"

/* Whether it is possible and worth it; steps of 1, pairs on both sides. */
bool fold_wanted(const struct convolve_shape *shape);

/* The shape over pairs of such a one. */
struct convolve_shape fold_shape(const struct convolve_shape *shape);

/* Weights over pairs from those over pixels, w [ky][kx][in][out]. */
void fold_weights(const struct convolve_shape *shape, real *folded,
                  const real *w);

/* The gradient of w: the sum over all places that are the same weight. */
void fold_back(const struct convolve_shape *shape, real *w, const real *folded);

/* Bias twice, and the sum of both halves of its gradient. */
void fold_bias(const struct convolve_shape *shape, real *folded,
               const real *bias);
void fold_bias_back(const struct convolve_shape *shape, real *bias,
                    const real *folded);

#endif
