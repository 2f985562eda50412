/*
 * training_view: a training run on standard error, while it goes on and at its
 * end: the progress line with loss, error, rows a second; a line for each
 * warning; a sparkline of the loss.
 */
#ifndef CLI_TRAINING_VIEW_H
#define CLI_TRAINING_VIEW_H

#include "cli/progress.h"
#include "model/fit_result.h"

/* Losses that decide (or of training), one an epoch, of the run shown. */
struct training_view {
    struct progress progress;
    bool quiet;
    double *losses;
    size_t n, capacity;
    double rows, started; /* rows trained on, seconds of the monotonic clock */
};

void training_view_init(struct training_view *view, enum progress_mode mode,
                        bool quiet);

/*
 * After an epoch of a run, as a fit_told_fn whose context is the view: `done`
 * of at most `most` epochs of all runs are done.
 */
void training_view_step(void *view, const struct run *run,
                        const struct epoch *epoch, size_t done, size_t most);

/* Clears the line; draws the sparkline where progress was drawn. */
void training_view_done(struct training_view *view);

#endif
