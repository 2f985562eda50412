/*
 * check_args: the command line of `assay check`.
 */
#ifndef CLI_CHECK_ARGS_H
#define CLI_CHECK_ARGS_H

#include "cli/args.h"
#include "table/schema.h"

/* What is looked at: any of the three, together. */
struct check_args {
    bool columns, strict;
    bool data; /* a table of rows; else only what follows */

    struct schema_request schema; /* the table, FILE... */
    const char *root;

    char *curve, *predictions; /* paths; NULL: none */
    size_t classes;            /* of the curve; 0: not known */
    struct list rename;        /* names in the curve or the predictions */
};

/* Ends the process where the options do not go together. */
void check_args_parse(struct args *args, struct check_args *options, int argc,
                      char **argv);
void check_args_release(struct check_args *options);

#endif
