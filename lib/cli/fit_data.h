/*
 * fit_data: the table that a network is fitted to: read, typed, its rows
 * divided.  Ends the process on failure, as all calls here do.
 */
#ifndef CLI_FIT_DATA_H
#define CLI_FIT_DATA_H

#include "cli/args.h"
#include "cli/fit_setup.h"

/* {0} is empty; not to be moved once it is read. */
struct fit_data {
    struct csv_reader *reader;
    struct schema schema;
    struct table table;
    struct fit_plan plan;
};

/* Opens the files, of which only the header is read; `rows`: fit_data_read will
 * be called. */
void fit_data_open(struct fit_data *data, const struct args *args, bool rows);

/* Finds the types; lines of what is odd are added to notes. */
void fit_data_types(struct fit_data *data, const struct fit_setup *setup,
                    struct buf *notes);

/* Reads the rows; `purpose` is "learn from", for want of a column. */
void fit_data_read(struct fit_data *data, const char *root,
                   const char *purpose);

/* Says which rows are for what, with notes of what is odd. */
void fit_data_plan(struct fit_data *data, const struct fit_options *options);

void fit_data_release(struct fit_data *data);

#endif
