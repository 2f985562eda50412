/*
 * train_args: the options of `assay train`, which describe a fit.
 */
#ifndef CLI_TRAIN_ARGS_H
#define CLI_TRAIN_ARGS_H

#include "cli/args.h"
#include "cli/pause.h"
#include "model/fit.h"

/* Strings belong to argv; lists are owned. */
struct train_args {
    struct schema_request schema;
    struct fit_options fit;
    const char *model; /* -m; NULL: none */
    const char *curve; /* --curve; NULL: none */
    bool predict, probs, explain, lr_range, list_hypers;
    struct list keep;
    const char *hyper[HYPERS]; /* as given, by place in hyper_table, or NULL */
    bool has_net, has_replica_by;
    bool foreign;            /* --init-from is not a model of ours */
    const char *sequence;    /* --sequence; NULL: rows are wide */
    const char *root;        /* --root; NULL: the working directory */
    struct list row_columns; /* columns of a sequence, not of its steps */
    size_t n_pixel_mean, n_pixel_std;
    struct pause pause; /* fit.watch is its */
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
