#include "nn/networks.h"

static double dense(double in, double out)
{
    return (in + 1) * out;
}

/* Hidden layers and the logits, from `width` inputs on. */
static double hidden_size(const struct net_spec *s, double width)
{
    double size = 0;

    for (size_t i = 0; i < s->hyper.hidden.n; i++) {
        size += dense(width, (double)s->hyper.hidden.at[i]);
        width = (double)s->hyper.hidden.at[i];
    }
    return size + dense(width, (double)s->n_classes);
}

static double mlp_size(const struct net_spec *s)
{
    double width = (double)s->input.n_dense, each = (double)s->hyper.embedding,
           slots = (double)s->input.n_slots;

    return (slots > 0 ? (double)s->input.n_bag_rows * each : 0) +
           hidden_size(s, width + slots * each);
}

static double lenet_size(const struct net_spec *s)
{
    double kernel = (double)s->hyper.kernel, size = 0,
           channels = (double)s->input.channels;

    for (size_t i = 0; i < s->hyper.filters.n; i++) {
        double filters = (double)s->hyper.filters.at[i];
        size += dense(kernel * kernel * channels, filters);
        channels = filters;
    }
    return size + hidden_size(s, channels);
}

static double lstm_size(const struct net_spec *s)
{
    double hidden = (double)s->hyper.hidden.at[0], size = 0,
           width = (double)s->input.n_step;

    if (s->input.n_tokens) {
        width = (double)s->hyper.embedding;
        size = (double)s->input.n_tokens * width;
    }
    for (size_t i = 0; i < s->hyper.layers; i++) {
        size += 4 * hidden * (width + hidden);
        width = hidden;
    }
    return size + dense(hidden, (double)s->n_classes);
}

static double attention_size(const struct net_spec *s)
{
    double width = (double)s->hyper.width,
           rows = (double)(s->input.n_tokens ? s->input.n_tokens
                                             : s->input.n_step);

    return rows * width + (double)s->hyper.layers * 12 * width * width +
           dense(width, (double)s->n_classes);
}

double network_size(const struct net_spec *s)
{
    double classes = (double)s->n_classes;

    switch (s->hyper.net) {
    case NET_MAJORITY:
        return classes;
    case NET_LINEAR:
        return dense((double)s->input.n_dense, classes) +
               (double)s->input.n_bag_rows * classes;
    case NET_MLP:
        return mlp_size(s);
    case NET_LENET:
        return lenet_size(s);
    case NET_RESNET:
        return dense(64, classes);
    case NET_LSTM:
        return lstm_size(s);
    case NET_ATTENTION:
        return attention_size(s);
    }
    return 0;
}
