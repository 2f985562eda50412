#include "nn/wide.h"

#ifndef NN_DOUBLE

#include <omp.h>
#include <oneapi/dnnl/dnnl.h>
#include <stdlib.h>
#include <threads.h>

#include "base/mem.h"

enum { IMAGE_RANK = 4, MOST_ARGS = 5 };

struct wide {
    dnnl_primitive_t kernel, pack, unpack;
    dnnl_memory_desc_t x, y, packed, plain, bias, room;
};

/* One engine for all, and a stream of it for each thread, as long as it is. */
static once_flag engine_made = ONCE_FLAG_INIT;
static dnnl_engine_t engine;
static tss_t streams;

/*
 * What can fail is memory, in a request that nobody saw; anything else would
 * be a shape that layer.h rules out.
 */
static void must(dnnl_status_t status)
{
    if (status != dnnl_success)
        mem_exhausted();
}

static void free_stream(void *stream)
{
    dnnl_stream_destroy(stream);
}

static void make_engine(void)
{
    must(dnnl_engine_create(&engine, dnnl_cpu, 0));
    if (tss_create(&streams, free_stream) != thrd_success)
        mem_exhausted();
}

static dnnl_stream_t own_stream(void)
{
    dnnl_stream_t stream = tss_get(streams);

    if (!stream) {
        must(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags));
        if (tss_set(streams, stream) != thrd_success)
            mem_exhausted();
    }
    return stream;
}

/* ---- descriptions ---- */

static dnnl_memory_desc_t images_desc(size_t n, size_t channels, size_t height,
                                      size_t width)
{
    dnnl_dims_t dims = {(dnnl_dim_t)n, (dnnl_dim_t)channels, (dnnl_dim_t)height,
                        (dnnl_dim_t)width};
    dnnl_memory_desc_t desc;

    must(dnnl_memory_desc_init_by_tag(&desc, IMAGE_RANK, dims, dnnl_f32,
                                      dnnl_nhwc));
    return desc;
}

static dnnl_memory_desc_t weight_desc(const struct convolve_shape *s,
                                      dnnl_format_tag_t order)
{
    dnnl_dims_t dims = {(dnnl_dim_t)s->out_channels, (dnnl_dim_t)s->channels,
                        (dnnl_dim_t)s->kernel_height,
                        (dnnl_dim_t)s->kernel_width};
    dnnl_memory_desc_t desc;

    must(
        dnnl_memory_desc_init_by_tag(&desc, IMAGE_RANK, dims, dnnl_f32, order));
    return desc;
}

static dnnl_memory_desc_t bias_desc(const struct convolve_shape *s)
{
    dnnl_dims_t dims = {(dnnl_dim_t)s->out_channels};
    dnnl_memory_desc_t desc = {0};

    if (s->bias)
        must(dnnl_memory_desc_init_by_tag(&desc, 1, dims, dnnl_f32, dnnl_x));
    return desc;
}

/* ---- kernels ---- */

/* Padding below or to the right: what the last window needs. */
static dnnl_dim_t padding_behind(size_t in, size_t out, size_t kernel,
                                 size_t stride, size_t before)
{
    size_t end = (out - 1) * stride + kernel;

    return end > in + before ? (dnnl_dim_t)(end - in - before) : 0;
}

static void describe(const struct wide *c, const struct convolve_shape *s,
                     enum convolve_pass pass, dnnl_convolution_desc_t *desc)
{
    dnnl_memory_desc_t any = weight_desc(s, dnnl_format_tag_any);
    const dnnl_memory_desc_t *bias = s->bias ? &c->bias : NULL;
    dnnl_dims_t stride = {(dnnl_dim_t)s->stride, (dnnl_dim_t)s->stride},
                before = {(dnnl_dim_t)s->top, (dnnl_dim_t)s->left},
                behind = {padding_behind(s->height, s->out_height,
                                         s->kernel_height, s->stride, s->top),
                          padding_behind(s->width, s->out_width,
                                         s->kernel_width, s->stride, s->left)};
    const dnnl_alg_kind_t how = dnnl_convolution_direct;

    if (pass == CONVOLVE_FORWARD)
        must(dnnl_convolution_forward_desc_init(desc, dnnl_forward_training,
                                                how, &c->x, &any, bias, &c->y,
                                                stride, before, behind));
    else if (pass == CONVOLVE_INPUT)
        must(dnnl_convolution_backward_data_desc_init(
            desc, how, &c->x, &any, &c->y, stride, before, behind));
    else
        must(dnnl_convolution_backward_weights_desc_init(
            desc, how, &c->x, &any, bias, &c->y, stride, before, behind));
}

/* The backward kernels are chosen with a forward one as a hint. */
static dnnl_primitive_desc_t choose(const struct wide *c,
                                    const struct convolve_shape *s,
                                    enum convolve_pass pass,
                                    const_dnnl_primitive_desc_t hint)
{
    dnnl_convolution_desc_t desc;
    dnnl_primitive_attr_t attr;
    dnnl_primitive_desc_t chosen;

    describe(c, s, pass, &desc);
    must(dnnl_primitive_attr_create(&attr));
    must(dnnl_primitive_attr_set_scratchpad_mode(attr,
                                                 dnnl_scratchpad_mode_user));
    must(dnnl_primitive_desc_create(&chosen, &desc, attr, engine, hint));
    dnnl_primitive_attr_destroy(attr);
    return chosen;
}

static dnnl_primitive_t reorder(const dnnl_memory_desc_t *from,
                                const dnnl_memory_desc_t *to)
{
    dnnl_primitive_desc_t desc;
    dnnl_primitive_t primitive;

    must(dnnl_reorder_primitive_desc_create(&desc, from, engine, to, engine,
                                            NULL));
    must(dnnl_primitive_create(&primitive, desc));
    dnnl_primitive_desc_destroy(desc);
    return primitive;
}

static void compile(struct wide *c, const struct convolve_shape *s,
                    enum convolve_pass pass)
{
    dnnl_primitive_desc_t hint = choose(c, s, CONVOLVE_FORWARD, NULL),
                          desc = pass == CONVOLVE_FORWARD
                                     ? hint
                                     : choose(c, s, pass, hint);

    must(dnnl_primitive_create(&c->kernel, desc));
    c->packed = *dnnl_primitive_desc_query_md(desc,
                                              pass == CONVOLVE_WEIGHT
                                                  ? dnnl_query_diff_weights_md
                                                  : dnnl_query_weights_md,
                                              0);
    c->room = *dnnl_primitive_desc_query_md(desc, dnnl_query_scratchpad_md, 0);
    if (desc != hint)
        dnnl_primitive_desc_destroy(desc);
    dnnl_primitive_desc_destroy(hint);
}

/* Kernels are compiled and run with one thread, always. */
struct wide *wide_new(const struct convolve_shape *s, enum convolve_pass pass)
{
    struct wide *c = mem_zalloc(1, sizeof(*c));
    int threads = omp_get_max_threads();

    call_once(&engine_made, make_engine);
    omp_set_num_threads(1);
    c->x = images_desc(s->images, s->channels, s->height, s->width);
    c->y = images_desc(s->images, s->out_channels, s->out_height, s->out_width);
    c->plain = weight_desc(s, dnnl_hwio);
    c->bias = bias_desc(s);
    compile(c, s, pass);
    c->pack = reorder(&c->plain, &c->packed);
    c->unpack = reorder(&c->packed, &c->plain);
    omp_set_num_threads(threads);
    return c;
}

void wide_free(struct wide *c)
{
    if (!c)
        return;
    dnnl_primitive_destroy(c->kernel);
    dnnl_primitive_destroy(c->pack);
    dnnl_primitive_destroy(c->unpack);
    free(c);
}

static size_t values_of(const dnnl_memory_desc_t *desc)
{
    return (dnnl_memory_desc_get_size(desc) + sizeof(real) - 1) / sizeof(real);
}

size_t wide_packed(const struct wide *c)
{
    return values_of(&c->packed);
}

size_t wide_room(const struct wide *c)
{
    return values_of(&c->room);
}

/* ---- running them ---- */

struct arg {
    int name;
    const dnnl_memory_desc_t *desc;
    const void *data;
};

static void run(dnnl_primitive_t primitive, const struct arg *args, int n)
{
    dnnl_exec_arg_t own[MOST_ARGS];
    int threads = omp_get_max_threads();

    omp_set_num_threads(1);
    for (int i = 0; i < n; i++) {
        own[i].arg = args[i].name;
        must(dnnl_memory_create(&own[i].memory, args[i].desc, engine,
                                (void *)args[i].data));
    }
    must(dnnl_primitive_execute(primitive, own_stream(), n, own));
    for (int i = 0; i < n; i++)
        dnnl_memory_destroy(own[i].memory);
    omp_set_num_threads(threads);
}

void wide_pack(const struct wide *c, real *packed, const real *w)
{
    run(c->pack,
        (struct arg[]){{DNNL_ARG_FROM, &c->plain, w},
                       {DNNL_ARG_TO, &c->packed, packed}},
        2);
}

void wide_unpack(const struct wide *c, real *w, const real *packed)
{
    run(c->unpack,
        (struct arg[]){{DNNL_ARG_FROM, &c->packed, packed},
                       {DNNL_ARG_TO, &c->plain, w}},
        2);
}

void wide_forward(const struct wide *c, real *y, const real *x,
                  const real *packed, const real *bias, real *room)
{
    run(c->kernel,
        (struct arg[]){{DNNL_ARG_SRC, &c->x, x},
                       {DNNL_ARG_WEIGHTS, &c->packed, packed},
                       {DNNL_ARG_DST, &c->y, y},
                       {DNNL_ARG_SCRATCHPAD, &c->room, room},
                       {DNNL_ARG_BIAS, &c->bias, bias}},
        c->bias.ndims ? 5 : 4);
}

void wide_input(const struct wide *c, real *dx, const real *dy,
                const real *packed, real *room)
{
    run(c->kernel,
        (struct arg[]){{DNNL_ARG_DIFF_SRC, &c->x, dx},
                       {DNNL_ARG_WEIGHTS, &c->packed, packed},
                       {DNNL_ARG_DIFF_DST, &c->y, dy},
                       {DNNL_ARG_SCRATCHPAD, &c->room, room}},
        4);
}

void wide_weight(const struct wide *c, real *packed, real *bias, const real *x,
                 const real *dy, real *room)
{
    run(c->kernel,
        (struct arg[]){{DNNL_ARG_SRC, &c->x, x},
                       {DNNL_ARG_DIFF_WEIGHTS, &c->packed, packed},
                       {DNNL_ARG_DIFF_DST, &c->y, dy},
                       {DNNL_ARG_SCRATCHPAD, &c->room, room},
                       {DNNL_ARG_DIFF_BIAS, &c->bias, bias}},
        c->bias.ndims ? 5 : 4);
}

#else /* NN_DOUBLE: every product of a value and a weight, one by one */

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct wide {
    struct convolve_shape shape;
};

struct wide *wide_new(const struct convolve_shape *s, enum convolve_pass pass)
{
    struct wide *c = mem_alloc(1, sizeof(*c));

    (void)pass;
    c->shape = *s;
    return c;
}

void wide_free(struct wide *c)
{
    free(c);
}

size_t wide_packed(const struct wide *c)
{
    return c->shape.kernel_height * c->shape.kernel_width * c->shape.channels *
           c->shape.out_channels;
}

size_t wide_room(const struct wide *c)
{
    (void)c;
    return 0;
}

void wide_pack(const struct wide *c, real *packed, const real *w)
{
    memcpy(packed, w, wide_packed(c) * sizeof(*w));
}

void wide_unpack(const struct wide *c, real *w, const real *packed)
{
    memcpy(w, packed, wide_packed(c) * sizeof(*w));
}

/* Calls f for the places in x, w (of its first channels) and y that meet. */
static void meet(const struct convolve_shape *s,
                 void (*f)(const struct convolve_shape *s, size_t x, size_t w,
                           size_t y, void *context),
                 void *context)
{
    size_t windows = s->out_height * s->out_width, wide = s->kernel_width,
           taps = s->kernel_height * wide;

    for (size_t i = 0; i < s->images * windows * taps; i++) {
        size_t y = i / taps, tap = i % taps, at = y % windows,
               iy = at / s->out_width * s->stride + tap / wide - s->top,
               ix = at % s->out_width * s->stride + tap % wide - s->left;
        if (iy < s->height && ix < s->width) /* unsigned: not below 0 either */
            f(s, ((y / windows * s->height + iy) * s->width + ix) * s->channels,
              tap * s->channels * s->out_channels, y * s->out_channels,
              context);
    }
}

struct tensors {
    real *x, *w, *y;
    enum convolve_pass into;
};

static void add_products(const struct convolve_shape *s, size_t x, size_t w,
                         size_t y, void *context)
{
    struct tensors *t = context;

    for (size_t i = 0; i < s->channels; i++)
        for (size_t o = 0; o < s->out_channels; o++) {
            real *xi = &t->x[x + i], *wi = &t->w[w + i * s->out_channels + o],
                 *yi = &t->y[y + o];
            if (t->into == CONVOLVE_FORWARD)
                *yi += *xi * *wi;
            else if (t->into == CONVOLVE_INPUT)
                *xi += *yi * *wi;
            else
                *wi += *xi * *yi;
        }
}

static size_t x_size(const struct convolve_shape *s)
{
    return s->images * s->height * s->width * s->channels;
}

static size_t y_pixels(const struct convolve_shape *s)
{
    return s->images * s->out_height * s->out_width;
}

void wide_forward(const struct wide *c, real *y, const real *x,
                  const real *packed, const real *bias, real *room)
{
    const struct convolve_shape *s = &c->shape;
    struct tensors t = {(real *)x, (real *)packed, y, CONVOLVE_FORWARD};

    (void)room;
    for (size_t i = 0; i < y_pixels(s) * s->out_channels; i++)
        y[i] = s->bias ? bias[i % s->out_channels] : 0;
    meet(s, add_products, &t);
}

void wide_input(const struct wide *c, real *dx, const real *dy,
                const real *packed, real *room)
{
    struct tensors t = {dx, (real *)packed, (real *)dy, CONVOLVE_INPUT};

    (void)room;
    memset(dx, 0, x_size(&c->shape) * sizeof(*dx));
    meet(&c->shape, add_products, &t);
}

void wide_weight(const struct wide *c, real *packed, real *bias, const real *x,
                 const real *dy, real *room)
{
    const struct convolve_shape *s = &c->shape;
    struct tensors t = {(real *)x, packed, (real *)dy, CONVOLVE_WEIGHT};

    (void)room;
    memset(packed, 0, wide_packed(c) * sizeof(*packed));
    meet(s, add_products, &t);
    if (!s->bias)
        return;
    memset(bias, 0, s->out_channels * sizeof(*bias));
    for (size_t i = 0; i < y_pixels(s) * s->out_channels; i++)
        bias[i % s->out_channels] += dy[i];
}

#endif
