#include "nn/narrow.h"

#include <string.h>

#include "base/simd.h"
#include "nn/passes.h"
#include "nn/product_small.h"

/*
 * What follows of a shape.  A group is `pixels` of a row of y, side by side in
 * a vector.  Widths are in values.
 */
struct measures {
    size_t pixels, groups; /* in a group; of a row */
    size_t group;          /* values of y in a group */
    size_t window;         /* values of x that a group sees in a row */
    size_t line, lines;    /* of x with its padding */
    size_t out;            /* a row of y */
    size_t head, tail;     /* rows of y: the tail's vectors reach behind y */
    size_t spread;         /* a row of a window, in whole vectors */
};

static struct measures measure(const struct convolve_shape *s)
{
    struct measures m = {.pixels = LANES / s->out_channels};

    while (s->out_width % m.pixels)
        m.pixels--;
    m.groups = s->out_width / m.pixels;
    m.group = m.pixels * s->out_channels;
    m.window = (s->kernel_width + m.pixels - 1) * s->channels;
    m.line = (s->out_width + s->kernel_width - 1) * s->channels;
    m.lines = s->out_height + s->kernel_height - 1;
    m.out = s->out_width * s->out_channels;
    m.tail = (LANES - m.group + m.out - 1) / m.out;
    m.tail = m.tail < s->out_height ? m.tail : s->out_height;
    m.head = s->out_height - m.tail;
    m.spread = in_lanes(s->kernel_width * s->channels);
    return m;
}

/* A few sums at a time, each of which waits for itself, are not worth it. */
bool narrow_wanted(const struct convolve_shape *s, enum convolve_pass pass)
{
    return s->stride == 1 && s->channels < LANES && s->out_channels <= LANES &&
           (pass != CONVOLVE_WEIGHT || measure(s).window > 4);
}

/* ---- weights ---- */

size_t narrow_packed(const struct convolve_shape *s, enum convolve_pass pass)
{
    struct measures m = measure(s);

    return pass == CONVOLVE_INPUT
               ? s->out_channels * s->kernel_height * m.spread
               : s->kernel_height * m.window * LANES;
}

/*
 * Where weight [ky][kx][c] of all out channels stands for pixel p of a group,
 * in [kernel_height][window][LANES].
 */
static size_t place_of(const struct convolve_shape *s, const struct measures *m,
                       size_t tap, size_t p)
{
    size_t row = s->kernel_width * s->channels;

    return (tap / row * m->window + tap % row + p * s->channels) * LANES +
           p * s->out_channels;
}

static size_t taps_of(const struct convolve_shape *s)
{
    return s->kernel_height * s->kernel_width * s->channels;
}

static void pack_forward(const struct convolve_shape *s,
                         const struct measures *m, real *packed, const real *w)
{
    size_t out = s->out_channels;

    memset(packed, 0, narrow_packed(s, CONVOLVE_FORWARD) * sizeof(*packed));
    for (size_t tap = 0; tap < taps_of(s); tap++)
        for (size_t p = 0; p < m->pixels; p++)
            memcpy(packed + place_of(s, m, tap, p), w + tap * out,
                   out * sizeof(*w));
}

/* [out_channels][kernel_height][spread] */
static void pack_input(const struct convolve_shape *s, const struct measures *m,
                       real *packed, const real *w)
{
    size_t row = s->kernel_width * s->channels,
           all = s->kernel_height * m->spread;

    memset(packed, 0, narrow_packed(s, CONVOLVE_INPUT) * sizeof(*packed));
    for (size_t tap = 0; tap < taps_of(s); tap++)
        for (size_t o = 0; o < s->out_channels; o++)
            packed[o * all + tap / row * m->spread + tap % row] =
                w[tap * s->out_channels + o];
}

void narrow_pack(const struct convolve_shape *s, enum convolve_pass pass,
                 real *packed, const real *w)
{
    struct measures m = measure(s);

    if (pass == CONVOLVE_INPUT)
        pack_input(s, &m, packed, w);
    else
        pack_forward(s, &m, packed, w);
}

/* The sum over the pixels of a group. */
void narrow_unpack(const struct convolve_shape *s, real *w, const real *packed)
{
    struct measures m = measure(s);
    size_t out = s->out_channels;

    memset(w, 0, taps_of(s) * out * sizeof(*w));
    for (size_t tap = 0; tap < taps_of(s); tap++)
        for (size_t p = 0; p < m.pixels; p++)
            pass_add(w + tap * out, w + tap * out,
                     packed + place_of(s, &m, tap, p), out);
}

/* ---- room ---- */

/*
 * x or dx with padding and the rest of a vector behind it; the last rows of y
 * with such a rest; the windows of a row, or the bias of a row.
 */
struct places {
    real *padded, *tail, *windows;
};

static size_t padded_size(const struct measures *m)
{
    return in_lanes(m->line * m->lines + m->spread);
}

static size_t tail_size(const struct measures *m)
{
    return in_lanes(m->tail * m->out + LANES);
}

static struct places places_in(real *room, const struct measures *m)
{
    real *tail = room + padded_size(m);

    return (struct places){room, tail, tail + tail_size(m)};
}

size_t narrow_room(const struct convolve_shape *s)
{
    struct measures m = measure(s);
    size_t windows = s->out_width * s->kernel_height * m.spread;

    return padded_size(&m) + tail_size(&m) +
           (windows > m.out ? windows : m.out);
}

static bool is_padded(const struct convolve_shape *s, const struct measures *m)
{
    return m->line > s->width * s->channels || m->lines > s->height;
}

/* An image with its padding: itself where it has none. */
static const real *pad(const struct convolve_shape *s, const struct measures *m,
                       const real *x, real *padded)
{
    size_t wide = s->width * s->channels;
    real *to = padded + s->top * m->line + s->left * s->channels;

    if (!is_padded(s, m))
        return x;
    memset(padded, 0, m->line * m->lines * sizeof(*padded));
    for (size_t i = 0; i < s->height; i++)
        memcpy(to + i * m->line, x + i * wide, wide * sizeof(*x));
    return padded;
}

/* ---- forward ---- */

/* Rows of y, and what is left of their vectors. */
static void rows_forward(const struct convolve_shape *s,
                         const struct measures *m, size_t rows, const real *x,
                         const real *packed, real *y)
{
    product_folded((struct repeats){rows, m->line, m->out},
                   (struct folds){s->kernel_height, m->line, m->window * LANES},
                   m->groups, LANES, m->window,
                   (struct strided){x, m->pixels * s->channels, 1}, packed,
                   LANES, y, m->group, false);
}

static void image_forward(const struct convolve_shape *s,
                          const struct measures *m, const struct places *at,
                          const real *x, const real *packed, real *y)
{
    x = pad(s, m, x, at->padded);
    rows_forward(s, m, m->head, x, packed, y);
    rows_forward(s, m, m->tail, x + m->head * m->line, packed, at->tail);
    memcpy(y + m->head * m->out, at->tail, m->tail * m->out * sizeof(*y));
}

void narrow_forward(const struct convolve_shape *s, real *y, const real *x,
                    const real *packed, const real *bias, real *room)
{
    struct measures m = measure(s);
    struct places at = places_in(room, &m);
    size_t in = s->height * s->width * s->channels;

    for (size_t i = 0; i < s->images; i++)
        image_forward(s, &m, &at, x + i * in, packed,
                      y + i * s->out_height * m.out);
    if (!s->bias)
        return;
    for (size_t i = 0; i < s->out_width; i++)
        memcpy(at.windows + i * s->out_channels, bias,
               s->out_channels * sizeof(*bias));
    pass_add_row(y, m.out, at.windows, s->images * s->out_height, m.out);
}

/* ---- the gradient of the weights ---- */

/* That of `rows` rows of y. */
static void rows_weight(const struct convolve_shape *s,
                        const struct measures *m, size_t rows, const real *x,
                        const real *dy, real *packed, bool add)
{
    product_folded(
        (struct repeats){s->kernel_height, m->line, m->window * LANES},
        (struct folds){rows, m->line, m->out}, m->window, LANES, m->groups,
        (struct strided){x, 1, m->pixels * s->channels}, dy, m->group, packed,
        LANES, add);
}

static void image_weight(const struct convolve_shape *s,
                         const struct measures *m, const struct places *at,
                         const real *x, const real *dy, real *packed, bool add)
{
    size_t n = m->tail * m->out;

    x = pad(s, m, x, at->padded);
    rows_weight(s, m, m->head, x, dy, packed, add);
    memcpy(at->tail, dy + m->head * m->out, n * sizeof(*dy));
    memset(at->tail + n, 0, LANES * sizeof(*dy));
    rows_weight(s, m, m->tail, x + m->head * m->line, at->tail, packed, true);
}

void narrow_weight(const struct convolve_shape *s, real *packed, real *bias,
                   const real *x, const real *dy, real *room)
{
    struct measures m = measure(s);
    struct places at = places_in(room, &m);
    size_t in = s->height * s->width * s->channels;

    for (size_t i = 0; i < s->images; i++)
        image_weight(s, &m, &at, x + i * in, dy + i * s->out_height * m.out,
                     packed, i > 0);
    if (!s->bias)
        return;
    pass_sum_rows(at.windows, dy, s->images * s->out_height, m.out);
    memset(bias, 0, s->out_channels * sizeof(*bias));
    for (size_t i = 0; i < s->out_width; i++)
        pass_add(bias, bias, at.windows + i * s->out_channels, s->out_channels);
}

/* ---- the gradient of x ---- */

/*
 * Adds windows[out_width][kernel_height][spread] where they lie in dx.  Those
 * of a pixel are in different rows, and need not wait for each other.
 */
SIMD_CLONES static void add_windows(const struct convolve_shape *s,
                                    const struct measures *m,
                                    const real *windows, real *dx)
{
    size_t spread = m->spread, line = m->line, channels = s->channels,
           high = s->kernel_height;

    for (size_t x = 0; x < s->out_width; x++, dx += channels)
        for (size_t ky = 0; ky < high; ky++, windows += spread)
            for (size_t v = 0; v < spread; v += LANES) {
                real *to = dx + ky * line + v;
#pragma omp simd
                for (size_t l = 0; l < LANES; l++)
                    to[l] += windows[v + l];
            }
}

static void image_input(const struct convolve_shape *s,
                        const struct measures *m, const struct places *at,
                        const real *dy, const real *packed, real *dx)
{
    size_t all = s->kernel_height * m->spread, wide = s->width * s->channels;
    const real *from = at->padded + s->top * m->line + s->left * s->channels;

    memset(at->padded, 0, padded_size(m) * sizeof(*dx));
    for (size_t i = 0; i < s->out_height; i++) {
        product_small(s->out_width, all, s->out_channels,
                      (struct strided){dy + i * m->out, s->out_channels, 1},
                      packed, all, at->windows, all, false);
        add_windows(s, m, at->windows, at->padded + i * m->line);
    }
    for (size_t i = 0; i < s->height; i++)
        memcpy(dx + i * wide, from + i * m->line, wide * sizeof(*dx));
}

void narrow_input(const struct convolve_shape *s, real *dx, const real *dy,
                  const real *packed, real *room)
{
    struct measures m = measure(s);
    struct places at = places_in(room, &m);

    for (size_t i = 0; i < s->images; i++)
        image_input(s, &m, &at, dy + i * s->out_height * m.out, packed,
                    dx + i * s->height * s->width * s->channels);
}
