/*
 * yeo_johnson: values with a long tail, made more alike to normal ones.
 */
#ifndef STATS_YEO_JOHNSON_H
#define STATS_YEO_JOHNSON_H

#include <stddef.h>

/*
 * With z = (value - centre) / spread, or 1e6 where that is less:
 *
 *     ((1 + z)^power - 1) / power                      z >= 0
 *     -((1 - z)^(2 - power) - 1) / (2 - power)         z < 0
 *
 * (Yeo & Johnson 2000, Biometrika 87:954, eq. 2.1), less `mean`, over `sd`:
 * never falling, and smooth below the end.
 */
struct yeo_johnson {
    double centre, spread, power, mean, sd;
};

/*
 * Fitted to n finite values: centre is their median; spread what it is above
 * the lower quartile, as small values are those that matter (where that is 0:
 * what lies between the quartiles, the standard deviation, 1); power the one of
 * most likelihood between 0 and 1 (a tail of large values is drawn in, none of
 * small ones is); and the results have mean 0 and variance 1.  n = 0: the
 * identity.
 */
struct yeo_johnson yeo_johnson_fit(const double *value, size_t n);

double yeo_johnson_at(const struct yeo_johnson *t, double value);

#endif
