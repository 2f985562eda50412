#include "nn/networks.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "nn/builder.h"

/* Of rows of the bag, so that training and not the start decides. */
#define BAG_DEVIATION 0.003

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
        add_batch_norm(b, full);
    if (b->h->norm == NORM_LAYER)
        add_layer_norm(b, full, true);
}

static void hidden_layers(struct builder *b)
{
    for (size_t i = 0; i < b->h->hidden.n; i++) {
        char name[PARAM_NAME];
        snprintf(name, sizeof(name), "hidden.%zu", i);
        add_dense(b, name, b->h->hidden.at[i], gain_of(b->h->activation));
        norm(b, name);
        add_activation(b, (enum activation)b->h->activation);
        add_dropout(b);
    }
}

static void output(struct builder *b)
{
    add_dense(b, "output", b->net->spec.n_classes, 1);
}

/* ---- the networks ---- */

/* No input at all: the bias is the logarithm of the class frequencies. */
static void build_majority(struct builder *b)
{
    b->shape = SHAPE_VECTOR(0);
    b->pixels = 1;
    add_zero_dense(b, "output", b->net->spec.n_classes);
}

static void build_linear(struct builder *b)
{
    add_zero_dense(b, "output", b->net->spec.n_classes);
    add_bag(b, b->net->spec.n_classes, true, 0);
}

static void build_mlp(struct builder *b)
{
    size_t pixels = b->pixels;

    add_bag(b, b->h->embedding, false, BAG_DEVIATION);
    b->pixels = b->net->spec.input.n_slots ? 1 : pixels;
    hidden_layers(b);
    output(b);
}

static struct conv_size lenet_conv(const struct hyper *h, size_t i)
{
    return (struct conv_size){h->kernel, 1, i == 0 ? h->kernel / 2 : 0};
}

static const struct conv_size HALVES = {2, 2, 0};

/*
 * The activation of the largest value is the largest activation, and so many
 * times cheaper; gelu alone also falls.
 */
static void activation_and_pool(struct builder *b)
{
    enum activation kind = (enum activation)b->h->activation;

    if (kind == ACTIVATION_GELU)
        add_activation(b, kind);
    add_max_pool(b, HALVES);
    if (kind != ACTIVATION_GELU)
        add_activation(b, kind);
}

static void build_lenet(struct builder *b)
{
    for (size_t i = 0; i < b->h->filters.n; i++) {
        char name[PARAM_NAME];
        snprintf(name, sizeof(name), "conv.%zu", i);
        add_conv(b, name, b->h->filters.at[i], lenet_conv(b->h, i), true,
                 gain_of(b->h->activation));
        norm(b, name);
        activation_and_pool(b);
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
    add_conv(b, name, out, (struct conv_size){kernel, stride, kernel / 2},
             false, M_SQRT2);
    layer_name(name, block, norm_name);
    add_batch_norm(b, name);
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
    add_activation(b, ACTIVATION_RELU);
    conv_norm(b, name, "conv2", "bn2", width, 3, 1);
    other = shortcut(b, name, from, in, width, stride);
    add_residual(b, other);
    add_activation(b, ACTIVATION_RELU);
}

/* Four times as wide at its ends; the stride is in the 3x3 convolution. */
static void bottleneck(struct builder *b, const char *name, size_t width,
                       size_t stride)
{
    size_t from = b->last, other;
    struct shape in = b->shape;

    conv_norm(b, name, "conv1", "bn1", width, 1, 1);
    add_activation(b, ACTIVATION_RELU);
    conv_norm(b, name, "conv2", "bn2", width, 3, stride);
    add_activation(b, ACTIVATION_RELU);
    conv_norm(b, name, "conv3", "bn3", 4 * width, 1, 1);
    other = shortcut(b, name, from, in, 4 * width, stride);
    add_residual(b, other);
    add_activation(b, ACTIVATION_RELU);
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

    add_max_pool(b, (struct conv_size){3, 2, 1});
    for (size_t i = 0; i < 4; i++)
        stage(b, i + 1, blocks[i], (size_t)64 << i,
              b->h->depth == 50 ? bottleneck : basic_block);
}

bool network_is_torchvisions(const struct hyper *h)
{
    return h->net == NET_RESNET &&
           (h->depth == 18 || h->depth == 34 || h->depth == 50);
}

static void build_resnet(struct builder *b)
{
    bool large = network_is_torchvisions(b->h);
    struct conv_size stem = large ? (struct conv_size){7, 2, 3}
                                  : (struct conv_size){3, 1, 1};

    add_conv(b, "conv1", large ? 64 : 16, stem, false, M_SQRT2);
    add_batch_norm(b, "bn1");
    add_activation(b, ACTIVATION_RELU);
    if (large)
        build_large_resnet(b);
    else
        build_small_resnet(b);
    add_mean_pool(b);
    add_dropout(b);
    add_dense(b, "fc", b->net->spec.n_classes, 1);
}

/* ---- sequences ---- */

static void build_lstm(struct builder *b)
{
    if (b->net->spec.input.n_tokens)
        add_embedding(b, b->h->embedding);
    for (size_t i = 0; i < b->h->layers; i++) {
        add_lstm(b, "lstm", i, b->h->hidden.at[0]);
        if (i + 1 < b->h->layers)
            add_dropout(b);
    }
    add_last_step(b);
    add_dropout(b);
    output(b);
}

static void self_attention(struct builder *b, const char *name)
{
    char full[PARAM_NAME];

    layer_name(full, name, "self_attn.in_proj_");
    add_dense(b, full, 3 * b->h->width, 1);
    add_attention(b);
    layer_name(full, name, "self_attn.out_proj");
    add_dense(b, full, b->h->width, 1);
}

static void feed_forward(struct builder *b, const char *name)
{
    char full[PARAM_NAME];

    layer_name(full, name, "linear1");
    add_dense(b, full, 4 * b->h->width, gain_of(b->h->activation));
    add_activation(b, (enum activation)b->h->activation);
    add_dropout(b);
    layer_name(full, name, "linear2");
    add_dense(b, full, b->h->width, 1);
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
        add_dropout(b);
        add_residual(b, before);
        layer_name(full, name, i == 0 ? "norm1" : "norm2");
        add_layer_norm(b, full, false);
    }
}

static void build_attention(struct builder *b)
{
    if (b->net->spec.input.n_tokens)
        add_embedding(b, b->h->width);
    else
        add_dense(b, "input", b->h->width, 1);
    add_position(b);
    add_dropout(b);
    for (size_t i = 0; i < b->h->layers; i++)
        encoder_layer(b, i);
    add_mean_steps(b);
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
    if (net != NET_LSTM && net != NET_ATTENTION && net != NET_MAJORITY &&
        sequence)
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

    if (!network_is_torchvisions(h) &&
        (h->depth < 8 || (h->depth - 2) % 6 != 0))
        return err_set(err, ERR_USAGE,
                       "--depth %zu: resnet has 20, 32, 44, 56, 110 (6n + 2) "
                       "layers for small images, 18, 34 or 50 for large ones",
                       h->depth);
    return 0;
}

/* What a network's rows do not have cannot be changed. */
static int check_augmentation(const struct net_spec *s, struct err *err)
{
    const struct hyper *h = &s->hyper;
    const struct net_input *in = &s->input;
    bool picture = h->shift || h->cutout || h->flip || h->rotate > 0;

    if (picture && !in->height)
        return err_set(err, ERR_USAGE,
                       "--%s is for images: --shape HxWxC says how the columns "
                       "make one",
                       h->shift    ? "shift"
                       : h->flip   ? "flip"
                       : h->cutout ? "cutout"
                                   : "rotate");
    if (h->noise > 0 && !in->n_dense && !in->n_step)
        return err_set(err, ERR_USAGE, "--noise: no input is a number");
    if (h->mixup > 0 && (in->n_tokens || in->n_slots))
        return err_set(err, ERR_USAGE,
                       "--mixup: text and large categories cannot be mixed");
    if (h->token_drop > 0 && !in->n_tokens && !in->n_slots)
        return err_set(err, ERR_USAGE, "--token-drop: no input is text");
    return 0;
}

int network_check(const struct net_spec *s, struct err *err)
{
    const struct hyper *h = &s->hyper;

    if (check_input(s, err) != 0 || check_augmentation(s, err) != 0)
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
