/*
 * trial_stream: the stream of trials on its way out: row by row as trials come
 * to their end, or drawn as a table when the search is over.
 */
#ifndef CLI_TRIAL_STREAM_H
#define CLI_TRIAL_STREAM_H

#include "cli/args.h"
#include "cli/progress.h"
#include "csv/rows.h"
#include "csv/writer.h"
#include "search/study.h"

struct trial_stream {
    const struct args *args;
    struct rows rows; /* all of them */
    struct csv_writer writer;
    struct progress progress;
    bool drawn, begun;
    size_t planned; /* trials, for the progress line */
    size_t done;    /* those that came to their end */
    double best;
    char reason[200]; /* why the last one failed or was given up */
};

/* Before the study is opened; planned: 0 shows no progress. */
void trial_stream_init(struct trial_stream *stream, const struct args *args,
                       size_t planned);

/* study_options.finished, with the stream as its context. */
void trial_stream_add(void *stream, const struct study *study, size_t i);

/* Ends the stream, checks gates against the rows; the exit status. */
int trial_stream_end(struct trial_stream *stream, const struct study *study,
                     const struct rows *gated);

#endif
