#include "model/fit.h"

#include <string.h>

#include "base/mem.h"
#include "model/memory_plan.h"
#include "model/weights.h"
#include "nn/hooks.h"
#include "nn/networks.h"

/* What a training begins with. */
struct start {
    struct tensors tensors;
    bool other_classes; /* a model of ours that told others apart */
};

static bool same_classes(const struct list *a, const struct list *b)
{
    bool same = a->n == b->n;

    for (size_t i = 0; same && i < a->n; i++)
        same = strcmp(a->items[i], b->items[i]) == 0;
    return same;
}

/* The encoder of a model file, over a table of the same columns. */
static int take_encoder(struct encoder *encoder, const struct table *table,
                        struct start *start, const struct list *classes,
                        const char *path, struct err *err)
{
    struct model model;

    if (model_from_tensors(&model, &start->tensors, path, err) != 0)
        return -1;
    start->other_classes = !same_classes(&model.classes, classes);
    *encoder = model.encoder;
    memset(&model.encoder, 0, sizeof(model.encoder));
    model_release(&model);
    encoder->schema = table->schema;
    encoder_bind(encoder, table);
    return 0;
}

static int make_encoder(struct encoder *encoder, const struct table *table,
                        const struct fit_rows *rows, struct start *start,
                        const struct list *classes, const char *path,
                        struct err *err)
{
    if (start->tensors.metadata)
        return take_encoder(encoder, table, start, classes, path, err);
    encoder_fit(encoder, table, rows->fit, rows->n_fit);
    return 0;
}

static int freeze(struct net *net, const struct list *prefixes, struct err *err)
{
    struct buf names = {0};
    const struct param *p;

    for (size_t i = 0; i < prefixes->n; i++) {
        if (net_freeze(net, prefixes->items[i]))
            continue;
        for (size_t k = 0; (p = net_param(net, k)) && names.len < 200; k++)
            buf_printf(&names, "%s%s", k ? ", " : "", p->name);
        err_set(err, ERR_USAGE,
                "--freeze: no parameter starts with '%s' (there are: %s)",
                prefixes->items[i], names.data);
        buf_release(&names);
        return -1;
    }
    if (net_size(net) == 0)
        return err_set(err, ERR_USAGE,
                       "--freeze: nothing is left to learn (leave out the "
                       "last layer)");
    return 0;
}

static struct net *make_net(const struct encoder *encoder,
                            const struct fit_rows *rows, size_t n_classes,
                            const struct fit_options *o,
                            const struct start *start, struct list *left,
                            struct err *err)
{
    struct net_spec spec = {.input = model_input(encoder),
                            .n_classes = n_classes,
                            .hyper = o->hyper};
    struct list ignored = {0};
    struct net *net;
    int status = 0;

    if (network_check(&spec, err) != 0 || memory_check_network(&spec, err) != 0)
        return NULL;
    net = net_new(&spec, rows->seed);
    if (o->init_from)
        status = weights_transfer(net, &start->tensors, o->init_from,
                                  start->other_classes, left ? left : &ignored,
                                  err);
    if (status == 0)
        status = freeze(net, &o->freeze, err);
    list_release(&ignored);
    if (status == 0)
        return net;
    net_free(net);
    return NULL;
}

struct net *fit_prepare(struct encoder *encoder, const struct table *table,
                        const struct fit_rows *rows, const struct list *classes,
                        const struct fit_options *o, struct list *left,
                        struct err *err)
{
    struct start start = {.other_classes = false};
    struct net *net = NULL;

    if (o->init_from && tensors_load(&start.tensors, o->init_from, err) != 0)
        return NULL;
    if (make_encoder(encoder, table, rows, &start, classes, o->init_from,
                     err) == 0)
        net = make_net(encoder, rows, classes->n, o, &start, left, err);
    if (net && o->hooks && o->hooks->made)
        o->hooks->made(o->hooks->context, net, encoder);
    if (!net)
        encoder_release(encoder);
    tensors_release(&start.tensors);
    return net;
}
