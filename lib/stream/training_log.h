/*
 * training_log: the log of anybody's training, as series of one value an epoch.
 *
 * Long, a row for each epoch and part (what `assay train` writes), or wide, a
 * row for each epoch with a column for each part; with empty cells and several
 * steps an epoch (log_columns.h has the names).
 */
#ifndef STREAM_TRAINING_LOG_H
#define STREAM_TRAINING_LOG_H

#include <stdbool.h>

#include "base/buf.h"
#include "csv/list.h"
#include "csv/reader.h"
#include "stream/log_columns.h"

/*
 * n points in the order of the log.  Several rows of one epoch are one point,
 * their mean (and `steps` is the most rows of any); a log without epochs, or
 * with fewer than five and at least ten rows, is by row: `by_step`, and more
 * than 40 rows are means of 20 stretches of them.
 *
 * [n] each: epoch; loss, which may be inf or NaN where the log says so; error
 * and rate, NaN where there is none.  An accuracy is an error of 1 - accuracy,
 * or of 1 - accuracy / 100 where one is above 1 (`percent`).  doubled: epochs
 * with several rows in a log that has one for most.
 */
struct log_series {
    size_t n, capacity;
    double *epoch, *loss, *error, *rate;
    size_t steps, doubled;
    bool by_step;
    double first_step; /* the loss of the very first row */
};

/*
 * One run: train, and the part that is held out: val, or else test.  name:
 * "replica 2, fold 1", "" where there is one run only.  restarts: how often the
 * log goes back to an earlier epoch; what was there is replaced.
 */
struct log_run {
    char *name;
    struct log_series train, held;
    size_t restarts;
};

struct training_log {
    struct log_run *runs;
    size_t n_runs;
    const char *held;            /* "validation", "test", "" */
    bool own, percent, accuracy; /* own: of `assay train` */
    struct buf notes;
};

/* Reads it all.  names as log_columns_find has them.  Errors: as there, a cell
 * that is no number, no rows with a loss. */
int training_log_read(struct training_log *log, struct csv_reader *csv,
                      const struct list *names, struct err *err);
void training_log_release(struct training_log *log);

/* The epoch of point i, NaN where there is no such point. */
double log_epoch(const struct log_series *series, size_t i);

/* The median error of the last three points; NaN where there is none. */
double log_last_error(const struct log_series *series);

#endif
