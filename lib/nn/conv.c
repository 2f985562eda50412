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
    struct convolve_shape shape = s->shape;

    shape.images = images;
    if (!*kept)
        *kept = convolve_new(&shape, pass);
    return *kept;
}

/* `each` values for each thread that a region started here would have. */
static void make_room(struct conv *s, size_t each)
{
    room_take(&s->room, (size_t)omp_get_max_threads() * in_lanes(each));
}

static real *own_room(const struct conv *s, size_t each)
{
    return s->room.at + (size_t)omp_get_thread_num() * in_lanes(each);
}

/* The weights as a kernel wants them. */
static const real *pack(const struct layer *layer, const struct convolve *c)
{
    struct conv *s = layer->own;
    real *packed = room_take(&s->packed, convolve_packed(c));

    convolve_pack(c, packed, layer->params[0].value);
    return packed;
}

/* The gradients, of those that a kernel made. */
static void unpack(struct layer *layer, const struct convolve *c,
                   const real *packed)
{
    struct param *weight = &layer->params[0], *bias = weight + 1;

    if (!weight->fixed)
        convolve_unpack(c, weight->grad, packed);
    if (layer->n_params == 2 && !bias->fixed)
        memcpy(bias->grad, packed + convolve_packed(c),
               bias->cols * sizeof(real));
}

/* ---- forward ---- */

static void conv_forward(struct layer *layer, const struct layer_io *io)
{
    struct conv *s = layer->own;
    const struct convolve *c =
        kernel_of(layer, s->tile, CONVOLVE_FORWARD, &s->forward);
    size_t in = size_of(&layer->in), out = size_of(&layer->out),
           room = convolve_room(c);
    const real *packed = pack(layer, c), *bias = layer->params[1].value;

    make_room(s, room);
#pragma omp parallel for schedule(static) if (is_large(layer, io))
    for (size_t r = 0; r < io->batch->n; r += s->tile)
        convolve_forward(c, io->y + r * out, io->x + r * in, packed, bias,
                         own_room(s, room));
    layer_clear_padded(io, io->y, out);
}

/* ---- backward ---- */

/*
 * The kernels of a backward pass, NULL for what nobody needs.  The rows of a
 * batch are cut into tiles of 1 << level for the weights' gradient, and those
 * into shards.  `together`: a tile's gradients follow each other, so that dy
 * is read once.
 */
struct back {
    const struct convolve *weight, *input;
    const real *packed; /* of input */
    size_t level, tiles, shards;
    size_t size; /* values of a shard: weights and bias */
    size_t room; /* of a thread */
    bool together;
};

static void cut_rows(struct back *b, const struct layer *layer,
                     const struct batch *batch)
{
    bool large = param_size(&layer->params[0]) > LARGE_WEIGHT;

    b->shards = batch->shard ? 1 : large ? LARGE_SHARDS : SHARDS;
    while (b->level + 1 < WEIGHT_TILES &&
           (size_t)2 << b->level <= batch->padded / b->shards)
        b->level++;
    b->tiles = batch->padded >> b->level;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static struct back prepare(struct layer *layer, const struct layer_io *io)
{
    struct conv *s = layer->own;
    bool learns = !layer->params[0].fixed ||
                  (layer->n_params == 2 && !layer->params[1].fixed);
    struct back b = {0};

    cut_rows(&b, layer, io->batch);
    if (learns) {
        b.weight = kernel_of(layer, (size_t)1 << b.level, CONVOLVE_WEIGHT,
                             &s->weight[b.level]);
        b.size = in_lanes(convolve_packed(b.weight) + layer->out.channels);
        b.room = b.size + convolve_room(b.weight);
        room_take(&s->parts, b.shards * b.size);
    }
    if (io->dx) {
        b.input = kernel_of(layer, s->tile, CONVOLVE_INPUT, &s->input);
        b.packed = pack(layer, b.input);
        b.room = larger(b.room, in_lanes(s->tile * size_of(&layer->in)) +
                                    convolve_room(b.input));
    }
    b.together = learns && io->dx && ((size_t)1 << b.level) % s->tile == 0;
    make_room(s, b.room);
    return b;
}

/* dx of rows [begin, end), as far as there are any, in tiles. */
static void rows_input(const struct layer *layer, const struct layer_io *io,
                       const struct back *b, size_t begin, size_t end,
                       real *room)
{
    size_t tile = ((const struct conv *)layer->own)->tile,
           in = size_of(&layer->in), out = size_of(&layer->out);

    for (size_t r = begin; r < end && r < io->batch->n; r += tile) {
        real *dx = io->dx + r * in;
        const real *dy = io->dy + r * out;
        if (io->add_dx) {
            convolve_input(b->input, room, dy, b->packed,
                           room + in_lanes(tile * in));
            pass_add(dx, dx, room, tile * in);
        } else {
            convolve_input(b->input, dx, dy, b->packed, room);
        }
    }
}

/* A shard's gradient of weights and bias, and dx of its rows if together. */
static void shard_gradient(const struct layer *layer, const struct layer_io *io,
                           const struct back *b, size_t shard, real *room)
{
    const struct conv *s = layer->own;
    size_t begin, end, packed = convolve_packed(b->weight);
    real *sum = s->parts.at + shard * b->size;

    parallel_piece(b->tiles, (int)b->shards, (int)shard, &begin, &end);
    for (size_t t = begin; t < end; t++) {
        size_t r = t << b->level;
        real *to = t == begin ? sum : room;
        convolve_weight(b->weight, to, to + packed,
                        io->x + r * size_of(&layer->in),
                        io->dy + r * size_of(&layer->out), room + b->size);
        if (t > begin)
            pass_add(sum, sum, room, b->size);
        if (b->together)
            rows_input(layer, io, b, r, (t + 1) << b->level, room);
    }
}

static void conv_backward(struct layer *layer, const struct layer_io *io)
{
    struct conv *s = layer->own;
    struct back b = prepare(layer, io);

    if (b.weight) {
#pragma omp parallel for schedule(static) if (is_large(layer, io))
        for (size_t k = 0; k < b.shards; k++)
            shard_gradient(layer, io, &b, k, own_room(s, b.room));
        pass_add_parts(s->parts.at, b.shards, b.size);
        unpack(layer, b.weight, s->parts.at);
    }
    if (b.input && !b.together) {
#pragma omp parallel for schedule(static) if (is_large(layer, io))
        for (size_t r = 0; r < io->batch->n; r += s->tile)
            rows_input(layer, io, &b, r, r + s->tile, own_room(s, b.room));
    }
    if (io->dx)
        layer_clear_padded(io, io->dx, size_of(&layer->in));
}

/* ---- the layer ---- */

static void conv_release(struct layer *layer)
{
    struct conv *s = layer->own;

    convolve_free(s->forward);
    convolve_free(s->input);
    for (size_t i = 0; i < WEIGHT_TILES; i++)
        convolve_free(s->weight[i]);
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
