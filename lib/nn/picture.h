/*
 * picture: an encoded image moved, turned, mirrored, and cut into.
 */
#ifndef NN_PICTURE_H
#define NN_PICTURE_H

#include <stdbool.h>
#include <stddef.h>

/* [height][width][channels]; blank[channels] stands where nothing else does. */
struct picture {
    size_t height, width, channels;
    const float *blank;
};

/* Mirrored left to right, top to bottom; turned counterclockwise; moved. */
struct picture_change {
    bool mirror_x, mirror_y;
    double degrees;
    long right, down;
};

/* The changed image; between pixels it is bilinear.  to may not be from. */
void picture_change(const struct picture *picture,
                    const struct picture_change *change, float *to,
                    const float *from);

/* Blanks the square of `side` pixels around (y, x). */
void picture_cut(const struct picture *picture, float *pixels, size_t side,
                 size_t y, size_t x);

#endif
