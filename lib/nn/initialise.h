/*
 * initialise: what weights are before training.
 *
 *   he          deviation gain / sqrt(fan_in) (He et al. 2015)
 *   glorot      deviation sqrt(2 / (fan_in + fan_out)) (Glorot & Bengio 2010)
 *               each as normal, or as uniform on +- sqrt(3) deviations
 *   orthogonal  rows or columns, whichever are fewer, are orthonormal, times
 *               the gain (Saxe et al. 2014)
 *   zero
 *
 * The gain is sqrt(2) before relu, sqrt(2 / (1 + slope^2)) before leaky_relu,
 * sqrt(2) before gelu, else 1.  INIT_AUTO is he_normal before these three, and
 * glorot_normal elsewhere.
 */
#ifndef NN_INITIALISE_H
#define NN_INITIALISE_H

#include "base/rng.h"
#include "nn/real.h"

enum init {
    INIT_AUTO,
    INIT_HE_NORMAL,
    INIT_HE_UNIFORM,
    INIT_GLOROT_NORMAL,
    INIT_GLOROT_UNIFORM,
    INIT_ORTHOGONAL,
    INIT_ZERO
};

/* How a layer's weights start: the rule, and the gain of what follows. */
struct weight_init {
    enum init init;
    double gain; /* 1: no rectifier follows */
};

/*
 * Fills w, a matrix [rows][cols] inside rows of `stride` values.  fan_in and
 * fan_out are those of the layer (kernel x kernel x channels for a
 * convolution).  Does nothing without rng.
 */
void initialise(real *w, size_t rows, size_t cols, size_t stride, size_t fan_in,
                size_t fan_out, const struct weight_init *init,
                struct rng *rng);

#endif
