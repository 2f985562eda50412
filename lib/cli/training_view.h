/*
 * training_view: a training run on standard error, while it goes on and at its
 * end: the progress line with loss, error, rows a second; a line for each
 * warning; a sparkline of the loss.
 */
#ifndef CLI_TRAINING_VIEW_H
#define CLI_TRAINING_VIEW_H

#include "cli/args.h"
#include "cli/progress.h"
#include "model/fit_result.h"

/* Losses that decide (or of training), one an epoch, of a single run. */
struct training_view {
    struct progress progress;
    bool sparkline;
    const struct run *run; /* the first one told of */
    bool several;          /* there are others */
    double *losses;
    size_t n, capacity;
    char text[80];        /* of the last epoch */
    double part;          /* epochs of all runs that are under way */
    size_t done, most;    /* epochs of all runs */
    double rows, started; /* rows trained on, seconds of the monotonic clock */
};

/*
 * Draws the first line; returns who is to be told how it goes (of batches only
 * where progress is shown).  Until training_view_done the line is cleared
 * before messages (cli/report.h).  `curve`: the result is a curve, so that no
 * sparkline is needed where it is drawn.
 */
struct fit_watch training_view_start(struct training_view *view,
                                     const struct args *args, bool curve);

/* Clears the line; draws the sparkline where progress was drawn. */
void training_view_done(struct training_view *view);

#endif
