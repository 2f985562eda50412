/*
 * tried_read: what was tried (stream/tried.h), from a model file or from rows
 * of hyperparameters.
 */
#ifndef MODEL_TRIED_READ_H
#define MODEL_TRIED_READ_H

#include "base/err.h"
#include "csv/reader.h"
#include "stream/tried.h"

/* From a model file: the network, its columns, and how its training went. */
int tried_from_model(struct tried *tried, const char *path, struct err *err);

/*
 * From a table whose columns have names of hyperparameters: one row, or one a
 * trial (columns trial, state, objective or val_error).  Values are those of
 * the trial with the least objective, the first without one; of the others
 * the lowest and highest numbers are kept.  Columns of other names are
 * ignored, but there must be one hyperparameter; an empty cell is the default.
 * Of a log only the last row of a trial counts, and only with state `done` or
 * none.
 */
int tried_from_rows(struct tried *tried, const char *path,
                    const struct csv_options *options, struct err *err);

#endif
