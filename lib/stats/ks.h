/*
 * ks: have two samples of numbers the same distribution?
 *
 * The test is that of Kolmogorov and Smirnov; beside it stands Wasserstein's
 * distance, which says how far apart they are in the numbers' own unit.
 */
#ifndef STATS_KS_H
#define STATS_KS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * d = the largest |F(x) - G(x)| of the two distribution functions, in [0, 1];
 * p, two-sided.
 */
struct ks {
    double d, p;
    bool exact;
};

/*
 * a[n] and b[m], n, m >= 1, sorted ascending, finite.
 *
 * Exact where n m is at most 4e6, ties included: the probability that a random
 * order of the pooled sample keeps F and G closer than d wherever they are
 * looked at, behind each group of equal values, summed over lattice paths
 * (Schröer & Trenkler 1995, Computational Statistics & Data Analysis 20:185).
 * Numbers printed with few digits tie often; the limit alone would call them
 * alike too readily.  Cost n m, 5 ns each.
 *
 * Else Kolmogorov's limit at sqrt(n m / (n + m)) d, which for distributions
 * with ties is conservative.  p below 1e-12 is not exact.
 */
struct ks ks_test(const double *a, size_t n, const double *b, size_t m);

/* Kolmogorov's limit: P(K > x) = 2 sum over k >= 1 of (-1)^(k-1) exp(-2 k² x²).
 */
double kolmogorov_tail(double x);

/*
 * The d that two samples of these sizes reach with probability .05 when they
 * are of one distribution, by the limit: what is seen at all.
 */
double ks_critical(double n, double m);

/*
 * Wasserstein's distance of order 1, the integral of |F - G|, in the unit of
 * the numbers: how far, on average, one sample has to be moved to be the other.
 * a[n] and b[m] as above.
 */
double wasserstein(const double *a, size_t n, const double *b, size_t m);

#endif
