/*
 * wide: convolutions by oneDNN's direct kernels for images in the order
 * [height][width][channels], which fill their vectors with channels.  With
 * product.h the only place that knows oneDNN.  A double-precision build has
 * plain loops instead.
 *
 * The calls are those of convolve.h.
 */
#ifndef NN_WIDE_H
#define NN_WIDE_H

#include "nn/convolve.h"

struct wide;

/* Compiles the kernel of one pass. */
struct wide *wide_new(const struct convolve_shape *shape,
                      enum convolve_pass pass);
void wide_free(struct wide *c); /* NULL is fine */

size_t wide_packed(const struct wide *c);
size_t wide_room(const struct wide *c);
void wide_pack(const struct wide *c, real *packed, const real *w);
void wide_unpack(const struct wide *c, real *w, const real *packed);
void wide_forward(const struct wide *c, real *y, const real *x,
                  const real *packed, const real *bias, real *room);
void wide_input(const struct wide *c, real *dx, const real *dy,
                const real *packed, real *room);
void wide_weight(const struct wide *c, real *packed, real *bias, const real *x,
                 const real *dy, real *room);

#endif
