/*
 * runs: one training run or many: folds, replicas, smaller training sets, and
 * all combinations of them.
 *
 *   folds        stratified; each is held out once and predicted by a model of
 *                the others' rows, of which a tenth decides when to stop
 *   replicas     the same rows with another seed, or (bootstrap) as many rows
 *                drawn with replacement
 *   train_sizes  nested, stratified subsets of the rows to train on
 */
#ifndef MODEL_RUNS_H
#define MODEL_RUNS_H

#include "model/fit.h"
#include "nn/trainer.h"
#include "stream/run_id.h"

/* What a row was to a run. */
enum row_role { ROW_LEFT_OUT, ROW_TRAIN, ROW_STOP, ROW_OTHER };

/*
 * How far a run came: not begun, cut short after an epoch, over as it would
 * have been anyway.
 */
enum run_end { RUN_LEFT_OUT, RUN_CUT, RUN_OVER };

/*
 * One run.  Without folds every row of the table is predicted but those that
 * could have been trained on and were not; with folds the held-out ones are.
 */
struct run {
    struct run_id id;
    uint64_t seed;
    size_t *fit, *stop, *held; /* rows; held: [n_held] predicted ones */
    size_t n_fit, n_stop, n_held;
    unsigned char *role; /* [n_held] enum row_role */
    float *prob;         /* [n_held][classes], NULL before it is trained */
    size_t number;       /* among the runs, from 0 */
    enum run_end end;
    size_t epochs, best_epoch; /* trained so far, the best of them */
    struct rows *curve;        /* stream/curve.h */
};

/* Runs of one replica and training size follow each other, by fold. */
struct runs {
    struct run *items;
    size_t n;
    struct run_columns columns;
    size_t n_folds; /* runs that together predict every row once; 1: none */
};

/*
 * Says which rows each run has.  Errors: a size that is none or more than
 * there are rows; a run without rows to train on or to hold out, or with those
 * of a single class.
 */
int runs_plan(struct runs *runs, const struct table *table,
              const struct fit_plan *plan, const struct fit_options *options,
              struct err *err);
void runs_release(struct runs *runs);

/* Told after every epoch of every run, one thread at a time. */
typedef void run_fn(void *context, const struct run *run,
                    const struct epoch *epoch);

/* Told after every batch likewise: its rows, the epoch's mean loss so far. */
typedef void run_batch_fn(void *context, const struct run *run, size_t rows,
                          double loss);

/* What all runs of a call share. */
struct runs_context {
    const struct table *table;
    const struct fit_plan *plan;
    const struct fit_options *options;
    bool predict; /* fill prob, also without folds */
    run_fn *told;
    run_fn *resumed; /* told once where a run goes on from a checkpoint: the
                        epochs done, with all their news; may be NULL */
    run_batch_fn *batch_told; /* NULL: nobody is */
    void *context;
};

/* Runs that have begun. */
size_t runs_begun(const struct runs *runs);

/*
 * Trains one run: *encoder and *net are the caller's then (NULL and empty on
 * failure).  Names of parameters that start anew are added to left (or NULL).
 */
int run_train(struct run *run, const struct runs_context *context,
              struct encoder *encoder, struct net **net, struct list *left,
              struct err *err);

/*
 * Trains all runs, in parallel, keeping predictions and curves only.  Where
 * options->watch says stop, those that have not begun are left out, but for
 * the first.
 */
int runs_train(struct runs *runs, const struct runs_context *context,
               struct err *err);

#endif
