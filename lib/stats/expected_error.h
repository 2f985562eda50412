/*
 * expected_error: how wrong will a classifier be on rows that nobody has
 * labelled?
 */
#ifndef STATS_EXPECTED_ERROR_H
#define STATS_EXPECTED_ERROR_H

#include "stats/estimate.h"
#include "stats/label_shift.h"

/*
 * reference: the error of the reference rows; current: what is expected of the
 * current ones; change: current - reference, with its interval.  All NaN where
 * it cannot be told.
 */
struct expected_error {
    struct estimate reference, current;
    double change;
    struct interval change_ci;
    double effective; /* rows that carry it */
};

/*
 * By confidence (CBPE): one less the mean probability of the predicted class,
 * calibrated by a temperature fitted on the labelled reference rows (the
 * probabilities are taken as they are where none is the best; effective: the
 * current rows).  Sees changes of how sure the model is; does not see rows that
 * it gets wrong without noticing (a changed meaning of labels, concept drift).
 *
 * The interval is for the rate at which such rows are wrong: 1,000 bootstrap
 * draws of both sides, the temperature of each to first order.  Where no
 * reference row is wrong no temperature is the best: the interval begins at 0,
 * and its upper end is higher by that of 0 wrong of so many (Wilson).
 */
struct expected_error
expected_by_confidence(const struct class_probs *reference,
                       const struct class_probs *current, size_t classes,
                       uint64_t seed);

/*
 * By importance weighting of the reference rows' errors: wrong[n] is 0 or 1
 * (NaN: unknown, left out), weight[n] >= 0 of domain_weigh.  Sees a changed mix
 * of rows like those of the reference; neither rows it has none of, nor concept
 * drift.
 *
 * e = sum w wrong / sum w; effective: (sum w)² / sum w² (Kish 1965).  Interval:
 * Wilson's for so many rows, or for e (1 - e) / variance of e where these are
 * fewer (Korn & Graubard 1998, Survey Methodology 24:193), the variance being
 * sum w² (wrong - e)² / (sum w)².  The weights are taken as known.
 */
struct expected_error expected_by_weights(const float *wrong,
                                          const float *weight, size_t n);

/* Where labels are there: k wrong of n on either side. */
struct expected_error expected_realised(double k_reference, double n_reference,
                                        double k_current, double n_current);

#endif
