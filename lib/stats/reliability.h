/*
 * reliability: what the bins of calibration.h say of the probabilities.
 *
 * Whether a prediction is right is an event, and the probability of the
 * predicted class is its forecast.
 */
#ifndef STATS_RELIABILITY_H
#define STATS_RELIABILITY_H

#include "stats/calibration.h"

/*
 * The Brier score of that forecast, mean of (right - probability)², 0 to 1 (not
 * that of all classes, 0 to 2), and its parts, which add up exactly:
 *
 *     brier = reliability - resolution + uncertainty
 *             + within_variance - within_covariance
 *
 * With N rows, n_b of them in bin b, p their probabilities, o = 1 where right:
 *
 *     reliability        sum n_b (mean_b p - mean_b o)² / N    0 is calibrated
 *     resolution         sum n_b (mean_b o - mean o)² / N      more is better
 *     uncertainty        mean o (1 - mean o)                   of the task
 *     within_variance    sum over rows of (p - mean_b p)² / N
 *     within_covariance  2 sum over rows of (o - mean_b o)(p - mean_b p) / N
 *
 * The first three are Murphy's (1973, J. Appl. Meteor. 12:595); alone they add
 * up only where all probabilities of a bin are the same.  The other two are
 * what remains (Stephenson, Coelho & Jolliffe 2008, Weather and Forecasting
 * 23:752, eq. 5).
 */
struct brier_parts {
    double brier, reliability, resolution, uncertainty;
    double within_variance, within_covariance;
};

/* All NaN without rows. */
struct brier_parts reliability_brier(const struct calibration_bin *bin,
                                     size_t bins);

/* Mean probability - accuracy: above 0 is overconfident. */
struct overconfidence {
    double confidence, accuracy, value;
    struct interval ci;
};

/*
 * The interval is the wider, at either end, of two.  Student's for the mean of
 * (probability - right), which is right for many rows; and where the rows are
 * all but all right, and hardly vary, Wilson's way: the g for which
 *
 *     |value - g| <= z sqrt((m (1 - m) - s²) / N),   m = confidence - g
 *
 * with s² the variance of the probabilities: if p - g is how often rows of
 * probability p are right, that is the noise of the accuracy.  It does not go
 * beyond what an accuracy of 1 or 0 would give.  NaN without rows.
 *
 * Measured on 4000 simulated data sets each (1000 of 10000 rows): coverage, and
 * how often the interval lies on one side of 0:
 *
 *                                   20 rows     100    1000   10000
 *     p from .5 to 1, calibrated    .98 .02  .97 .03  .96 .04  .95 .05
 *     the same, 5 % too sure        .98 .03  .96 .15  .96 .93  .95 1
 *     p about .94, calibrated       1    0   .98 .02  .96 .04  .95 .05
 *     p = .99, calibrated           1    0   1    0   .98 .02  .96 .04
 *     right .9 whatever p is        .99 .10  .96 .49  .95 1    .95 1
 */
struct overconfidence
reliability_overconfidence(const struct calibration_bin *bin, size_t bins);

#endif
