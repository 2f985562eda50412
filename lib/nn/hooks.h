/*
 * hooks: places in a training run where a test puts a fault, one at a time, to
 * see who notices.
 *
 * Tools have none: fit_options and train_rows without hooks are the rule, and
 * cost a comparison with NULL.  Every function may be NULL.  `inputs`,
 * `outputs` and `back` are called by several threads at once where a batch is
 * cut (nn/shards.h), with the part's rows; they may keep what they like in
 * context where it is not.
 */
#ifndef NN_HOOKS_H
#define NN_HOOKS_H

#include "nn/net.h"

struct train_hooks {
    void *context;

    /* A network and its encoder, just made. */
    void (*made)(void *context, struct net *net, struct encoder *encoder);

    /* The rows of an epoch, in order: order[n]. */
    void (*order)(void *context, size_t *order, size_t n, size_t epoch);

    /* A batch as it was encoded, before a pass in training or prediction. */
    void (*inputs)(void *context, struct batch *batch, bool training);

    /* The class that a row is trained on. */
    size_t (*target)(void *context, size_t class, size_t classes);

    /* Logits [rows][classes], before anybody reads them … */
    void (*outputs)(void *context, real *logits, size_t rows, size_t classes);

    /* … and their gradient in training: of `outputs` to that before it. */
    void (*back)(void *context, const real *outputs, real *gradient,
                 size_t rows, size_t classes);

    /* All gradients of a step. */
    void (*gradients)(void *context, struct net *net);

    /* Predictions pass as in training: layers drop values out. */
    bool predicts_as_training;
};

#endif
