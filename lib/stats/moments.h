/*
 * moments: mean and variance of a stream of values, for log_loss and brier.
 *
 * Welford's update (Technometrics 1962, 4:419): one pass, and no difference of
 * two large sums.  All-zero bytes are an empty accumulator.
 *
 * A log loss may be +inf (a class given probability 0).  Such values are
 * counted apart: the mean is then inf, as it must be, and the finite rest
 * stays usable.
 */
#ifndef STATS_MOMENTS_H
#define STATS_MOMENTS_H

#include "stats/interval.h"

/*
 * n finite values with that mean, m2 = the sum of squared differences from it;
 * n_infinite values of +inf beside them.
 */
struct moments {
    double n, mean, m2;
    double n_infinite;
};

/* value is finite or +inf. */
void moments_add(struct moments *m, double value);

/* How many values were added, the infinite ones included. */
double moments_count(const struct moments *m);

/* The mean: NaN when empty, inf when a value was. */
double moments_mean(const struct moments *m);

/*
 * The unbiased variance, m2 / (n - 1): NaN below two values, inf when a value
 * was infinite.
 */
double moments_variance(const struct moments *m);

/*
 * Student's interval for the mean (interval_mean).  With infinite values it is
 * [low, inf], low being that of the finite values alone (-inf below two of
 * them): the mean can only be higher than theirs.
 */
struct interval moments_interval(const struct moments *m);

#endif
