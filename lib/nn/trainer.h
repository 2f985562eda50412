/*
 * trainer: fits a network to rows of a table, epoch by epoch.
 *
 * Rows are shuffled anew each epoch (seeded), cut into batches, encoded as
 * they are needed.  After each epoch the loss on the stopping rows decides:
 * the parameters of the best epoch are the ones that stay, and `patience`
 * epochs without a better one end the run.  Without stopping rows all epochs
 * are run and the last one stays.  All hyperparameters are those of
 * net->spec.hyper.
 */
#ifndef NN_TRAINER_H
#define NN_TRAINER_H

#include "nn/adapt.h"
#include "nn/hooks.h"
#include "nn/net.h"
#include "table/table.h"

/* Told after every batch: its rows, the mean loss of the epoch so far. */
typedef void batch_fn(void *context, size_t rows, double loss);

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
    const struct adaptation *adaptation; /* NULL: none */
    batch_fn *batch_told;                /* NULL: nobody is */
    void *batch_context;
    const struct train_hooks *hooks; /* of a test; NULL */
};

/*
 * One epoch.  The training loss and error are the running ones, from the
 * batches as they were trained on; gradient norm and update ratio (norm of
 * the update over that of the parameters) are of its last step; dead is the
 * share of ReLU units active for no training row.  NaN: not measured.
 * `warning` names what diagnose.h saw, "" as a rule; `news` is the part of it
 * that is to be told, a line each.  rows and most_epochs are for a progress
 * bar.
 */
struct epoch {
    size_t number, most_epochs, rows;
    double train_loss, train_error, stop_loss, stop_error;
    double learning_rate, grad_norm, update_ratio, dead;
    const char *warning, *news;
};

/* Told after every epoch. */
typedef void epoch_fn(void *context, const struct epoch *epoch);

/*
 * Trains; *best is the number of the epoch whose parameters stay.  Fails with
 * ERR_DATA when the loss is not finite.
 */
int train(struct net *net, const struct train_rows *rows, uint64_t seed,
          epoch_fn *told, void *context, size_t *best, struct err *err);

struct training; /* nn/training.h */
struct unpack;

/*
 * Somebody between the epochs: keeps the state, goes on from one, ends a run
 * early.
 */
struct train_watch {
    struct unpack *from; /* a state that training_save wrote; NULL: begin */

    /*
     * Asked after every epoch (not of majority); `over` says that it was the
     * last one anyway.  0: go on; 1: end here, as if patience was at its end;
     * -1: fail.
     */
    int (*ask)(void *context, const struct training *run, bool over,
               struct err *err);
    void *context;
};

/*
 * train, watched.  Going on from a state gives the network that the run would
 * have given without a pause; told hears of the further epochs only.  A state
 * that does not fit the network is an ERR_DATA error.
 */
int train_watched(struct net *net, const struct train_rows *rows, uint64_t seed,
                  epoch_fn *told, void *context,
                  const struct train_watch *watch, size_t *best,
                  struct err *err);

/*
 * The learning-rate range test (Smith 2017): steps with learning rates that
 * rise from 1e-7 to 10, evenly in their logarithm, until the loss is four
 * times its least or not finite.  Each step is told as an epoch whose loss is
 * the running mean (.9 of the old one, bias corrected).  *suggested is the
 * learning rate where that loss fell fastest, NaN where it never fell.  The
 * network's parameters are as before.
 */
int train_range_test(struct net *net, const struct train_rows *rows,
                     uint64_t seed, epoch_fn *told, void *context,
                     double *suggested, struct err *err);

#endif
