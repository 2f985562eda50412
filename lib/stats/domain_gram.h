/*
 * domain_gram: sums and sums of products of rows, group by group, in one pass:
 * what linear methods need that leave some groups out.
 */
#ifndef STATS_DOMAIN_GRAM_H
#define STATS_DOMAIN_GRAM_H

#include <stddef.h>
#include <stdint.h>

/*
 * Of each group: how many rows, their sum [width], and the sum of their
 * products [width][width], of which the triangle c <= r is filled.
 */
struct domain_gram {
    size_t groups, width;
    double *n, *sum;
    float *product;
};

/* x[n][width], group[n] < groups. */
void domain_gram_init(struct domain_gram *gram, const float *x, size_t n,
                      size_t width, const uint8_t *group, size_t groups);
void domain_gram_release(struct domain_gram *gram);

/*
 * The rows' weighted mean and covariance, group g counting weight[g]:
 * mean[width], covariance[width][width] of the triangle c <= r, diagonal
 * included.  The weights of rows add up to more than 0.
 */
void domain_gram_moments(const struct domain_gram *gram, const double *weight,
                         double *mean, double *covariance);

#endif
