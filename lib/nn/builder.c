#include "nn/builder.h"

#include "base/mem.h"

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

void add_dense(struct builder *b, const char *name, size_t out, double gain)
{
    struct weight_init init = {(enum init)b->h->init, gain};
    struct layer *layer = next_layer(b);

    layer_dense(layer, name, b->shape, out, b->pixels, true, &init, b->rng);
    done(b, layer);
}

void add_conv(struct builder *b, const char *name, size_t out,
              struct conv_size size, bool bias, double gain)
{
    struct weight_init init = {(enum init)b->h->init, gain};
    struct layer *layer = next_layer(b);

    layer_conv(layer, name, b->shape, out, size, bias, &init, b->rng);
    done(b, layer);
}

void add_max_pool(struct builder *b, struct conv_size size)
{
    struct layer *layer = next_layer(b);

    layer_max_pool(layer, b->shape, size);
    done(b, layer);
}

void add_batch_norm(struct builder *b, const char *name)
{
    struct layer *layer = next_layer(b);

    layer_batch_norm(layer, name, b->shape);
    done(b, layer);
}

void add_layer_norm(struct builder *b, const char *name, bool whole)
{
    struct layer *layer = next_layer(b);

    layer_layer_norm(layer, name, b->shape, whole);
    done(b, layer);
}

/* In one pass with the layer before, where that can do it. */
static bool rectified(struct builder *b, enum activation kind)
{
    struct layer *before = b->last == LAYER_INPUT ? NULL
                                                  : &b->net->layers[b->last];

    if (kind != ACTIVATION_RELU || !before || !before->ops->rectify)
        return false;
    before->ops->rectify(before);
    return true;
}

void add_activation(struct builder *b, enum activation kind)
{
    struct layer *layer;

    if (rectified(b, kind))
        return;
    layer = next_layer(b);
    layer_activation(layer, kind, b->shape);
    done(b, layer);
}

void add_dropout(struct builder *b)
{
    struct layer *layer;

    if (b->h->dropout <= 0)
        return;
    layer = next_layer(b);
    layer_dropout(layer, b->shape, b->h->dropout);
    done(b, layer);
}

void add_residual(struct builder *b, size_t other)
{
    struct layer *layer = next_layer(b);

    layer_residual(layer, b->shape);
    joined(b, layer, other);
}

void add_mean_pool(struct builder *b)
{
    struct layer *layer = next_layer(b);

    layer_mean_pool(layer, b->shape);
    done(b, layer);
}

void add_position(struct builder *b)
{
    struct layer *layer = next_layer(b);

    layer_position(layer, b->shape);
    done(b, layer);
}

void add_embedding(struct builder *b, size_t width)
{
    struct layer *layer = next_layer(b);

    layer_embedding(layer, "embedding", b->net->spec.input.n_tokens, width, 1,
                    b->rng);
    done(b, layer);
}

void add_bag(struct builder *b, size_t width, bool add, double deviation)
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

void flatten(struct builder *b)
{
    b->pixels = b->shape.height * b->shape.width;
    b->shape = SHAPE_VECTOR(b->pixels * b->shape.channels);
}

void add_zero_dense(struct builder *b, const char *name, size_t out)
{
    struct weight_init zero = {INIT_ZERO, 1};
    struct layer *layer = next_layer(b);

    layer_dense(layer, name, b->shape, out, b->pixels, true, &zero, b->rng);
    done(b, layer);
}

void add_lstm(struct builder *b, const char *name, size_t number, size_t hidden)
{
    struct weight_init init = {(enum init)b->h->init, 1};
    struct layer *layer = next_layer(b);

    layer_lstm(layer, name, number, b->shape, hidden, &init, b->rng);
    done(b, layer);
}

void add_attention(struct builder *b)
{
    struct layer *layer = next_layer(b);

    layer_attention(layer, b->h->width, b->h->heads, b->h->dropout);
    done(b, layer);
}

void add_last_step(struct builder *b)
{
    struct layer *layer = next_layer(b);

    layer_last_step(layer, b->shape);
    done(b, layer);
}

void add_mean_steps(struct builder *b)
{
    struct layer *layer = next_layer(b);

    layer_mean_steps(layer, b->shape);
    done(b, layer);
}
