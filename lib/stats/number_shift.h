/*
 * number_shift: have two sets of numbers the same distribution, and how far are
 * they apart?
 */
#ifndef STATS_NUMBER_SHIFT_H
#define STATS_NUMBER_SHIFT_H

#include <stdbool.h>

#include "stats/interval.h"
#include "stats/quantiles.h"

/*
 * d, p: of Kolmogorov and Smirnov, two-sided; p_low to p_high is what p may be
 * with the rank errors of sketches (p itself without any).
 * wasserstein: W1 in standard deviations of the reference (0 deviations: inf
 * unless both are the same constant); smd: difference of the means (current
 * less reference) in pooled deviations; both with intervals.
 * detectable: the wasserstein of a shift in location that so many rows would
 * have shown with probability .8 at p < .05.
 */
struct number_shift {
    double d, p, p_low, p_high;
    bool exact;
    double wasserstein;
    struct interval wasserstein_ci;
    double smd;
    struct interval smd_ci;
    double detectable;
};

/* Fewer than two numbers on a side: p is NaN. */
struct number_shift number_shift_test(const struct distribution *reference,
                                      const struct distribution *current);

#endif
