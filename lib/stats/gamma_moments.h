/*
 * gamma_moments: the gamma distribution with a given mean and variance, which
 * stands for sums of squares whose distribution is not known better
 * (Satterthwaite 1946, Biometrics Bulletin 2:110).
 *
 * Of shapes above 10,000, and that far out, by the cube root's normal
 * distribution (Wilson & Hilferty 1931, PNAS 17:684).
 */
#ifndef STATS_GAMMA_MOMENTS_H
#define STATS_GAMMA_MOMENTS_H

/* Both > 0. */
struct gamma_moments {
    double mean, variance;
};

/* P(X <= x), P(X > x); x >= 0. */
double gamma_below(struct gamma_moments g, double x);
double gamma_above(struct gamma_moments g, double x);

/* The x with P(X > x) = p, 0 < p < 1. */
double gamma_quantile(struct gamma_moments g, double p);

/*
 * What has to be added to a sum of squares for it to be below x with
 * probability p: a noncentrality b moves the mean by b and the variance by
 * 4 b along (chi-square: along = 1; Patnaik 1949, Biometrika 36:202).  0 where
 * it is below with no more than p as it is.
 */
double gamma_noncentral(struct gamma_moments g, double along, double x,
                        double p);

#endif
