/*
 * shift_args: the command line of `assay shift`.
 */
#ifndef CLI_SHIFT_ARGS_H
#define CLI_SHIFT_ARGS_H

#include "cli/args.h"
#include "stats/label_shift.h"
#include "table/schema.h"

/* What it does, one a run. */
enum shift_mode {
    SHIFT_COMPARE, /* REFERENCE and CURRENT */
    SHIFT_BY,      /* parts or windows of one table */
    SHIFT_PROFILE,
    SHIFT_MERGE,
    SHIFT_LABELS,
    SHIFT_WEIGHTS,
    SHIFT_ERRORS
};

struct shift_args {
    enum shift_mode mode;
    struct schema_request schema;
    const char *model; /* -m; NULL: none */
    const char *root;  /* --root; NULL: the working directory */
    struct list columns, on;
    bool strict;
    bool each;       /* columns by themselves only */
    double tolerate; /* more errors a row than these are harm */

    const char *by;
    struct list pairs; /* "train:val", … */
    double window;     /* width; 0: no windows */
    bool previous;     /* each window against the one before */

    double accuracy;  /* of a profile's sketches */
    size_t sample;    /* rows of a profile's sample */
    const char *like; /* a profile whose columns are taken; NULL: none */

    struct label_shift_options labels;
    bool correct;
    size_t collect; /* rows; 0: slices */
};

/* Ends the process where the options do not go together. */
void shift_args_parse(struct args *args, struct shift_args *options, int argc,
                      char **argv);
void shift_args_release(struct shift_args *options);

#endif
