/*
 * pool: the largest value, or the mean, of each window of an image.  The
 * first of equal largest values has the gradient.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/simd.h"
#include "nn/layer.h"

enum {
    PARALLEL_WORK = 1 << 18,
    CHANNELS = 64 /* at a time, on the stack */
};

/* Pixels [top, bottom) x [left, right) of x, never none. */
struct window {
    size_t top, bottom, left, right;
};

/*
 * What is done for some channels of one window: x and dx point at the first of
 * them in a row's pixel 0, y and dy in the window's own.  backward adds to dx.
 */
struct pool {
    size_t height, width, stride, padding; /* of the window */
    void (*forward)(const struct layer *layer, const struct window *window,
                    size_t channels, const real *x, real *y);
    void (*backward)(const struct layer *layer, const struct window *window,
                     size_t channels, const real *x, const real *y,
                     const real *dy, real *dx);
};

/* ---- windows ---- */

static size_t pixel(const struct layer *layer, size_t y, size_t x)
{
    return (y * layer->in.width + x) * layer->in.channels;
}

/* `length` places from `at` on, of which `padding` are before the image. */
static void clip(size_t at, size_t length, size_t padding, size_t size,
                 size_t *from, size_t *to)
{
    *from = at < padding ? 0 : at - padding;
    *to = at + length - padding < size ? at + length - padding : size;
}

static struct window window_of(const struct layer *layer, size_t oy, size_t ox)
{
    const struct pool *s = layer->own;
    struct window w;

    clip(oy * s->stride, s->height, s->padding, layer->in.height, &w.top,
         &w.bottom);
    clip(ox * s->stride, s->width, s->padding, layer->in.width, &w.left,
         &w.right);
    return w;
}

/* ---- the largest value ---- */

/* A NaN is larger than everything, so that it is not lost. */
SIMD_CLONES static void largest(const struct layer *layer,
                                const struct window *w, size_t channels,
                                const real *x, real *y)
{
    memcpy(y, x + pixel(layer, w->top, w->left), channels * sizeof(real));
    for (size_t iy = w->top; iy < w->bottom; iy++)
        for (size_t ix = w->left; ix < w->right; ix++) {
            const real *from = x + pixel(layer, iy, ix);
#pragma omp simd
            for (size_t j = 0; j < channels; j++)
                y[j] = from[j] > y[j] || isnan(from[j]) ? from[j] : y[j];
        }
}

SIMD_CLONES static void largest_back(const struct layer *layer,
                                     const struct window *w, size_t channels,
                                     const real *x, const real *y,
                                     const real *dy, real *dx)
{
    real left[CHANNELS]; /* zero from the pixel on that had it */

    memcpy(left, dy, channels * sizeof(real));
    for (size_t iy = w->top; iy < w->bottom; iy++)
        for (size_t ix = w->left; ix < w->right; ix++) {
            const real *from = x + pixel(layer, iy, ix);
            real *to = dx + pixel(layer, iy, ix);
#pragma omp simd
            for (size_t j = 0; j < channels; j++) {
                real part = from[j] == y[j] ? left[j] : 0;
                to[j] += part;
                left[j] -= part;
            }
        }
}

/* ---- the mean ---- */

static size_t window_pixels(const struct window *w)
{
    return (w->bottom - w->top) * (w->right - w->left);
}

SIMD_CLONES static void mean(const struct layer *layer, const struct window *w,
                             size_t channels, const real *x, real *y)
{
    double sum[CHANNELS] = {0}, n = (double)window_pixels(w);

    for (size_t iy = w->top; iy < w->bottom; iy++)
        for (size_t ix = w->left; ix < w->right; ix++) {
            const real *from = x + pixel(layer, iy, ix);
#pragma omp simd
            for (size_t j = 0; j < channels; j++)
                sum[j] += (double)from[j];
        }
    for (size_t j = 0; j < channels; j++)
        y[j] = (real)(sum[j] / n);
}

SIMD_CLONES static void mean_back(const struct layer *layer,
                                  const struct window *w, size_t channels,
                                  const real *x, const real *y, const real *dy,
                                  real *dx)
{
    real part[CHANNELS], n = (real)window_pixels(w);

    (void)x;
    (void)y;
    for (size_t j = 0; j < channels; j++)
        part[j] = dy[j] / n;
    for (size_t iy = w->top; iy < w->bottom; iy++)
        for (size_t ix = w->left; ix < w->right; ix++) {
            real *to = dx + pixel(layer, iy, ix);
#pragma omp simd
            for (size_t j = 0; j < channels; j++)
                to[j] += part[j];
        }
}

/* ---- rows ---- */

/* Some channels of one window of y, and where they stand in x and y. */
struct place {
    struct window window;
    size_t channels, x, y;
};

static struct place place_of(const struct layer *layer, size_t i)
{
    size_t all = layer->out.channels, parts = (all + CHANNELS - 1) / CHANNELS,
           from = i % parts * CHANNELS, o = i / parts;

    return (struct place){
        window_of(layer, o / layer->out.width, o % layer->out.width),
        all - from < CHANNELS ? all - from : CHANNELS, from, o * all + from};
}

static size_t count_places(const struct layer *layer)
{
    return layer->out.height * layer->out.width *
           ((layer->out.channels + CHANNELS - 1) / CHANNELS);
}

static void row_forward(const struct layer *layer, const real *x, real *y)
{
    const struct pool *s = layer->own;
    size_t n = count_places(layer);

    for (size_t i = 0; i < n; i++) {
        struct place p = place_of(layer, i);
        s->forward(layer, &p.window, p.channels, x + p.x, y + p.y);
    }
}

static void row_backward(const struct layer *layer, const struct layer_io *io,
                         size_t in, size_t out, real *dx)
{
    const struct pool *s = layer->own;
    size_t n = count_places(layer);

    for (size_t i = 0; i < n; i++) {
        struct place p = place_of(layer, i);
        s->backward(layer, &p.window, p.channels, io->x + in + p.x,
                    io->y + out + p.y, io->dy + out + p.y, dx + p.x);
    }
}

static void pool_forward(struct layer *layer, const struct layer_io *io)
{
    size_t n = io->batch->n, in = shape_size(&layer->in, io->batch),
           out = shape_size(&layer->out, io->batch);

#pragma omp parallel for schedule(static) if (n * in > PARALLEL_WORK)
    for (size_t r = 0; r < n; r++)
        row_forward(layer, io->x + r * in, io->y + r * out);
    layer_clear_padded(io, io->y, out);
}

static void pool_backward(struct layer *layer, const struct layer_io *io)
{
    size_t n = io->batch->n, in = shape_size(&layer->in, io->batch),
           out = shape_size(&layer->out, io->batch);

    if (!io->dx)
        return;
    memset(io->dx, 0, io->batch->padded * in * sizeof(real));
#pragma omp parallel for schedule(static) if (n * in > PARALLEL_WORK)
    for (size_t r = 0; r < n; r++)
        row_backward(layer, io, r * in, r * out, io->dx + r * in);
}

/* ---- the layers ---- */

static const struct layer_ops max_ops = {.name = "max pool",
                                         .needs_y = true,
                                         .forward = pool_forward,
                                         .backward = pool_backward};
static const struct layer_ops average_ops = {
    .name = "average pool", .forward = pool_forward, .backward = pool_backward};
static const struct layer_ops mean_ops = {
    .name = "mean pool", .forward = pool_forward, .backward = pool_backward};

static void init(struct layer *layer, const struct layer_ops *ops,
                 struct shape in, struct shape out, struct pool pool)
{
    struct pool *own = mem_alloc(1, sizeof(*own));

    assert(pool.padding < pool.height && pool.padding < pool.width);
    *own = pool;
    memset(layer, 0, sizeof(*layer));
    layer->ops = ops;
    layer->in = in;
    layer->out = out;
    layer->own = own;
}

void layer_max_pool(struct layer *layer, struct shape in, struct conv_size size)
{
    if (size.kernel == size.stride && size.padding == 0) {
        layer_even_max_pool(layer, in, size.kernel);
        return;
    }
    init(layer, &max_ops, in, conv_shape(in, in.channels, size),
         (struct pool){size.kernel, size.kernel, size.stride, size.padding,
                       largest, largest_back});
}

void layer_average_pool(struct layer *layer, struct shape in,
                        struct conv_size size)
{
    init(layer, &average_ops, in, conv_shape(in, in.channels, size),
         (struct pool){size.kernel, size.kernel, size.stride, size.padding,
                       mean, mean_back});
}

void layer_mean_pool(struct layer *layer, struct shape in)
{
    init(layer, &mean_ops, in, SHAPE_VECTOR(in.channels),
         (struct pool){in.height, in.width, 1, 0, mean, mean_back});
}
