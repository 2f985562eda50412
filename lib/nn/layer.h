/*
 * layer: what every layer of a network can do.
 *
 * Tensors are [rows][width], row-major, rows being the padded rows of the
 * batch.  Padded rows hold anything in forward and zero in dy.
 */
#ifndef NN_LAYER_H
#define NN_LAYER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/rng.h"
#include "nn/param.h"
#include "table/encoder.h"

/* The circumstances of one pass. */
struct pass {
    bool training;
    uint64_t seed, step; /* name the dropout masks of a training step */
};

struct layer;

struct layer_ops {
    /* y[rows][out] from x[rows][in] and, in the bag, the batch's entries. */
    void (*forward)(struct layer *layer, const struct batch *batch,
                    const real *x, real *y, const struct pass *pass);
    /*
     * Parameter gradients (overwritten) and dx[rows][in] from dy[rows][out],
     * with x and y as they were in forward; dx may be NULL.
     */
    void (*backward)(struct layer *layer, const struct batch *batch,
                     const real *x, const real *y, const real *dy, real *dx,
                     const struct pass *pass);
};

enum { LAYER_PARAMS = 2 };

/* Invariant: params[0..n_params) are in use. */
struct layer {
    const struct layer_ops *ops;
    size_t in, out;
    struct param params[LAYER_PARAMS];
    int n_params;
    size_t width;        /* of an embedding, in the bag */
    bool add;            /* the bag adds its slots to x, else appends them */
    double rate;         /* of dropout */
    size_t index;        /* place in the network, names its dropout masks */
    unsigned char *used; /* ReLU: [out] units active since the last reset */
};

/*
 * y = x W + b, params W [in][out] and b [1][out], called name.weight and
 * name.bias.  W is normal with this deviation (0: zero).
 */
void layer_dense(struct layer *layer, const char *name, size_t in, size_t out,
                 double deviation, struct rng *rng);

/*
 * Embedding bag: for each slot, the sum of value x row over the batch's
 * entries, appended to x (out = in + slots x width) or, with `add`, all added
 * to x (width = in = out).  Param name.weight [rows][width], sparse.
 */
void layer_bag(struct layer *layer, const char *name, size_t in, size_t slots,
               size_t rows, size_t width, bool add, double deviation,
               struct rng *rng);

/* y = max(x, 0), [width]. */
void layer_relu(struct layer *layer, size_t width);

/*
 * In training each value is zeroed with probability rate, else divided by
 * 1 - rate (Srivastava 2014, inverted); otherwise y = x.
 */
void layer_dropout(struct layer *layer, size_t width, double rate);

void layer_release(struct layer *layer);

#endif
