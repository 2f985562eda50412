/*
 * gaps: splits the test error into its sources.
 *
 *     test = goal + underfitting + overfitting + shift + val_overfitting
 *
 *     underfitting     train - goal         the model cannot fit
 *     overfitting      trainval - train     it fits the training rows only
 *     shift            testval - trainval   the world of the test is another
 *     val_overfitting  test - testval       choices were fitted to validation
 *
 * (Tobin, "Troubleshooting Deep Neural Networks", Full Stack Deep Learning;
 * Ng, "Machine Learning Yearning", 2018, ch. 40-43.)  trainval is held out from
 * where the training rows come from, testval from where the test rows do.
 *
 * Which set plays which part:
 *   - trainval: `trainval`, else `val`, else `testval`;
 *   - testval:  `testval`, else `val`, else `trainval`.
 * So a single validation set plays both, and then there is no shift to measure.
 * A gap between sets of which one is missing is not measured, but for one: with
 * train and test and no validation set at all, overfitting is test - train.
 */
#ifndef STATS_GAPS_H
#define STATS_GAPS_H

#include <stdbool.h>
#include <stddef.h>

#include "stats/estimate.h"

enum split {
    SPLIT_TRAIN,
    SPLIT_TRAINVAL,
    SPLIT_VAL,
    SPLIT_TESTVAL,
    SPLIT_TEST,
    SPLIT_COUNT,
    SPLIT_GOAL = SPLIT_COUNT /* in struct gap: where underfitting starts */
};

enum gap_kind {
    GAP_UNDERFITTING,
    GAP_OVERFITTING,
    GAP_SHIFT,
    GAP_VAL_OVERFITTING,
    GAP_COUNT
};

/*
 * The errors on one split.  n > 0: `errors` of n rows, 0 <= errors <= n (may be
 * fractional where a table gave a rate).  n = 0: the number of rows is not
 * known, and `errors` is the rate itself, in [0, 1].
 */
struct split_errors {
    bool present;
    double n, errors;
};

/*
 * One source.  Where `measured` is false the rest is NaN or false, and from
 * and to mean nothing.
 *
 * value = error(to) - error(from).  ci: estimate_difference of the two, in
 * which a goal that is given has no part; NaN when one of the two n is not
 * known.
 *
 * rows_needed: how many rows each of the two sets would need for a gap of this
 * size to be found with a power of 80 %: gaps_rows_needed for rates, else from
 * the variances, (z.975 + z.80)² (n1 v1 + n2 v2) / value²; NaN if not known.
 * Against a goal g that is given it is the rows of train alone: of a rate p
 * (z.975 sqrt(g (1 - g)) + z.80 sqrt(p (1 - p)))² / (p - g)² (score test).
 *
 * beyond_noise: low > 0.  Where ci is not known it is value > 0: noise cannot
 * be told from a source then, and a user is to be told so.
 *
 * includes_val_overfitting: overfitting as test - train, for want of a
 * validation set.  includes_shift: the only validation set is `testval`, in
 * overfitting, or `trainval`, in val_overfitting: the shift, if there is one,
 * is part of this gap.
 */
struct gap {
    bool measured;
    double value;
    struct interval ci;
    double rows_needed;
    bool beyond_noise, includes_val_overfitting, includes_shift;
    enum split from, to;
};

/*
 * gap in the order of enum gap_kind, which is the order of attack.  `largest`
 * is the index of the largest gap that is beyond noise, the first of equals, or
 * -1 if there is none.  error and error_ci [SPLIT_COUNT]: the rate of each
 * split and its interval; NaN where it is absent or n is not known.
 */
struct gaps {
    struct gap gap[GAP_COUNT];
    int largest;
    double error[SPLIT_COUNT];
    struct interval error_ci[SPLIT_COUNT];
};

/*
 * The gaps between scores of any kind, a split that is absent having a value of
 * NaN.  The goal is independent of all splits; covariance[a][b] is that of two
 * splits' estimates, NULL where all are independent.  The gaps that are
 * measured telescope: when train, a validation set and test are there, goal +
 * their sum = test.
 *
 * Measured by tests/bench/gap_coverage.c, 2000 runs each with train 1000, val
 * 200, test 200 and two levels of error (5 and 27 % on train): how often the
 * interval of underfitting, overfitting or val_overfitting holds the true gap,
 * the least and the most of six.  `rare`: a class of 5 %; `weights`:
 * log-normal, larger on wrong rows; `groups`: of 5 rows; `replicas`: 5 models
 * of the same rows; `goal`: estimated on 300 rows.
 *
 *               plain     rare      weights   groups    replicas  goal
 *     error     .945-.954 .934-.959 .935-.952 .952-.968 .951-.962 .945-.954
 *     log loss  .947-.956 .940-.954 .939-.955 .942-.954 .944-.957 .947-.957
 *     Brier     .949-.963 .944-.957 .942-.959 .939-.958 .951-.965 .949-.961
 *     macro F1  .943-.954 .940-.954 .931-.951 .952-.970 .949-.957 .946-.954
 *     balanced  .941-.954 .938-.985 .928-.950 .952-.967 .946-.955 .941-.954
 *
 * .985 is the difference of two sets with ten rows of the rare class each, of
 * which hardly one is wrong.
 */
void gaps_compare(const struct estimate *goal,
                  const struct estimate part[SPLIT_COUNT],
                  const double (*covariance)[SPLIT_COUNT], struct gaps *out);

/* The same of rates, with a goal in [0, 1] that is known without error. */
void gaps_measure(double goal, const struct split_errors part[SPLIT_COUNT],
                  struct gaps *out);

/* "underfitting", "overfitting", "shift", "val_overfitting". */
const char *gap_name(enum gap_kind kind);

/* "train", "trainval", "val", "testval", "test", "goal". */
const char *split_name(enum split split);

/*
 * How many rows each of two sets needs so that true rates of p1 and p2 would
 * be found different (5 %, two-sided) with a power of 80 %:
 *
 *     n = (z.975 sqrt(2 p q) + z.80 sqrt(p1 q1 + p2 q2))² / (p1 - p2)²
 *
 * p the mean of the two, q = 1 - p (Fleiss, "Statistical Methods for Rates and
 * Proportions", 2nd ed. 1981, eq. 3.14, without continuity correction, as
 * Newcombe's interval has none), rounded up.  inf when p1 = p2.
 */
double gaps_rows_needed(double p1, double p2);

#endif
