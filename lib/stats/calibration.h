/*
 * calibration: is a prediction made with probability .9 right 9 times in 10?
 *
 * Accumulates rows in CALIBRATION_BINS bins of equal width: bin b takes the
 * probabilities p in (b/15, (b+1)/15], and the first takes 0 as well (Guo,
 * Pleiss, Sun & Weinberger 2017, eq. 3).  All-zero bytes are an empty
 * accumulator; memory does not grow with the number of rows.
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
 * were right, and the sum of (right - probability)².
 */
struct calibration_bin {
    double n, prob, correct, square;
};

struct calibration {
    struct calibration_bin bin[CALIBRATION_BINS];
};

/* prob: that of the predicted class, in [0, 1] (what lies outside is taken
 * into the nearest bin); correct: whether the prediction was right. */
void calibration_add(struct calibration *c, double prob, bool correct);

/* The bin of a probability, 0 .. CALIBRATION_BINS - 1. */
size_t calibration_bin_of(double prob);

/* The sum of n over the bins. */
double calibration_count(const struct calibration *c);

/*
 * The expected calibration error, sum over bins of n_b / n |right_b / n_b -
 * prob_b / n_b|, in [0, 1]; NaN without rows.  It is biased upward: noise in a
 * bin counts as miscalibration, about .8 sqrt(sum over bins of ...) even for a
 * perfect classifier.
 */
double calibration_ece(const struct calibration *c);

/*
 * Interval for the ECE (of these bins, in the long run) from `draws` samples:
 * the counts of the bins from a multinomial distribution, then each bin's mean
 * of (right - prob) from a normal one with the bin's own variance over the
 * drawn count.  NaN without rows or draws.
 */
struct interval calibration_ece_interval(const struct calibration *c,
                                         size_t draws, uint64_t seed);

#endif
