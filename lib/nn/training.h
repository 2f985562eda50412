/*
 * training: a training run between two epochs, for those that drive it:
 * trainer.c, range_test.c, and whoever keeps its state.
 *
 * What is random in a run is named by its seed, the epoch and the step, never
 * drawn from a stream that runs on: between two epochs the state is what
 * training_save writes, and nothing else.
 */
#ifndef NN_TRAINING_H
#define NN_TRAINING_H

#include "base/pack.h"
#include "nn/diagnose.h"
#include "nn/feed.h"
#include "nn/optimizer.h"
#include "nn/schedule.h"
#include "nn/snapshot.h"
#include "nn/trainer.h"

/* One run and its working memory; net and rows are not owned. */
struct training {
    struct net *net;
    const struct train_rows *rows;
    const struct hyper *hyper;
    uint64_t seed;
    struct optimizer optimizer;
    struct schedule schedule;
    struct feed feed;
    struct adapt adapt;
    struct diagnosis diagnosis;
    size_t epoch;         /* the last one that was trained; 0: none */
    size_t best_epoch;    /* the one whose parameters stay */
    double best_loss;     /* on the rows that decide; infinite: none do */
    struct snapshot best; /* its parameters; empty: those of the network */

    size_t *order;              /* [n_fit] the epoch's rows */
    uint32_t *classes;          /* [n_fit] of rows->fit */
    double *class_weight;       /* [classes] */
    real *scratch;              /* [SHARDS_MOST][classes] */
    double loss, error, weight; /* sums over the running epoch */
    struct step_norms norms;
};

void training_init(struct training *run, struct net *net,
                   const struct train_rows *rows, uint64_t seed);
void training_release(struct training *run);

/*
 * The biases of the last layer take their first values, where hyper wants other
 * ones than those the network was made with; before the first step.
 */
void training_start(struct training *run);

/* Layers that never change are passed once, for all rows of the run. */
void training_keep(struct training *run);

/* Puts the rows in the order of an epoch. */
void training_order(struct training *run, size_t epoch);

/* Forward, loss and backward of a batch; the loss is not finite: -1. */
int training_grade(struct training *run, const size_t *rows, size_t n,
                   size_t epoch, double *mean_loss);

/*
 * Appends the state between two epochs: parameters, those of the best epoch,
 * moments, the course of schedule and diagnosis.  Bytes of this machine.
 */
void training_save(const struct training *run, struct buf *bytes);

/* Takes it up again, on a network of the same shape; false: it does not fit. */
bool training_load(struct training *run, struct unpack *from);

#endif
