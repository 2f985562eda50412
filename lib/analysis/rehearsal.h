/*
 * rehearsal: a network with its rows, ready for its first step, to be looked at
 * from all sides before it is trained in earnest.
 *
 * Rows are those of the plan, or fewer: at most REHEARSAL_ROWS to train on and
 * half as many to decide, evenly from the whole, so that its cost does not grow
 * with the data.  Where the plan drew a few rows to decide, it is every fourth
 * of all: a comparison needs more of them.
 */
#ifndef ANALYSIS_REHEARSAL_H
#define ANALYSIS_REHEARSAL_H

#include "analysis/net_checks.h"
#include "model/fit.h"
#include "nn/training.h"

enum { REHEARSAL_ROWS = 4000 };

/* Which rows: chosen once for all checks. */
struct rehearsal_rows {
    size_t *fit, *stop; /* [n_fit], [n_stop], in file order */
    size_t n_fit, n_stop;
};

void rehearsal_rows_init(struct rehearsal_rows *rows,
                         const struct fit_plan *plan);

/* Of them at most so many to train on and half as many to decide. */
void rehearsal_rows_limit(struct rehearsal_rows *rows, size_t most);
void rehearsal_rows_release(struct rehearsal_rows *rows);

/* Owns all but what the subject owns; not to be moved once it is made. */
struct rehearsal {
    const struct net_subject *subject;
    struct fit_options options; /* the subject's, with another hyper */
    struct encoder encoder;
    struct net *net;
    struct train_rows rows;
    struct training run;
};

/*
 * Makes network and encoder anew, from the seed, with this hyper; trains on
 * fit[n_fit], decides by stop[n_stop].  The rows and hyper must stay.
 */
int rehearsal_init(struct rehearsal *rehearsal,
                   const struct net_subject *subject, const struct hyper *hyper,
                   const size_t *fit, size_t n_fit, const size_t *stop,
                   size_t n_stop, struct err *err);
void rehearsal_release(struct rehearsal *rehearsal);

/*
 * Draws values for parameters that start at zero: a network whose outputs are
 * all alike shows nothing, and where inputs and biases are zero all rectifiers
 * stand at their edge, where there is no gradient.
 */
void rehearsal_wake(struct rehearsal *rehearsal);

/*
 * hyper without what makes a training pass another than that of a prediction,
 * or the loss another than it looks: dropout, augmentation, class weights,
 * label smoothing, the balanced sampler; and without weight decay and l1.
 */
struct hyper rehearsal_plain(const struct hyper *hyper);

/* Whether rehearsal_plain takes something away that holds learning back. */
bool rehearsal_regularised(const struct hyper *hyper);

/*
 * Logits [n][classes] of rows in a training pass, as the loss would read them,
 * and in prediction; they are the caller's.  Nothing is learned.
 */
real *rehearsal_trained_logits(struct rehearsal *rehearsal, const size_t *rows,
                               size_t n);
real *rehearsal_logits(struct rehearsal *rehearsal, const size_t *rows,
                       size_t n);

/* Mean loss and error of rows in prediction, by their labels in the table. */
void rehearsal_score(struct rehearsal *rehearsal, const size_t *rows, size_t n,
                     double *loss, double *error);

/*
 * Weighted mean loss of a training pass, the same each time it is asked; the
 * gradients of the network are its.  NaN where it is not finite.
 */
double rehearsal_grade(struct rehearsal *rehearsal, const size_t *rows,
                       size_t n);

/* Trains to the end; told hears of epochs and may be NULL.  The loss was not
 * finite: -1, with err. */
int rehearsal_train(struct rehearsal *rehearsal, epoch_fn *told, void *context,
                    const struct train_watch *watch, struct err *err);

/* Classes of rows of the table, below classes.n, or LABEL_NONE. */
size_t rehearsal_class(const struct rehearsal *rehearsal, size_t row);

/* The loss of a row where all classes are alike. */
double rehearsal_guess(const struct rehearsal *rehearsal);

/* Multiply-adds of one training step of n rows, about. */
double rehearsal_step_work(const struct rehearsal *rehearsal, size_t n);

#endif
