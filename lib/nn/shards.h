/*
 * shards: a batch on its way through a network in parts, side by side.
 *
 * Where a row takes much arithmetic for each weight (convolutions, sequences),
 * a batch is cut into shards of whole tiles of rows.  A shard goes through all
 * layers, forward and back, on one thread, so that what a layer writes is near
 * when the next one reads it, and threads wait for each other once a step.  The
 * first one has the network itself; others have replicas of it: the same
 * values, gradients of their own, which are added in order.  Other networks,
 * and in training those with a layer that mixes rows, take a batch whole, and
 * threads share the work of each layer.
 *
 * How a training batch is cut depends on network and batch, never on threads.
 * In prediction shards are tiles, of which each thread takes some.
 */
#ifndef NN_SHARDS_H
#define NN_SHARDS_H

#include "nn/adapt.h"
#include "nn/hooks.h"
#include "nn/net.h"

enum { SHARDS_MOST = 8 }; /* of a training batch */

/* What a pass is through: a batch, or x for layers from `first` on. */
struct shards_input {
    const struct batch *batch;
    struct pass pass;
    size_t first;
    const real *x;
};

/*
 * Zeroed but for net, which is not owned.  A thread has one tape for all its
 * shards, so that it stays near.
 */
struct shards {
    struct net *net;
    struct net **nets;        /* [n] made so far: net itself, then replicas */
    size_t n, used;           /* in the last training pass, … */
    struct shards_input last; /* … and its input */
    struct tape *tapes;       /* [n_tapes] */
    size_t n_tapes;
    real *logits; /* [logits_capacity] */
    size_t logits_capacity;
    struct adapt *adapt;             /* of the next training pass; NULL: none */
    const struct train_hooks *hooks; /* of a test; NULL */
};

void shards_init(struct shards *shards, struct net *net);
void shards_release(struct shards *shards);

/* How many a training batch is cut into; of batch, padded and steps count. */
size_t shards_count(struct net *net, const struct batch *batch);

/*
 * Logits [batch->padded][classes], valid until the next call.  x is the output
 * of layer first - 1 for all rows, or NULL with first = 0.
 */
const real *shards_predict(struct shards *shards, const struct batch *batch,
                           const struct pass *pass, size_t first,
                           const real *x);

/*
 * Fills dlogits [rows][classes], zero at first, for rows [begin, begin + rows)
 * of the batch, the `shard`th.  Called by several threads at once.
 */
typedef void shards_grade_fn(void *context, size_t shard, size_t begin,
                             size_t rows, const real *logits, real *dlogits);

/*
 * Forward, grade, backward: the gradients of the network's parameters.  Returns
 * the number of shards.
 */
size_t shards_train(struct shards *shards, const struct batch *batch,
                    const struct pass *pass, size_t first, const real *x,
                    shards_grade_fn *grade, void *context);

/* What the layers of replicas saw becomes that of the network's own. */
void shards_gather_activity(struct shards *shards);

/*
 * finite_lost of the last training pass, whose batch is still there.  Goes
 * forward through it once more.
 */
const char *shards_lost(struct shards *shards);

#endif
