/*
 * tune_look: what a log says: the best configuration, those that may be as
 * good, what mattered.
 */
#ifndef CLI_TUNE_LOOK_H
#define CLI_TUNE_LOOK_H

#include "cli/tune_study.h"
#include "search/contenders.h"

/* The trials of a study that were judged; owns its arrays. */
struct tune_trials {
    struct finished finished;
    struct history history;
    size_t *number, *epochs_run;
    uint64_t *seed;
    const char **per_row;
    double *cost;
    bool *given_up;
};

/* `repeats`: those of a configuration that there was before, too. */
void tune_trials_init(struct tune_trials *trials, const struct tune_study *tune,
                      bool repeats);
void tune_trials_release(struct tune_trials *trials);

/* The best configurations are to be tried again, on fresh seeds (--repeat). */
void tune_plan_repeats(struct tune_study *tune,
                       const struct tune_args *options);

/* What gates are held against: a row `best`, empty before the search. */
void tune_gated_names(struct rows *rows);

/* Lines of who won, and how sure that is; the row for gates. */
void tune_note_winner(const struct tune_study *tune, struct rows *gated);

/* --best, --within-noise, --importance, --marginal: the exit status. */
int tune_look(struct tune_args *options, const struct args *args);

#endif
