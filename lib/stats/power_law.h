/*
 * power_law: the curve a + b n^-c through a few points.
 *
 *     a >= 0, b >= 0, .02 <= c <= 2
 *
 * (Cortes et al., NIPS 1993; Hestness et al. 2017, arXiv:1712.00409, who find
 * c from .07 to .5 for deep networks; 1 is the rate of a model that can fit the
 * truth, and 2 leaves room beyond.)
 *
 * Fitted by weighted least squares: for each c the best a and b, neither below
 * 0, have a closed form, and the sum of squares that they leave is a function
 * of c alone, whose smallest value is found on a grid and then refined by
 * Brent's method.  So there is nothing to begin with, nothing that fails to
 * converge, and no local minimum: a Levenberg-Marquardt iteration over
 * transformed parameters creeps along the valley of (a, c) whenever the curve
 * has not begun to level off.
 */
#ifndef STATS_POWER_LAW_H
#define STATS_POWER_LAW_H

#include <stddef.h>

enum { POWER_LAW_LEAST = 3 }; /* points, for three parameters */

/* a + b n^-c; c is NaN where b is 0. */
struct power_law {
    double a, b, c;
};

/* Its value at n > 0. */
double power_law_at(const struct power_law *law, double n);

/* Fits to values at the same n[points] (rising, above 0), again and again. */
struct power_law_fitter;
struct power_law_fitter *power_law_fitter_new(const double *n, size_t points);
void power_law_fitter_free(struct power_law_fitter *fitter); /* NULL is fine */

/* The law that fits y[points] best, with weights above 0. */
struct power_law power_law_fitter_fit(const struct power_law_fitter *fitter,
                                      const double *y, const double *weight);

/* The same for once. */
struct power_law power_law_fit(const double *n, const double *y,
                               const double *weight, size_t points);

#endif
