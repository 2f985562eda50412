/*
 * annotators: how often each of several persons is wrong, and what the truth
 * is, from their judgements alone (Dawid & Skene 1979, Applied Statistics
 * 28:20).
 *
 *     struct judgements *j = judgements_new(n_persons, n_blocks);
 *     for each row:
 *         judgements_add(j, class, weight, block);
 *     fit = annotators_fit(j, n_classes, &options);
 *     for each row:
 *         annotators_posterior(fit, class, p);
 *     annotators_free(fit);
 *     judgements_free(j);
 *
 * Model: a row has a true class t with P(t = k) = prior[k]; given it, person a
 * says class c with P = theta[a][k][c], independently of the other persons.
 * Not every person has to judge every row.  With two persons the rates cannot
 * be told apart from these data (error_of_disagreement has what can be said
 * then).
 */
#ifndef STATS_ANNOTATORS_H
#define STATS_ANNOTATORS_H

#include <stddef.h>

#include "stats/interval.h"
#include "stats/judgements.h"

struct annotators_options {
    /*
     * The strength of a prior, in rows of each true class: theta[a][k] is
     * drawn towards a person who is wrong equally often whatever the class and
     * names each of the other classes equally often,
     *
     *     theta[a][k][c] = (count[a][k][c] + s m[a][k][c]) / (count[a][k] + s)
     *     m[a][k][k] = 1 - e[a],  m[a][k][c] = e[a] / (n_classes - 1)
     *
     * e[a] being the person's present rate of error, itself drawn towards that
     * of all persons with the weight of `s` judgements.  0: maximum likelihood.
     */
    double smoothing;
    double tolerance;   /* of the largest change of any error[a] */
    size_t most_rounds; /* of EM */
};

/*
 * smoothing .5, tolerance 1e-7, at most 1000 rounds.  So little smoothing is
 * enough to keep EM from certainty where a class is rare, and lets persons who
 * confuse some classes more than others show: with 3 persons, 5 classes and
 * 20 % errors that all go from one class to one other, 1000 rows, the mean
 * estimate is .198; with a smoothing of 5 it is .193.
 */
struct annotators_options annotators_defaults(void);

/*
 * What EM found, from the majority's vote on (the shares of votes are the first
 * posterior).  error[n_persons]: the expected share of a person's judgements
 * that are not the truth, sum of w (1 - posterior[judged]) / sum of w over the
 * rows judged by that person; NaN without any.  mean_error: their mean over the
 * persons who judged anything.  prior[n_classes].
 */
struct annotators {
    size_t n_persons, n_classes, rounds;
    double mean_error;
    double *error, *prior;
    size_t *pair;      /* [n_persons][n_classes] of log_theta, or SIZE_MAX */
    double *log_theta; /* [n_pairs][n_classes]: ln P(this | true class) */
    size_t n_pairs;
};

/* All classes judged are < n_classes, which is at least 2. */
struct annotators *annotators_fit(const struct judgements *j, size_t n_classes,
                                  const struct annotators_options *options);
void annotators_free(struct annotators *fit); /* NULL is fine */

/*
 * The 95 % interval of mean_error: a jackknife that leaves out one block of
 * rows after the other, by up to 100 rounds of EM from the fit on
 * (Busing, Meijer & van der Leeden 1999, Statistics and Computing 9:3, for
 * blocks of unequal size), with the estimate's bias by the same jackknife
 * added to its variance.  The ratio of that to the variance of as many
 * independent wrong judgements is the mean of what the disputed rows say and of
 * `alike`, which counts for one: 1, or with groups of rows by how much a row is
 * worth less if all rows of a group are alike (score.h).  Wilson's interval of
 * the judgements divided by this ratio.  All blocks are worked on side by side.
 *
 * Measured by tests/bench/annotator_coverage.c, 2000 runs each: how often the
 * interval holds the true error, the least and the most over 50, 200 and 1000
 * rows, errors of 2, 5 and 20 %, 2 and 5 classes.
 *
 *     2 persons (by error_of_disagreement, from Wilson's)     .938-.965
 *     3 persons, wrong equally often                          .945-.973
 *     3 persons, .4 to 1.6 times the error                    .941-.980
 *     3 persons, .4 to 1.6 times by class, one other class    .938-.980
 *       but for 20 %: 2 classes, 50, 200, 1000 rows           .920 .933 .946
 *                     5 classes, 50, 200, 1000 rows           .817 .919 .965
 *     5 persons, wrong equally often                          .939-.966
 *     5 persons, .4 to 1.6 times the error, 60 % of the rows  .940-.962
 *
 * Where few rows tell much confusion from truth the estimate is too low: .166
 * for .2 in the worst of these.
 */
struct interval annotators_interval(const struct judgements *j,
                                    const struct annotators *fit,
                                    const struct annotators_options *options,
                                    double alike);

/*
 * Two persons who are wrong equally often, independently, and name each of the
 * K - 1 other classes equally often agree with
 *
 *     P = (1 - e)² + e² / (K - 1)
 *
 * The smaller e in [0, 1 - 1/K] for a disagreement of 1 - P; two classes: (1 -
 * sqrt(1 - 2 d)) / 2.  More disagreement than persons who guess have gives 1 -
 * 1/K.  n_classes >= 2.
 */
double error_of_disagreement(double disagreement, size_t n_classes);

/*
 * P(true class | judgements) of a row: p[n_classes], which sum to 1.  The prior
 * where nobody judged.
 */
void annotators_posterior(const struct annotators *fit, const size_t *class,
                          double *p);

/* The same for n rows: class[n][n_persons], p[n][n_classes]. */
void annotators_posteriors(const struct annotators *fit, const size_t *class,
                           size_t n, double *p);

/* The same for all rows of a pattern of the judgements (judgements_add). */
void annotators_of_pattern(const struct annotators *fit,
                           const struct judgements *j, size_t pattern,
                           double *p);

#endif
