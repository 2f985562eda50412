/*
 * trainer: fits a network to rows of a table, epoch by epoch.
 *
 * Rows are shuffled anew each epoch (seeded), cut into batches, encoded as
 * they are needed.  After each epoch the loss on the stopping rows decides:
 * the parameters of the best epoch are the ones that stay, and `patience`
 * epochs without a better one end the run.  Without stopping rows all epochs
 * are run and the last one stays.
 */
#ifndef NN_TRAINER_H
#define NN_TRAINER_H

#include "nn/net.h"
#include "nn/optimizer.h"

struct train_options {
    size_t epochs, batch, patience;
    double learning_rate, weight_decay;
    bool balanced; /* rows weighted by n / (classes n_class) */
    uint64_t seed;
};

#define TRAIN_DEFAULTS       \
    ((struct train_options){ \
        .epochs = 100, .batch = 64, .patience = 10, .learning_rate = 3e-4})

/*
 * The rows.  class_of[label of the table] is the network's class, or
 * LABEL_NONE for a label that it does not know: such rows are never trained
 * on; among the stopping rows they count as errors and not in the loss.
 */
struct train_rows {
    const struct table *table;
    const struct encoder *encoder;
    const uint32_t *class_of;
    const size_t *fit, *stop; /* [n_fit], [n_stop] labelled rows */
    size_t n_fit, n_stop;
};

/*
 * One epoch.  The training loss and error are the running ones, from the
 * batches as they were trained on; gradient norm and update ratio (norm of
 * the update over that of the parameters) are of its last step; dead is the
 * share of ReLU units active for no training row.  NaN: not measured.
 */
struct epoch {
    size_t number;
    double train_loss, train_error, stop_loss, stop_error;
    double learning_rate, grad_norm, update_ratio, dead;
};

/* Told after every epoch. */
typedef void epoch_fn(void *context, const struct epoch *epoch);

/*
 * Trains; *best is the number of the epoch whose parameters stay.  Fails with
 * ERR_DATA when the loss is not finite.
 */
int train(struct net *net, const struct train_rows *rows,
          const struct train_options *options, epoch_fn *told, void *context,
          size_t *best, struct err *err);

/*
 * prob[n][classes] for rows[0..n) of a table, in blocks.  A row's numbers do
 * not depend on the rows beside it.
 */
void predict(struct net *net, struct tape *tape, struct batch *batch,
             const struct encoder *encoder, const struct table *table,
             const size_t *rows, size_t n, float *prob);

enum { PREDICT_ROWS = 256 };

#endif
