/*
 * diagnose: what a training run suffers from, seen from the outside.
 *
 * Signs are looked for after every epoch, with thresholds that began as those
 * of AUTOTRAINER (Zhang et al. 2021), DeepChecker (Ben Braiek & Khomh 2023)
 * and UMLAUT (Schoop et al. 2021).  Everything is measured against the other
 * layers or against the run's own past, and a sign counts when it is there in
 * DIAGNOSE_PERSISTS epochs on end while training does not do well: no better
 * by 1 % an epoch, and more than 2 % of the training rows wrong.
 *
 *   vanishing    the gradient of a layer is below 1e-4 and below a thousandth
 *                of the last layer's
 *   exploding    a step changes a layer by as much as its values, or by a tenth
 *                with a gradient 70 times the last layer's; or the loss is ten
 *                times the first epoch's; or ten times that of the first step
 *                and of guessing (ln classes), which is never doing well
 *   dead         at least 70 % of a layer's ReLU units are above zero for no
 *                training row
 *   saturated    at least 80 % of a layer's tanh or sigmoid values stand where
 *                the curve is flat
 *   oscillating  in the last ten epochs the loss rose three times by a quarter
 *                of its mean, and fell so far at least twice (not with mixup,
 *                whose losses are those of chance mixtures)
 *   slow         in five epochs the loss fell by less than 1 %, and nearly as
 *                many rows are wrong as guessing gets wrong: 95 % of that, or
 *                80 % where the loss is still above 90 % of the first epoch's
 *
 * Gradients and steps are those of the last step of the epoch.
 */
#ifndef NN_DIAGNOSE_H
#define NN_DIAGNOSE_H

#include "base/buf.h"
#include "nn/net.h"

enum trouble {
    TROUBLE_VANISHING,
    TROUBLE_EXPLODING,
    TROUBLE_DEAD,
    TROUBLE_SATURATED,
    TROUBLE_OSCILLATING,
    TROUBLE_SLOW
};
enum {
    TROUBLES = TROUBLE_SLOW + 1,
    DIAGNOSE_PERSISTS = 3,
    DIAGNOSE_EPOCHS = 11 /* that are remembered */
};

/* 2-norms of a layer's learned parameters in one step (of touched rows). */
struct layer_norms {
    double gradient, update, value;
};

/*
 * One run, of one network.  {0} is a run that has not begun.  The first three
 * are for the caller, the rest is not.
 */
struct diagnosis {
    struct buf warning; /* of the last epoch: "dead slow", or nothing */
    struct buf news;    /* what is so for the first time, a line each:
                           "dead: 83 % of the units of hidden.0" */
    double dead_share;  /* of all ReLU units in the last epoch; NaN: none */

    struct layer_norms *layers; /* [n_layers]; value 0: not measured */
    size_t n_layers;
    real **before; /* [parameters] their values, during the step */
    size_t epochs;
    /* of the last epochs, the newest first; best is the least loss so far */
    double loss[DIAGNOSE_EPOCHS], best[DIAGNOSE_EPOCHS];
    double first_loss, error;
    double start_loss;      /* of the first step; 0: not known */
    size_t lasts[TROUBLES]; /* epochs on end */
    bool told[TROUBLES];
};

void diagnosis_release(struct diagnosis *diagnosis);

/* The loss of a step; that of the first one is remembered. */
void diagnose_step(struct diagnosis *diagnosis, double loss);

/* Around the last step of an epoch, with the gradients that made it. */
void diagnose_before(struct diagnosis *diagnosis, struct net *net);
void diagnose_after(struct diagnosis *diagnosis, struct net *net);

/*
 * After an epoch, with its training loss and error: fills warning, news and
 * dead_share.  Asks the layers for their activity, which starts anew.
 */
void diagnose_epoch(struct diagnosis *diagnosis, struct net *net, double loss,
                    double error);

#endif
