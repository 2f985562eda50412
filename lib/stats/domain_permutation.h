/*
 * domain_permutation: do the means of two sets of rows differ, in any
 * direction?
 *
 * With d the difference of the means and S the covariance of all rows, the
 * statistic is that of a linear classifier of the sets (Fisher's, with a ridge;
 * the kernel discriminant of Harchaoui, Bach & Moulines 2007, NIPS, when
 * the columns are features of a kernel):
 *
 *     T = d' (S + ridge)^-1 d
 *
 * taken for the first columns, for what the others add to them, and for all;
 * and beside it the largest d² / variance of any column, for a difference in
 * one of them.  The least likely of the four counts.  S does not know of the
 * sets, so the
 * classifier of every permutation of the rows' sets costs the sum of some rows,
 * and the test is exact whatever the rows are and however unequal the sets.
 */
#ifndef STATS_DOMAIN_PERMUTATION_H
#define STATS_DOMAIN_PERMUTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* x[n][width], row-major, of which the first `first` columns are one kind;
 * current[n]: the set. */
struct domain_rows {
    const float *x;
    size_t n, width, first;
    const bool *current;
};

/* The ridge: this times the mean variance of the columns. */
#define DOMAIN_RIDGE .1

/*
 * p = (1 + #) / (1 + B) where # of B permutations are as extreme; B is 999, or
 * 199 where that leaves p above .1.  How likely a statistic is comes from a
 * gamma distribution with the permutations' mean, variance and skewness
 * (Pearson's type III; Mielke & Berry 2007, Permutation Methods, section 2.3).
 * Where fewer than 10 permutations are as extreme, p goes on from their last
 * tenth as an exponential of -ln of that likelihood, fitted to it.
 *
 * by_chance: what the statistics are by chance, times n m / (n + m), so that
 * fewer rows have the same.  detectable: the AUROC - .5 of rows held out of
 * which so many rows would show a difference of the means of the first columns
 * with probability .8.  noise: how much of the least likely statistic is what
 * chance gives on average, at most 1.
 */
enum {
    DOMAIN_FIRST,
    DOMAIN_OTHERS,
    DOMAIN_ALL_OF_THEM,
    DOMAIN_ONE,
    DOMAIN_STATISTICS
};

struct domain_statistics {
    double t[DOMAIN_STATISTICS];
};

struct domain_shape {
    double mean, sd, skewness;
};

struct domain_permutation {
    double p, detectable, noise;
    struct domain_shape by_chance[DOMAIN_STATISTICS];
    size_t permutations;
};

/* Of the four, that which is the least likely by chance. */
size_t domain_least_likely(const struct domain_shape shape[DOMAIN_STATISTICS],
                           const struct domain_statistics *statistics);

/* P(T > t) by chance, by the gamma distribution. */
double domain_tail(const struct domain_shape *shape, double t);

/*
 * Rows of large sets are permuted in groups of rows of one set, so that there
 * are about 1,000 groups in the smaller one, which is as exact.  At least 4
 * rows a set; width > 0.
 */
struct domain_permutation domain_permute(const struct domain_rows *rows,
                                         uint64_t seed);

#endif
