/*
 * multiplicity: p-values of several tests, adjusted for their number.
 *
 * Both write adjusted[n], in the order of p[n] (which it may be): reject where
 * adjusted <= alpha.  p in [0, 1]; NaN (a test that could not be made) stays
 * NaN and does not count.
 */
#ifndef STATS_MULTIPLICITY_H
#define STATS_MULTIPLICITY_H

#include <stddef.h>

/*
 * Holm 1979 (Scandinavian Journal of Statistics 6:65): the probability of any
 * false rejection is at most alpha, whatever the dependence.  With p sorted,
 * adjusted(i) = max over j <= i of (m - j + 1) p(j), at most 1.
 */
void holm(const double *p, size_t n, double *adjusted);

/*
 * Benjamini & Hochberg 1995 (J. R. Stat. Soc. B 57:289): the expected share of
 * false ones among the rejections is at most alpha, for independent or
 * positively dependent tests.  adjusted(i) = min over j >= i of m p(j) / j.
 */
void benjamini_hochberg(const double *p, size_t n, double *adjusted);

#endif
