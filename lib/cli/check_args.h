/*
 * check_args: the command line of `assay check`.
 */
#ifndef CLI_CHECK_ARGS_H
#define CLI_CHECK_ARGS_H

#include "cli/fit_setup.h"

/* What is looked at: any of the three, together. */
struct check_args {
    bool columns, strict;
    bool data; /* a table of rows; else only what follows */

    struct fit_setup setup; /* the table, FILE..., and with --net what would be
                               fitted to it */
    char *baseline;         /* a curve to be as fast as; NULL: none */

    char *curve, *predictions; /* paths; NULL: none */
    size_t classes;            /* of the curve; 0: not known */
    struct list rename;        /* names in the curve or the predictions */
};

/* Ends the process where the options do not go together. */
void check_args_parse(struct args *args, struct check_args *options, int argc,
                      char **argv);
void check_args_release(struct check_args *options);

#endif
