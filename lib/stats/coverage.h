/*
 * coverage: how wrong is a classifier on the rows it is most confident about?
 *
 * At threshold t the classifier answers the rows with confidence >= t and
 * leaves the rest to a person.  Coverage is the share of rows it answers, the
 * (selective) error the share of wrong answers among those (El-Yaniv & Wiener,
 * JMLR 2010).
 *
 * All functions take confidence[n] (no NaN) and correct[n] (0 or not), which
 * they leave alone: they sort a copy, 8 bytes a row.
 */
#ifndef STATS_COVERAGE_H
#define STATS_COVERAGE_H

#include <stddef.h>

#include "stats/interval.h"

/*
 * The rows with confidence >= threshold: n of them, a share `coverage` of all,
 * with `error` and its Wilson interval for this one threshold.
 */
struct coverage_point {
    double threshold, coverage, error, n;
    struct interval ci;
};

/*
 * The risk-coverage curve at no more than max_points (>= 2) of the distinct
 * confidences, from the strictest threshold to the one that answers all rows:
 * the first, the last, and others evenly spaced by coverage.  Writes
 * points[0 .. result) and returns how many; 0 when n is 0.
 */
size_t coverage_curve(const float *confidence, const unsigned char *correct,
                      size_t n, struct coverage_point *points,
                      size_t max_points);

/*
 * The largest coverage whose observed error is <= goal, over all thresholds.
 * Choosing the threshold on the rows that it is then judged by is optimistic:
 * expect a larger error on new rows (more often than not it exceeds the goal).
 *
 * Returns 0, or -1 with *best untouched when no threshold reaches the goal.
 */
int coverage_for_goal_observed(const float *confidence,
                               const unsigned char *correct, size_t n,
                               double goal, struct coverage_point *best);

/*
 * The largest coverage that can be promised: with probability .95 over the
 * rows given, the error on new rows like them is <= goal at best->threshold.
 * best->ci is not that promise (it belongs to a threshold fixed beforehand).
 *
 * Fixed-sequence testing (Angelopoulos, Bates, Candès, Jordan & Lei 2021,
 * "Learn then Test", section 4; for selective classification Geifman &
 * El-Yaniv 2017, who pay a union bound instead): thresholds are tested from the
 * strictest down, on a grid of at most 100 quantiles of the confidences, until
 * the first at which the exact binomial (Clopper-Pearson) one-sided 95 % upper
 * bound of the error exceeds the goal; the one before it is the answer.  As
 * the order is fixed beforehand, no correction is needed for the number of
 * thresholds.
 *
 * The first set of rows tested has to be large enough to pass: the smallest
 * one in which c errors would be allowed, c being the largest of 0 .. 5 for
 * which it takes no more than a fifth of the rows (0 if there is none, in
 * which case 3 / goal rows without any error are needed).  This looks at n and
 * goal only, never at the errors.
 *
 * Returns 0, or -1 with *best untouched when nothing can be promised.
 */
int coverage_for_goal(const float *confidence, const unsigned char *correct,
                      size_t n, double goal, struct coverage_point *best);

#endif
