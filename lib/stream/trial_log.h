/*
 * trial_log: the errors of trials, from a stream of trials or a trial log.
 *
 *     trial,state,objective,val_error,val_loss,...
 *
 * In a log a trial has several rows, of which the last one counts; trials whose
 * state is not `done` have no error.  A torn last line is left out.
 */
#ifndef STREAM_TRIAL_LOG_H
#define STREAM_TRIAL_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* {0} is empty. */
struct trial_log {
    double *value; /* [n] of the trials that are done */
    size_t n, others;
    bool torn;
};

/*
 * Reads `column` (val_error, or val_loss).  A file without a trial that is
 * done, or with a value that is no number, is an error.
 */
int trial_log_read(struct trial_log *log, const char *path, const char *column,
                   struct err *err);
void trial_log_release(struct trial_log *log);

#endif
