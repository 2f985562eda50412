/*
 * expected_improvement: how much lower than the best so far, on average.
 */
#ifndef STATS_EXPECTED_IMPROVEMENT_H
#define STATS_EXPECTED_IMPROVEMENT_H

/*
 * ln E max(best - f, 0) for f normal with this mean and standard deviation > 0;
 * exact to about 1e-12 however small it is (Ament, Daulton, Eriksson, Balandat
 * & Bakshy 2023, eq. 9).  by_mean and by_deviation: its derivatives.
 */
double log_expected_improvement(double mean, double deviation, double best,
                                double *by_mean, double *by_deviation);

#endif
