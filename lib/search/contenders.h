/*
 * contenders: what a search found, after a second look: the winner with an
 * honest score, and the configurations that may be as good.
 *
 * Trials with equal hyperparameters are one configuration; its runs are those
 * with different seeds.  stats/winner.h has the methods and what they cover.
 *
 * The winner is the configuration with the best score, not the simplest one
 * that may be as good: within noise of the best, the better score is still the
 * better guess, and what is simple is the user's to say.  But the simplest come
 * right after it, so that one who would rather have a small network, or a quick
 * one, sees at once what that may cost.
 */
#ifndef SEARCH_CONTENDERS_H
#define SEARCH_CONTENDERS_H

#include <stdint.h>

#include "csv/rows.h"
#include "search/history.h"
#include "stats/winner.h"

/*
 * history->n trials in the order in which they ran, [n] each.  Trials whose
 * objective is not finite are left out, and so is one with the configuration
 * and the seed of another before it: it is the same network.
 */
struct finished {
    const struct history *history;
    const size_t *number;       /* of the trial */
    const uint64_t *seed;       /* NULL: all are different */
    const char *const *per_row; /* outcome.h's; NULL or "": not known */
    const size_t *epochs_run;
    const double *cost;   /* smaller is simpler; NULL: epochs_run */
    const bool *given_up; /* trained in part only: looked at, but cannot win;
                             NULL: none */
    size_t rows;          /* of which the objective is the error; 0: it
                             is none, or they are not known */
};

/*
 * One configuration: first is the place of its first trial in the history; rank
 * is 1 of the winner, then by score.  cost is the mean over its runs.
 */
struct contender {
    size_t first, rank;
    double cost;
    struct standing standing;
};

/* The winner, then the others that were not given up with p > .05, the simplest
 * first, of equal cost the better one.  n is 0 where no trial succeeded. */
struct contenders {
    struct contender *items;
    size_t n;
    enum winner_method method;
    struct winner_noise noise;
};

/*
 * per_row is used where all trials have it, as long, and their objectives are
 * the share of '1' in it (to 1e-6): else it is not of the objective.
 */
void contenders_find(const struct finished *finished, uint64_t seed,
                     struct contenders *contenders);
void contenders_release(struct contenders *contenders);

/*
 * Which configurations to train again on fresh seeds: the winner and those with
 * p > .05, the best score first, at most k; the best k where no noise is known.
 * Writes the place of the first trial of each to first[k]; returns how many.
 */
size_t contenders_to_repeat(const struct finished *finished, uint64_t seed,
                            size_t k, size_t *first);

/*
 * Initialises and fills rows: rank,trial,runs,objective,score,low,high,run_low,
 * run_high,p_value,cost,method and a column a hyperparameter.  objective is the
 * mean over the runs; low and high are of the network of that trial, or with
 * repeats of the mean over seeds, run_low and run_high then of one more network
 * with that configuration.
 */
void contenders_rows(const struct finished *finished,
                     const struct contenders *contenders, struct rows *rows);

#endif
