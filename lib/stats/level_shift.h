/*
 * level_shift: have two sets of rows the same mix of levels, and how far are
 * they apart?
 */
#ifndef STATS_LEVEL_SHIFT_H
#define STATS_LEVEL_SHIFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/interval.h"

/*
 * chi2, df, p: of homogeneity, by permutation where counts are sparse
 * (permuted).  total_variation: half the sum of |p - q|, in [0, 1], less what
 * chance alone would make of it, at least 0; raw_variation: as it is.
 * detectable: the total variation that so many rows would have shown with
 * probability .8 at p < .05.  fresh: levels the reference has no row of, and
 * their share of the current rows; gone: the other way round.
 */
struct level_shift {
    double chi2, df, p;
    bool permuted;
    double total_variation, raw_variation;
    struct interval ci; /* of the true total variation */
    double detectable;
    size_t fresh, gone;
    double fresh_share, gone_share;
};

/* Counts of rows, whole numbers >= 0.  A side without rows: p is NaN. */
struct level_shift level_shift_test(const double *reference,
                                    const double *current, size_t levels,
                                    uint64_t seed);

#endif
