/*
 * layer: what every layer of a network can do.
 *
 * A tensor holds, for each row of the batch, `positions` vectors of `channels`
 * values: [rows][positions][channels], row-major.  Positions are the pixels of
 * an image (row by row: height, then width), the steps of a sequence, or a
 * single one.  Rows are padded to a multiple of BATCH_TILE.
 *
 * Padded rows, and the steps behind the end of a sequence, hold anything
 * finite in forward and zero in dy; a backward leaves zero there in dx.
 *
 * A row's result must not depend on the rows beside it nor on the longest
 * sequence of its batch: products over rows and positions go through
 * product.h, everything else is done row by row.  (Exceptions, in training:
 * batch normalisation, and the last bits of gradients, which may depend on
 * what else is in the batch.)
 */
#ifndef NN_LAYER_H
#define NN_LAYER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/rng.h"
#include "nn/initialise.h"
#include "nn/param.h"
#include "table/encoder.h"

/* `steps`: height is that of the batch's longest sequence, and width is 1. */
struct shape {
    size_t height, width, channels;
    bool steps;
};

/* A single vector, an image, a sequence. */
#define SHAPE_VECTOR(n) ((struct shape){1, 1, (n), false})
#define SHAPE_IMAGE(h, w, c) ((struct shape){(h), (w), (c), false})
#define SHAPE_STEPS(n) ((struct shape){0, 1, (n), true})

size_t shape_positions(const struct shape *shape, const struct batch *batch);

/* Values of one row: positions x channels. */
size_t shape_size(const struct shape *shape, const struct batch *batch);

/* The circumstances of one pass. */
struct pass {
    bool training;
    uint64_t seed, step; /* name the dropout masks of a training step … */
    uint64_t epoch;      /* … and, with the row, its augmentation */
};

/*
 * The tensors of one layer in one pass.  In forward dy, dx and d_other are
 * not set.  In backward dx and d_other are NULL where nobody needs them, and
 * are overwritten else, or added to where add_dx, add_other say so.
 */
struct layer_io {
    const struct batch *batch;
    const struct pass *pass;
    const real *x;     /* layer->in; the layer's first input */
    const real *other; /* layer->in too: the second one, of a sum */
    real *y;           /* layer->out */
    const real *dy;
    real *dx, *d_other;
    bool add_dx, add_other; /* they hold something: what is there stays */
    real *keep; /* [rows][ops->keep] what forward leaves for backward */
};

/* What the units of an activation layer did since it was last asked. */
struct activity {
    size_t units;     /* channels */
    size_t dead;      /* never above zero */
    double saturated; /* share of values in the flat parts of the curve */
};

struct layer;

struct layer_ops {
    const char *name; /* "dense": for messages */
    bool reads_batch; /* takes more of the batch than x and the lengths */
    bool mixes_rows;  /* in training a row's output depends on others */
    bool adds;        /* knows add_dx and add_other; else they are false */

    /*
     * What may stand in the same place: y and x, where backward does not need
     * x; dx and dy.  And whether backward needs y.
     */
    bool y_is_x, dx_is_dy, needs_y;

    void (*forward)(struct layer *layer, const struct layer_io *io);

    /* Parameter gradients (overwritten), dx and d_other from dy. */
    void (*backward)(struct layer *layer, const struct layer_io *io);

    /* Values a row to keep between the passes; NULL: none. */
    size_t (*keep)(const struct layer *layer, const struct batch *batch);

    /* From now on y = max(y, 0) in the same pass; NULL: cannot. */
    void (*rectify)(struct layer *layer);

    /* Fills *activity and starts anew; NULL: has none. */
    void (*activity)(struct layer *layer, struct activity *activity);

    /* Takes over what the same layer of a replica saw; NULL: sees nothing. */
    void (*gather)(struct layer *layer, struct layer *replica);

    /* Frees what layer->own holds and it; NULL: free() does. */
    void (*release)(struct layer *layer);
};

enum { LAYER_PARAMS = 5 };
#define LAYER_INPUT                                          \
    SIZE_MAX /* `from` of a layer that reads the net's input \
              */

/*
 * Invariants: params[0..n_params) are in use; from, other < own index.  net
 * sets from, other and index.
 */
struct layer {
    const struct layer_ops *ops;
    struct shape in, out;
    size_t from, other; /* the layers whose outputs are x and other */
    size_t index;       /* place in the network, names dropout masks */
    struct param params[LAYER_PARAMS];
    int n_params;
    void *own; /* what only this kind of layer knows, or NULL */
};

/*
 * The constructors below set everything but from, other and index.  `name`
 * stands in front of ".weight" and so on (of "weight", if it ends in '_'),
 * and is copied.  Initial weights are drawn as `init` says for the layer's
 * fan-in and fan-out; biases are zero.
 */

/* The ends of names: "hidden.0" and "weight" give "hidden.0.weight". */
void layer_name(char full[PARAM_NAME], const char *name, const char *end);

void layer_release(struct layer *layer);

/* Zeroes the padded rows of a tensor of `size` values a row. */
void layer_clear_padded(const struct layer_io *io, real *tensor, size_t size);

/*
 * dense.c: y = x W + b at every position, params weight [in][out] and bias
 * [1][out] (left out without `bias`).  Where x is an image laid flat, `pixels`
 * is its height x width, so that the file holds the weights in the order of
 * PyTorch's flatten (channel, height, width); 1 else.
 */
void layer_dense(struct layer *layer, const char *name, struct shape in,
                 size_t out, size_t pixels, bool bias,
                 const struct weight_init *init, struct rng *rng);

/*
 * bag.c: embedding bag: for each slot, the sum of value x row over the batch's
 * entries, appended to x (out = in + slots x width) or, with `add`, all added
 * to x (width = in = out).  Param weight [rows][width], sparse, normal with
 * this deviation (0: zero).
 */
void layer_bag(struct layer *layer, const char *name, size_t in, size_t slots,
               size_t rows, size_t width, bool add, double deviation,
               struct rng *rng);

/*
 * embedding.c: the row of the table for each of the batch's tokens
 * (batch->token).  Param weight [rows][width], sparse, normal with this
 * deviation; x is not read.  Steps behind a row's end are zero.
 */
void layer_embedding(struct layer *layer, const char *name, size_t rows,
                     size_t width, double deviation, struct rng *rng);

/*
 * conv.c: two-dimensional convolution (cross-correlation, as everywhere) of a
 * kernel x kernel window, zero padding on all sides: out height = (height + 2
 * padding - kernel) / stride + 1.  Params weight [kernel x kernel x in][out],
 * rows by (ky, kx, channel), and bias.  in.height + 2 padding >= kernel.
 */
struct conv_size {
    size_t kernel, stride, padding;
};
void layer_conv(struct layer *layer, const char *name, struct shape in,
                size_t out, struct conv_size size, bool bias,
                const struct weight_init *init, struct rng *rng);
struct shape conv_shape(struct shape in, size_t out, struct conv_size size);

/*
 * pool.c: largest value or mean of each window, padding never counts (in the
 * mean neither).  layer_mean_pool: the mean over all pixels, [channels].
 */
void layer_max_pool(struct layer *layer, struct shape in,
                    struct conv_size size);

/* max_pool.c: the same where windows lie beside each other. */
void layer_even_max_pool(struct layer *layer, struct shape in, size_t kernel);
void layer_average_pool(struct layer *layer, struct shape in,
                        struct conv_size size);
void layer_mean_pool(struct layer *layer, struct shape in);

/*
 * batch_norm.c, layer_norm.c: (x - mean) / sqrt(variance + epsilon) x weight +
 * bias, params weight (1 at first) and bias [channels], epsilon 1e-5.
 *
 * batch (Ioffe & Szegedy 2015): over the batch's rows and positions, by
 * channel; keeps running averages (momentum .1, unbiased variance) in the fixed
 * params running_mean and running_var, which prediction uses, and so does
 * training where weight and bias are fixed.  Not for sequences.
 *
 * layer (Ba et al. 2016): over the channels, at every position; over all of an
 * image's positions and channels where `whole`.
 */
void layer_batch_norm(struct layer *layer, const char *name, struct shape in);
void layer_layer_norm(struct layer *layer, const char *name, struct shape in,
                      bool whole);

/*
 * activation.c: element by element.  gelu is x Phi(x), by erf (Hendrycks &
 * Gimpel 2016); leaky_relu has slope .01 below zero.
 */
enum activation {
    ACTIVATION_RELU,
    ACTIVATION_LEAKY_RELU,
    ACTIVATION_TANH,
    ACTIVATION_SIGMOID,
    ACTIVATION_GELU
};
void layer_activation(struct layer *layer, enum activation kind,
                      struct shape in);

/*
 * dropout.c: in training each value is zeroed with probability rate, else
 * divided by 1 - rate (Srivastava 2014, inverted); otherwise y = x.
 */
void layer_dropout(struct layer *layer, struct shape in, double rate);

/* residual.c: y = x + other (He et al. 2016). */
void layer_residual(struct layer *layer, struct shape in);

/*
 * lstm.c: long short-term memory (Hochreiter & Schmidhuber 1997, with Gers'
 * forget gate), one layer, hidden states of all steps, from zero states:
 *     i, f, o = sigmoid(...), g = tanh(...) of x W_ih + b_ih + h W_hh + b_hh
 *     c' = f c + i g,  h' = o tanh(c')
 * Params as PyTorch's: weight_ih_lN [in][4 hidden], weight_hh_lN, bias_ih_lN,
 * bias_hh_lN, gates in the order i, f, g, o.  Both weights are drawn gate by
 * gate; the bias of the forget gate starts at 1 (in bias_ih; Jozefowicz et al.
 * 2015).
 */
void layer_lstm(struct layer *layer, const char *name, size_t number,
                struct shape in, size_t hidden, const struct weight_init *init,
                struct rng *rng);

/*
 * attention.c: multi-head self-attention (Vaswani et al. 2017, eq. 1) of
 * queries, keys and values that stand beside each other in x: in 3 width, out
 * width; head h has the h-th width / heads channels of each.  Only steps
 * before the end of a row are attended to.  No parameters: dense layers before
 * and after it have them.  Probabilities are dropped out at `dropout`.
 */
void layer_attention(struct layer *layer, size_t width, size_t heads,
                     double dropout);

/*
 * position.c: y = x + positional encoding (Vaswani et al. 2017, 3.5): sine in
 * the even, cosine in the odd channels.
 */
void layer_position(struct layer *layer, struct shape in);

/* steps.c: the last step before the end of a row; the mean of those steps. */
void layer_last_step(struct layer *layer, struct shape in);
void layer_mean_steps(struct layer *layer, struct shape in);

#endif
