/*
 * contingency: have two or more sets of rows the same mix of levels?
 */
#ifndef STATS_CONTINGENCY_H
#define STATS_CONTINGENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Pearson's chi-square of homogeneity: statistic, degrees of freedom, p, and
 * Cramér's V in [0, 1].  `permuted`: p is from drawn tables.  draws: how many.
 */
struct homogeneity {
    double chi2, df, p, cramers_v;
    bool permuted;
    size_t draws;
};

/*
 * count[sets][levels], row-major, whole numbers >= 0.  Sets and levels without
 * any row are left out; with fewer than two of either p is 1.
 *
 *     chi² = sum (count - expected)² / expected, df = (sets - 1) (levels - 1)
 *
 * p from the chi-square distribution where every expected count is at least 5;
 * below, that was measured to reject in 7 to 9 % for a level of 5 %.  There,
 * tables with the same margins are drawn (hypergeometric), which is what
 * permuting the rows does, at most `draws` times: p = (1 + r) / (1 + draws), r
 * of them with a chi² at least as large; stopped after l draws with r = 20, p =
 * 20 / l (Besag & Clifford 1991, Biometrika 78:301).  Where none of them has
 * such a chi², p is the upper tail of the gamma distribution with their mean
 * and variance, at most 1 / (1 + draws): of many tables at once, one that
 * stands far out can still be told.  (Of 2x2 tables wholly apart: 10 and 10
 * rows 9e-6, exact 1.1e-5; 20 and 20 2.7e-10, exact 1.5e-11; but 5 and 100
 * 2e-12, exact 1e-8.) The same seed gives the same p.
 */
struct homogeneity homogeneity_test(const double *count, size_t sets,
                                    size_t levels, size_t draws, uint64_t seed);

/*
 * chi² of counts against expected ones given (goodness of fit), count[levels]
 * and expected[levels] > 0 with the same sum; df = levels - 1.
 */
struct homogeneity fit_test(const double *count, const double *expected,
                            size_t levels);

/*
 * How far two mixes are from each other; p[levels] and q[levels] sum to 1.
 * Each is 0 for equal ones.
 *
 *     total variation  1/2 sum |p - q|                      0 to 1
 *     L∞               max |p - q|                          0 to 1
 *     Hellinger        sqrt(1/2 sum (sqrt p - sqrt q)²)     0 to 1
 *     KL               sum p ln(p / q), natural logarithm   0 to inf
 *     PSI              sum (p - q) ln(p / q)                0 to inf
 *     JS               KL of both to their mean, averaged, natural logarithm;
 *                      its root, divided by sqrt(ln 2) for base 2, is the
 *                      Jensen-Shannon distance
 *
 * KL and PSI are inf where a level has no row on the side they divide by.
 */
double total_variation(const double *p, const double *q, size_t levels);
double largest_difference(const double *p, const double *q, size_t levels);
double hellinger(const double *p, const double *q, size_t levels);
double kullback_leibler(const double *p, const double *q, size_t levels);
double stability_index(const double *p, const double *q, size_t levels);
double jensen_shannon(const double *p, const double *q, size_t levels);

#endif
