/*
 * conv: convolutions of a batch, some images at a time (convolve.h).
 *
 * A tile of images goes through one kernel on one thread; how many are in one
 * depends on the layer only, so that a row's bits do not depend on the batch.
 * The gradient of the weights is the sum of a few shards, each of tiles that
 * follow each other, added in order.
 */
#include <assert.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "nn/convolve.h"
#include "nn/fold.h"
#include "nn/layer.h"
#include "nn/passes.h"
#include "nn/room.h"

enum {
    PARALLEL_WORK = 1 << 19,
    TILE_WORK = 1 << 22, /* multiply-adds worth a call */
    MOST_TILE = 8,
    WEIGHT_TILES = 5, /* of 1, 2, 4, 8, 16 images */
    SHARDS = 8,
    LARGE_WEIGHT = 1 << 18, /* more values: fewer shards */
    LARGE_SHARDS = 4
};

/*
 * Kernels are compiled when they are first needed.  room has a part for each
 * thread, parts has the shards of the gradient, packed, and behind them those
 * of the bias.
 */
struct conv {
    struct convolve_shape shape; /* of no images */
    bool folded;                 /* the kernels are of fold_shape */
    real *pairs, *pair_bias;     /* room for what is over pairs */
    size_t tile;
    struct convolve *forward, *input, *weight[WEIGHT_TILES];
    struct room packed, room, parts;
};

struct shape conv_shape(struct shape in, size_t out, struct conv_size size)
{
    assert(in.height + 2 * size.padding >= size.kernel &&
           in.width + 2 * size.padding >= size.kernel);
    return SHAPE_IMAGE(
        (in.height + 2 * size.padding - size.kernel) / size.stride + 1,
        (in.width + 2 * size.padding - size.kernel) / size.stride + 1, out);
}

static size_t size_of(const struct shape *shape)
{
    return shape->height * shape->width * shape->channels;
}

/* Multiply-adds of one image. */
static size_t work_of(const struct layer *layer)
{
    return layer->out.height * layer->out.width * param_size(&layer->params[0]);
}

static bool is_large(const struct layer *layer, const struct layer_io *io)
{
    return io->batch->n * work_of(layer) > PARALLEL_WORK;
}

/* ---- kernels and room ---- */

static struct convolve *kernel_of(const struct layer *layer, size_t images,
                                  enum convolve_pass pass,
                                  struct convolve **kept)
{
    const struct conv *s = layer->own;
    struct convolve_shape shape = s->folded ? fold_shape(&s->shape) : s->shape;

    shape.images = images;
    if (!*kept)
        *kept = convolve_new(&shape, pass);
    return *kept;
}

/* `each` values for each thread that a region started here would have. */
static void make_room(struct conv *s, size_t each)
{
    room_take(&s->room, (size_t)omp_get_max_threads() * room_lines(each));
}

static real *own_room(const struct conv *s, size_t each)
{
    return s->room.at + (size_t)omp_get_thread_num() * room_lines(each);
}

/* The weights as a kernel wants them. */
static const real *pack(const struct layer *layer, const struct convolve *c)
{
    struct conv *s = layer->own;
    const real *w = layer->params[0].value;
    real *packed = room_take(&s->packed, convolve_packed(c));

    if (s->folded) {
        fold_weights(&s->shape, s->pairs, w);
        w = s->pairs;
    }
    convolve_pack(c, packed, w);
    return packed;
}

static const real *bias_of(const struct layer *layer)
{
    const struct conv *s = layer->own;
    const real *bias = layer->params[1].value;

    if (!s->folded || !bias)
        return bias;
    fold_bias(&s->shape, s->pair_bias, bias);
    return s->pair_bias;
}

/* The gradients, of those that a kernel made. */
static void unpack(struct layer *layer, const struct convolve *c,
                   const real *packed)
{
    struct conv *s = layer->own;
    struct param *weight = &layer->params[0], *bias = weight + 1;
    const real *bias_sum = packed + convolve_packed(c);
    bool learns = layer->n_params == 2 && !bias->fixed;

    if (!weight->fixed)
        convolve_unpack(c, s->folded ? s->pairs : weight->grad, packed);
    if (!weight->fixed && s->folded)
        fold_back(&s->shape, weight->grad, s->pairs);
    if (learns && s->folded)
        fold_bias_back(&s->shape, bias->grad, bias_sum);
    else if (learns)
        memcpy(bias->grad, bias_sum, bias->cols * sizeof(real));
}

static void clear_padded(const struct layer_io *io, real *to, size_t size)
{
    size_t n = io->batch->n;

    memset(to + n * size, 0, (io->batch->padded - n) * size * sizeof(real));
}

/* ---- forward, and the gradient of the input ---- */

static void conv_forward(struct layer *layer, const struct layer_io *io)
{
    struct conv *s = layer->own;
    const struct convolve *c =
        kernel_of(layer, s->tile, CONVOLVE_FORWARD, &s->forward);
    size_t in = size_of(&layer->in), out = size_of(&layer->out),
           room = convolve_room(c);
    const real *packed = pack(layer, c), *bias = bias_of(layer);

    make_room(s, room);
#pragma omp parallel for schedule(static) if (is_large(layer, io))
    for (size_t r = 0; r < io->batch->n; r += s->tile)
        convolve_forward(c, io->y + r * out, io->x + r * in, packed, bias,
                         own_room(s, room));
    clear_padded(io, io->y, out);
}

/* Of one tile of `size` values; `more` has room for them and the kernel's. */
static void tile_input(const struct convolve *c, const struct layer_io *io,
                       real *dx, const real *dy, const real *packed,
                       size_t size, real *more)
{
    if (!io->add_dx) {
        convolve_input(c, dx, dy, packed, more);
        return;
    }
    convolve_input(c, more, dy, packed, more + room_lines(size));
    pass_add(dx, dx, more, size);
}

static void input_gradient(struct layer *layer, const struct layer_io *io)
{
    struct conv *s = layer->own;
    const struct convolve *c =
        kernel_of(layer, s->tile, CONVOLVE_INPUT, &s->input);
    size_t in = size_of(&layer->in), out = size_of(&layer->out),
           size = s->tile * in, room = room_lines(size) + convolve_room(c);
    const real *packed = pack(layer, c);

    make_room(s, room);
#pragma omp parallel for schedule(static) if (is_large(layer, io))
    for (size_t r = 0; r < io->batch->n; r += s->tile)
        tile_input(c, io, io->dx + r * in, io->dy + r * out, packed, size,
                   own_room(s, room));
    clear_padded(io, io->dx, in);
}

/* ---- the gradient of the parameters ---- */

/* How the rows of a batch are cut: tiles of 1 << level, shards of tiles. */
struct cut {
    size_t level, tiles, shards;
};

static struct cut cut_of(const struct layer *layer, const struct batch *batch)
{
    bool large = param_size(&layer->params[0]) > LARGE_WEIGHT;
    struct cut cut = {.shards = large ? LARGE_SHARDS : SHARDS};

    while (cut.level + 1 < WEIGHT_TILES &&
           (size_t)2 << cut.level <= batch->padded / cut.shards)
        cut.level++;
    cut.tiles = batch->padded >> cut.level;
    return cut;
}

/* A shard's weights and bias: `size` values; `more` has room for as many. */
static void shard_gradient(const struct layer *layer, const struct layer_io *io,
                           const struct convolve *c, const struct cut *cut,
                           size_t shard, size_t size, real *more)
{
    const struct conv *s = layer->own;
    size_t begin, end, packed = convolve_packed(c);
    real *sum = s->parts.at + shard * size, *room = more + size;

    parallel_piece(cut->tiles, (int)cut->shards, (int)shard, &begin, &end);
    for (size_t t = begin; t < end; t++) {
        size_t r = t << cut->level;
        real *to = t == begin ? sum : more;
        convolve_weight(c, to, to + packed, io->x + r * size_of(&layer->in),
                        io->dy + r * size_of(&layer->out), room);
        if (t > begin)
            pass_add(sum, sum, more, size);
    }
}

/* Adds all shards to the first. */
static void add_shards(const struct conv *s, size_t shards, size_t size)
{
    size_t pieces = size / SHARDS / ROOM_LINE + 1;

#pragma omp parallel for schedule(static) if (size * shards > PARALLEL_WORK)
    for (size_t p = 0; p < pieces; p++) {
        size_t begin, end;
        parallel_piece(size, (int)pieces, (int)p, &begin, &end);
        for (size_t k = 1; k < shards; k++)
            pass_add(s->parts.at + begin, s->parts.at + begin,
                     s->parts.at + k * size + begin, end - begin);
    }
}

static void parameter_gradient(struct layer *layer, const struct layer_io *io)
{
    struct conv *s = layer->own;
    struct cut cut = cut_of(layer, io->batch);
    const struct convolve *c = kernel_of(
        layer, (size_t)1 << cut.level, CONVOLVE_WEIGHT, &s->weight[cut.level]);
    size_t packed = convolve_packed(c),
           size = room_lines(packed + 2 * layer->out.channels),
           room = size + convolve_room(c);

    make_room(s, room);
    room_take(&s->parts, cut.shards * size);
#pragma omp parallel for schedule(static) if (is_large(layer, io))
    for (size_t k = 0; k < cut.shards; k++)
        shard_gradient(layer, io, c, &cut, k, size, own_room(s, room));
    add_shards(s, cut.shards, size);
    unpack(layer, c, s->parts.at);
}

static void conv_backward(struct layer *layer, const struct layer_io *io)
{
    if (!layer->params[0].fixed ||
        (layer->n_params == 2 && !layer->params[1].fixed))
        parameter_gradient(layer, io);
    if (io->dx)
        input_gradient(layer, io);
}

/* ---- the layer ---- */

static void conv_release(struct layer *layer)
{
    struct conv *s = layer->own;

    convolve_free(s->forward);
    convolve_free(s->input);
    for (size_t i = 0; i < WEIGHT_TILES; i++)
        convolve_free(s->weight[i]);
    free(s->pairs);
    free(s->pair_bias);
    room_release(&s->packed);
    room_release(&s->room);
    room_release(&s->parts);
    free(s);
}

static const struct layer_ops conv_ops = {.name = "convolution",
                                          .adds = true,
                                          .forward = conv_forward,
                                          .backward = conv_backward,
                                          .release = conv_release};

static void set_shape(struct layer *layer, struct conv_size size)
{
    struct conv *s = layer->own;
    size_t pairs;

    s->shape = (struct convolve_shape){.height = layer->in.height,
                                       .width = layer->in.width,
                                       .channels = layer->in.channels,
                                       .out_height = layer->out.height,
                                       .out_width = layer->out.width,
                                       .out_channels = layer->out.channels,
                                       .kernel_height = size.kernel,
                                       .kernel_width = size.kernel,
                                       .stride = size.stride,
                                       .top = size.padding,
                                       .left = size.padding,
                                       .bias = layer->n_params == 2};
    s->folded = fold_wanted(&s->shape);
    if (!s->folded)
        return;
    pairs = size.kernel * (size.kernel / 2 + 1) * 4;
    s->pairs = mem_aligned(pairs * layer->in.channels * layer->out.channels,
                           sizeof(real));
    s->pair_bias = mem_aligned(2 * layer->out.channels, sizeof(real));
}

void layer_conv(struct layer *layer, const char *name, struct shape in,
                size_t out, struct conv_size size, bool bias,
                const struct weight_init *init, struct rng *rng)
{
    struct param *weight = &layer->params[0];
    struct conv *s = mem_zalloc(1, sizeof(*s));
    size_t pixels = size.kernel * size.kernel, rows = pixels * in.channels;
    char full[PARAM_NAME];

    memset(layer, 0, sizeof(*layer));
    layer->ops = &conv_ops;
    layer->own = s;
    layer->in = in;
    layer->out = conv_shape(in, out, size);
    layer->n_params = bias ? 2 : 1;
    layer_name(full, name, "weight");
    param_init(weight, full, PARAM_CONV, rows, out);
    weight->pixels = pixels;
    initialise(weight->value, rows, out, out, rows, pixels * out, init, rng);
    layer_name(full, name, "bias");
    if (bias)
        param_init(&layer->params[1], full, PARAM_VECTOR, 1, out);
    set_shape(layer, size);
    s->tile = 1;
    while (s->tile < MOST_TILE && s->tile * work_of(layer) < TILE_WORK)
        s->tile *= 2;
}
