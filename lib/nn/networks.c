#include "nn/networks.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

/* Of rows of the bag, so that training and not the start decides. */
#define BAG_DEVIATION 0.003

/* A network on its way: what comes next reads the output of `last`. */
struct builder {
    struct net *net;
    const struct hyper *h;
    struct rng *rng;
    struct shape shape; /* of that output */
    size_t last;
    size_t pixels; /* of an image that was laid flat; 1 else */
};

/* ---- one layer each ---- */

static struct layer *next_layer(struct builder *b)
{
    struct net *net = b->net;

    net->layers =
        mem_resize(net->layers, net->n_layers + 1, sizeof(*net->layers));
    return &net->layers[net->n_layers++];
}

static void joined(struct builder *b, struct layer *layer, size_t other)
{
    layer->index = b->net->n_layers - 1;
    layer->from = b->last;
    layer->other = other;
    b->last = layer->index;
    b->shape = layer->out;
    b->pixels = 1;
}

static void done(struct builder *b, struct layer *layer)
{
    joined(b, layer, LAYER_INPUT);
}

static void dense(struct builder *b, const char *name, size_t out, double gain)
{
    struct weight_init init = {(enum init)b->h->init, gain};
    struct layer *layer = next_layer(b);

    layer_dense(layer, name, b->shape, out, b->pixels, true, &init, b->rng);
    done(b, layer);
}

static void conv(struct builder *b, const char *name, size_t out,
                 struct conv_size size, bool bias, double gain)
{
    struct weight_init init = {(enum init)b->h->init, gain};
    struct layer *layer = next_layer(b);

    layer_conv(layer, name, b->shape, out, size, bias, &init, b->rng);
    done(b, layer);
}

static void max_pool(struct builder *b, struct conv_size size)
{
    struct layer *layer = next_layer(b);

    layer_max_pool(layer, b->shape, size);
    done(b, layer);
}

static void batch_norm(struct builder *b, const char *name)
{
    struct layer *layer = next_layer(b);

    layer_batch_norm(layer, name, b->shape);
    done(b, layer);
}

static void layer_norm(struct builder *b, const char *name, bool whole)
{
    struct layer *layer = next_layer(b);

    layer_layer_norm(layer, name, b->shape, whole);
    done(b, layer);
}

static void activation(struct builder *b, enum activation kind)
{
    struct layer *layer = next_layer(b);

    layer_activation(layer, kind, b->shape);
    done(b, layer);
}

static void dropout(struct builder *b)
{
    struct layer *layer;

    if (b->h->dropout <= 0)
        return;
    layer = next_layer(b);
    layer_dropout(layer, b->shape, b->h->dropout);
    done(b, layer);
}

static void residual(struct builder *b, size_t other)
{
    struct layer *layer = next_layer(b);

    layer_residual(layer, b->shape);
    joined(b, layer, other);
}

static void mean_pool(struct builder *b)
{
    struct layer *layer = next_layer(b);

    layer_mean_pool(layer, b->shape);
    done(b, layer);
}

static void position(struct builder *b)
{
    struct layer *layer = next_layer(b);

    layer_position(layer, b->shape);
    done(b, layer);
}

static void embedding(struct builder *b, size_t width)
{
    struct layer *layer = next_layer(b);

    layer_embedding(layer, "embedding", b->net->spec.input.n_tokens, width, 1,
                    b->rng);
    done(b, layer);
}

static void bag(struct builder *b, size_t width, bool add, double deviation)
{
    const struct net_input *in = &b->net->spec.input;
    struct layer *layer;

    if (!in->n_slots)
        return;
    layer = next_layer(b);
    layer_bag(layer, "bag", b->shape.channels, in->n_slots, in->n_bag_rows,
              width, add, deviation, b->rng);
    done(b, layer);
}

/* An image as one vector. */
static void flatten(struct builder *b)
{
    b->pixels = b->shape.height * b->shape.width;
    b->shape = SHAPE_VECTOR(b->pixels * b->shape.channels);
}

/* ---- several that belong together ---- */

static double gain_of(int kind)
{
    static const double gains[] = {M_SQRT2, 1.4141428569978354, 1, 1, M_SQRT2};

    return gains[kind];
}

static void norm(struct builder *b, const char *name)
{
    char full[PARAM_NAME];

    layer_name(full, name, "norm");
    if (b->h->norm == NORM_BATCH)
        batch_norm(b, full);
    if (b->h->norm == NORM_LAYER)
        layer_norm(b, full, true);
}

static void hidden_layers(struct builder *b)
{
    for (size_t i = 0; i < b->h->hidden.n; i++) {
        char name[PARAM_NAME];
        snprintf(name, sizeof(name), "hidden.%zu", i);
        dense(b, name, b->h->hidden.at[i], gain_of(b->h->activation));
        norm(b, name);
        activation(b, (enum activation)b->h->activation);
        dropout(b);
    }
}

static void output(struct builder *b)
{
    dense(b, "output", b->net->spec.n_classes, 1);
}

/* ---- the networks ---- */

/* No input at all: the bias is the logarithm of the class frequencies. */
static void build_majority(struct builder *b)
{
    struct weight_init zero = {INIT_ZERO, 1};
    struct layer *layer = next_layer(b);

    layer_dense(layer, "output", SHAPE_VECTOR(0), b->net->spec.n_classes, 1,
                true, &zero, b->rng);
    done(b, layer);
}

static void build_linear(struct builder *b)
{
    struct weight_init zero = {INIT_ZERO, 1};
    struct layer *layer = next_layer(b);

    layer_dense(layer, "output", b->shape, b->net->spec.n_classes, b->pixels,
                true, &zero, b->rng);
    done(b, layer);
    bag(b, b->net->spec.n_classes, true, 0);
}

static void build_mlp(struct builder *b)
{
    size_t pixels = b->pixels;

    bag(b, b->h->embedding, false, BAG_DEVIATION);
    b->pixels = b->net->spec.input.n_slots ? 1 : pixels;
    hidden_layers(b);
    output(b);
}

static struct conv_size lenet_conv(const struct hyper *h, size_t i)
{
    return (struct conv_size){h->kernel, 1, i == 0 ? h->kernel / 2 : 0};
}

static const struct conv_size HALVES = {2, 2, 0};

static void build_lenet(struct builder *b)
{
    for (size_t i = 0; i < b->h->filters.n; i++) {
        char name[PARAM_NAME];
        snprintf(name, sizeof(name), "conv.%zu", i);
        conv(b, name, b->h->filters.at[i], lenet_conv(b->h, i), true,
             gain_of(b->h->activation));
        norm(b, name);
        activation(b, (enum activation)b->h->activation);
        max_pool(b, HALVES);
    }
    flatten(b);
    hidden_layers(b);
    output(b);
}

/* ---- residual networks ---- */

static void conv_norm(struct builder *b, const char *block, const char *which,
                      const char *norm_name, size_t out, size_t kernel,
                      size_t stride)
{
    char name[PARAM_NAME];

    layer_name(name, block, which);
    conv(b, name, out, (struct conv_size){kernel, stride, kernel / 2}, false,
         M_SQRT2);
    layer_name(name, block, norm_name);
    batch_norm(b, name);
}

/* The shortcut around a block: a projection where the shape changes. */
static size_t shortcut(struct builder *b, const char *block, size_t from,
                       struct shape in, size_t out, size_t stride)
{
    size_t last = b->last, end;
    struct shape shape = b->shape;

    if (stride == 1 && in.channels == out)
        return from;
    b->last = from;
    b->shape = in;
    conv_norm(b, block, "downsample.0", "downsample.1", out, 1, stride);
    end = b->last;
    b->last = last;
    b->shape = shape;
    return end;
}

static void basic_block(struct builder *b, const char *name, size_t width,
                        size_t stride)
{
    size_t from = b->last, other;
    struct shape in = b->shape;

    conv_norm(b, name, "conv1", "bn1", width, 3, stride);
    activation(b, ACTIVATION_RELU);
    conv_norm(b, name, "conv2", "bn2", width, 3, 1);
    other = shortcut(b, name, from, in, width, stride);
    residual(b, other);
    activation(b, ACTIVATION_RELU);
}

/* Four times as wide at its ends; the stride is in the 3x3 convolution. */
static void bottleneck(struct builder *b, const char *name, size_t width,
                       size_t stride)
{
    size_t from = b->last, other;
    struct shape in = b->shape;

    conv_norm(b, name, "conv1", "bn1", width, 1, 1);
    activation(b, ACTIVATION_RELU);
    conv_norm(b, name, "conv2", "bn2", width, 3, stride);
    activation(b, ACTIVATION_RELU);
    conv_norm(b, name, "conv3", "bn3", 4 * width, 1, 1);
    other = shortcut(b, name, from, in, 4 * width, stride);
    residual(b, other);
    activation(b, ACTIVATION_RELU);
}

static void stage(struct builder *b, size_t number, size_t blocks, size_t width,
                  void (*block)(struct builder *, const char *, size_t, size_t))
{
    for (size_t i = 0; i < blocks; i++) {
        char name[PARAM_NAME];
        snprintf(name, sizeof(name), "layer%zu.%zu", number, i);
        block(b, name, width, i == 0 && number > 1 ? 2 : 1);
    }
}

static void build_small_resnet(struct builder *b)
{
    size_t blocks = (b->h->depth - 2) / 6;

    for (size_t i = 0; i < 3; i++)
        stage(b, i + 1, blocks, (size_t)16 << i, basic_block);
}

static void build_large_resnet(struct builder *b)
{
    static const size_t deep[4] = {3, 4, 6, 3}, shallow[4] = {2, 2, 2, 2};
    const size_t *blocks = b->h->depth == 18 ? shallow : deep;

    max_pool(b, (struct conv_size){3, 2, 1});
    for (size_t i = 0; i < 4; i++)
        stage(b, i + 1, blocks[i], (size_t)64 << i,
              b->h->depth == 50 ? bottleneck : basic_block);
}

static bool is_large_resnet(const struct hyper *h)
{
    return h->depth == 18 || h->depth == 34 || h->depth == 50;
}

static void build_resnet(struct builder *b)
{
    bool large = is_large_resnet(b->h);
    struct conv_size stem = large ? (struct conv_size){7, 2, 3}
                                  : (struct conv_size){3, 1, 1};

    conv(b, "conv1", large ? 64 : 16, stem, false, M_SQRT2);
    batch_norm(b, "bn1");
    activation(b, ACTIVATION_RELU);
    if (large)
        build_large_resnet(b);
    else
        build_small_resnet(b);
    mean_pool(b);
    dropout(b);
    dense(b, "fc", b->net->spec.n_classes, 1);
}

/* ---- sequences ---- */

static void build_lstm(struct builder *b)
{
    struct weight_init init = {(enum init)b->h->init, 1};
    struct layer *layer;

    if (b->net->spec.input.n_tokens)
        embedding(b, b->h->embedding);
    for (size_t i = 0; i < b->h->layers; i++) {
        layer = next_layer(b);
        layer_lstm(layer, "lstm", i, b->shape, b->h->hidden.at[0], &init,
                   b->rng);
        done(b, layer);
        if (i + 1 < b->h->layers)
            dropout(b);
    }
    layer = next_layer(b);
    layer_last_step(layer, b->shape);
    done(b, layer);
    dropout(b);
    output(b);
}

static void self_attention(struct builder *b, const char *name)
{
    char full[PARAM_NAME];
    struct layer *layer;

    layer_name(full, name, "self_attn.in_proj_");
    dense(b, full, 3 * b->h->width, 1);
    layer = next_layer(b);
    layer_attention(layer, b->h->width, b->h->heads, b->h->dropout);
    done(b, layer);
    layer_name(full, name, "self_attn.out_proj");
    dense(b, full, b->h->width, 1);
}

static void feed_forward(struct builder *b, const char *name)
{
    char full[PARAM_NAME];

    layer_name(full, name, "linear1");
    dense(b, full, 4 * b->h->width, gain_of(b->h->activation));
    activation(b, (enum activation)b->h->activation);
    dropout(b);
    layer_name(full, name, "linear2");
    dense(b, full, b->h->width, 1);
}

/* x = norm(x + part(x)), twice. */
static void encoder_layer(struct builder *b, size_t number)
{
    static void (*const parts[2])(struct builder *, const char *) = {
        self_attention, feed_forward};
    char name[64], full[PARAM_NAME];

    snprintf(name, sizeof(name), "encoder.layers.%zu", number);
    for (int i = 0; i < 2; i++) {
        size_t before = b->last;
        parts[i](b, name);
        dropout(b);
        residual(b, before);
        layer_name(full, name, i == 0 ? "norm1" : "norm2");
        layer_norm(b, full, false);
    }
}

static void build_attention(struct builder *b)
{
    struct layer *layer;

    if (b->net->spec.input.n_tokens)
        embedding(b, b->h->width);
    else
        dense(b, "input", b->h->width, 1);
    position(b);
    dropout(b);
    for (size_t i = 0; i < b->h->layers; i++)
        encoder_layer(b, i);
    layer = next_layer(b);
    layer_mean_steps(layer, b->shape);
    done(b, layer);
    output(b);
}

/* ---- building and checking ---- */

static struct shape input_shape(const struct net_spec *s)
{
    const struct net_input *in = &s->input;
    enum net_kind net = s->hyper.net;

    if (net == NET_LENET || net == NET_RESNET)
        return SHAPE_IMAGE(in->height, in->width, in->channels);
    if (net == NET_LSTM || net == NET_ATTENTION)
        return SHAPE_STEPS(in->n_step);
    return SHAPE_VECTOR(in->n_dense);
}

void network_build(struct net *net, struct rng *rng)
{
    static void (*const build[NET_KINDS])(struct builder *) = {
        build_majority, build_linear, build_mlp,      build_lenet,
        build_resnet,   build_lstm,   build_attention};
    const struct net_input *in = &net->spec.input;
    struct builder b = {.net = net,
                        .h = &net->spec.hyper,
                        .rng = rng,
                        .shape = input_shape(&net->spec),
                        .last = LAYER_INPUT,
                        .pixels = in->height ? in->height * in->width : 1};

    build[net->spec.hyper.net](&b);
}

static int check_input(const struct net_spec *s, struct err *err)
{
    enum net_kind net = s->hyper.net;
    const char *name = net_kind_name(net);
    bool sequence = s->input.n_step || s->input.n_tokens;

    if ((net == NET_LENET || net == NET_RESNET) && !s->input.height)
        return err_set(err, ERR_USAGE,
                       "--net %s reads images: --shape HxWxC says how the "
                       "columns make one",
                       name);
    if ((net == NET_LSTM || net == NET_ATTENTION) && !sequence)
        return err_set(err, ERR_USAGE,
                       "--net %s reads sequences: text, a column of type "
                       "sequence, or --shape STEPSxVALUES",
                       name);
    if (net != NET_LSTM && net != NET_ATTENTION && sequence)
        return err_set(err, ERR_USAGE,
                       "--net %s does not read sequences: lstm and attention "
                       "do",
                       name);
    return 0;
}

/* The image through convolutions and maxima, which it must survive. */
static int check_lenet(const struct net_spec *s, struct err *err)
{
    struct shape at = input_shape(s);

    for (size_t i = 0; i < s->hyper.filters.n; i++) {
        struct conv_size size = lenet_conv(&s->hyper, i);
        size_t least = at.height < at.width ? at.height : at.width;
        if (least + 2 * size.padding < size.kernel + 1)
            return err_set(err, ERR_USAGE,
                           "--kernel %zu: an image of %zux%zu is %zux%zu at "
                           "convolution %zu, too small (smaller --kernel, or "
                           "fewer --filters)",
                           size.kernel, s->input.height, s->input.width,
                           at.height, at.width, i + 1);
        at = conv_shape(at, s->hyper.filters.at[i], size);
        at = conv_shape(at, at.channels, HALVES);
    }
    return 0;
}

static int check_resnet(const struct net_spec *s, struct err *err)
{
    const struct hyper *h = &s->hyper;

    if (!is_large_resnet(h) && (h->depth < 8 || (h->depth - 2) % 6 != 0))
        return err_set(err, ERR_USAGE,
                       "--depth %zu: resnet has 20, 32, 44, 56, 110 (6n + 2) "
                       "layers for small images, 18, 34 or 50 for large ones",
                       h->depth);
    return 0;
}

int network_check(const struct net_spec *s, struct err *err)
{
    const struct hyper *h = &s->hyper;

    if (check_input(s, err) != 0)
        return -1;
    if (h->net == NET_LENET)
        return check_lenet(s, err);
    if (h->net == NET_RESNET)
        return check_resnet(s, err);
    if (h->net == NET_LSTM && h->hidden.n != 1)
        return err_set(err, ERR_USAGE,
                       "--hidden: lstm takes one width (--layers stacks "
                       "layers of it)");
    if (h->net == NET_ATTENTION && h->width % h->heads != 0)
        return err_set(err, ERR_USAGE,
                       "--heads %zu does not divide --width %zu", h->heads,
                       h->width);
    return 0;
}
