/*
 * builder: a network layer by layer: each call adds one that reads the output
 * of the last, with weights drawn as hyper->init says.
 */
#ifndef NN_BUILDER_H
#define NN_BUILDER_H

#include "nn/net.h"

/*
 * A network on its way.  To begin a branch, set last and shape to those of an
 * earlier layer.
 */
struct builder {
    struct net *net;
    const struct hyper *h;
    struct rng *rng;
    size_t last;        /* the layer that comes next reads; LAYER_INPUT */
    struct shape shape; /* of its output */
    size_t pixels;      /* of an image that was laid flat; 1 else */
};

/* `gain`: of the activation that follows (nn/initialise.h), 1 without. */
void add_dense(struct builder *b, const char *name, size_t out, double gain);
void add_zero_dense(struct builder *b, const char *name, size_t out);
void add_conv(struct builder *b, const char *name, size_t out,
              struct conv_size size, bool bias, double gain);
void add_max_pool(struct builder *b, struct conv_size size);
void add_mean_pool(struct builder *b);
void add_batch_norm(struct builder *b, const char *name);
void add_layer_norm(struct builder *b, const char *name, bool whole);
void add_activation(struct builder *b, enum activation kind);
void add_dropout(struct builder *b); /* hyper->dropout; nothing if it is 0 */

/* The sum with the output of layer `other`. */
void add_residual(struct builder *b, size_t other);

/* The bag of embedded columns; nothing where there are none. */
void add_bag(struct builder *b, size_t width, bool add, double deviation);

/* Sequences. */
void add_embedding(struct builder *b, size_t width);
void add_position(struct builder *b);
void add_lstm(struct builder *b, const char *name, size_t number,
              size_t hidden);
void add_attention(struct builder *b);
void add_last_step(struct builder *b);
void add_mean_steps(struct builder *b);

/* An image as one vector: no layer, but how the next one is read and kept. */
void flatten(struct builder *b);

#endif
