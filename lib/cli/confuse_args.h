/*
 * confuse_args: the options of `assay confuse`.
 */
#ifndef CLI_CONFUSE_ARGS_H
#define CLI_CONFUSE_ARGS_H

#include "cli/args.h"
#include "cli/result.h"
#include "stream/calibration_rows.h"
#include "stream/collapse_rows.h"
#include "stream/error_rows.h"
#include "stream/issue_rows.h"
#include "stream/prediction_table.h"
#include "stream/slice_rows.h"
#include "stream/tag_rows.h"
#include "stream/top_losses.h"

/* One table that confuse makes: what it is called, and how it is drawn. */
struct confuse_kind {
    int key; /* of its option; 0: the table without one */
    const struct prediction_table *table; /* NULL: of two files, the flow */
    result_draw *draw;                    /* NULL: as any table */
};

/* `options` are those of `kind`, or NULL.  Lists are owned. */
struct confuse_args {
    const struct confuse_kind *kind;
    const void *options;
    struct list on, columns;
    struct top_options top;
    struct issue_options issues;
    struct slice_options slices;
    enum collapse_by collapse;
    const char *tags;         /* a file */
    struct tag_file tag_file; /* what is in it */
    struct tag_options tag;
    const char *labels_from;
    bool given[8]; /* which options that belong to one kind */
    struct matrix_options matrix;
    struct calibration_options calibration;
};

/* args_parse for confuse: reports what is wrong and exits. */
void confuse_args_parse(struct args *args, struct confuse_args *options,
                        int argc, char **argv);
void confuse_args_release(struct confuse_args *options);

#endif
