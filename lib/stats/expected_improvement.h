/*
 * expected_improvement: how much lower than the best so far, on average.
 */
#ifndef STATS_EXPECTED_IMPROVEMENT_H
#define STATS_EXPECTED_IMPROVEMENT_H

/* A value that is normal, and what is to be improved on.  `noise` is the
 * standard deviation of one more look; deviation > 0. */
struct improvement_at {
    double mean, deviation, best, noise;
};

/*
 * ln [E max(best - value, 0) (1 - noise / sqrt(deviation^2 + noise^2))]: the
 * expected improvement, exact to about 1e-12 however small it is (Ament,
 * Daulton, Eriksson, Balandat & Bakshy 2023, eq. 9), less what one more look
 * does not tell (Huang, Allen, Notz & Zeng 2006, J. Global Optim. 34:441):
 * without it a search among noise looks at the same place again and again.
 * by_mean and by_deviation: its derivatives.
 */
double log_expected_improvement(const struct improvement_at *at,
                                double *by_mean, double *by_deviation);

#endif
