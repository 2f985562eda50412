/*
 * parzen: a density over numbers and choices, some of which mean nothing in
 * some points, as a mixture of kernels around points that were seen (Parzen
 * 1962; of several coordinates at once as in Falkner, Klein & Hutter 2018).
 */
#ifndef STATS_PARZEN_H
#define STATS_PARZEN_H

#include <stddef.h>

#include "base/rng.h"

/* A coordinate: a number in [0, 1], or one of `choices`, from 0. */
struct parzen_axis {
    size_t choices; /* 0: a number */
    double least;   /* of a number: the narrowest kernel; > 0 */
};

/*
 * A kernel is a product over the coordinates.  Of n points with m numbers:
 *
 *   number  a normal density about the one seen, of standard deviation
 *           h = max(least, .08 n^(-1 / (m + 1))), cut off at 0 and 1
 *   choice  (1 + s) / (1 + s k) for the one seen, s / (1 + s k) for each of
 *           the other k - 1, s = 2 / (n + 1)
 *
 * Where a coordinate means nothing (NaN) in the point seen, its factor is
 * uniform, 1 or 1 / k; where it means nothing in the point in question, it is
 * left out.  One kernel more, the prior, is uniform.
 */
struct parzen;

/*
 * axis[width] stays the caller's, until the end.  seen[n][width] is copied;
 * weight[n], each positive, or NULL for 1 each; the prior has the weight 1.
 */
struct parzen *parzen_new(const struct parzen_axis *axis, size_t width,
                          const double *seen, const double *weight, size_t n);
void parzen_free(struct parzen *parzen); /* NULL is fine */

/* The logarithm of the density at point[width]; by one thread at a time. */
double parzen_log(struct parzen *parzen, const double *point);

/* Draws point[width]; none of it is NaN. */
void parzen_draw(const struct parzen *parzen, struct rng *rng, double *point);

#endif
