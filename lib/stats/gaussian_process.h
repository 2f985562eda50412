/*
 * gaussian_process: a function, from its values at a few points.
 *
 * y = f(x) + noise; f is Gaussian with a constant mean and the covariance
 *
 *     signal * (1 + s + s^2 / 3) exp(-s),  s = sqrt(5 r),  r = sum of t_i
 *
 * (Matérn 5/2; Rasmussen & Williams 2006, eq. 4.17), where coordinate i adds
 *
 *     number    t_i = (x_i - x'_i)^2 / length_i^2
 *     optional  the same, with 1/2 in the place of a number that is not there;
 *               and 1 / absence_i^2 where one of the two is there and one not
 *     choice    t_i = 1 / length_i^2 where they differ, absence being one more
 *               choice
 *
 * which are squared distances all, so that the covariance is a valid one; an
 * optional number that is in neither makes no difference.
 */
#ifndef STATS_GAUSSIAN_PROCESS_H
#define STATS_GAUSSIAN_PROCESS_H

#include <stddef.h>

/* Numbers are in [0, 1], choices whole; NaN: an optional number or a choice
 * that is not there. */
enum gp_kind { GP_NUMBER, GP_OPTIONAL, GP_CHOICE };
enum { GP_DIMENSIONS = 64 }; /* at most */

/* Signal and noise are variances.  All but the mean are positive; absence is
 * that of optional numbers. */
struct gp_hyper {
    double mean, signal, noise;
    double length[GP_DIMENSIONS], absence[GP_DIMENSIONS];
};

/* n points x[n][dimensions] and the values y[n] there. */
struct gp_data {
    const enum gp_kind *kind; /* [dimensions] */
    size_t dimensions, n;
    const double *x, *y;
};

/*
 * The hyperparameters of most posterior density, found from a few fixed
 * starting points.  y is taken to have about mean 0 and variance 1, and the
 * priors are independent: the mean is normal with mean 0 and variance 1, the
 * logarithms of the others are normal (gp_fit.c has their parameters).
 * With n = 0 that is the prior's.
 */
void gp_fit(const struct gp_data *data, struct gp_hyper *hyper);

/*
 * Logarithm of the marginal likelihood (Rasmussen & Williams 2006, eq. 2.30);
 * -infinity where the covariance is no longer positive in double precision.
 * Where `slope` is not NULL: its derivatives by the mean and by the logarithms
 * of all others (0 for what is of no use).
 */
double gp_log_evidence(const struct gp_data *data, const struct gp_hyper *hyper,
                       struct gp_hyper *slope);

/* What is known of the function, given some points. */
struct gp;

/* Room for `capacity` points, of which there are none yet. */
struct gp *gp_new(const enum gp_kind *kind, size_t dimensions,
                  const struct gp_hyper *hyper, size_t capacity);
void gp_free(struct gp *gp); /* NULL is fine */

/* The variance of the noise. */
double gp_noise(const struct gp *gp);

/* One more point, in time n^2.  At most `capacity`. */
void gp_add(struct gp *gp, const double *x, double y);

/* Mean and variance of the function (without the noise) at x. */
struct gp_guess {
    double mean, variance;
};
struct gp_guess gp_predict(const struct gp *gp, const double *x);

/* The same, and their derivatives by the numbers of x, [dimensions] each; 0 by
 * choices and by what is not there. */
struct gp_guess gp_predict_slope(struct gp *gp, const double *x,
                                 double *mean_slope, double *variance_slope);

/* mean[n] of the function at the points that were added, in time n^2. */
void gp_fitted(struct gp *gp, double *mean);

#endif
