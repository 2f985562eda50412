/*
 * convolve: two-dimensional convolutions of a fixed number of images at a
 * time, each call on the calling thread alone: narrow.h has those of few
 * channels, wide.h the others.
 *
 * A convolve belongs to one shape.  Its kernels want the weights in orders of
 * their own: pack brings them there, unpack brings a gradient back.  An
 * image's results have the same bits wherever it stands among the images, and
 * with any number of threads.
 */
#ifndef NN_CONVOLVE_H
#define NN_CONVOLVE_H

#include <stdbool.h>
#include <stddef.h>

#include "nn/real.h"

/* Of x, y, and the window; top and left are the padding on these sides. */
struct convolve_shape {
    size_t images;
    size_t height, width, channels;
    size_t out_height, out_width, out_channels;
    size_t kernel_height, kernel_width, stride, top, left;
    bool bias;
};

/* y from x; dx from dy; dw from x and dy. */
enum convolve_pass { CONVOLVE_FORWARD, CONVOLVE_INPUT, CONVOLVE_WEIGHT };

struct convolve;

/* Prepares one pass. */
struct convolve *convolve_new(const struct convolve_shape *shape,
                              enum convolve_pass pass);
void convolve_free(struct convolve *c); /* NULL is fine */

/* Values of packed weights, and of the room that a call works in. */
size_t convolve_packed(const struct convolve *c);
size_t convolve_room(const struct convolve *c);

/*
 * packed from w [kernel_height][kernel_width][channels][out_channels], and w
 * from packed, in the order of this pass; on the calling thread.
 */
void convolve_pack(const struct convolve *c, real *packed, const real *w);
void convolve_unpack(const struct convolve *c, real *w, const real *packed);

/*
 * FORWARD: y [images][out_height][out_width][out_channels] from x and bias
 * (which is not looked at without shape.bias); INPUT: dx from dy.
 */
void convolve_forward(const struct convolve *c, real *y, const real *x,
                      const real *packed, const real *bias, real *room);
void convolve_input(const struct convolve *c, real *dx, const real *dy,
                    const real *packed, real *room);

/* WEIGHT: the packed gradient, and that of the bias if there is one. */
void convolve_weight(const struct convolve *c, real *packed, real *bias,
                     const real *x, const real *dy, real *room);

#endif
