/*
 * confuse_args: the options of `assay confuse`.
 */
#ifndef CLI_CONFUSE_ARGS_H
#define CLI_CONFUSE_ARGS_H

#include "cli/args.h"
#include "cli/result.h"
#include "stream/collapse_rows.h"
#include "stream/issue_rows.h"
#include "stream/prediction_table.h"
#include "stream/slice_rows.h"
#include "stream/top_losses.h"

/* One table that confuse makes: what it is called, and how it is drawn. */
struct confuse_kind {
    int key; /* of its option; 0: the table without one */
    const struct prediction_table *table;
    result_draw *draw; /* NULL: as any table */
};

/* `options` are those of `kind`, or NULL.  Lists are owned. */
struct confuse_args {
    const struct confuse_kind *kind;
    const void *options;
    struct list on, columns;
    struct top_options top;
    struct issue_options issues;
    const char *issue_option; /* one of them that was given, or NULL */
    struct slice_options slices;
    enum collapse_by collapse;
};

/* args_parse for confuse: reports what is wrong and exits. */
void confuse_args_parse(struct args *args, struct confuse_args *options,
                        int argc, char **argv);
void confuse_args_release(struct confuse_args *options);

#endif
