/*
 * interval: 95 % intervals for rates, differences, means, and from draws.
 *
 * Every interval in stats is two-sided at 95 %: over many repetitions it holds
 * the true value about 95 times in 100, and misses it about equally often on
 * either side.  An interval that cannot be computed has NaN at both ends.
 *
 * Counts are doubles so that a rate of a weighted or tabulated kind fits; the
 * statements about coverage hold for whole numbers of independent rows.
 */
#ifndef STATS_INTERVAL_H
#define STATS_INTERVAL_H

#include <stddef.h>

/* Invariant: low <= high, or both are NaN.  Either may be infinite. */
struct interval {
    double low, high;
};

/* {NaN, NaN}: not known. */
struct interval interval_unknown(void);

/*
 * The standard normal quantile: the z with P(Z <= z) = p.  p in [0, 1]; 0 and
 * 1 give -inf and inf, anything outside NaN.  normal_quantile(.975) = 1.959964.
 */
double normal_quantile(double p);

/* P(Z > z) of the standard normal distribution. */
double normal_upper_tail(double z);

/*
 * Wilson's score interval (Wilson 1927, J. Am. Stat. Assoc. 22:209) for the
 * rate of which k of n rows are a sample, 0 <= k <= n:
 *
 *     (k + z²/2 ± z sqrt(k (n - k) / n + z²/4)) / (n + z²)
 *
 * Unlike p ± z sqrt(pq/n) it stays in [0, 1] and does not shrink to a point
 * when k is 0 or n.  n = 0 gives [0, 1]: nothing is known.
 */
struct interval wilson(double k, double n);

/*
 * The difference k1/n1 - k2/n2 of the rates of two disjoint sets of rows
 * (Newcombe 1998, Statistics in Medicine 17:873, method 10): with p the rates
 * and [l, u] their Wilson intervals,
 *
 *     low  = p1 - p2 - sqrt((p1 - l1)² + (u2 - p2)²)
 *     high = p1 - p2 + sqrt((u1 - p1)² + (p2 - l2)²)
 *
 * Within [-1, 1].  An empty set gives [-1, 1].  For two classifiers on the
 * same rows this is far too wide: those are paired.
 */
struct interval newcombe(double k1, double n1, double k2, double n2);

/*
 * The mean of n independent values by Student's t, from their sample mean and
 * their unbiased variance: mean ± t(.975, n - 1) sqrt(variance / n).  NaN when
 * n < 2 or an argument is NaN.
 */
struct interval interval_mean(double mean, double variance, double n);

/*
 * The percentile interval of n bootstrap draws: their quantiles at 2.5 % and
 * 97.5 %, interpolated linearly (Hyndman & Fan 1996, type 7, as numpy does).
 * Sorts draws in place.  NaN draws (a metric that was undefined in a sample)
 * are left out; NaN when none is left.
 */
struct interval interval_from_draws(double *draws, size_t n);

/* The same with this share of the draws beyond either end, in [0, .5). */
struct interval interval_from_draws_at(double *draws, size_t n, double tail);

/*
 * The share at which the percentile interval of a mean of n values is as wide
 * as Student's, where at .025 it is too narrow by the spread's own bias and by
 * the normal in place of the t distribution (Hesterberg 2015, American
 * Statistician 69:371, section 5.3):
 *
 *     Phi(-sqrt(n / (n - 1)) t(.975, n - 1))
 *
 * .0250 for many, .0231 for 100, .0086 for 10, 0 below 2 values.
 */
double interval_tail(double n);

#endif
