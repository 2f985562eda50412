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
 * chi2, df, p: of homogeneity (stats/contingency.h).  Where an expected count
 * is below 5 (permuted) p is that of all tables with the same margins of two
 * levels, the exact sum, and of more by at most 1,000 drawn ones, of which the
 * levels with few rows are drawn row by row and the others, whose counts are
 * about normal, together; stopped as homogeneity_test does, and after 200
 * tables of which none comes near.
 *
 * raw_variation: half the sum of |p - q|, in [0, 1].  total_variation: less
 * what chance makes of it, at least 0: where differences in proportion to those
 * seen give a mean of raw_variation.  ci, of the true one: from 0 unless p <
 * .05, then from the raw one's lower end (newcombe, of all levels that have
 * grown as one) less what chance adds at most; to the lesser of that interval's
 * upper end and sqrt(c (1/n + 1/m)) / 2 with c the largest noncentrality that
 * the rows allow (Cauchy & Schwarz).
 *
 * detectable: the total variation that so many rows would have shown with
 * probability .8 at p < .05, if half of the levels (by their rows) grow; of two
 * levels, if the rarer one does.
 *
 * fresh: levels the reference has no row of, and their share of the current
 * rows; gone: the other way round.
 *
 * Measured against 2,000 reference rows.  p < .05 where nothing differs, 3,000
 * runs at 20 to 2,000 rows: a 2 % binary .017 to .052, 5 levels .045 to .057,
 * 200 levels .040 to .053.  Interval, 600 runs each of 490 mixes (2 to 200
 * levels, equal or as 1/k², 20 to 20,000 rows, differences of 0 to .4 in one
 * level, half of them, all, or a fresh one): no difference .94 to 1 (median
 * .99); else .93 to 1, but .88 to .91 of 5 levels as 1/k² at 20 rows.
 * detectable: found in .74 to .84; .67 of 200 levels and 200 rows.
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
