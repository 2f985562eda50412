/*
 * calibration: is a prediction made with probability .9 right 9 times in 10?
 *
 * Rows are accumulated in bins: of equal width, where bin b of B takes the
 * probabilities p in (b/B, (b+1)/B], and the first takes 0 as well (Guo,
 * Pleiss, Sun & Weinberger 2017, eq. 3), or of equal mass.  All-zero bytes are
 * an empty bin; memory does not grow with the number of rows.
 */
#ifndef STATS_CALIBRATION_H
#define STATS_CALIBRATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/interval.h"

#define CALIBRATION_BINS 15

/*
 * Of the rows in one bin: how many, the sum of their probabilities, how many
 * were right, and the sums of (right - probability)² and of probability².
 */
struct calibration_bin {
    double n, prob, correct, square, prob_square;
};

/*
 * prob: that of the predicted class, in [0, 1] (what lies outside is taken for
 * the nearer end); correct: whether the prediction was right.
 */
void calibration_bin_add(struct calibration_bin *bin, double prob,
                         bool correct);

/* The bin of a probability among `bins` of equal width, 0 .. bins - 1. */
size_t calibration_bin_of(double prob, size_t bins);

/*
 * Fills bin[bins] with the n > 0 rows, as many of them in one as in another:
 * bin b ends behind the row n (b+1) / bins (rounded down) in the order of
 * probability.  Rows of one probability stay together in the first bin that
 * any of them falls into, so that there may be fewer bins than were asked for:
 * returns how many.  low and high are their smallest and largest probability.
 *
 * prob[n]: negative (-0 too) where the prediction was wrong; sorted here by
 * the absolute value.
 */
size_t calibration_equal_mass(double *prob, size_t n, size_t bins,
                              struct calibration_bin *bin, double *low,
                              double *high);

struct calibration {
    struct calibration_bin bin[CALIBRATION_BINS];
};

/* Adds a row to its bin of equal width. */
void calibration_add(struct calibration *c, double prob, bool correct);

/* The sum of n over the bins. */
double calibration_count(const struct calibration *c);

/*
 * The expected calibration error, sum over bins of
 *
 *     n_b / n |correct_b / n_b - prob_b / n_b|
 *
 * (Guo 2017, eq. 3), in [0, 1]; NaN without rows.  It is biased upward: the
 * noise within a bin counts as miscalibration, so that even a perfectly
 * calibrated classifier has an ECE well above 0 on few rows.
 */
double calibration_bins_ece(const struct calibration_bin *bin, size_t bins);
double calibration_ece(const struct calibration *c);

/*
 * Interval for the ECE that many more rows would give in these bins, from
 * `draws` (1000 or so) simulated samples.  A sample draws the bins' counts from
 * a multinomial distribution, then each bin's mean of (correct - prob) from a
 * normal one, with the bin's own variance (to which one calibrated row is
 * added, so that a bin of one or two rows has some) over the drawn count.
 *
 * Because of the bias, the percentiles of such samples do not cover: around a
 * calibrated classifier they never reach down to 0.  So the test is inverted:
 * for a factor s >= 0 the samples are centred on s times the measured gaps of
 * the bins, which makes s ECE the true value; low is the true value that puts
 * the measured ECE at the 97.5 % point of its samples, high the one that puts
 * it at the 2.5 % point.  low is 0 where a calibrated classifier could well
 * have an ECE as large as that measured.
 *
 * high is moreover at least the measured ECE, and at least as far as the mean
 * probability is from either end of Wilson's interval for the accuracy, since
 * the true ECE is no less than |mean probability - accuracy|: this is what
 * remains to be said when all of a few rows are right.
 *
 * The same seed gives the same interval.  NaN without rows or draws.
 *
 * Measured coverage (1000 simulated data sets each, probabilities in [.5, 1]),
 * and that of the plain percentiles:
 *
 *     true ECE                        100 rows   1000 rows   percentiles
 *     0      calibrated                 .947       .974       0    0
 *     .025   3 % too sure everywhere    .970       .967       0    .55
 *     .100   12 % too sure everywhere   .970       .959      .73   .95
 *     .038   alternating between bins   .968       .925
 *     .025   all of it in one bin       .916       .861
 *
 * The last is the worst case: the noise of the other bins is scaled along.
 */
struct interval calibration_bins_interval(const struct calibration_bin *bin,
                                          size_t bins, size_t draws,
                                          uint64_t seed);
struct interval calibration_ece_interval(const struct calibration *c,
                                         size_t draws, uint64_t seed);

#endif
