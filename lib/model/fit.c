#include "model/fit.h"

#include <string.h>

#include "base/mem.h"
#include "model/memory_plan.h"
#include "model/weights.h"
#include "nn/hooks.h"
#include "nn/networks.h"

/* What a training begins with: the file of --init-from, if there is one. */
struct start {
    struct tensors tensors;
    bool ours;              /* a model of ours, … */
    bool other_classes;     /* … that told others apart … */
    struct encoder encoder; /* … and how it reads rows */
};

static bool same_classes(const struct list *a, const struct list *b)
{
    bool same = a->n == b->n;

    for (size_t i = 0; same && i < a->n; i++)
        same = strcmp(a->items[i], b->items[i]) == 0;
    return same;
}

static void start_release(struct start *start)
{
    encoder_release(&start->encoder);
    tensors_release(&start->tensors);
}

static int start_read(struct start *start, const struct list *classes,
                      const struct fit_options *o, struct err *err)
{
    struct model model;

    memset(start, 0, sizeof(*start));
    if (!o->init_from)
        return 0;
    if (tensors_load(&start->tensors, o->init_from, err) != 0)
        return -1;
    start->ours = start->tensors.metadata != NULL;
    if (!start->ours)
        return 0;
    if (model_from_tensors(&model, &start->tensors, o->init_from, err) != 0) {
        start_release(start);
        return -1;
    }
    start->other_classes = !same_classes(&model.classes, classes);
    start->encoder = model.encoder;
    memset(&model.encoder, 0, sizeof(model.encoder));
    model_release(&model);
    return 0;
}

/* That of the file, over a table of the same columns, or a new one. */
static void make_encoder(struct encoder *encoder, const struct table *table,
                         const struct fit_rows *rows, struct start *start)
{
    if (!start->ours) {
        encoder_fit(encoder, table, rows->fit, rows->n_fit);
        return;
    }
    *encoder = start->encoder;
    memset(&start->encoder, 0, sizeof(start->encoder));
    encoder->schema = table->schema;
    encoder_bind(encoder, table);
}

int fit_encoder(struct encoder *encoder, const struct table *table,
                const struct fit_rows *rows, const struct list *classes,
                const struct fit_options *o, struct err *err)
{
    struct start start;

    if (start_read(&start, classes, o, err) != 0)
        return -1;
    make_encoder(encoder, table, rows, &start);
    start_release(&start);
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

/* What is aligned must learn. */
static int check_adaptation(const struct net *net, const struct fit_options *o,
                            struct err *err)
{
    if (!o->adaptation.target || net_learns(net, net_last_hidden(net)))
        return 0;
    return err_set(err, ERR_USAGE,
                   "--adapt: --freeze leaves no hidden layer to align");
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
    if (status == 0)
        status = check_adaptation(net, o, err);
    list_release(&ignored);
    if (status == 0)
        return net;
    net_free(net);
    return NULL;
}

struct net *fit_network(const struct encoder *encoder,
                        const struct fit_rows *rows, const struct list *classes,
                        const struct fit_options *o, struct list *left,
                        struct err *err)
{
    struct start start;
    struct net *net;

    if (start_read(&start, classes, o, err) != 0)
        return NULL;
    net = make_net(encoder, rows, classes->n, o, &start, left, err);
    start_release(&start);
    return net;
}

struct net *fit_prepare(struct encoder *encoder, const struct table *table,
                        const struct fit_rows *rows, const struct list *classes,
                        const struct fit_options *o, struct list *left,
                        struct err *err)
{
    struct start start;
    struct net *net;

    if (start_read(&start, classes, o, err) != 0)
        return NULL;
    make_encoder(encoder, table, rows, &start);
    net = make_net(encoder, rows, classes->n, o, &start, left, err);
    if (net && o->hooks && o->hooks->made)
        o->hooks->made(o->hooks->context, net, encoder);
    if (!net)
        encoder_release(encoder);
    start_release(&start);
    return net;
}
