/*
 * eval_args: the options of `assay eval`.
 */
#ifndef CLI_EVAL_ARGS_H
#define CLI_EVAL_ARGS_H

#include "cli/args.h"
#include "cli/result.h"
#include "model/permutation.h"
#include "stream/comparison_rows.h"
#include "stream/coverage_rows.h"
#include "stream/joined.h"
#include "stream/metric.h"

/* A table made of predictions, its options, and how it is drawn. */
struct eval_table {
    const struct prediction_table *table; /* NULL: none is asked for */
    const void *options;
    result_draw *draw; /* NULL: as any table */
};

enum { EVAL_ARGS_KEYS = 20 };

/* A model, a table, or files to compare.  Strings belong to argv; lists are
 * owned. */
struct eval_args {
    const char *model, *sequence;
    bool importance; /* of the model's features, in place of predictions */
    struct permutation_options permutation;
    bool metrics, coverage, compare, unbuffered;
    struct metric_options metric;
    struct coverage_options cover;
    struct eval_table table;
    struct list on, columns;
    struct predictor_options predict;
    struct joined_options joined;         /* without on and columns */
    struct comparison_options comparison; /* its kinds are --metric's */
    bool given[EVAL_ARGS_KEYS]; /* which of its own options, in their order */
};

/* args_parse for eval: reports what is wrong and exits. */
void eval_args_parse(struct args *args, struct eval_args *options, int argc,
                     char **argv);
void eval_args_release(struct eval_args *options);

#endif
