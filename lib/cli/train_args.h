/*
 * train_args: the options of `assay train`: what is fitted (cli/fit_setup.h),
 * how often, and what becomes of it.
 */
#ifndef CLI_TRAIN_ARGS_H
#define CLI_TRAIN_ARGS_H

#include "cli/fit_setup.h"
#include "cli/pause.h"

/* Strings belong to argv; lists are owned. */
struct train_args {
    struct fit_setup setup;
    const char *model; /* -m; NULL: none */
    const char *curve; /* --curve; NULL: none */
    bool predict, probs, explain, lr_range, list_hypers;
    struct list keep;
    bool has_replica_by;
    bool adapt;          /* --adapt */
    const char *target;  /* with adapt, else NULL */
    double adapt_weight; /* 0: not given */
    struct pause pause;  /* setup.fit.watch is its */
};

/* args_parse for train: reports what is wrong and exits. */
void train_args_parse(struct args *args, struct train_args *options, int argc,
                      char **argv);
void train_args_release(struct train_args *options);

/*
 * Makes the network that would be trained, and adds lines of which rows are
 * for what, what it reads of a row, how large it is, and what memory it takes.
 */
int train_describe(struct buf *notes, const struct table *table,
                   const struct fit_plan *plan,
                   const struct fit_options *options, bool predict,
                   struct err *err);

/*
 * The table of --hyperparameters: those of the network, with their values; or
 * all with their defaults (hyper is NULL).
 */
void train_hyperparameters(struct rows *rows, const struct hyper *hyper);

#endif
