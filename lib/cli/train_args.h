/*
 * train_args: the options of `assay train`, which describe a fit.
 */
#ifndef CLI_TRAIN_ARGS_H
#define CLI_TRAIN_ARGS_H

#include "cli/args.h"
#include "model/fit.h"

/* Strings belong to argv; lists are owned. */
struct train_args {
    struct schema_request schema;
    struct fit_options fit;
    const char *model; /* -m; NULL: none */
    const char *curve; /* --curve; NULL: none */
    bool predict, probs, explain;
    const char *for_mlp; /* the last option given that only mlp has */
    struct list keep;
};

/* args_parse for train: reports what is wrong and exits. */
void train_args_parse(struct args *args, struct train_args *options, int argc,
                      char **argv);
void train_args_release(struct train_args *options);

/* The table of --explain: what each column is taken for. */
void train_explain(struct rows *rows, const struct schema *schema);

#endif
