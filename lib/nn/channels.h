/*
 * channels: passes over tensors in which every channel has constants and sums
 * of its own, in vectors whatever the number of channels.
 *
 * Few channels are taken several positions at a time, many in pieces: a strip
 * is `wide` values that follow each other, from `offset` of the first position
 * on and then every `stride` values.  Value j of a strip has the channel
 * (offset + j) mod channels.
 */
#ifndef NN_CHANNELS_H
#define NN_CHANNELS_H

#include <stdbool.h>
#include <stddef.h>

#include "nn/layer.h"

enum { STRIP = 64 };

struct strip {
    size_t channels, offset, wide, stride;
};

/* Whether a tensor like the layer's input is worth several threads. */
bool channels_much(const struct layer *layer, const struct layer_io *io);

/* The first strip of so many channels, and the next; wide is 0 behind all. */
struct strip strip_first(size_t channels);
struct strip strip_next(const struct strip *strip);

/* The values of a strip that stand at `at`, in a row of `size` values. */
static inline size_t strip_values(const struct strip *strip, size_t size,
                                  size_t at)
{
    size_t left = size - at;

    return left < strip->wide ? left : strip->wide;
}

/* tile[STRIP]: a constant of each channel for each value of the strip. */
void strip_spread(const struct strip *strip, const real *constant, real *tile);

/* Adds value j to the sum of its channel. */
void strip_gather(const struct strip *strip, const real *tile, double *sum);

/*
 * Adds two values of each channel over the positions of rows [begin, end) to
 * first and second, both [channels].
 */
typedef void channel_rows_fn(const struct layer *layer,
                             const struct layer_io *io, size_t begin,
                             size_t end, double *first, double *second);

/*
 * Those sums over all rows of the batch, [2][channels]: of CHANNEL_CHUNKS
 * chunks of rows, added in order, in double precision.  room holds
 * CHANNEL_CHUNKS x 2 x channels values, and the result.
 */
enum { CHANNEL_CHUNKS = 16 };
const double *channel_sums(const struct layer *layer, const struct layer_io *io,
                           channel_rows_fn *add_rows, double *room);

#endif
