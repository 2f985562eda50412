/*
 * estimate: a score of a set of rows with its uncertainty, and the difference
 * of two.
 */
#ifndef STATS_ESTIMATE_H
#define STATS_ESTIMATE_H

#include <stdbool.h>

#include "stats/interval.h"

/*
 * value: NaN where there is no such set.  n: its rows, 0 where that is not
 * known; then the interval is not known either.  bounded: a score in [0, 1]
 * with an interval that is made for that; else a mean, with variance of the
 * mean and its degrees of freedom (inf: known exactly).
 */
struct estimate {
    double value, n, variance, df;
    bool bounded;
    struct interval ci;
};

/* No estimate: all NaN. */
struct estimate estimate_none(void);

/* A number that is known without error. */
struct estimate estimate_exact(double value, bool bounded);

/* k wrong of n rows: Wilson's interval; n = 0: k is the rate itself. */
struct estimate estimate_rate(double k, double n);

/*
 * The 95 % interval of a.value - b.value, whose estimates have that covariance
 * (0 for disjoint sets of independent rows).
 *
 * Bounded scores: from the two intervals (Newcombe 1998, Statistics in Medicine
 * 17:873, method 10; for any two intervals, and with a correlation r, Zou &
 * Donner 2008, ibid. 27:1693),
 *
 *     low  = d - sqrt(x² + y² - 2 r x y)    x = a - a.low,  y = b.high - b
 *     high = d + sqrt(x² + y² - 2 r x y)    x = a.high - a, y = b - b.low
 *
 * which for two plain rates is interval.h's newcombe.  Means: Welch 1947,
 * Biometrika 34:28, with Satterthwaite's degrees of freedom.  A mean that is
 * inf has a difference of [low, inf]; of two, nothing is known: NaN.
 */
struct interval estimate_difference(const struct estimate *a,
                                    const struct estimate *b,
                                    double covariance);

#endif
