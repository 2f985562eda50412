/*
 * conv: for each row, y = G W + b, where G holds the windows of its image, one
 * a row, [pixels of y][kernel x kernel x channels] (im2col); dW = sum of
 * G^T dy over rows, db = sum of dy, and dx adds up dy W^T window by window.
 *
 * G is made in bands of image rows that stay in the cache.  How bands are cut
 * depends on the layer only, so that a row's bits do not depend on the batch.
 */
#include <assert.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "nn/layer.h"
#include "nn/product.h"

enum {
    PARALLEL_WORK = 1 << 19,
    BAND_VALUES = 1 << 18, /* of G at a time, at most */
    SHARDS = 8,
    LARGE_WEIGHT = 1 << 16, /* more values: fewer shards, the kernel is cut */
    LARGE_SHARDS = 2,
    LINE = 16 /* values; keeps what threads write apart */
};

/*
 * Invariants: band rows of y are computed at a time.  scratch is [threads]
 * [band_values], shards is [n_shards - 1][weight], bias_sums [SHARDS][out].
 */
struct conv {
    struct conv_size size;
    size_t band, bands, band_values;
    bool direct; /* G is x itself */
    real *scratch, *shards;
    size_t threads, n_shards;
    double *bias_sums;
};

struct shape conv_shape(struct shape in, size_t out, struct conv_size size)
{
    assert(in.height + 2 * size.padding >= size.kernel &&
           in.width + 2 * size.padding >= size.kernel);
    return SHAPE_IMAGE(
        (in.height + 2 * size.padding - size.kernel) / size.stride + 1,
        (in.width + 2 * size.padding - size.kernel) / size.stride + 1, out);
}

static size_t pixels_of(const struct shape *shape)
{
    return shape->height * shape->width;
}

static size_t size_of(const struct shape *shape)
{
    return pixels_of(shape) * shape->channels;
}

static bool is_large(const struct layer *layer, const struct layer_io *io)
{
    return io->batch->n * pixels_of(&layer->out) *
               param_size(&layer->params[0]) >
           PARALLEL_WORK;
}

/* The scratch of each thread that a region started here would have. */
static void make_scratch(struct conv *s)
{
    size_t threads = (size_t)omp_get_max_threads();

    if (s->direct || threads <= s->threads)
        return;
    free(s->scratch);
    s->scratch = mem_aligned(threads * s->band_values, sizeof(real));
    s->threads = threads;
}

static real *own_scratch(const struct conv *s)
{
    return s->direct
               ? NULL
               : s->scratch + (size_t)omp_get_thread_num() * s->band_values;
}

/* ---- windows ---- */

/* The pixels of one row of a window that lie inside of the image. */
struct span {
    size_t left, right; /* of the window's: [left, right) */
    size_t at;          /* in x, of pixel `left` */
};

static struct span span_of(const struct layer *layer, size_t oy, size_t ox,
                           size_t ky)
{
    const struct conv_size *size = &((const struct conv *)layer->own)->size;
    size_t y = oy * size->stride + ky, x = ox * size->stride, /* padded */
        top = size->padding, height = layer->in.height, width = layer->in.width,
           left = x < top ? top - x : 0, right = width + top - x;

    right = right < size->kernel ? right : size->kernel;
    if (y < top || y >= top + height || x >= width + top || left >= right)
        return (struct span){0, 0, 0};
    return (struct span){
        left, right, ((y - top) * width + x + left - top) * layer->in.channels};
}

/* A part of G: rows [oy, oy_end) of y, rows [ky, ky_end) of the kernel. */
struct part {
    size_t oy, oy_end, ky, ky_end;
};

static struct part part_of(const struct layer *layer, size_t band)
{
    const struct conv *s = layer->own;
    size_t from = band * s->band, to = from + s->band;

    return (struct part){from, to < layer->out.height ? to : layer->out.height,
                         0, s->size.kernel};
}

static size_t part_pixels(const struct layer *layer, const struct part *part)
{
    return (part->oy_end - part->oy) * layer->out.width;
}

/* Fills g[pixels of the part][rows of the kernel x kernel x channels]. */
static void gather(const struct layer *layer, const struct part *part,
                   const real *x, real *g)
{
    const struct conv *s = layer->own;
    size_t c = layer->in.channels, n = s->size.kernel * c;

    for (size_t oy = part->oy; oy < part->oy_end; oy++)
        for (size_t ox = 0; ox < layer->out.width; ox++)
            for (size_t ky = part->ky; ky < part->ky_end; ky++, g += n) {
                struct span in = span_of(layer, oy, ox, ky);
                size_t from = in.left * c, to = in.right * c;
                if (to - from < n)
                    memset(g, 0, n * sizeof(real));
                if (from < to)
                    memcpy(g + from, x + in.at, (to - from) * sizeof(real));
            }
}

/* The reverse: adds the windows in g to dx. */
static void scatter(const struct layer *layer, const struct part *part,
                    const real *g, real *dx)
{
    const struct conv *s = layer->own;
    size_t c = layer->in.channels, n = s->size.kernel * c;

    for (size_t oy = part->oy; oy < part->oy_end; oy++)
        for (size_t ox = 0; ox < layer->out.width; ox++)
            for (size_t ky = part->ky; ky < part->ky_end; ky++, g += n) {
                struct span in = span_of(layer, oy, ox, ky);
                const real *from = g + in.left * c;
#pragma omp simd
                for (size_t i = 0; i < (in.right - in.left) * c; i++)
                    dx[in.at + i] += from[i];
            }
}

/* The part of G, in scratch or where it stands already. */
static const real *windows(const struct layer *layer, const struct part *part,
                           const real *x, real *scratch)
{
    const struct conv *s = layer->own;

    if (s->direct)
        return x + part->oy * layer->in.width * layer->in.channels;
    gather(layer, part, x, scratch);
    return scratch;
}

/* ---- forward ---- */

static void add_bias(const struct layer *layer, real *y, size_t pixels)
{
    const real *bias = layer->params[1].value;
    size_t out = layer->out.channels;

    for (size_t p = 0; p < pixels && layer->n_params == 2; p++)
#pragma omp simd
        for (size_t j = 0; j < out; j++)
            y[p * out + j] += bias[j];
}

static void band_forward(const struct layer *layer, const real *x, real *y,
                         size_t band, real *scratch)
{
    const struct param *w = &layer->params[0];
    struct part part = part_of(layer, band);
    size_t out = layer->out.channels, pixels = part_pixels(layer, &part);
    const real *g = windows(layer, &part, x, scratch);

    y += part.oy * layer->out.width * out;
    product_one(false, false, pixels, out, w->rows, g, w->rows, w->value, out,
                0, y, out);
    add_bias(layer, y, pixels);
}

static void conv_forward(struct layer *layer, const struct layer_io *io)
{
    struct conv *s = layer->own;
    size_t n = io->batch->n, in = size_of(&layer->in),
           out = size_of(&layer->out);

    make_scratch(s);
#pragma omp parallel for schedule(static) if (is_large(layer, io))
    for (size_t i = 0; i < n * s->bands; i++) {
        size_t r = i / s->bands;
        band_forward(layer, io->x + r * in, io->y + r * out, i % s->bands,
                     own_scratch(s));
    }
    memset(io->y + n * out, 0, (io->batch->padded - n) * out * sizeof(real));
}

/* ---- backward: parameters ---- */

static void make_shards(const struct layer *layer, size_t shards)
{
    struct conv *s = layer->own;

    if (shards <= s->n_shards)
        return;
    free(s->shards);
    s->shards =
        mem_aligned((shards - 1) * param_size(&layer->params[0]), sizeof(real));
    s->n_shards = shards;
}

/* Shard 0 is the gradient itself. */
static real *shard_of(const struct layer *layer, size_t shard)
{
    const struct conv *s = layer->own;
    const struct param *w = &layer->params[0];

    return shard ? s->shards + (shard - 1) * param_size(w) : w->grad;
}

/* The gradient of `rows` rows of the kernel, over the rows of a shard. */
static void shard_weight(const struct layer *layer, const struct layer_io *io,
                         size_t shard, size_t shards, size_t ky, size_t rows)
{
    const struct conv *s = layer->own;
    size_t out = layer->out.channels, row = s->size.kernel * layer->in.channels,
           n = rows * row, begin, end;
    real *dw = shard_of(layer, shard) + ky * row * out;
    real *scratch = own_scratch(s);

    parallel_piece(io->batch->n, (int)shards, (int)shard, &begin, &end);
    for (size_t i = begin * s->bands; i < end * s->bands; i++) {
        const real *x = io->x + i / s->bands * size_of(&layer->in);
        const real *dy = io->dy + i / s->bands * size_of(&layer->out);
        struct part part = part_of(layer, i % s->bands);
        part.ky = ky;
        part.ky_end = ky + rows;
        product_one(true, false, n, out, part_pixels(layer, &part),
                    windows(layer, &part, x, scratch), n,
                    dy + part.oy * layer->out.width * out, out,
                    i > begin * s->bands, dw, out);
    }
}

static void add_shards(const struct layer *layer, size_t shards)
{
    const struct conv *s = layer->own;
    const real *from = s->shards;
    real *to = layer->params[0].grad;
    size_t n = param_size(&layer->params[0]), out = layer->out.channels;

#pragma omp parallel for schedule(static) if (n * shards > PARALLEL_WORK)
    for (size_t i = 0; i < n; i += out)
        for (size_t k = 1; k < shards; k++)
#pragma omp simd
            for (size_t j = i; j < i + out; j++)
                to[j] += from[(k - 1) * n + j];
}

static void weight_gradient(struct layer *layer, const struct layer_io *io)
{
    const struct conv *s = layer->own;
    struct param *w = &layer->params[0];
    bool large = param_size(w) > LARGE_WEIGHT;
    size_t n = io->batch->n, most = large ? LARGE_SHARDS : SHARDS,
           shards = n < most ? n : most, pieces = large ? s->size.kernel : 1,
           rows = s->size.kernel / pieces;

    if (large && s->direct) {
        product_weight(w->grad, io->x, io->dy, n * pixels_of(&layer->out),
                       w->rows, w->cols);
        return;
    }
    make_shards(layer, shards);
#pragma omp parallel for schedule(static) if (is_large(layer, io))
    for (size_t i = 0; i < shards * pieces; i++)
        shard_weight(layer, io, i / pieces, shards, i % pieces * rows, rows);
    add_shards(layer, shards);
}

static void add_rows(const struct layer *layer, const real *dy, size_t begin,
                     size_t end, double *sum)
{
    size_t out = layer->out.channels, pixels = pixels_of(&layer->out);

    memset(sum, 0, out * sizeof(*sum));
    for (size_t p = begin * pixels; p < end * pixels; p++)
#pragma omp simd
        for (size_t j = 0; j < out; j++)
            sum[j] += (double)dy[p * out + j];
}

static void bias_gradient(struct layer *layer, const struct layer_io *io)
{
    const struct conv *s = layer->own;
    size_t out = layer->out.channels;

#pragma omp parallel for schedule(static) if (is_large(layer, io))
    for (int k = 0; k < SHARDS; k++) {
        size_t begin, end;
        parallel_piece(io->batch->n, SHARDS, k, &begin, &end);
        add_rows(layer, io->dy, begin, end, s->bias_sums + (size_t)k * out);
    }
    for (size_t j = 0; j < out; j++) {
        double sum = 0;
        for (size_t k = 0; k < SHARDS; k++)
            sum += s->bias_sums[k * out + j];
        layer->params[1].grad[j] = (real)sum;
    }
}

/* ---- backward: input ---- */

static void row_input(const struct layer *layer, const real *dy, real *dx,
                      real *scratch)
{
    const struct conv *s = layer->own;
    const struct param *w = &layer->params[0];
    size_t out = layer->out.channels;

    memset(dx, 0, size_of(&layer->in) * sizeof(real));
    for (size_t band = 0; band < s->bands; band++) {
        struct part part = part_of(layer, band);
        size_t pixels = part_pixels(layer, &part),
               at = part.oy * layer->out.width;
        real *g = s->direct ? dx + at * w->rows : scratch;
        product_one(false, true, pixels, w->rows, out, dy + at * out, out,
                    w->value, out, 0, g, w->rows);
        if (!s->direct)
            scatter(layer, &part, g, dx);
    }
}

static void input_gradient(struct layer *layer, const struct layer_io *io)
{
    size_t n = io->batch->n, in = size_of(&layer->in),
           out = size_of(&layer->out);

#pragma omp parallel for schedule(static) if (is_large(layer, io))
    for (size_t r = 0; r < n; r++)
        row_input(layer, io->dy + r * out, io->dx + r * in,
                  own_scratch(layer->own));
    memset(io->dx + n * in, 0, (io->batch->padded - n) * in * sizeof(real));
}

static void conv_backward(struct layer *layer, const struct layer_io *io)
{
    make_scratch(layer->own);
    if (!layer->params[0].fixed)
        weight_gradient(layer, io);
    if (layer->n_params == 2 && !layer->params[1].fixed)
        bias_gradient(layer, io);
    if (io->dx)
        input_gradient(layer, io);
}

/* ---- the layer ---- */

static void conv_release(struct layer *layer)
{
    struct conv *s = layer->own;

    free(s->scratch);
    free(s->shards);
    free(s->bias_sums);
    free(s);
}

static const struct layer_ops conv_ops = {.name = "convolution",
                                          .forward = conv_forward,
                                          .backward = conv_backward,
                                          .release = conv_release};

/* As many rows of y at a time as the cache has room for. */
static struct conv *new_conv(const struct layer *layer, struct conv_size size)
{
    struct conv *s = mem_zalloc(1, sizeof(*s));
    size_t row = layer->out.width * size.kernel * size.kernel *
                 layer->in.channels,
           rows = row < BAND_VALUES ? BAND_VALUES / row : 1;

    s->size = size;
    s->direct = size.kernel == 1 && size.stride == 1 && size.padding == 0;
    s->band = rows < layer->out.height ? rows : layer->out.height;
    s->bands = (layer->out.height + s->band - 1) / s->band;
    s->band_values = (s->band * row + LINE - 1) / LINE * LINE;
    s->bias_sums = mem_aligned(SHARDS * layer->out.channels, sizeof(double));
    return s;
}

void layer_conv(struct layer *layer, const char *name, struct shape in,
                size_t out, struct conv_size size, bool bias,
                const struct weight_init *init, struct rng *rng)
{
    struct param *weight = &layer->params[0];
    size_t pixels = size.kernel * size.kernel, rows = pixels * in.channels;
    char full[PARAM_NAME];

    memset(layer, 0, sizeof(*layer));
    layer->ops = &conv_ops;
    layer->in = in;
    layer->out = conv_shape(in, out, size);
    layer->n_params = bias ? 2 : 1;
    layer->own = new_conv(layer, size);
    layer_name(full, name, "weight");
    param_init(weight, full, PARAM_CONV, rows, out);
    weight->pixels = pixels;
    initialise(weight->value, rows, out, out, rows, pixels * out, init, rng);
    layer_name(full, name, "bias");
    if (bias)
        param_init(&layer->params[1], full, PARAM_VECTOR, 1, out);
}
