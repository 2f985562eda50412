/*
 * adapt: a training that also looks at rows of the data that the network is
 * for, whose labels nobody knows (--adapt coral, deep CORAL: Sun & Saenko
 * 2016).
 *
 * Each training batch has as many target rows behind its own, all of them in
 * the order of the epoch, over and over.  Beside the loss of its own rows,
 * weight x the distance (nn/coral.h) of what the last hidden layer makes of
 * them and of the target rows is made small.
 *
 * For networks that take a batch whole (nn/shards.h).
 */
#ifndef NN_ADAPT_H
#define NN_ADAPT_H

#include "nn/coral.h"
#include "nn/net.h"
#include "table/table.h"

/* What is asked for.  {0}: nothing. */
struct adaptation {
    const struct table *target; /* of the encoder; NULL: none, else rows */
    double weight;
};

/* A training with it.  net and target are not owned. */
struct adapt {
    const struct adaptation *to; /* NULL: none */
    size_t batch;                /* rows of a batch, at most */
    size_t *order;               /* [to->target->n] of the epoch */
    size_t at;                   /* how many of them were taken */
    size_t *rows;                /* [n_rows] those of the batch */
    size_t n_rows;
    double *weight;  /* [batch] of the batch's own rows */
    double distance; /* of the last batch */
    struct coral coral;
};

/*
 * `to` may be NULL, or without a target: then order and take do nothing, and
 * the others are not to be called.
 */
void adapt_init(struct adapt *adapt, const struct adaptation *to, size_t batch);
void adapt_release(struct adapt *adapt);

bool adapt_any(const struct adapt *adapt);

/* The order of an epoch, which seed and epoch name. */
void adapt_order(struct adapt *adapt, uint64_t seed, size_t epoch);

/*
 * For a batch of own[n]: the next target rows, as many as a full batch has, or
 * all where there are fewer; weight_of[row] is that of an own row.
 */
void adapt_take(struct adapt *adapt, const float *weight_of, const size_t *own,
                size_t n);

/*
 * Between forward and backward of a batch of own rows and target rows:
 * net_add_gradient.
 */
void adapt_gradient(struct adapt *adapt, struct net *net, struct tape *tape,
                    const struct batch *batch);

/* table_lost of the target; 0 where there is none. */
int adapt_lost(const struct adapt *adapt, struct err *err);

#endif
