/*
 * narrow: convolutions of few channels, as the first ones of a network for
 * images are.  Kernels for wide ones would leave most of a vector empty.
 *
 * Forward, a vector holds the out channels of as many pixels beside each other
 * as it has room for: their weights stand in a window that is as much wider,
 * and zero where a pixel's own window does not reach.  The gradient of x is
 * the other way round: a vector holds a row of a window, all columns and
 * channels of it, which is then added where the window lies.
 *
 * What convolve.h says of its calls holds for these.  Steps of 1 only; x has
 * fewer channels than LANES, y as many at most.
 */
#ifndef NN_NARROW_H
#define NN_NARROW_H

#include "nn/convolve.h"

/* Whether it is possible, and worth it. */
bool narrow_wanted(const struct convolve_shape *shape, enum convolve_pass pass);

/* Values of packed weights, or of a packed gradient, and of room. */
size_t narrow_packed(const struct convolve_shape *shape,
                     enum convolve_pass pass);
size_t narrow_room(const struct convolve_shape *shape);

/* Weights for FORWARD or INPUT; the weights' gradient of WEIGHT. */
void narrow_pack(const struct convolve_shape *shape, enum convolve_pass pass,
                 real *packed, const real *w);
void narrow_unpack(const struct convolve_shape *shape, real *w,
                   const real *packed);

void narrow_forward(const struct convolve_shape *shape, real *y, const real *x,
                    const real *packed, const real *bias, real *room);
void narrow_input(const struct convolve_shape *shape, real *dx, const real *dy,
                  const real *packed, real *room);
void narrow_weight(const struct convolve_shape *shape, real *packed, real *bias,
                   const real *x, const real *dy, real *room);

#endif
