/*
 * study: a search as it stands: which trials there were, which is next.
 *
 * All that a study knows is in its log (search/journal.h), as events, and what
 * follows from them in their order; so one that was killed goes on as it would
 * have, and several processes may share one.  Columns
 *
 *     trial,state,objective,val_error,val_loss,epochs_run,trial_seed,
 *     the parameters, note,per_row,asked_at
 *
 *   search   the first row: its note is a CSV record of what is searched
 *            (study_options.fixed, then .free); another one where a later call
 *            differed in what is free
 *   asked    a trial begins, or goes on; with the configuration.  The note of
 *            a repeat is "repeat of N".  asked_at: seconds since 1970, where
 *            whoever trains it is not known (study_options.timeout)
 *   rung     it was trained as long as was asked, and could go on
 *   done, failed, pruned:REASON, stopped:RUNG
 *            it is over.  stopped: the study ended, and did not promote it
 *
 * Trials count from 1.  study_ask, study_tell and study_read may be called by
 * any thread; those that look only while none of these runs, or when told of a
 * trial.
 */
#ifndef SEARCH_STUDY_H
#define SEARCH_STUDY_H

#include "csv/rows.h"
#include "search/halving.h"
#include "search/outcome.h"
#include "search/search_sampler.h"

struct study;

enum trial_state {
    TRIAL_ASKED,
    TRIAL_RUNG,
    TRIAL_DONE,
    TRIAL_FAILED,
    TRIAL_PRUNED,
    TRIAL_STOPPED
};

/* One trial, as its last event left it. */
struct study_trial {
    size_t number;
    enum trial_state state;
    double objective, val_error, val_loss; /* NaN: not known */
    size_t epochs_run;
    uint64_t seed;
    size_t repeat_of; /* the trial whose configuration it has; 0: its own */
    char *note, *per_row;
    double asked_at; /* 0: by a process that claims it */
    bool claimed;    /* by this process */
};

struct study_options {
    struct sampler_options sampler; /* its trials: how many in all */
    struct halving halving;
    const char *log;          /* NULL: in memory */
    struct list fixed, free_; /* "NAME=VALUE": what must be as it was in the
                                 log, and what need not be */
    bool gives;               /* jobs are for others: not claimed, but timed */
    double timeout; /* seconds until such a job is free again; 0: never */

    /* Told of every trial that is over, trial i, in the order of the log, one
     * thread at a time; may look at the study.  NULL: nobody is. */
    void (*finished)(void *context, const struct study *study, size_t i);
    void *context;
};

/* The space and the options (whose lists are looked at here only) stay the
 * caller's.  A log of another search is an ERR_DATA error. */
struct study *study_open(const struct space *space,
                         const struct study_options *options, struct err *err);
void study_close(struct study *study); /* NULL is fine */

/* A study to look at: its log is there, and is not written. */
struct study *study_open_read(const struct space *space,
                              const struct study_options *options,
                              struct err *err);

/*
 * What a log says of itself, without opening a study: the items of its last
 * `search` row.  A file that is not there, or is empty: none.
 */
int study_items(const char *log, struct list *items, struct err *err);

/* "VALUE" of "NAME=VALUE" among items, or NULL. */
const char *study_item(const struct list *items, const char *name);

/* What is to be trained: a trial, and how far. */
struct study_job {
    size_t trial;
    uint64_t seed;
    double value[SPACE_MOST];
    size_t until; /* epochs; 0: to its end */
    bool again;   /* it was asked before */
};

enum study_next { STUDY_JOB, STUDY_WAIT, STUDY_OVER, STUDY_FAILED };

/*
 * The next job: a trial that nobody trains any more; one to promote; a new
 * one; a repeat (study_repeat).  WAIT: none before others have come to an end.
 * OVER: none any more; trials that were not promoted are stopped then.
 */
enum study_next study_ask(struct study *study, struct study_job *job,
                          struct err *err);

/*
 * A trial came to that; with OUTCOME_CUT it waits to be taken up again.  1:
 * nobody waits for it, since it was told already.
 */
int study_tell(struct study *study, size_t trial, const struct outcome *outcome,
               struct err *err);

/*
 * When no other job is left, `repeats` more trials of each of the
 * configurations of trials[n] are to be made, on fresh seeds; those that are
 * there count.
 */
void study_repeat(struct study *study, const size_t *trials, size_t n,
                  size_t repeats);

/* Reads what others have written. */
int study_read(struct study *study, struct err *err);

/* Whether a log has a column of that name, besides those of parameters. */
bool study_is_column(const char *name);

/* ---- looking ---- */

size_t study_trials(const struct study *study);

/* Trial i < study_trials, in the order of their numbers. */
const struct study_trial *study_trial(const struct study *study, size_t i);
const double *study_value(const struct study *study, size_t i);

/*
 * What a sampler learns from: all trials but repeats.  With halving their
 * objectives are those of one rung, the highest that at least so many came to.
 * Released by the caller.
 */
void study_history(const struct study *study, size_t least,
                   struct history *history);

/* The columns of the stream of trials, and a trial as a row of it. */
void study_columns(const struct study *study, struct rows *rows);
void study_row(const struct study *study, size_t i, struct rows *rows);

#endif
