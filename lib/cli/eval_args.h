/*
 * eval_args: the options of `assay eval`.
 */
#ifndef CLI_EVAL_ARGS_H
#define CLI_EVAL_ARGS_H

#include "cli/args.h"
#include "model/predictor.h"

/* One of model, metrics and coverage.  Strings belong to argv; lists are owned.
 */
struct eval_args {
    const char *model, *sequence;
    bool metrics, coverage, has_goal, unbuffered;
    double goal;
    struct list on, columns;
    struct predictor_options predict;
};

/* args_parse for eval: reports what is wrong and exits. */
void eval_args_parse(struct args *args, struct eval_args *options, int argc,
                     char **argv);
void eval_args_release(struct eval_args *options);

#endif
