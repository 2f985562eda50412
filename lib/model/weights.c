#include "model/weights.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

void weights_add(struct tensors *t, struct net *net)
{
    const struct param *p;

    for (size_t i = 0; (p = net_param(net, i)); i++) {
        size_t shape[PARAM_RANK], rank = param_shape(p, shape);
        float *data = mem_alloc(param_size(p), sizeof(*data));
        param_export(p, data);
        tensors_add(t, p->name, TENSOR_F32, rank, shape, data);
    }
}

static bool fits(const struct tensor *item, const struct param *p)
{
    size_t shape[PARAM_RANK], rank = param_shape(p, shape);

    return item->rank == rank &&
           memcmp(item->shape, shape, rank * sizeof(*shape)) == 0;
}

static void add_shape(struct buf *text, const size_t *shape, size_t rank)
{
    for (size_t i = 0; i < rank; i++)
        buf_printf(text, "%s%zu", i ? "x" : "", shape[i]);
}

static int misfit(const struct param *p, const struct tensor *item,
                  const char *path, struct err *err)
{
    size_t shape[PARAM_RANK], rank = param_shape(p, shape);
    struct buf have = {0}, want = {0};

    if (!item) {
        err_set(err, ERR_DATA, "no tensor '%s', which the network has",
                p->name);
        return err_at(err, path, 0);
    }
    add_shape(&have, item->shape, item->rank);
    add_shape(&want, shape, rank);
    err_set(err, ERR_DATA, "tensor '%s' is %s, but the network's is %s",
            p->name, have.data ? have.data : "a single value", want.data);
    buf_release(&have);
    buf_release(&want);
    return err_at(err, path, 0);
}

int weights_load(struct net *net, const struct tensors *t, const char *path,
                 struct err *err)
{
    struct param *p;

    for (size_t i = 0; (p = net_param(net, i)); i++) {
        const struct tensor *item = tensors_find(t, p->name, TENSOR_F32);
        if (!item || !fits(item, p))
            return misfit(p, item, path, err);
        param_import(p, item->data);
    }
    return 0;
}

static bool is_last(const struct net *net, const struct param *p)
{
    const struct layer *layer = &net->layers[net->n_layers - 1];

    return p >= layer->params && p < layer->params + layer->n_params;
}

/*
 * From zero: random weights on features that have learned already would give
 * large logits, which the features then are spoiled to mend.
 */
static void start_anew(struct param *p, struct list *left)
{
    memset(p->value, 0, param_size(p) * sizeof(*p->value));
    list_add(left, p->name);
}

int weights_transfer(struct net *net, const struct tensors *t, const char *path,
                     bool anew, struct list *left, struct err *err)
{
    struct param *p;

    for (size_t i = 0; (p = net_param(net, i)); i++) {
        const struct tensor *item = tensors_find(t, p->name, TENSOR_F32);
        if (item && fits(item, p) && !(anew && is_last(net, p)))
            param_import(p, item->data);
        else if (is_last(net, p))
            start_anew(p, left);
        else
            return misfit(p, item, path, err);
    }
    return 0;
}
