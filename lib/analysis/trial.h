/*
 * trial: one configuration of hyperparameters, trained and judged.
 *
 *     struct trial_subject s = {.table = …, .plan = …, .options = …};
 *
 *     trial_prepare(&s, &err);
 *     trial_train(&s, &hyper, seed, 3, &state, &outcome, &err);
 *     trial_train(&s, &hyper, seed, 9, &state, &outcome, &err);
 *     trial_release(&s);
 *
 * Rows are divided and the encoders fitted once, in trial_prepare: afterwards
 * all of a subject is only read, and threads may train trials of it side by
 * side.  A trial takes the threads that a region would have where it is called
 * (base/parallel.h); its numbers do not depend on them.
 *
 * The objective is the metric of the rows that decide when to stop (plan->stop:
 * testval, else val, else a seeded tenth of the rows to train on), predicted
 * with the parameters of the best epoch so far, which is the one with the least
 * loss on these rows.  With folds it is the mean over the held-out folds.
 * `test` is never read.  macro F1 counts as 1 - F1, so that less is better.
 *
 * `assay train` with the same hyperparameters and --seed of the trial gives the
 * network that was judged, to the bit, unless the rows that decide are drawn,
 * which the seed of the subject does.
 */
#ifndef ANALYSIS_TRIAL_H
#define ANALYSIS_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "search/outcome.h"
#include "stream/metric_kind.h"

struct encoder;
struct fit_options;
struct fit_plan;
struct hyper;
struct runs;
struct table;

/* The first part is the caller's, and must stay; trial_prepare fills runs. */
struct trial_subject {
    const struct table *table;
    const struct fit_plan *plan;
    const struct fit_options *options; /* all but hyper, replicas, train_sizes
                                          and watch; seed: of the rows */
    enum metric_kind metric;
    bool (*stop)(void); /* whether to come to an end: asked between epochs, by
                           any thread; NULL: never */

    struct runs *runs; /* one, or one a fold */
    struct encoder *encoders;
};

/*
 * Divides the rows and fits the encoders.  Errors: no rows to decide by, or of
 * no weight; rows
 * of `test` among those to be used (ERR_USAGE); what runs_plan refuses; a file
 * of init_from that cannot be read.
 */
int trial_prepare(struct trial_subject *subject, struct err *err);
void trial_release(struct trial_subject *subject);

/*
 * Trains to `until` epochs (0, or hyper->epochs and more: to the end) and says
 * what came of it in *outcome, which is {0} or was filled before; the caller
 * releases note and per_row.
 *
 * The course is that of hyper->epochs however it is cut: training to 3 epochs
 * and on to 9 gives the bits of training to 9.  *state is where an earlier call
 * left off, empty to begin, and becomes where this one did; the bytes are of
 * this machine and may be kept in a file.  Of a trial that is over they are few
 * and give its outcome again; of one that was pruned or failed there are none.
 *
 *   OUTCOME_RUNG    `until` is reached
 *   OUTCOME_DONE    all epochs, or patience is at its end
 *   OUTCOME_PRUNED  given up; the note is one word, of nn/diagnose.h:
 *                   exploding: so it is, and for 5 epochs no epoch was better;
 *                   or the loss or the weights are not finite
 *                   dead: likewise, and of the training rows three quarters
 *                   of those are wrong that the most frequent class gets wrong
 *                   slow: so it is after 15 epochs, and a third of them all
 *                   The objective is that of the best epoch, NaN where there is
 *                   none, and with folds
 *   OUTCOME_FAILED  there is no such network, or no memory for it; the note
 *                   says so in one line
 *   OUTCOME_CUT     stop() said so; with the state it goes on
 *
 * What giving up costs and saves: of 76 random trials in the default spaces of
 * mlp and lstm (titles, digits, xor, spirals, tabular, order; 30 to 60 epochs)
 * one was pruned, in the worst third; of 66 in spaces with learning rates from
 * 1e-6 to 10 and all optimizers 26 were, which saved 26 % of all epochs.  None
 * of the 44 in the best thirds would have come to a smaller error; two of them
 * were pruned, at their best epoch.
 *
 * val_error is the share of wrong rows, val_loss the mean of -ln p(label),
 * whatever loss is trained on; rows whose label training lacks are wrong, and
 * not in the loss.  Both are weighted as the table says.  epochs_run counts
 * from the beginning, in all calls; with folds it is that of the fold with the
 * most.  per_row has plan->stop, or with folds all rows of plan->fit.
 *
 * -1: a state that is not of this trial; images that cannot be read any more;
 * the system.  *state is then as it was.
 */
int trial_train(const struct trial_subject *subject, const struct hyper *hyper,
                uint64_t seed, size_t until, struct buf *state,
                struct outcome *outcome, struct err *err);

/* What trial_threads measured; rates are rows a second of all trials. */
struct trial_speed {
    int threads;         /* of one trial */
    double alone, split; /* of as many trials as cores with a thread each; of
                            the best division into fewer; 0: not known */
};

/*
 * How `cores` are best divided among trials of about this size, by training a
 * few steps of hyper, a sixth of a second for each division or two rounds of
 * two steps: as many trials as cores with a thread each, unless fewer trials
 * with 2, 4, … threads each get 5 % more done.  Returns speed->threads, 1 where
 * hyper is of no network.
 */
int trial_threads(const struct trial_subject *subject,
                  const struct hyper *hyper, int cores,
                  struct trial_speed *speed);

#endif
