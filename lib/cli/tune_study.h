/*
 * tune_study: a search as the command line and its log describe it.  Ends the
 * process on failure, as all calls here do.
 */
#ifndef CLI_TUNE_STUDY_H
#define CLI_TUNE_STUDY_H

#include "cli/fit_data.h"
#include "cli/tune_args.h"
#include "search/study.h"

/* Not to be moved once it is open; owns all but `data`. */
struct tune_study {
    struct space space;
    struct history given; /* --configs */
    struct list items;    /* what the log said before it was opened */
    struct study_options options;
    struct study *study;
};

/*
 * Reads what the log says of itself, makes the space (of the network's
 * hyperparameters, where there is data) and what is to be as it was; options
 * that were not given are those of the log.
 */
void tune_study_init(struct tune_study *tune, struct tune_args *options,
                     const struct args *args, const struct fit_data *data);

/* Opens it, to be told of trials that are over; `workers` is recorded. */
void tune_study_open(struct tune_study *tune, const struct tune_args *options,
                     int workers,
                     void (*finished)(void *, const struct study *, size_t),
                     void *context);

/* Opens it to look at. */
void tune_study_read(struct tune_study *tune);

void tune_study_release(struct tune_study *tune);

#endif
