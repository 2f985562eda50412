/*
 * auroc: the area under the ROC curve, with its variance.
 *
 * The area is the probability that a random positive row scores higher than a
 * random negative one, ties counting half (Mann-Whitney's U over m n).
 */
#ifndef STATS_AUROC_H
#define STATS_AUROC_H

#include <stddef.h>

#include "stats/interval.h"

/*
 * area in [0, 1]; variance of the estimated area, NaN where a side has a
 * single row; ci within [0, 1]; the number of rows on either side.
 */
struct auroc {
    double area, variance;
    struct interval ci;
    double n_positive, n_negative;
};

/*
 * The scores of the m positive and of the n negative rows, the higher the more
 * positive, infinite values allowed; both are sorted in place.  O(m + n) time,
 * 4 bytes a row of the larger side of memory (base/float_sort.h).
 *
 * Variance: DeLong, DeLong & Clarke-Pearson 1988 (Biometrics 44:837), from the
 * placement of each row among the other side's (share of it below, ties half):
 * with S10 and S01 the sample variances of the placements of the m positive
 * and n negative rows, S10 / m + S01 / n.  The placements come from sorting,
 * as in Sun & Xu 2014 (IEEE Signal Processing Letters 21:1389).
 *
 * Interval: on the logit scale, logit(A) ± z sqrt(variance) / (A (1 - A)),
 * mapped back (Pepe 2003, section 5.2), which stays in [0, 1] and covers
 * better than A ± z sd near the ends.  Where DeLong's variance is 0 or not
 * defined (the sides do not overlap, or one row on a side) the logit interval
 * is of no use: there, the areas T with |A - T| <= z sqrt(V(T)), V being the
 * variance of Hanley & McNeil 1982 with both sample sizes replaced by their
 * mean (Newcombe 2006, Statistics in Medicine 25:559, method 5).
 *
 * Measured coverage (3000 data sets, normal scores): .960 for an area of .76
 * with 60 + 60 rows, .921 for .96 with 20 + 100, .975 for .98 with 20 + 20.
 *
 * Returns 0, or -1 with *out untouched when a side is empty or a score is NaN.
 */
int auroc_delong(float *positive, size_t m, float *negative, size_t n,
                 struct auroc *out);

#endif
