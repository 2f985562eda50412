#include "nn/fold.h"

#include <string.h>

/* Twice as many output channels still fit in one vector. */
enum { MOST_IN = 4, MOST_OUT = 8 };

bool fold_wanted(const struct convolve_shape *s)
{
    return s->channels <= MOST_IN && s->out_channels <= MOST_OUT &&
           s->stride == 1 && s->left % 2 == 0 && s->width % 2 == 0 &&
           s->out_width % 2 == 0;
}

struct convolve_shape fold_shape(const struct convolve_shape *s)
{
    struct convolve_shape pairs = *s;

    pairs.width /= 2;
    pairs.channels *= 2;
    pairs.out_width /= 2;
    pairs.out_channels *= 2;
    pairs.kernel_width = s->kernel_width / 2 + 1;
    pairs.left /= 2;
    return pairs;
}

/*
 * Calls f for every place of a weight over pairs: its rows of channels, in
 * folded (2 out_channels from one to the next) and in w, for in-channel 0.
 */
typedef void place_fn(const struct convolve_shape *s, real *folded, real *w);

static void each_place(const struct convolve_shape *s, real *folded, real *w,
                       place_fn *f)
{
    size_t wide = s->kernel_width / 2 + 1, in = s->channels,
           out = s->out_channels;

    for (size_t i = 0; i < s->kernel_height * wide * 4; i++) {
        size_t p = i % 2, q = i / 2 % 2, t = i / 4 % wide, ky = i / 4 / wide,
               kx = 2 * t + p - q; /* unsigned: below 0 it is large */
        real *to = folded + (((ky * wide + t) * 2 + p) * in * 2 + q) * out;
        if (kx < s->kernel_width)
            f(s, to, w + (ky * s->kernel_width + kx) * in * out);
    }
}

static void put(const struct convolve_shape *s, real *folded, real *w)
{
    size_t out = s->out_channels;

    for (size_t i = 0; i < s->channels; i++)
        memcpy(folded + 2 * i * out, w + i * out, out * sizeof(*w));
}

static void add_up(const struct convolve_shape *s, real *folded, real *w)
{
    size_t out = s->out_channels;

    for (size_t i = 0; i < s->channels; i++)
        for (size_t o = 0; o < out; o++)
            w[i * out + o] += folded[2 * i * out + o];
}

void fold_weights(const struct convolve_shape *s, real *folded, const real *w)
{
    size_t places = s->kernel_height * (s->kernel_width / 2 + 1) * 4;

    memset(folded, 0, places * s->channels * s->out_channels * sizeof(*w));
    each_place(s, folded, (real *)w, put);
}

void fold_back(const struct convolve_shape *s, real *w, const real *folded)
{
    memset(w, 0,
           s->kernel_height * s->kernel_width * s->channels * s->out_channels *
               sizeof(*w));
    each_place(s, (real *)folded, w, add_up);
}

void fold_bias(const struct convolve_shape *s, real *folded, const real *bias)
{
    memcpy(folded, bias, s->out_channels * sizeof(*bias));
    memcpy(folded + s->out_channels, bias, s->out_channels * sizeof(*bias));
}

void fold_bias_back(const struct convolve_shape *s, real *bias,
                    const real *folded)
{
    for (size_t o = 0; o < s->out_channels; o++)
        bias[o] = folded[o] + folded[s->out_channels + o];
}
