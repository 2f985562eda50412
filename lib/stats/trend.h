/*
 * trend: does a series rise or fall, and how fast, whatever its noise is?
 *
 * By ranks and medians, so that a single wild value says as little as any
 * other.  The values are taken at equal distances and their noise as
 * independent.
 */
#ifndef STATS_TREND_H
#define STATS_TREND_H

#include <stddef.h>

#include "stats/interval.h"

/*
 * s: pairs that rise less pairs that fall (Kendall's S; Mann 1945, Econometrica
 * 13:245), of n values.  rises, falls: p, one-sided, of as many or more in a
 * series in random order: exact up to TREND_EXACT values without ties
 * (inversions of a permutation, Knuth, TAOCP 3, 5.1.1), else by the normal
 * limit with continuity correction and the variance for ties (Kendall 1975,
 * "Rank Correlation Methods", 4th ed., eq. 4.4).
 *
 * slope: the median slope of all pairs, a value a step (Theil 1950; Sen 1968,
 * J. Am. Stat. Assoc. 63:1379); ci: Sen's interval, by ranks of the slopes.
 *
 * More than TREND_MOST values are made that many means of neighbours first: s
 * and n are of these then, slope and ci still of single steps.
 */
struct trend {
    size_t n;
    double s, rises, falls;
    double slope;
    struct interval ci;
};

enum { TREND_EXACT = 40, TREND_MOST = 600 };

/* value[n], finite.  p is 1 and the slope NaN below two of them. */
struct trend trend_of(const double *value, size_t n);

/*
 * The standard deviation of the noise of one value around a smooth course: the
 * median of |x[i-1] - 2 x[i] + x[i+1]|, over .6745 sqrt(6), which is right for
 * normal noise and does not see a straight line or a few jumps.  NaN below
 * three values.
 */
double trend_noise(const double *value, size_t n);

/* The median of value[n]; NaN where n is 0. */
double trend_median(const double *value, size_t n);

#endif
