/*
 * winner: the best of many trials that were judged on the same validation rows,
 * and what is left of it on fresh data.
 *
 * The best error is too low: the smallest of many numbers is likely to have
 * been lucky, in its rows and in its seed.  Rows on which all trials are wrong
 * alike are no luck of one of them, so how much there was is read from the rows
 * themselves where they are known.
 */
#ifndef STATS_WINNER_H
#define STATS_WINNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/interval.h"

/*
 * n trials, in the order in which they ran.  objective is finite and to be made
 * small.  config is below n_configs, and each configuration has a trial: trials
 * of one configuration are its runs, on different seeds.  n_rows: of how many
 * validation rows the objective is the share of wrong ones; 0: it is no such
 * share, or they are not known.  wrong: for each trial n_rows characters, '1'
 * where the row is wrong, as many as the objective says; NULL: not known.
 * out[n_configs]: those that cannot win, such as networks whose training was
 * given up.  They were looked at all the same, and tell how lucky the winner
 * had to be; not all of them are out, where there are any.  NULL: none is.
 */
struct contest {
    const double *objective;
    const size_t *config;
    const char *const *wrong;
    const bool *out;
    size_t n, n_configs, n_rows;
};

/*
 * From what noise is known, which says what scores, intervals and p-values are
 * of:
 *
 *   rows         the network of that trial, on fresh rows
 *   rows+seeds   a configuration's networks on the average over seeds, on fresh
 *                rows, with these training rows
 *   rates        as rows and rows+seeds; how far trials are wrong on the same
 *   rates+seeds  rows is not known, so all their noise is taken for luck: score
 *                and high are rather too high, and too many are within noise
 *   seeds        the average over seeds, on these validation rows: what the
 *                rows did is not known, and the intervals do not have it
 *   none         no noise is known: the score is the objective, the intervals
 *                and p-values are NaN
 */
enum winner_method {
    WINNER_NONE,
    WINNER_SEEDS,
    WINNER_RATES,
    WINNER_RATES_SEEDS,
    WINNER_ROWS,
    WINNER_ROWS_SEEDS
};

/* "none", "seeds", "rates", "rates+seeds", "rows", "rows+seeds". */
const char *winner_method_name(enum winner_method method);

/*
 * The noise at the best trials (the best third, at most ten).  unit: the
 * variance that the rows give one network's error, e (1 - e) / n_rows.  Of it,
 * `shared` is common to networks of all configurations, `config` (not less) to
 * those of one.  seeds: the variance of the true error between the runs of a
 * configuration, with df degrees of freedom (0: no repeats); for `seeds` all of
 * the variance between runs.
 */
struct winner_noise {
    double unit, shared, config, seeds, df;
};

/*
 * A configuration.  mean: of its runs' objectives.  score: what is to be
 * expected of it.  ci: 95 %, of the score; run: of one more network of that
 * configuration, on another seed; NaN without repeats.
 *
 * p_value: of there being no better one.  Those above .05 hold the truly best
 * one with a probability of .95, whatever their number: it is left out only if
 * its own test fails, so nothing is to be adjusted.  NaN beyond the 300 best.
 */
struct standing {
    size_t runs;
    double mean, score, p_value;
    struct interval ci, run;
};

/* best: the smallest score of those that can win, where there are repeats among
 * those that have. */
struct winner {
    enum winner_method method;
    struct winner_noise noise;
    size_t best;
};

/*
 * Fills standing[n_configs].  The same seed gives the same bits.  n = 0: method
 * is WINNER_NONE, best 0.
 *
 * Score.  Empirical Bayes: the true errors of the configurations have a
 * distribution of any form, found by maximum likelihood on a grid (Kiefer &
 * Wolfowitz 1956; EM as Laird 1978, J. Am. Stat. Assoc. 73:805); the score is
 * the mean of a configuration's true error, given its mean, which does not
 * depend on why one looks at it: it is right for the best one, for those that
 * were chosen to be repeated, and for proposals that followed the history.
 * The likelihood is that of a rate among so many rows that it has the variance
 * of what is a configuration's own,
 *
 *     unit (config - shared + (1 - config) / runs) + seeds / runs
 *
 * and normal for `seeds`.  Configurations more than 8 standard deviations from
 * the best have no part in it.  The same as optimism.h's, but that the rows
 * tell how much noise is shared.
 *
 * Intervals.  low is that of the mean, as if nothing had been chosen: that the
 * best one was not lucky at all is never excluded, and choosing makes it too
 * low only.  high is that of the score.  (For a mean above its score, the other
 * way round.)  Each is Wilson's, of the variance
 *
 *     unit (config + (1 - config) / runs) + seeds / runs [+ seeds: run]
 *
 * at that error, by Student's t for `seeds`.
 *
 * p-values.  Hansen's test of superior predictive ability (2005, J. Bus. Econ.
 * Stat. 23:365) with each configuration in turn as the benchmark, as Hsu's
 * comparison with the best (1981, Ann. Stat. 9:1026) but for any covariance:
 * the largest of the studentised differences to the others, but for those that
 * are clearly worse (by sqrt(2 log log n_rows)), among 2000 draws from the
 * normal distribution with the covariance of the means over the same rows (half
 * a row is added to each) and seeds.  Of two, it is nearly McNemar's mid-p.
 *
 * Measured by tests/bench/winner_coverage.c: 100 searches of 60 trials each,
 * with correlated errors: all equal, spread (and a fifth that fail), or one
 * much better; the five best again 0 or 3 times.  Bias of the winner's error,
 * how often its 95 % interval held the error on fresh data, mean width: of the
 * best error as it is; of the bootstrap of Tsamardinos, Greasidou & Borboudakis
 * 2018 (BBC; Machine Learning 107:1895), its percentiles; and of this:
 *
 *     trials rows again  plain            BBC              winner
 *     equal   100   0  -.052  .64 .084   .001  1.0 .168  -.005  .98 .143
 *     equal   100   3  -.035  .95 .100  -.015  .98 .111  -.006  .95 .110
 *     equal   500   0  -.018  .73 .045   .004  1.0 .075   .000  .95 .065
 *     equal   500   3  -.017  .87 .049  -.008  .97 .053  -.003  .96 .055
 *     equal  2000   0  -.006  .83 .024   .003  .98 .037   .001  .98 .031
 *     equal  2000   3  -.011  .68 .025  -.007  .90 .027  -.002  .97 .035
 *     spread  100   0  -.024  .94 .070   .009  .99 .142   .001  1.0 .104
 *     spread  100   3  -.013  1.0 .077  -.001  .97 .086   .001  .97 .073
 *     spread  500   0  -.005  .94 .035   .004  .99 .056   .003  .98 .043
 *     spread  500   3  -.002  1.0 .035   .002  .99 .037   .002  .99 .032
 *     spread 2000   0  -.002  .93 .017   .001  1.0 .025   .001  .99 .020
 *     spread 2000   3  -.001  .99 .017   .000  .99 .018   .001  1.0 .018
 *     one     100   0  -.039  .75 .113   .019  .97 .213   .010  .99 .170
 *     one     100   3  -.011  .98 .119   .005  .98 .142   .016  .96 .124
 *     one     500   0  -.001  .97 .052   .007  .98 .085   .004  .98 .058
 *     one     500   3   .002  1.0 .053   .002  .98 .053   .002  .92 .046
 *     one    2000   0   .000  .94 .026   .000  .98 .034   .000  .94 .027
 *     one    2000   3   .000  .95 .026   .000  .95 .026   .000  .98 .032
 *
 * With 10 and 200 trials, too, .91 to 1 (on the average .97 without repeats and
 * .96 with them; BBC .82 to 1).  The truly best one is among those with p > .05
 * in .97 to 1.  Of the same cells without repeats, the upper bound of
 * optimism.h held .14 to .95, its optimism_of_trials .72 to .98, the correction
 * by ten folds of Tibshirani & Tibshirani (2009, Ann. Appl. Stat. 3:822) .24 to
 * .94.  `seeds` held .89 (two repeats of 5 of 60 equal ones) to .97; `rates`
 * .93 to 1, up to a seventh wider; `rates+seeds` .98 to 1, up to twice as wide.
 *
 * Networks that were trained (winner_searches.sh: 15 configurations on 200 rows
 * of blobs or tabular, 250 to judge them, 100 searches each): the winner's
 * error is .015 and .013 too low, and Wilson's interval holds the truth in .89
 * and .93; the score is .004 and .001 too low, its interval holds the truth in
 * .93 and .98, with repeats in .92 and .94 (mean over seeds), .92 and .96
 * (run).
 *
 * Searches with successive halving (winner_halving.sh: 60 configurations, of
 * which a few are trained to the end, 100 searches each): .014 and .015 too
 * low, the score .000 and .000, its interval holds the truth in .95 and .98.
 *
 * Early stopping looks at the same rows, which nothing here can see.  In those
 * searches it added nothing that shows: the validation error of all trials was
 * .000 and .002 below the true one, with standard errors of .003 and .002.
 */
void winner_find(const struct contest *contest, uint64_t seed,
                 struct standing *standing, struct winner *winner);

#endif
