/*
 * max pool: the largest value of each window of an image, where windows lie
 * beside each other (kernel = stride, no padding); pool.c knows the others.
 * The first of equal largest values, row by row, has the gradient.
 *
 * All channels of a window are taken some lanes at a time.  The last lanes are
 * the last channels, whether or not some of them have been taken already: the
 * same values are written twice.  Fewer channels than a vector has lanes are
 * taken in one go, with what lies behind them; what that leaves behind them is
 * written over by the next window, and the last ones of a row go without.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/simd.h"
#include "nn/layer.h"

enum { PARALLEL_WORK = 1 << 15, VECTOR = 16 };

/* Of one row of the batch. */
struct images {
    const real *x, *y, *dy;
    real *to; /* y in forward, dx in backward */
};

static size_t kernel_of(const struct layer *layer)
{
    return *(const size_t *)layer->own;
}

/* From one row of x to the next, in values. */
static size_t line_of(const struct layer *layer)
{
    return layer->in.width * layer->in.channels;
}

/* ---- one window, `lanes` channels of it ---- */

/* A NaN is larger than everything, so that it is not lost. */
static inline __attribute__((always_inline)) void
largest(const size_t lanes, const real *x, size_t line, size_t c, size_t kernel,
        real *y)
{
    real most[VECTOR];

    for (size_t l = 0; l < lanes; l++)
        most[l] = x[l];
    for (size_t ky = 0; ky < kernel; ky++)
        for (size_t kx = 0; kx < kernel; kx++) {
            const real *from = x + ky * line + kx * c;
#pragma omp simd
            for (size_t l = 0; l < lanes; l++)
                most[l] = from[l] > most[l] || isnan(from[l]) ? from[l]
                                                              : most[l];
        }
    for (size_t l = 0; l < lanes; l++)
        y[l] = most[l];
}

static inline __attribute__((always_inline)) void
largest_back(const size_t lanes, const real *x, size_t line, size_t c,
             size_t kernel, const real *y, const real *dy, real *dx)
{
    real left[VECTOR],
        most[VECTOR]; /* left is zero from the pixel on that had it */

    for (size_t l = 0; l < lanes; l++) {
        left[l] = dy[l];
        most[l] = y[l];
    }
    for (size_t ky = 0; ky < kernel; ky++)
        for (size_t kx = 0; kx < kernel; kx++) {
            size_t at = ky * line + kx * c;
#pragma omp simd
            for (size_t l = 0; l < lanes; l++) {
                real part = x[at + l] == most[l] ? left[l] : 0;
                dx[at + l] = part;
                left[l] -= part;
            }
        }
}

/* ---- all windows of an image ---- */

/* Of a window of x, in values: x[in], y[out]. */
struct place {
    size_t in, out;
};

static inline struct place place_of(const struct layer *layer, size_t kernel,
                                    size_t oy, size_t ox)
{
    size_t c = layer->in.channels;

    return (struct place){oy * kernel * line_of(layer) + ox * kernel * c,
                          (oy * layer->out.width + ox) * c};
}

/*
 * Windows at the start of a row of which whole vectors stay in the row: in y,
 * and so in x, where a vector of the last pixel begins a pixel further on but
 * twice as much is behind it.  For 2 x 2 windows of fewer channels than lanes.
 */
static size_t roomy_windows(const struct layer *layer)
{
    size_t c = layer->in.channels, wide = layer->out.width;

    while (wide > 0 && (wide - 1) * c + VECTOR > layer->out.width * c)
        wide--;
    return wide;
}

static inline __attribute__((always_inline)) void
window_forward(const size_t lanes, const size_t kernel,
               const struct layer *layer, const struct images *i, size_t oy,
               size_t ox)
{
    size_t c = layer->in.channels, line = line_of(layer);
    struct place at = place_of(layer, kernel, oy, ox);
    const real *x = i->x + at.in;
    real *y = i->to + at.out;

    for (size_t j = 0; j + lanes <= c; j += lanes)
        largest(lanes, x + j, line, c, kernel, y + j);
    if (c % lanes)
        largest(lanes, x + c - lanes, line, c, kernel, y + c - lanes);
}

static inline __attribute__((always_inline)) void
window_backward(const size_t lanes, const size_t kernel,
                const struct layer *layer, const struct images *i, size_t oy,
                size_t ox)
{
    size_t c = layer->in.channels, line = line_of(layer);
    struct place at = place_of(layer, kernel, oy, ox);

    for (size_t j = 0; j < c; j += lanes) {
        size_t k = j + lanes <= c ? j : c - lanes;
        largest_back(lanes, i->x + at.in + k, line, c, kernel,
                     i->y + at.out + k, i->dy + at.out + k, i->to + at.in + k);
    }
}

/* `roomy` windows of a row as whole vectors, the rest by so many lanes. */
static inline __attribute__((always_inline)) void
image_forward(const size_t lanes, const size_t kernel, size_t roomy,
              const struct layer *layer, const struct images *i)
{
    size_t c = layer->in.channels, line = line_of(layer);

    for (size_t oy = 0; oy < layer->out.height; oy++) {
        for (size_t ox = 0; ox < roomy; ox++) {
            struct place at = place_of(layer, kernel, oy, ox);
            largest(VECTOR, i->x + at.in, line, c, kernel, i->to + at.out);
        }
        for (size_t ox = roomy; ox < layer->out.width; ox++)
            window_forward(lanes, kernel, layer, i, oy, ox);
    }
}

static inline __attribute__((always_inline)) void
image_backward(const size_t lanes, const size_t kernel, size_t roomy,
               const struct layer *layer, const struct images *i)
{
    size_t c = layer->in.channels, line = line_of(layer);

    for (size_t oy = 0; oy < layer->out.height; oy++) {
        for (size_t ox = 0; ox < roomy; ox++) {
            struct place at = place_of(layer, kernel, oy, ox);
            largest_back(VECTOR, i->x + at.in, line, c, kernel, i->y + at.out,
                         i->dy + at.out, i->to + at.in);
        }
        for (size_t ox = roomy; ox < layer->out.width; ox++)
            window_backward(lanes, kernel, layer, i, oy, ox);
    }
}

/* As many lanes as there are channels for, of the windows most used: 2 x 2. */
SIMD_CLONES static void forward(const struct layer *layer,
                                const struct images *i)
{
    size_t c = layer->in.channels, kernel = kernel_of(layer);

    if (kernel == 2 && c >= VECTOR)
        image_forward(VECTOR, 2, 0, layer, i);
    else if (kernel == 2 && c >= 4)
        image_forward(4, 2, roomy_windows(layer), layer, i);
    else
        image_forward(1, kernel, 0, layer, i);
}

SIMD_CLONES static void backward(const struct layer *layer,
                                 const struct images *i)
{
    size_t c = layer->in.channels, kernel = kernel_of(layer);

    if (kernel == 2 && c >= VECTOR)
        image_backward(VECTOR, 2, 0, layer, i);
    else if (kernel == 2 && c >= 4)
        image_backward(4, 2, roomy_windows(layer), layer, i);
    else
        image_backward(1, kernel, 0, layer, i);
}

/* ---- the layer ---- */

static void max_pool_forward(struct layer *layer, const struct layer_io *io)
{
    size_t n = io->batch->n, in = shape_size(&layer->in, io->batch),
           out = shape_size(&layer->out, io->batch);

#pragma omp parallel for schedule(static) if (n * in > PARALLEL_WORK)
    for (size_t r = 0; r < n; r++)
        forward(layer,
                &(struct images){.x = io->x + r * in, .to = io->y + r * out});
    layer_clear_padded(io, io->y, out);
}

/* Pixels of x that are in no window have no gradient. */
static bool leaves_pixels(const struct layer *layer)
{
    size_t kernel = kernel_of(layer);

    return layer->in.height % kernel || layer->in.width % kernel;
}

static void max_pool_backward(struct layer *layer, const struct layer_io *io)
{
    size_t n = io->batch->n, in = shape_size(&layer->in, io->batch),
           out = shape_size(&layer->out, io->batch);

    if (!io->dx)
        return;
#pragma omp parallel for schedule(static) if (n * in > PARALLEL_WORK)
    for (size_t r = 0; r < n; r++) {
        if (leaves_pixels(layer))
            memset(io->dx + r * in, 0, in * sizeof(real));
        backward(layer, &(struct images){io->x + r * in, io->y + r * out,
                                         io->dy + r * out, io->dx + r * in});
    }
    layer_clear_padded(io, io->dx, in);
}

static const struct layer_ops max_pool_ops = {.name = "max pool",
                                              .needs_y = true,
                                              .forward = max_pool_forward,
                                              .backward = max_pool_backward};

void layer_even_max_pool(struct layer *layer, struct shape in, size_t kernel)
{
    size_t *own = mem_alloc(1, sizeof(*own));

    memset(layer, 0, sizeof(*layer));
    layer->ops = &max_pool_ops;
    layer->in = in;
    layer->out =
        conv_shape(in, in.channels, (struct conv_size){kernel, kernel, 0});
    layer->own = own;
    *own = kernel;
}
