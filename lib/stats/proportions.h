/*
 * proportions: an interval for the mean of several proportions.
 *
 * The error is one proportion, the balanced error is the mean of those of the
 * classes, and macro F1 is nearly such a mean (score.h).
 */
#ifndef STATS_PROPORTIONS_H
#define STATS_PROPORTIONS_H

#include <stddef.h>

#include "stats/interval.h"

/* A rate in [0, 1] among n > 0 rows; n may be an effective number of them. */
struct proportion {
    double rate, n;
};

double proportions_mean(const struct proportion *p, size_t k);

/*
 * The score interval of the mean of k independent proportions: all values m
 * with
 *
 *     |mean of rate - m| <= z sqrt(sum of q (1 - q) / n) / k
 *
 * where the q, whose mean is m, are those under which the observed rates are
 * most likely (the constraint by a Lagrange multiplier, one quadratic equation
 * for each q; as Miettinen & Nurminen 1985, Statistics in Medicine 4:213, have
 * it for a difference).  For k = 1 it is Wilson's interval.  A class with few
 * rows and no error keeps its share in the width, which a bootstrap denies it.
 * [0, 1] for k = 0.
 *
 * Measured, 2000 simulated sets of 200 and 1000 rows with errors of 5 to 30 %
 * (which differ by a factor of 2.3 between the classes): the interval of the
 * balanced error holds the true value in .93 to .96 of them with 2 to 10
 * classes, whether of equal size or with a smallest one of 1 to 10 % (a
 * linearised variance: down to .80 there).
 */
struct interval proportions_interval(const struct proportion *p, size_t k);

#endif
