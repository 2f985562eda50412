/*
 * decompose_args: the options of `assay decompose`.
 */
#ifndef CLI_DECOMPOSE_ARGS_H
#define CLI_DECOMPOSE_ARGS_H

#include "cli/args.h"
#include "cli/result.h"
#include "stream/learning_rows.h"
#include "stream/source_table.h"

/* One table that decompose makes: what it is called, and how it is drawn. */
struct decompose_kind {
    int key; /* of its option; 0: the table without one */
    const struct prediction_table *table;
    result_draw *draw; /* NULL: as any table */
};

/* `options` are those of `kind`.  Lists are owned. */
struct decompose_args {
    const struct decompose_kind *kind;
    const void *options;
    struct list columns, on;
    bool has_decomposition;
    const char *goal; /* as it was given */
    struct source_options sources;
    struct learning_options learning;
    const char *model, *tried_rows; /* files: what was tried */
    struct tried tried;
    struct advice_case known; /* of it, for all tables */
};

/* args_parse for decompose: reports what is wrong and exits. */
void decompose_args_parse(struct args *args, struct decompose_args *options,
                          int argc, char **argv);
void decompose_args_release(struct decompose_args *options);

#endif
