/*
 * workers: the trials of a study, several at a time, by threads of this
 * process.
 */
#ifndef SEARCH_WORKERS_H
#define SEARCH_WORKERS_H

#include "search/states.h"
#include "search/study.h"

/*
 * How a trial is made: fills the outcome, from *state (where the trial stands,
 * empty at its beginning), which it brings up to date.  Called by several
 * threads at once, each with `threads` of its own for what it does in parallel.
 * -1: the search cannot go on.
 */
typedef int worker_fn(void *context, const struct study_job *job,
                      struct buf *state, struct outcome *outcome,
                      struct err *err);

struct workers {
    int n, threads; /* at least 1 */
    worker_fn *run;
    bool (*stop)(void); /* no further job; asked by any thread.  NULL: never */
    void *context;
};

/*
 * Until the study is over or `stop` says so; trials that have failed are no
 * failure.  *over: the study is over.
 */
int workers_run(struct study *study, struct states *states,
                const struct workers *workers, bool *over, struct err *err);

#endif
