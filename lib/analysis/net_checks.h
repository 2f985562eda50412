/*
 * net_checks: data and network together, before a long training.
 *
 * The network is made, fed and stepped as a training would do it
 * (nn/training.h), and what comes of it is held against what can be computed
 * another way. Where something goes wrong the check goes on asking: it mends
 * one thing after the other (the learning rate, the regularisation, the order
 * of the labels), and names the first that helps.
 *
 * Findings, in the order of what causes what:
 *
 *   stopping_rows   rows that decide when to stop are trained on
 *   shuffle         epochs come in one and the same order
 *   inputs          encoded inputs that are far from 0 +- 1
 *   batch, targets  a step sees other rows, or other classes, than it was given
 *   dependency      a row's outputs depend on the rows beside it
 *   outputs         logits that are probabilities already
 *   gradient        back-propagation against finite differences
 *   initialisation  loss of the first step against ln K; units all alike
 *   output_bias     … against the entropy of the classes
 *   layers          units, outputs and gradients of each layer at the start
 *   evaluation      predictions that are not repeatable
 *   determinism     two runs of one seed that differ
 *   overfit         one batch can be learned by heart; else why not:
 *   learning_rate   … and the range of learning rates
 *   regularisation
 *   capacity        more units, lower training loss
 *   zeroed_inputs   inputs of zeros must do worse
 *   floor           better than majority and linear
 *   baseline        as fast as it was
 */
#ifndef ANALYSIS_NET_CHECKS_H
#define ANALYSIS_NET_CHECKS_H

#include "model/plan.h"
#include "stream/finding.h"
#include "stream/training_log.h"

/* What is checked; nothing is owned. */
struct net_subject {
    const struct table *table;
    const struct fit_plan *plan;         /* model/plan.h: the rows */
    const struct fit_options *options;   /* network, training, seed */
    const struct training_log *baseline; /* of an earlier run; NULL: none */
};

/*
 * Adds its findings, those that are ok too.  Fails where no such network can be
 * made.
 */
int net_checks(const struct net_subject *subject, struct findings *findings,
               struct err *err);

#endif
