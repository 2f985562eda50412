/*
 * split_args: the options of `assay split`.
 */
#ifndef CLI_SPLIT_ARGS_H
#define CLI_SPLIT_ARGS_H

#include "cli/args.h"
#include "table/splitter.h"

/* Strings belong to argv, what the library parsed is owned. */
struct split_args {
    struct splitter_options split;
    const char *recode; /* NULL: none */
    size_t steps;       /* of its table; 0: all rows */
};

/*
 * args_parse for split: reports what is wrong and exits.  With --target,
 * args->files ends in it.
 */
void split_args_parse(struct args *args, struct split_args *options, int argc,
                      char **argv);
void split_args_release(struct split_args *options);

/* What was found and done, on standard error. */
void split_args_report(const struct split_args *options,
                       const struct splitter *splitter);

#endif
